"""JSON Lines, Parquet and data sets of the `datasets` library as tables."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sluicegate.data.sources.textfile import decode, read_bytes
from sluicegate.errors import InputRefused, SpecRefused, Unavailable
from sluicegate.spec import DatasetSource

_COMMIT = re.compile(r"[0-9a-f]{40}")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


def read_json_lines(path: Path) -> pd.DataFrame:
    """One row a line; a key that a line lacks is a missing value there.

    Raises:
        InputRefused: Missing, empty or undecodable file, or a line that is not a JSON object.
    """
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(decode(read_bytes(path), "utf-8", path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputRefused(path, f"line {number}", f"is not JSON: {error.msg} at character {error.pos}") from None
        except RecursionError:
            raise InputRefused(path, f"line {number}", "is nested too deeply") from None
        if not isinstance(row, dict):
            raise InputRefused(path, f"line {number}", f"must hold a JSON object, not {type(row).__name__}")
        rows.append(row)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names})


def read_parquet(path: Path, wanted: Sequence[str]) -> pd.DataFrame:
    """Those of the columns `wanted` that the file has; if it lacks one, all its columns without rows.

    Raises:
        InputRefused: Missing file, or one that is not a whole Parquet file.
    """
    import pyarrow as pa
    from pyarrow import parquet

    if not path.is_file():
        raise InputRefused(path, "", "there is no such file")
    try:
        names = parquet.read_schema(path).names
        if not set(wanted) <= set(names):
            return pd.DataFrame(columns=names)
        table = parquet.read_table(path, columns=list(dict.fromkeys(wanted)))
    except (pa.ArrowException, OSError) as error:
        raise InputRefused(path, "", f"is not a whole Parquet file ({type(error).__name__})") from None
    return _as_objects(table)


def read_dataset(source: DatasetSource, folder: Path, wanted: Sequence[str]) -> pd.DataFrame:
    """The rows of a data set; integers of a `ClassLabel` column become their names.

    Args:
        source: What to read.
        folder: What the source's path is as a folder; if there is none, the path is a name on the hub.
        wanted: Columns to read, where the data set has them all.

    Raises:
        InputRefused: No such folder, split or configuration.
        SpecRefused: A hub name without the commit.
        Unavailable: The hub cannot be reached.
    """
    import datasets

    found = _from_folder(source, folder) if folder.exists() else _from_hub(source)
    if not isinstance(found, datasets.Dataset):
        raise InputRefused(source.path, "data.source.split", f"must name one of {', '.join(sorted(found))}")
    if not set(wanted) <= set(found.column_names):
        return pd.DataFrame(columns=found.column_names)
    frame = _as_objects(found.select_columns(list(dict.fromkeys(wanted))).with_format("arrow")[:])
    for name in frame.columns:
        feature = found.features[name]
        if isinstance(feature, datasets.ClassLabel):
            frame[name] = [None if i is None or i < 0 else feature.int2str(i) for i in frame[name]]
    return frame


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


def _as_objects(table: Any) -> pd.DataFrame:
    """An Arrow table as Python objects, so that an integer column with gaps stays one of integers."""
    return pd.DataFrame({n: pd.Series(table.column(n).to_pylist(), dtype=object) for n in table.column_names})
