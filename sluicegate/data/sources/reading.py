"""Where rows come from: each kind of source read into the canonical table, or refused in one line.

Rows flow through in chunks and are put down beside the table; what needs all of them (whether an id is there
twice, which rows are drawn) is asked of what was put down. So memory does not grow with the rows, and rows
in the table, rows not drawn and rows refused are together the rows of the source.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, assert_never

import numpy as np

from sluicegate.data.images.reading import digest_of_images
from sluicegate.data.row_digest import digest_of_rows
from sluicegate.data.sources.archives import is_archive, open_member
from sluicegate.data.sources.canonical import canonical, canonical_columns
from sluicegate.data.sources.chunk import Bounds, Chunk, columns_needed, require
from sluicegate.data.sources.columnar import check_revision, dataset_chunks, parquet_chunks
from sluicegate.data.sources.companions import joined
from sluicegate.data.sources.database import sql_chunks, sql_digest
from sluicegate.data.sources.delimited import csv_chunks, plain_chunks
from sluicegate.data.sources.generated import generated_columns, generated_rows, types_in
from sluicegate.data.sources.json_lines import json_line_chunks
from sluicegate.data.sources.packages import unpack
from sluicegate.data.sources.private import PrivateWriter, scratch_in
from sluicegate.data.sources.refusals import COLUMNS, Refusals
from sluicegate.data.sources.selection import FILE, LINE, draw, refuse_repeated_ids
from sluicegate.data.sources.textfile import open_file
from sluicegate.errors import DataRejected, InputRefused
from sluicegate.manifest import Manifest, digest_of_file, digest_of_value
from sluicegate.spec import CsvSource, Data, DatasetSource, JsonLinesSource, PackageSource, ParquetSource, SqlSource
from sluicegate.spec.sources import GeneratedSource

Resolve = Callable[[str], Path]

TABLE, REFUSED = "table.parquet", "refused.parquet"


@dataclass(frozen=True)
class SourceReport:
    """What was read: counts, and the digest of the table's rows."""

    rows_in_source: int
    """Rows that the source holds, blank lines left out."""
    rows_refused: int
    """Rows that could not be read, or break what the spec says of the data; they lie in ``refused.parquet``."""
    rows_not_drawn: int
    """Rows that the draw of `data.rows` left out."""
    rows: int
    """Rows of ``table.parquet``."""
    rows_sha256: str
    """Digest of these rows (see `row_digest`)."""
    refused: list[dict[str, str | int]]
    """Refused rows by column and kind of fault: ``[{"column", "kind", "rows"}, …]``."""
    labels: dict[str, int]
    """Label → rows of the table; rows without one are left out. Empty where the spec names no labels."""

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON value."""
        return asdict(self)


def fingerprint(
    data: Data, resolve: Resolve, inputs: Path, environ: Mapping[str, str], *, scratch: Path | None = None
) -> str:
    """SHA-256 that changes whenever the raw input does; files are hashed and not parsed.

    Args:
        data: The spec's section.
        resolve: Makes a path of the spec absolute.
        inputs: Folder of pinned archives.
        environ: Environment variables, for a database's URL.
        scratch: An existing folder in which a database's rows lie while they are sorted; None takes the system's.

    Raises:
        InputRefused: The input is missing, or is not what the spec says that it is.
        Unavailable: A database cannot be reached.
    """
    source = data.source
    match source:
        case CsvSource() | JsonLinesSource() | ParquetSource():
            path = resolve(source.path)
            if not path.is_file():
                raise InputRefused(path, "", "there is no such file")
            return digest_of_file(path) if data.image is None else _with_images(path, data, resolve, inputs, environ)
        case DatasetSource():
            folder = resolve(source.path)
            if folder.is_dir():
                return Manifest.of_folder(folder).digest
            check_revision(source)
            return digest_of_value(source.model_dump(mode="json"))
        case PackageSource():
            return source.archive.sha256
        case GeneratedSource():
            return digest_of_value(source.model_dump(mode="json"))
        case SqlSource():
            with tempfile.TemporaryDirectory(prefix="sluicegate-", dir=scratch) as place, scratch_in(Path(place)) as at:
                return sql_digest(source, environ, at)
        case _:
            assert_never(source)


def _with_images(path: Path, data: Data, resolve: Resolve, inputs: Path, environ: Mapping[str, str]) -> str:
    """The digest of a table, and of the images that lie beside it."""
    _, chunks = _opened(data, resolve, inputs, environ, path.parent)
    return digest_of_value({"table": digest_of_file(path), "images": digest_of_images(chunks, data)})


def read(data: Data, resolve: Resolve, inputs: Path, environ: Mapping[str, str], *, folder: Path) -> SourceReport:
    """Writes the canonical table and the rows that could not be read, both for their owner alone.

    Args:
        data: The spec's section.
        resolve: Makes a path of the spec absolute.
        inputs: Folder of pinned archives.
        environ: Environment variables, for a database's URL.
        folder: Where ``table.parquet`` (see `canonical`) and ``refused.parquet`` (see `refusals`) go. What is put
            down on the way lies there too, and is gone at the end; nothing else is left if the reading fails.

    Raises:
        InputRefused: The input cannot be read, more rows cannot be read than may be set aside, or the disk is full.
        DataRejected: No rows, more rows with unknown labels than may be set aside, or only one label in use.
        Unavailable: A download or a database cannot be reached.
    """
    if isinstance(data.source, GeneratedSource):
        return _generate(data.source, data, folder)
    with scratch_in(folder) as scratch, PrivateWriter(folder / REFUSED, COLUMNS) as refused:
        where, chunks = _opened(data, resolve, inputs, environ, scratch)
        refusals = Refusals(refused, data.refused_rows_max_share)
        staged = scratch / "rows.parquet"
        total, unit = _stage(chunks, data, staged, refusals)
        if not total:
            raise DataRejected(where, "", "holds no rows")
        repeated = refuse_repeated_ids(staged, data, unit, refusals, scratch)
        refusals.check(total)
        labels: Counter[str] = Counter()
        with PrivateWriter(folder / TABLE, canonical_columns(data)) as table:
            for batch in draw(staged, repeated, data, where):
                if data.labels:
                    labels.update(label for label in batch.column("label").to_pylist() if label is not None)
                table.write(batch)
            if data.labels and len(labels) < 2:
                used = f"{len(labels)} of the {len(data.labels)} labels is in use"
                raise DataRejected(where, "label", f"{used} in {table.rows} rows; a classifier needs two")
        return SourceReport(
            rows_in_source=total,
            rows_refused=refusals.rows,
            rows_not_drawn=total - refusals.rows - table.rows,
            rows=table.rows,
            rows_sha256=digest_of_rows(folder / TABLE),
            refused=refusals.by_reason(),
            labels=dict(sorted(labels.items())),
        )


def _generate(source: GeneratedSource, data: Data, folder: Path) -> SourceReport:
    """Writes generated texts; no row of them can be refused."""
    labels: Counter[str] = Counter()
    empty, columns = PrivateWriter(folder / REFUSED, COLUMNS), generated_columns(data)
    with scratch_in(folder), empty, PrivateWriter(folder / TABLE, columns) as table:
        for rows in generated_rows(source, data):
            labels.update(types_in(rows["spans"]))
            table.write_columns(rows)
    return SourceReport(
        rows_in_source=source.texts,
        rows_refused=0,
        rows_not_drawn=0,
        rows=table.rows,
        rows_sha256=digest_of_rows(folder / TABLE),
        refused=[],
        labels=dict(sorted(labels.items())),
    )


def _stage(chunks: Iterator[Chunk], data: Data, staged: Path, refusals: Refusals) -> tuple[int, str]:
    """Puts down the rows that could be read; how many rows there were in all, and what their lines are called."""
    import pyarrow as pa

    total, unit = 0, "row"
    place = [FILE, LINE] if data.id is not None else []
    with PrivateWriter(staged, [*canonical_columns(data), *place]) as writer:
        for chunk in chunks:
            table = canonical(chunk, data, total)
            if place:
                table = table.append_column(FILE, pa.array([chunk.where] * len(chunk)))
                table = table.append_column(LINE, pa.array([str(line) for line in chunk.lines]))
            refusals.add(chunk)
            if chunk.faults:
                table = table.take(pa.array(np.delete(np.arange(len(chunk)), sorted(chunk.faults))))
            writer.write(table)
            total, unit = total + len(chunk), chunk.unit
    return total, unit


def _opened(
    data: Data, resolve: Resolve, inputs: Path, environ: Mapping[str, str], scratch: Path
) -> tuple[str, Iterator[Chunk]]:
    """The source's name for a refusal, and its rows."""
    source, wanted, bounds = data.source, columns_needed(data), Bounds.of(data)
    match source:
        case CsvSource():
            path = resolve(source.path)
            how = {"delimiter": source.delimiter, "encoding": source.encoding}
            return str(path), csv_chunks(path, wanted, **how, bounds=bounds)
        case JsonLinesSource():
            path = resolve(source.path)
            return str(path), json_line_chunks(path, wanted, bounds=bounds)
        case ParquetSource():
            path = resolve(source.path)
            return str(path), parquet_chunks(path, wanted, bounds=bounds)
        case DatasetSource():
            return source.path, dataset_chunks(source, resolve(source.path), wanted, bounds=bounds)
        case SqlSource():
            return f"database {source.url_env}", sql_chunks(source, environ, wanted, scratch, bounds=bounds)
        case PackageSource():
            return source.archive.package, _package_chunks(source, inputs, wanted, bounds)
        case GeneratedSource():
            raise AssertionError("generated texts are not read")
        case _:
            assert_never(source)


