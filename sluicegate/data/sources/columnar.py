"""Parquet and data sets of the `datasets` library: columns that have a type, read in batches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.data.sources.chunk import BOUNDS, Bounds, Chunk, Fault, require
from sluicegate.data.sources.values import python_values
from sluicegate.errors import InputRefused, SpecRefused, Unavailable
from sluicegate.spec import DatasetSource

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

_COMMIT = re.compile(r"[0-9a-f]{40}")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_BUFFER_BYTES = 1 << 20
_BYTES_OF_A_CHARACTER = 2  # a guess, to bound a batch by what the file says of its size


def parquet_chunks(path: Path, wanted: Sequence[str], *, bounds: Bounds = BOUNDS) -> Iterator[Chunk]:
    """The columns `wanted` of a Parquet file.

    Raises:
        InputRefused: Missing file, one that is not a whole Parquet file, or one that lacks a column.
    """
    import pyarrow as pa
    from pyarrow import parquet

    if not path.is_file():
        raise InputRefused(path, "", "there is no such file")
    done = 0
    try:
        with parquet.ParquetFile(path, buffer_size=_BUFFER_BYTES, page_checksum_verification=True) as file:
            names = file.schema_arrow.names
            require(wanted, names, path)
            if twice := [name for name in wanted if names.count(name) > 1]:
                raise InputRefused(path, f"column {twice[0]!r}", f"is there {names.count(twice[0])} times")
            for batch in file.iter_batches(batch_size=_batch_rows(file, bounds), columns=list(wanted)):
                yield _chunk(str(path), done, {name: batch.column(name) for name in wanted})
                done += batch.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        where = f"row {done + 1} and what follows" if done else ""
        raise InputRefused(path, where, f"is not a whole Parquet file ({type(error).__name__})") from None


def dataset_chunks(
    source: DatasetSource, folder: Path, wanted: Sequence[str], *, bounds: Bounds = BOUNDS
) -> Iterator[Chunk]:
    """The rows of a data set; integers of a `ClassLabel` column become their names.

    Args:
        source: What to read.
        folder: What the source's path is as a folder; if there is none, the path is a name on the hub.
        wanted: Columns to read.
        bounds: How much is read at once.

    Raises:
        InputRefused: No such folder, split, configuration or column, or a file of the data set is damaged.
        SpecRefused: A hub name without the commit.
        Unavailable: The hub cannot be reached.
    """
    import datasets
    import pyarrow as pa

    found = _from_folder(source, folder) if folder.exists() else _from_hub(source)
    if not isinstance(found, datasets.Dataset):
        raise InputRefused(source.path, "data.source.split", f"must name one of {', '.join(sorted(found))}")
    require(wanted, found.column_names, source.path)
    classes = {n: f.names for n, f in found.features.items() if n in wanted and isinstance(f, datasets.ClassLabel)}
    arrow = found.select_columns(list(wanted)).with_format("arrow")
    rows = max(1, min(bounds.rows, bounds.characters * len(found) // max(1, found.dataset_size or found.data.nbytes)))
    for start in range(0, len(arrow), rows):
        try:
            table = arrow[start : start + rows].combine_chunks()
        except (pa.ArrowException, OSError, ValueError) as error:
            where = f"row {start + 1} and what follows"
            raise InputRefused(source.path, where, f"cannot be read ({type(error).__name__})") from None
        columns = {name: table.column(name).combine_chunks() for name in wanted}
        yield _named(_chunk(source.path, start, columns), classes)


def _batch_rows(file: parquet.ParquetFile, bounds: Bounds) -> int:
    """Rows of which the file says that they have at most `bounds.characters` together, by its largest row group."""
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    row_bytes = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=1.0)
    return max(1, min(bounds.rows, int(bounds.characters * _BYTES_OF_A_CHARACTER / max(1.0, row_bytes))))


def _chunk(where: str, done: int, columns: Mapping[str, pa.Array]) -> Chunk:
    size = len(next(iter(columns.values())))

    def row(position: int) -> str:
        values = {name: python_values(column.slice(position, 1)) for name, column in columns.items()}
        return json.dumps({name: list(value)[0] for name, value in values.items()}, ensure_ascii=False, default=str)

    return Chunk(where, range(done + 1, done + size + 1), columns, row)


def _named(chunk: Chunk, classes: Mapping[str, Sequence[str]]) -> Chunk:
    """The chunk with the names of its `ClassLabel` columns."""
    columns = dict(chunk.columns)
    for column, names in classes.items():
        values: list[str | None] = []
        for position, number in enumerate(python_values(columns[column])):
            known = number is not None and 0 <= number < len(names)
            values.append(names[number] if known else None)
            if number is not None and number >= len(names):
                reason = f"holds a number that is not one of its {len(names)} classes"
                chunk.faults[position] = Fault(column, "class", reason)
        columns[column] = values
    chunk.columns = columns
    return chunk


def check_revision(source: DatasetSource) -> None:
    """A hub name must come with the commit, because names and branches move.

    Raises:
        InputRefused: The path is neither a folder nor a possible hub name.
        SpecRefused: `revision` is not a commit's 40 hexadecimal characters.
    """
    if not _HUB_NAME.fullmatch(source.path):
        raise InputRefused(source.path, "data.source.path", "there is no such folder")
    if not _COMMIT.fullmatch(source.revision or ""):
        given = f"not {source.revision!r}" if source.revision else "and it is missing"
        problem = f"there is no such folder, and a hub name needs the commit (40 hexadecimal characters), {given}"
        raise SpecRefused(source.path, "data.source.revision", problem)


def _from_folder(source: DatasetSource, folder: Path) -> Any:
    import datasets
    import pyarrow as pa

    try:
        found = datasets.load_from_disk(str(folder))
    except (FileNotFoundError, NotADirectoryError):
        raise InputRefused(folder, "", "is not a folder that save_to_disk of the datasets library wrote") from None
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise InputRefused(folder, "", f"cannot be read as a data set ({type(error).__name__})") from None
    if isinstance(found, datasets.DatasetDict) and source.split in found:
        return found[source.split]
    return found


def _from_hub(source: DatasetSource) -> Any:
    import datasets

    check_revision(source)
    try:
        return datasets.load_dataset(source.path, source.name, split=source.split, revision=source.revision)
    except (ConnectionError, FileNotFoundError, datasets.exceptions.DatasetNotFoundError) as error:
        raise Unavailable(
            f"data set {source.path!r} is not in the cache and cannot be had from the hub ({type(error).__name__}); "
            "run once with the network and HF_HUB_OFFLINE=0"
        ) from None
    except (ValueError, datasets.exceptions.DatasetsError) as error:
        problem = f"no such configuration {source.name!r} or split {source.split!r} ({type(error).__name__})"
        raise InputRefused(source.path, "data.source", problem) from None
