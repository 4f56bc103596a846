"""Members of zip and tar archives, taken out without letting one of them land anywhere else.

Names are checked before anything is written: no absolute path, no ``..``, no backslash, and nothing but
regular files and folders. Times, owners and permissions of the archive are not kept.
"""

from __future__ import annotations

import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from sluicegate.errors import InputRefused

_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError)
_ENCRYPTED = 0x1  # a zip member's flag


def extract(archive: Path, wanted: str, folder: Path) -> None:
    """Writes the member `wanted`, or every member below it, to `folder` under its own path.

    Args:
        archive: A zip archive (a wheel is one) or a tar archive of any compression.
        wanted: Path inside the archive; empty for all of it.
        folder: An existing folder.

    Raises:
        InputRefused: Not an archive, a truncated or damaged one, no such member, or one that is encrypted, packed
            in an unknown way or not safe to write.
        OSError: The folder cannot be written.
    """
    found, name = False, ""
    try:
        for name, content in _members(archive, wanted):
            found = True
            target = folder / _safe(archive, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            with content, target.open("wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)
            name = ""  # what comes next is not the fault of this one
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _not_whole(archive, name, error) from None
    if not found:
        raise InputRefused(archive, wanted, "the archive holds no such path")


@contextmanager
def open_member(archive: Path, name: str) -> Iterator[IO[bytes]]:
    """One regular file of a tar or zip archive, to be read in pieces.

    Raises:
        InputRefused: Not an archive, a truncated or damaged one (also later, on reading), or no such file in it, or
            one that is encrypted or packed in an unknown way.
    """
    found, given = "", False
    try:
        for found, content in _members(archive, name):
            with content:
                if found == name and not given:
                    given = True
                    yield content
            found = ""
    except _DAMAGED as error:
        raise _not_whole(archive, found, error) from None
    if not given:
        raise InputRefused(archive, name, "the archive holds no such file")


def is_archive(path: Path) -> bool:
    """Whether `path` is a zip or tar archive."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def _members(archive: Path, wanted: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each regular file that is `wanted` or lies below it."""
    if zipfile.is_zipfile(archive):
        with _zip(archive) as opened:
            for info in opened.infolist():
                if _is_wanted(info.filename, wanted) and not info.is_dir():
                    if stat.S_ISLNK(info.external_attr >> 16):
                        raise InputRefused(archive, info.filename, "is a link, which could point anywhere")
                    yield info.filename, _content(archive, opened, info)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            for member in tar:
                if _is_wanted(member.name, wanted) and not member.isdir():
                    content = tar.extractfile(member) if member.isreg() else None
                    if content is None:
                        raise InputRefused(archive, member.name, "is not a regular file but a link or a device")
                    yield member.name, content
            _require_end(tar)
    else:
        raise InputRefused(archive, "", "is neither a zip nor a tar archive")


def _require_end(tar: tarfile.TarFile) -> None:
    """Reads on from where no further member was found: `tarfile` takes a damaged header for the archive's end.

    What is left is read too, since a compressed archive's checksum comes last.
    """
    assert tar.fileobj is not None
    tar.fileobj.seek(tar.offset)
    if tar.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError("a member's header is damaged, or its end is missing")
    while tar.fileobj.read(1 << 20):
        pass


def _zip(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (NotImplementedError, UnicodeDecodeError):  # of a later version of the format; a name that is no text
        raise InputRefused(archive, "", "is a zip archive of a kind that cannot be read") from None


def _content(archive: Path, opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.flag_bits & _ENCRYPTED:
        raise InputRefused(archive, info.filename, "is encrypted")
    try:
        return opened.open(info)
    except (NotImplementedError, UnicodeDecodeError):
        raise InputRefused(archive, info.filename, "is packed in a way that cannot be unpacked") from None


def _not_whole(archive: Path, name: str, error: Exception) -> InputRefused:
    return InputRefused(archive, name, f"is damaged: {error}" if name else f"is not a whole archive: {error}")


def _is_wanted(name: str, wanted: str) -> bool:
    return not wanted or name == wanted or name.startswith(wanted.rstrip("/") + "/")


def _safe(archive: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise InputRefused(archive, ascii(name)[:80], "would be written outside the folder that it belongs in")
    return path