def _package_chunks(source: PackageSource, inputs: Path, wanted: list[str], bounds: Bounds) -> Iterator[Chunk]:
    """The rows of the files in spec order, with the column that says which file each row came from."""
    if not source.files:
        raise InputRefused(source.archive.package, "data.source.files", "names no file")
    more = source.companion.columns if source.companion else []
    require(wanted, dict.fromkeys([*source.columns, source.file_column, *more]), source.archive.package)
    place = unpack(source.archive, inputs)
    for value, name in source.files.items():
        rows = _lines(source, place, name, source.columns, bounds, (source.file_column, value))
        if source.companion is None:
            yield from rows
        else:
            beside = _lines(source, place, source.companion.files[value], more, bounds)
            yield from joined(rows, beside, more, source.companion.key)


def _lines(
    source: PackageSource,
    place: Path,
    name: str,
    columns: list[str],
    bounds: Bounds,
    constant: tuple[str, str] | None = None,
) -> Iterator[Chunk]:
    """The rows of one file of an archive that was unpacked at `place`."""
    inside = place.is_file() and is_archive(place)
    with open_member(place, name) if inside else open_file(_beside(place, name)) as content:
        yield from plain_chunks(
            content,
            columns,
            delimiter=source.delimiter,
            encoding=source.encoding,
            where=f"{source.archive.package}/{name}",
            constant=constant,
            bounds=bounds,
        )


def _beside(place: Path, name: str) -> Path:
    path = (place / name).resolve()
    if place.resolve() not in [path, *path.parents]:
        raise InputRefused(place, "data.source.files", "names a path outside the archive")
    return path
