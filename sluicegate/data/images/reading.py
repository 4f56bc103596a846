"""A source's column of images, paths or bytes, as the files' bytes in base64.

A path is one inside the folder of the table that names it; anything else is refused before it is opened.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.data.images.decoding import BYTES_A_PIXEL, decode
from sluicegate.data.sources.chunk import Chunk, Fault
from sluicegate.data.sources.values import Unreadable, is_missing, python_values, strings, type_name
from sluicegate.spec import Data
from sluicegate.spec.pixels import dump_bytes

if TYPE_CHECKING:
    import pyarrow as pa

_TABLES = ("csv", "jsonl", "parquet")
"""Kinds of source that are one file, beside which images may lie."""
_REMEDIES = {"size": "raise data.largest_image_pixels, or make the image smaller"}


def images(chunk: Chunk, data: Data) -> pa.Array:
    """The chunk's images as strings; what is wrong with one is added to `chunk.faults`."""
    column, folder = str(data.image), folder_of(chunk, data)

    def convert(value: Any) -> str | None:
        content = _bytes(value, folder, data.largest_image_pixels)
        if content is None:
            return None
        decode(content, data.largest_image_pixels)
        return dump_bytes(content)

    found, faults = strings(_objects(chunk.columns[column]), convert)
    for position, unreadable in faults.items():
        remedy = _REMEDIES.get(unreadable.kind, "")
        chunk.faults.setdefault(position, Fault(column, unreadable.kind, unreadable.reason, remedy))
    return found


def folder_of(chunk: Chunk, data: Data) -> Path | None:
    """Where the paths of a chunk start; None if it may hold none."""
    return Path(chunk.where).resolve().parent if data.source.kind in _TABLES else None


def digest_of_images(chunks: Iterable[Chunk], data: Data) -> str:
    """SHA-256 over the files that the paths of the column lead to, in order; those that cannot be read count too."""
    digest = sha256()
    for chunk in chunks:
        folder = folder_of(chunk, data)
        for value in _objects(chunk.columns[str(data.image)]):
            try:
                content = _bytes(value, folder, data.largest_image_pixels) if isinstance(value, str) else b""
            except Unreadable as unreadable:
                content = unreadable.kind.encode()
            digest.update(sha256(content or b"").digest())
    return digest.hexdigest()


def _objects(values: pa.Array | list[Any]) -> list[Any]:
    found = python_values(values)
    return list(found) if isinstance(found, list) else list(found.to_pylist())  # type: ignore[union-attr]


def _bytes(value: Any, folder: Path | None, largest_pixels: int) -> bytes | None:
    """The file that a value holds or leads to; None if it is missing.

    Raises:
        Unreadable: It is neither bytes nor a path that may be followed.
    """
    if isinstance(value, Mapping) and set(value) == {"bytes", "path"}:  # an Image of the datasets library
        value = value["bytes"] if value["bytes"] is not None else value["path"]
    if is_missing(value) or value == "":
        return None
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise Unreadable("image", f"is neither a path nor an image but a value of type {type_name(value)}")
    if folder is None:
        raise Unreadable("path", "is a path, and a data set must hold the images themselves")
    return _read(_inside(value, folder), BYTES_A_PIXEL * largest_pixels)


def _inside(name: str, folder: Path) -> Path:
    """The path that a name stands for, if it stays in the folder, with every link followed."""
    relative = Path(name)
    if "\0" in name or relative.is_absolute() or ".." in relative.parts:
        raise Unreadable("path", "is a path that leads out of the table's folder")
    try:
        path = (folder / relative).resolve()
    except (OSError, RuntimeError, ValueError):
        raise Unreadable("path", "is a path that cannot be followed") from None
    if not path.is_relative_to(folder):
        raise Unreadable("path", "is a path that leads out of the table's folder")
    return path


def _read(path: Path, longest: int) -> bytes:
    try:
        if stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
            with path.open("rb") as file:
                return file.read(longest + 1)
    except FileNotFoundError:
        pass
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Unreadable("path", f"leads to a file that cannot be read: {why}") from None
    raise Unreadable("path", "is a path that leads to no file")
