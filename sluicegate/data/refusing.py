"""What the operating system says of a file, as a refusal."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluicegate.errors import InputRefused, Unavailable


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turns what the operating system says of `path` into one line.

    Raises:
        Unavailable: The disk is full.
        InputRefused: It cannot be read or written for another reason.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(f"{path}: the disk is full; nothing was written") from None
        raise InputRefused(path, "", f"cannot be used: {error.strerror or type(error).__name__}") from None
