"""Small secret files: read with one clear line for each thing that can be wrong, written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from sluicegate.errors import InputRefused

_MOST_BYTES = 64 * 1024
"""No key comes near it; it keeps a wrong path from filling the memory."""
_OTHERS = 0o077


def read_key_file(path: Path, *, secret: bool = False) -> bytes:
    """The bytes of a key's file.

    Args:
        path: The file.
        secret: Whether only its owner may be able to read it.

    Raises:
        InputRefused: There is no such file, it is a folder, it cannot be read, it is too large for a key,
            or it is secret and open to others.
    """
    try:
        # A pipe with nobody at its other end must not hold the process.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise InputRefused(path, "", "is not a file")
            if secret and mode & _OTHERS:
                problem = f"is open to others (mode {stat.S_IMODE(mode):03o}, must be 600)"
                raise InputRefused(path, "", problem, f"chmod 600 {path}; make a new key if others had access")
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputRefused(path, "", "no such file") from None
    except IsADirectoryError:
        raise InputRefused(path, "", "is a folder, not a file") from None
    except OSError as error:
        raise InputRefused(path, "", f"cannot be read: {error.strerror}") from None
    if len(content) > _MOST_BYTES:
        raise InputRefused(path, "", f"is larger than {_MOST_BYTES} bytes: not a key")
    return content


def write_new_file(path: Path, content: bytes, *, mode: int) -> None:
    """Writes a file that was not there; a process killed on the way leaves none under this name.

    Args:
        path: The file; folders above it that are missing are made, for the owner alone.
        content: Its bytes.
        mode: Who may read it, for example 0o600.

    Raises:
        InputRefused: There is something at `path` already, or it cannot be written.
    """
    draft = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputRefused(path.parent, "", f"is no folder and cannot be made one: {error.strerror}") from None
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        with open(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(content)
            file.flush()
            os.fsync(handle)
        os.link(draft, path)  # unlike a rename, it fails where a file is
    except FileExistsError:
        raise InputRefused(path, "", "exists already and is never overwritten", "name another file") from None
    except OSError as error:
        raise InputRefused(path, "", f"cannot be written: {error.strerror}") from None
    finally:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)
