"""Texts that a model will be measured on elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.scan import digests
from sluicegate.data.sources.chunk import Chunk
from sluicegate.data.sources.columnar import parquet_chunks
from sluicegate.data.sources.delimited import csv_chunks
from sluicegate.data.sources.json_lines import json_line_chunks
from sluicegate.data.sources.values import strings, text
from sluicegate.errors import InputRefused
from sluicegate.spec.hygiene import EvaluationSet
from sluicegate.spelling import spelling


@dataclass(frozen=True)
class EvaluationTexts:
    """The texts of all evaluation sets, each spelling once, E in all."""

    names: tuple[str, ...]
    """The sets, in the spec's order."""
    spellings: tuple[str, ...]
    """By rising digest."""
    digests_E: NDArray[np.uint64]
    """High and low half of each digest, shape (2, E)."""
    sets_E: NDArray[np.uint64]
    """The sets that a text is in: bit i stands for the set `names[i]`."""
    texts: dict[str, int]
    """Set → how many texts it has."""

    def named(self, mask: int) -> str:
        """The names of the sets in a mask."""
        return ", ".join(name for bit, name in enumerate(self.names) if mask >> bit & 1)


def read(sets: Mapping[str, EvaluationSet], paths: Mapping[str, Path]) -> EvaluationTexts:
    """Reads the evaluation sets; missing and blank texts are left out.

    Args:
        sets: Name → the spec's section.
        paths: Name → the file.

    Raises:
        InputRefused: A file cannot be read, lacks the column, has a row that cannot be read, or holds no text.
    """
    held: dict[str, int] = {}
    counts = dict.fromkeys(sets, 0)
    for bit, (name, section) in enumerate(sets.items()):
        for value in _texts(paths[name], section.column):
            if spelled := spelling(value):
                held[spelled] = held.get(spelled, 0) | 1 << bit
                counts[name] += 1
        if not counts[name]:
            raise InputRefused(paths[name], f"column {section.column!r}", f"holds no text for evaluation set {name!r}")
    spellings = list(held)
    found = digests(spellings)
    order = np.lexsort((found[1], found[0]))
    masks = np.array(list(held.values()), np.uint64)
    return EvaluationTexts(tuple(sets), tuple(spellings[i] for i in order), found[:, order], masks[order], counts)


def _texts(path: Path, column: str) -> Iterator[str]:
    for chunk in _chunks(path, column):
        found, unreadable = strings(chunk.columns[column], text, chunk.encoding)
        faults = {position: fault.reason for position, fault in chunk.faults.items()}
        faults |= {position: f"column {column!r} {fault.reason}" for position, fault in unreadable.items()}
        if faults:
            position = min(faults)
            raise InputRefused(path, f"{chunk.unit} {chunk.lines[position]}", faults[position])
        yield from (value for value in found.to_pylist() if value is not None)


def _chunks(path: Path, column: str) -> Iterator[Chunk]:
    match path.suffix.lower():
        case ".parquet":
            return parquet_chunks(path, [column])
        case ".jsonl" | ".ndjson":
            return json_line_chunks(path, [column])
        case ".csv":
            return csv_chunks(path, [column], delimiter=",", encoding="utf-8")
    raise InputRefused(path, "", f"has the suffix {path.suffix!r}", "give a .csv, .jsonl, .ndjson or .parquet file")
