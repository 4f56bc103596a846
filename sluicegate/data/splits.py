"""Rows parted into training, validation and test.

Who goes where follows from the seed and from a row's text alone, so the order of the rows does not matter,
and texts that are the same in all but spelling are always in the same part.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import pandas as pd

from sluicegate.data.hygiene.spelling import spellings
from sluicegate.errors import DataRejected
from sluicegate.spec import Split

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")


def split(table: pd.DataFrame, section: Split) -> dict[Part, pd.DataFrame]:
    """The three parts of the canonical table, each in the table's order with index 0..n-1.

    Within each label the texts are put in an order that only the seed determines; the first are tested on,
    the next validated on, the rest trained on. A text that occurs with several labels counts to the one
    that it has most often.

    Raises:
        DataRejected: A text or label is missing, or a part would lack a label.
    """
    for column in ("text", "label"):
        if missing := int(table[column].isna().sum()):
            raise DataRejected("split", column, f"{missing} of {len(table)} values are missing")
    texts = pd.DataFrame({"spelling": spellings(table["text"]), "label": table["label"]})
    parts = texts["spelling"].map(_assign(texts, section))
    found: dict[Part, pd.DataFrame] = {p: table[(parts == p).to_numpy()].reset_index(drop=True) for p in PARTS}
    labels = set(table["label"])
    lacking = [
        f"{part} would lack {len(absent)} of {len(labels)} labels ({', '.join(sorted(absent))})"
        for part in PARTS
        if (absent := labels - set(found[part]["label"]))
    ]
    if lacking:
        remedy = "give more rows of these labels, or larger shares"
        raise DataRejected("split", "label", f"{len(table)} rows are too few: {'; '.join(lacking)}", remedy)
    return found


def _assign(texts: pd.DataFrame, section: Split) -> dict[str, Part]:
    """Spelling → part."""
    counts = texts.groupby(["spelling", "label"]).size().reset_index(name="rows")
    counts["draw"] = counts["spelling"].map(lambda s: hashlib.sha256(f"{section.seed}\0{s}".encode()).hexdigest())
    totals = counts.groupby("spelling")["rows"].sum()
    strata = counts.sort_values(["rows", "label"], ascending=[False, True]).drop_duplicates("spelling")
    assigned: dict[str, Part] = {}
    for _, stratum in strata.sort_values("draw").groupby("label"):
        rows = int(totals[stratum["spelling"]].sum())
        tested, validated = _share(rows, section.test_share), _share(rows, section.validation_share)
        done = 0
        for name in stratum["spelling"]:
            assigned[name] = "test" if done < tested else "validation" if done < tested + validated else "train"
            done += int(totals[name])
    return assigned


def _share(rows: int, share: float) -> int:
    """`share` of the rows to the nearest row, and at least one."""
    return max(1, round(rows * share))
