"""Which format a file has, which of its columns hold texts, and output that is there whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from sluicegate.data.column_names import listed
from sluicegate.data.refusing import refusing
from sluicegate.data.scrubbing.stream import Rows
from sluicegate.errors import InputRefused

ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
    ".txt": "text",
}
"""Ending of a file's name → its format."""

Write = Callable[[Rows, dict[str, list[str | None]]], None]
"""Writes rows with new texts, column → texts."""


class Format(Protocol):
    """A file that can be read and written a few rows at a time."""

    columns: Sequence[str]
    """All columns, as far as they are known."""
    text_columns: Sequence[str]
    """Those that hold text."""

    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        """The rows in order with the texts of `columns`.

        Raises:
            DataRejected: A row cannot be read; names file, row and column.
        """

    def writer(self, stream: BinaryIO, columns: Sequence[str]) -> AbstractContextManager[Write]:
        """Writes rows in the format of this file, with new texts in `columns`."""


def opened(path: Path) -> Format:
    """The file.

    Raises:
        InputRefused: There is no such file, it is of no known format, or its beginning cannot be read.
    """
    kind = ENDINGS.get(path.suffix.lower())
    if kind is None:
        problem = f"has an ending that says no format; known are {', '.join(ENDINGS)}"
        raise InputRefused(path, "", problem)
    if not path.is_file():
        raise InputRefused(path, "", "is a folder" if path.is_dir() else "there is no such file")
    with refusing(path):
        if kind == "csv":
            from sluicegate.data.scrubbing.files.delimited import Delimited

            return Delimited(path)
        if kind == "json":
            from sluicegate.data.scrubbing.files.json_lines import JsonLines

            return JsonLines(path)
        if kind == "parquet":
            from sluicegate.data.scrubbing.files.columnar import Parquet

            return Parquet(path)
        from sluicegate.data.scrubbing.files.plain import PlainText

        return PlainText(path)


def chosen(file: Format, path: Path, named: Sequence[str]) -> list[str]:
    """The columns that are to be scrubbed: those that are named, else ``text``, else the only one that holds text.

    Raises:
        InputRefused: There is no such column, or it is not clear which one is meant.
    """
    there = listed(file.columns)
    for name in named:
        if name not in file.columns:
            raise InputRefused(path, name, f"there is no such column; there are {there}")
        if name not in file.text_columns:
            raise InputRefused(path, name, "is a column that does not hold text")
    if named:
        return list(dict.fromkeys(named))
    if "text" in file.text_columns:
        return ["text"]
    if len(file.text_columns) == 1:
        return list(file.text_columns)
    raise InputRefused(path, "--column", f"must name the column with the texts; there are {there}")


@contextmanager
def output(source: Path, out: Path | None, *, force: bool, private: bool = False) -> Iterator[BinaryIO]:
    """Where results go: a file that is there whole or not at all, or standard output.

    It may be read by those who may read the file that it replaces, or else `source`; if `private`, by its owner alone.
    A link stays, and what it leads to is written.

    Raises:
        InputRefused: The file is there already, and `force` does not say to replace it; it is no ordinary file; or it
            cannot be written.
    """
    if out is None:
        with refusing(Path("standard output")):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        return
    target = Path(os.path.realpath(out))
    _check_free(source, out, target, force)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with refusing(out), _private(partial) as stream:
            yield stream
            if not private:
                os.fchmod(stream.fileno(), (target if target.exists() else source).stat().st_mode & 0o666)
        _check_free(source, out, target, force)
        with refusing(out):
            os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _private(path: Path) -> BinaryIO:
    """A new file that its owner alone may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _check_free(source: Path, out: Path, target: Path, force: bool) -> None:
    if out.is_dir():
        raise InputRefused(out, "", "is a folder")
    goes_round = target.is_symlink()  # every other link was followed
    if goes_round or (out.exists() and not out.is_file()):
        raise InputRefused(out, "", "is no ordinary file", "name another file, or no OUT for standard output")
    if out.exists() and not force:
        same = source.exists() and out.samefile(source)
        what = "is the file that is read" if same else "is there already"
        raise InputRefused(out, "", what, "name another file, or replace it with --force")
