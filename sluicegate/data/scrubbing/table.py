"""Personal data found by Presidio and replaced, text by text.

Texts go in chunks to scrubbing processes. How they are cut into chunks depends on the texts alone, so the
result does not depend on how many processes there are. What is reported are counts; no value that was
found leaves this module.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sluicegate.data.scrubbing.operators import check_key
from sluicegate.data.scrubbing.pool import ScrubbingPool
from sluicegate.errors import DataRejected
from sluicegate.progress import report
from sluicegate.spec import Scrubbing

_CHUNK_TEXTS, _CHUNK_CHARACTERS = 128, 50_000
LONGEST_TEXT = 1_000_000
"""Characters that spaCy takes at most."""


@dataclass(frozen=True)
class Scrubbed:
    """A scrubbed table and the counts of what was done."""

    table: pd.DataFrame
    """The canonical table with scrubbed texts; nothing else in it has changed."""
    report: dict[str, Any]
    """``texts``, ``characters``, ``changed_texts``; ``by_entity``: entity type → ``found`` and ``operator``;
    ``residual``: entity type → finds of a second look that are no placeholders; ``residual_texts``."""
    seconds: float
    """How long it took; not in the report, whose bytes depend on the input alone."""


def scrub(table: pd.DataFrame, section: Scrubbing, *, named_entity_model: str | Path, key: bytes | None) -> Scrubbed:
    """The table with the personal data of its texts replaced as the spec says.

    Args:
        table: The canonical table.
        section: The spec's section.
        named_entity_model: Folder or package name of a spaCy pipeline.
        key: The secret for `hash` and `pseudonym`.

    Raises:
        DataRejected: A text is missing, or longer than spaCy takes.
        InputRefused: The key is missing or short, or there is no such pipeline.
        SpecRefused: An entity type that Presidio does not know.
        Unavailable: A scrubbing process ended before its work did.
    """
    start = time.perf_counter()
    check_key(section, key)
    _check_texts(table["text"])
    chunks = list(_chunks(table["text"].tolist()))
    size = min(section.processes or _cores(), len(chunks))
    texts, done, counts = [""] * len(table), 0, Counter[str]()
    found, residual = Counter[str](), Counter[str]()
    report("scrub", 0, len(table), "texts", f"{size} processes")
    with ScrubbingPool(section, str(named_entity_model), key, size) as pool:
        for first, answer in pool.scrub(chunks):
            texts[first : first + len(answer["texts"])] = answer["texts"]
            found.update(answer["found"])
            residual.update(answer["residual"])
            counts.update(changed_texts=answer["changed"], residual_texts=answer["residual_texts"])
            report("scrub", done := done + len(answer["texts"]), len(table), "texts")
    scrubbed = table.assign(text=pd.Series(texts, dtype="str", index=table.index))
    figures = {
        "texts": len(table),
        "characters": int(table["text"].str.len().sum()),
        "changed_texts": counts["changed_texts"],
        "by_entity": {e: {"found": found[e], "operator": o.operator} for e, o in section.entities.items()},
        "residual": {entity: residual[entity] for entity in sorted(residual)},
        "residual_texts": counts["residual_texts"],
    }
    return Scrubbed(scrubbed, figures, time.perf_counter() - start)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _check_texts(texts: pd.Series) -> None:
    if missing := int(texts.isna().sum()):
        remedy = "let the suite expect text to be there, and quarantine such rows"
        raise DataRejected("scrubbing", "text", f"{missing} of {len(texts)} texts are missing", remedy)
    if long := int((texts.str.len() > LONGEST_TEXT).sum()):
        problem = f"{long} of {len(texts)} texts are longer than {LONGEST_TEXT} characters"
        raise DataRejected("scrubbing", "text", problem)


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Position of the first text, and the texts, of each chunk."""
    chunk: list[str] = []
    characters = 0
    for position, text in enumerate(texts):
        if chunk and (len(chunk) == _CHUNK_TEXTS or characters + len(text) > _CHUNK_CHARACTERS):
            yield position - len(chunk), chunk
            chunk, characters = [], 0
        chunk.append(text)
        characters += len(text)
    if chunk:
        yield len(texts) - len(chunk), chunk
