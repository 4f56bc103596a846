"""Rows whose columns lie in two files, brought together by a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sluicegate.data.sources.chunk import Chunk, Fault
from sluicegate.data.sources.values import python_values
from sluicegate.errors import InputRefused


def joined(rows: Iterator[Chunk], beside: Iterator[Chunk], columns: Sequence[str], key: str) -> Iterator[Chunk]:
    """The rows, in their order, with the columns that stand beside them.

    Args:
        rows: Of the first file; a row that the other one lacks misses those columns.
        beside: Rows of the other file, which all are in memory.
        columns: Their columns.
        key: The column by which rows belong together.

    Raises:
        InputRefused: The other file has a key twice, or a line that cannot be read.
    """
    taken = [name for name in columns if name != key]
    known = _by_key(beside, taken, key)
    nothing = (None,) * len(taken)
    for chunk in rows:
        found = [known.get(value, nothing) for value in _values(chunk, key)]
        more = {name: [values[i] for values in found] for i, name in enumerate(taken)}
        yield replace(chunk, columns={**chunk.columns, **more})


def _by_key(chunks: Iterator[Chunk], taken: Sequence[str], key: str) -> dict[str | None, tuple[str | None, ...]]:
    known: dict[str | None, tuple[str | None, ...]] = {}
    for chunk in chunks:
        if chunk.faults:
            position, fault = min(chunk.faults.items())
            _refuse(chunk, position, fault)
        for position, (value, *others) in enumerate(
            zip(*(_values(chunk, name) for name in (key, *taken)), strict=True)
        ):
            if value in known:
                _refuse(chunk, position, Fault(key, "twice", "holds a key that an earlier line has"))
            known[value] = tuple(others)
    return known


def _values(chunk: Chunk, name: str) -> list[Any]:
    found = python_values(chunk.columns[name])
    return list(found) if isinstance(found, list) else list(found.to_pylist())  # type: ignore[union-attr]


def _refuse(chunk: Chunk, position: int, fault: Fault) -> None:
    column = f", column {fault.column!r}" if fault.column else ""
    raise InputRefused(chunk.where, f"{chunk.unit} {chunk.lines[position]}{column}", fault.reason)
