"""What a source yields: its rows as they stand, some thousands at a time, with what is wrong with them.

A row that cannot be read keeps its place: it has a fault and no values, so that rows and faults together are
always the rows of the source, and a row's number does not depend on what is wrong with others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sluicegate.data.column_names import listed
from sluicegate.data.tables import CHUNK_ROWS
from sluicegate.errors import InputRefused
from sluicegate.spec import Data

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_CHARACTERS = 32_000_000
"""A chunk ends before `CHUNK_ROWS` rows if they hold more than this."""
IMAGES_AT_ONCE = 256
"""Rows of a chunk whose images are read."""


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be read: the column (empty: the row as a whole), a short name of the kind, and the reason."""

    column: str
    kind: str
    reason: str
    """A clause such as ``holds a NUL character``; never a value of the row."""
    remedy: str = ""
    rejected: bool = False
    """Whether the row can be read and breaks what the spec says of the data."""


@dataclass
class Chunk:
    """Consecutive rows of a source."""

    where: str
    """The file's name for a refusal."""
    lines: Sequence[int]
    """Of each row, the line that it begins in (or its number in the source), counted from 1."""
    columns: Mapping[str, pa.Array | list[Any]]
    """Values of each column that is there, as strings or as Python objects; None for what is missing."""
    row: Callable[[int], str]
    """The row at a position of the chunk as it stands in the source, for the file of refused rows."""
    faults: dict[int, Fault] = field(default_factory=dict)
    """Position in the chunk → why that row cannot be read."""
    unit: Literal["line", "row"] = "row"
    """What `lines` counts."""
    encoding: str = ""
    """The text encoding of the file, if it has one."""

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Bounds:
    """How much is read at once, and how much of a row at all."""

    rows: int = CHUNK_ROWS
    """Most rows of a chunk."""
    characters: int = CHUNK_CHARACTERS
    """A chunk ends when it holds more."""
    line: int = 1 << 24
    """Longest line in characters; nothing longer is held in memory."""

    @classmethod
    def of(cls, data: Data) -> Bounds:
        """Bounds under which the longest cell that the spec allows can still be read."""
        rows = cls.rows if data.image is None else IMAGES_AT_ONCE
        return cls(rows, line=max(cls.line, 4 * data.longest_text_characters))


BOUNDS = Bounds()


def columns_needed(data: Data) -> list[str]:
    """Columns of the source that the canonical table is made of, each once."""
    label = data.rating.column if data.rating else data.label
    more = [data.ratings_column, data.id, data.licence_column, data.consent_column, data.time_column]
    return list(dict.fromkeys(name for name in [data.image or data.text, label, *data.groups, *more] if name))


def require(wanted: Collection[str], names: Collection[str], where: str | Path) -> None:
    """Refuses a source that lacks a column.

    Raises:
        InputRefused: Names the first column that is missing, and those that are there; or a column has no name.
    """
    if "" in wanted:
        raise InputRefused(where, "column ''", "has no name", "give every column that is used a name")
    if missing := [column for column in wanted if column not in names]:
        raise InputRefused(where, f"column {missing[0]!r}", f"is missing; the columns are {listed(names)}")
