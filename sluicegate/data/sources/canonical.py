"""The canonical table: what every later step reads.

Columns ``id`` (unique), ``text`` or ``image``, ``label`` (one of the spec's, if it names any), then the group columns
in spec order, then ``licence``, ``consent``, ``time`` and ``label_shares`` where the spec names columns for them; all
strings. Missing texts, images, labels and groups stay missing: what to do about them is for the suite to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sluicegate.data.images.reading import images
from sluicegate.data.sources.chunk import Chunk, Fault
from sluicegate.data.sources.label_shares import COLUMN as LABEL_SHARES
from sluicegate.data.sources.label_shares import label_shares
from sluicegate.data.sources.values import (
    Unreadable,
    identifier,
    is_missing,
    name,
    number,
    positions,
    python_values,
    sound_strings,
    text,
    time,
)
from sluicegate.spec import Data, Rating

if TYPE_CHECKING:
    import pyarrow as pa

_REMEDIES = {
    "encoding": "name the right one as data.source.encoding, or mend the file",
    "length": "raise data.longest_text_characters, or cut the text",
}


def canonical_columns(data: Data) -> list[str]:
    """The columns of the canonical table, in order."""
    return [
        "id",
        "text" if data.image is None else "image",
        *(["label"] if data.labels else []),
        *data.groups,
        *_carried(data),
    ]


def canonical(chunk: Chunk, data: Data, first: int) -> pa.Table:
    """The chunk's rows in canonical columns. What is wrong with a row is added to `chunk.faults`.

    Args:
        chunk: Rows of the source.
        data: What the columns mean.
        first: How many rows came before this chunk, for the numbers of rows without an id.

    Returns:
        As many rows as the chunk has; values of a row with a fault mean nothing.
    """
    import pyarrow as pa

    columns = {
        "id": _ids(chunk, data, first),
        **({"text": _column(chunk, data, data.text, text)} if data.image is None else {"image": images(chunk, data)}),
        **({"label": _labels(chunk, data)} if data.labels else {}),
        **{group: _column(chunk, data, group, name) for group in data.groups},
        **{column: _column(chunk, data, source, how) for column, (source, how) in _carried(data).items()},
    }
    return pa.table(columns)


def _carried(data: Data) -> dict[str, tuple[str, Callable[[Any], str | None]]]:
    """Canonical column → the column of the source, and how its values become strings."""
    named = {
        "licence": (data.licence_column, name),
        "consent": (data.consent_column, name),
        "time": (data.time_column, time),
        LABEL_SHARES: (data.ratings_column, label_shares(data)),
    }
    return {column: (source, how) for column, (source, how) in named.items() if source is not None}


def _ids(chunk: Chunk, data: Data, first: int) -> pa.Array:
    import pyarrow as pa

    if data.id is None:
        return pa.array(np.arange(first, first + len(chunk))).cast(pa.large_string())
    ids = _column(chunk, data, data.id, identifier)
    for position in positions(ids.is_null()):
        _add(chunk, data.id, position, Unreadable("id", "holds no id"))
    return ids


def _labels(chunk: Chunk, data: Data) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    if data.rating:
        return _cut(chunk, data.rating, data.labels)
    column = str(data.label)
    labels = _column(chunk, data, column, name)
    unknown = pc.and_(pc.is_valid(labels), pc.invert(pc.is_in(labels, pa.array(data.labels, pa.large_string()))))
    known = ", ".join(repr(label) for label in data.labels)
    for position in positions(unknown):
        remedy = "name every label in data.labels, or mend the data"
        fault = Fault(column, "label", f"holds a label that is not one of {known}", remedy, rejected=True)
        chunk.faults.setdefault(position, fault)
    return labels


def _cut(chunk: Chunk, rating: Rating, labels: list[str]) -> pa.Array:
    """The label of each rating: as many labels are below it as there are cut points smaller than the rating."""
    import pyarrow as pa

    found = python_values(chunk.columns[rating.column])
    values = found.to_pylist() if isinstance(found, pa.Array) else found
    given = np.array([not is_missing(value) for value in values], dtype=bool)
    numbers = np.array([number(value) for value in values], dtype=float)
    for position in np.flatnonzero(given & ~np.isfinite(numbers)).tolist():
        _add(chunk, rating.column, position, Unreadable("number", "is not a finite number"))
    indices = np.searchsorted(np.array(rating.cut_points), numbers, side="left")
    chosen = [labels[min(i, len(labels) - 1)] if there else None for i, there in zip(indices, given, strict=True)]
    return pa.array(chosen, pa.large_string())


def _column(chunk: Chunk, data: Data, column: str, convert: Callable[[Any], str | None]) -> pa.Array:
    """A column as strings, with no NUL and no value that is too long."""
    values, longest = chunk.columns[column], data.longest_text_characters
    found, faults = sound_strings(values, convert, chunk.encoding, longest)
    for position, unreadable in faults.items():
        _add(chunk, column, position, unreadable, _remedy(unreadable.kind, data))
    return found


def _remedy(kind: str, data: Data) -> str:
    """What to do about a fault of this kind, if the spec has a setting that may help."""
    if kind == "encoding" and "encoding" not in type(data.source).model_fields:
        return ""
    return _REMEDIES.get(kind, "")


def _add(chunk: Chunk, column: str, position: int, unreadable: Unreadable, remedy: str = "") -> None:
    chunk.faults.setdefault(position, Fault(column, unreadable.kind, unreadable.reason, remedy))
