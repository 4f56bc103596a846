"""Rows whose columns lie in two files, brought together by a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from sluicegate.data.sources.chunk import Chunk, Fault
from sluicegate.data.sources.values import name, python_values, strings
from sluicegate.errors import InputRefused


def joined(rows: Iterator[Chunk], beside: Iterator[Chunk], columns: Sequence[str], key: str) -> Iterator[Chunk]:
    """The rows, in their order, with the columns that stand beside them.

    Args:
        rows: Of the first file; a row that the other one lacks misses those columns.
        beside: Rows of the other file, which all are in memory.
        columns: Their columns.
        key: The column by which rows belong together: their keys are the same as names, 1 and "1" for example.
            A row without one belongs to no other.

    Raises:
        InputRefused: The other file has a key twice or one that has no name, or a line that cannot be read.
    """
    taken = [column for column in columns if column != key]
    known = _by_key(beside, taken, key)
    nothing = (None,) * len(taken)
    for chunk in rows:
        keys, _ = strings(chunk.columns[key], name)
        found = [known.get(value, nothing) for value in keys.to_pylist()]
        more = {column: [values[i] for values in found] for i, column in enumerate(taken)}
        yield replace(chunk, columns={**chunk.columns, **more})


def _by_key(chunks: Iterator[Chunk], taken: Sequence[str], key: str) -> dict[str, tuple[str | None, ...]]:
    known: dict[str, tuple[str | None, ...]] = {}
    for chunk in chunks:
        keys, unreadable = strings(chunk.columns[key], name)
        faults = {i: Fault(key, fault.kind, fault.reason) for i, fault in unreadable.items()} | chunk.faults
        if faults:
            position, fault = min(faults.items())
            _refuse(chunk, position, fault)
        others = [_values(chunk, column) for column in taken]
        for position, value in enumerate(keys.to_pylist()):
            if value is None:
                continue
            if value in known:
                _refuse(chunk, position, Fault(key, "twice", "holds a key that an earlier line has"))
            known[value] = tuple(values[position] for values in others)
    return known


def _values(chunk: Chunk, column: str) -> list[Any]:
    found = python_values(chunk.columns[column])
    return list(found) if isinstance(found, list) else list(found.to_pylist())  # type: ignore[union-attr]


def _refuse(chunk: Chunk, position: int, fault: Fault) -> NoReturn:
    column = f", column {fault.column!r}" if fault.column else ""
    raise InputRefused(chunk.where, f"{chunk.unit} {chunk.lines[position]}{column}", fault.reason)
