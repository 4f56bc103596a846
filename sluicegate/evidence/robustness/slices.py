"""Parts of the test rows that have something in common: length, make-up of the text, group.

Shapes: N rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sluicegate.evidence.groups import MOST_GROUPS

Slices = dict[str, NDArray[np.bool_]]
"""Name → which rows are in the slice, shape (N,)."""
_LINK = re.compile(r"https?://|www\.|<URL\b", re.IGNORECASE)
_MENTION = re.compile(r"(?<!\w)[@＠]\w|<USER(?:NAME)?\b")
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|hardly|barely)\b|n['’]t\b|[不没沒無无未非别別勿]",
    re.IGNORECASE,
)
_HAS: Mapping[str, Callable[[str], bool]] = {
    "digits": lambda text: any(character.isdigit() for character in text),
    "links": lambda text: bool(_LINK.search(text)),
    "mentions": lambda text: bool(_MENTION.search(text)),
    "negation": lambda text: bool(_NEGATION.search(text)),
    "non_ascii": lambda text: not text.isascii(),
}
_QUARTERS = ("shortest", "second", "third", "longest")


def slices_of(texts_N: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Slices:
    """Every slice that holds some rows and not all.

    Args:
        texts_N: The rows' texts.
        groups: Group column → the group of every row, shape (N,); a column of more than `MOST_GROUPS` is left out.
    """
    found = {**_by_length(texts_N), **_by_make_up(texts_N), **_by_group(groups)}
    return {name: rows for name, rows in found.items() if 0 < rows.sum() < len(texts_N)}


def _by_length(texts_N: Sequence[str]) -> Slices:
    """Quarters of the rows by the number of characters; rows of the same length are in the same one."""
    lengths_N = np.array([len(text) for text in texts_N])
    if not len(lengths_N):
        return {}
    quarter_N = np.searchsorted(np.quantile(lengths_N, [0.25, 0.5, 0.75]), lengths_N, side="left")
    return {f"length: {name} quarter": quarter_N == at for at, name in enumerate(_QUARTERS)}


def _by_make_up(texts_N: Sequence[str]) -> Slices:
    found: Slices = {}
    for name, has in _HAS.items():
        rows = np.array([has(text) for text in texts_N], dtype=np.bool_)
        found |= {f"with {name}": rows, f"without {name}": ~rows}
    return found


def _by_group(groups: Mapping[str, Sequence[str]]) -> Slices:
    found: Slices = {}
    for column, groups_N in groups.items():
        names_N = pd.Series(list(groups_N), dtype=object).astype(str).to_numpy()
        names = sorted(set(names_N))
        if len(names) <= MOST_GROUPS:
            found |= {f"{column}: {name}": names_N == name for name in names}
    return found
