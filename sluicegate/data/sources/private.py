"""Files with raw rows: for their owner alone, and gone when something fails."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluicegate.data.tables import TableWriter
from sluicegate.errors import InputRefused

_MODE = 0o600


class PrivateWriter(TableWriter):
    """A table that nobody but its owner may read, from its first byte on."""

    def __enter__(self) -> PrivateWriter:
        self._partial.unlink(missing_ok=True)
        os.close(os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE))
        super().__enter__()
        return self


@contextmanager
def scratch_in(folder: Path) -> Iterator[Path]:
    """An empty folder inside `folder` for rows while they are worked on; removed at the end, also after a kill.

    Raises:
        InputRefused: The disk is full, or `folder` cannot be written.
    """
    import duckdb

    scratch = folder / ".scratch"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(scratch, ignore_errors=True)  # what a killed try left
        scratch.mkdir(mode=0o700)
        yield scratch
    except OSError as error:
        raise _full(folder, error.strerror or str(error).splitlines()[0]) from error
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise _full(folder, f"DuckDB could not spill to it ({type(error).__name__})") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        for partial in folder.glob(".*.partial"):
            partial.unlink(missing_ok=True)


def _full(folder: Path, why: str) -> InputRefused:
    return InputRefused(folder, "", f"cannot be written: {why}", "free some room and run again")
