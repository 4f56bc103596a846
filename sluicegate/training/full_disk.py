"""A disk that is full, said in one line."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluicegate.errors import InputRefused

DISK_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Around what writes into `folder`.

    Raises:
        InputRefused: The disk is full, or must not be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_FAULTS:
            raise
        problem, remedy = f"cannot be written: {error.strerror}", "free some room; it goes on where it stands"
        raise InputRefused(error.filename or folder, "", problem, remedy) from None
