"""Folders and values known by their content.

A manifest lists every file of a folder with its size and SHA-256; its digest is the SHA-256 of the
manifest's canonical JSON (RFC 8785), so one string stands for all the bytes. Verification collects
every difference before it fails.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from sluicegate.errors import TamperingDetected

_BLOCK_BYTES = 1 << 20


def digest_of_bytes(content: bytes) -> str:
    """SHA-256 of `content`, 64 hexadecimal characters."""
    return hashlib.sha256(content).hexdigest()


def digest_of_value(value: Any) -> str:
    """SHA-256 of a JSON value in canonical form: key order and white space do not matter.

    Raises:
        rfc8785.CanonicalizationError: The value is not JSON (a NaN, a non-string key, an object).

    Source: RFC 8785, JSON Canonicalization Scheme.
    """
    return digest_of_bytes(rfc8785.dumps(value))


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


@dataclass(frozen=True)
class FileEntry:
    """One file of a folder: POSIX path relative to the folder, size in bytes, SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Every file of a folder, in path order."""

    files: tuple[FileEntry, ...]

    @classmethod
    def of_folder(cls, folder: Path) -> Manifest:
        """The manifest of every regular file below `folder`.

        Raises:
            TamperingDetected: The folder holds a symbolic link, which could point anywhere.
        """
        entries, links = [], []
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                links.append(f"{name} is a symbolic link")
            elif path.is_file():
                entries.append(FileEntry(name, path.stat().st_size, digest_of_file(path)))
        if links:
            raise TamperingDetected(str(folder), tuple(sorted(links)))
        return cls(tuple(sorted(entries, key=lambda entry: entry.path)))

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Manifest:
        """The manifest that `to_json` wrote."""
        return cls(tuple(FileEntry(e["path"], e["size"], e["sha256"]) for e in value["files"]))

    def to_json(self) -> dict[str, Any]:
        """A JSON value: ``{"files": [{"path", "size", "sha256"}, …]}`` in path order."""
        return {"files": [{"path": e.path, "size": e.size, "sha256": e.sha256} for e in self.files]}

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the manifest."""
        return digest_of_value(self.to_json())

    def differences(self, folder: Path) -> tuple[str, ...]:
        """Every way in which `folder` differs from this manifest; empty if it does not."""
        expected = {e.path: e for e in self.files}
        found = {e.path: e for e in Manifest.of_folder(folder).files}
        faults = [f"{path} is missing" for path in expected.keys() - found.keys()]
        faults += [f"{path} was added" for path in found.keys() - expected.keys()]
        faults += [f"{path} was changed" for path in expected.keys() & found.keys() if expected[path] != found[path]]
        return tuple(sorted(faults))


def verify_folder(folder: Path, digest: str, what: str) -> Manifest:
    """The manifest of `folder`, whose digest must be `digest`.

    Raises:
        TamperingDetected: It is not.
    """
    manifest = Manifest.of_folder(folder)
    if manifest.digest != digest:
        raise TamperingDetected(what, (f"its bytes give {manifest.digest[:16]}…, not {digest[:16]}…",))
    return manifest
