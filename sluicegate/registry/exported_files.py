"""The files of an exported release, against the digests that its gate names and against its own check sums."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.gates.state import Gate
from sluicegate.manifest import FileEntry, Manifest
from sluicegate.registry import exported


@dataclass(frozen=True)
class Contents:
    """Every file of the folder, hashed once."""

    folder: Path
    manifest: Manifest
    strange: tuple[str, ...] = ()
    """What is neither a file nor a folder: symbolic links, pipes. They must not be there."""

    @classmethod
    def of(cls, folder: Path) -> Contents:
        """What lies in `folder`.

        Raises:
            InputRefused: It cannot be read.
        """
        try:
            every = sorted(folder.rglob("*"))
            odd = [path for path in every if not (path.is_symlink() or path.is_file() or path.is_dir())]
            if odd:
                named = tuple(f"{path.relative_to(folder).as_posix()} is neither a file nor a folder" for path in odd)
                return cls(folder, Manifest(()), named)
            return cls(folder, Manifest.of_folder(folder))
        except TamperingDetected as error:
            return cls(folder, Manifest(()), error.faults)
        except OSError as error:
            raise InputRefused(folder, "", f"cannot be read: {error.strerror}") from None

    @cached_property
    def digests(self) -> dict[str, str]:
        """Path → SHA-256."""
        return {entry.path: entry.sha256 for entry in self.manifest.files}

    @property
    def faults(self) -> list[str]:
        """What is wrong with the folder, whatever it is about."""
        if self.strange:
            return [*self.strange, "the files were not checked: a link or a pipe may lead anywhere"]
        beside = {path for path in self.digests if path.partition("/")[0] not in exported.FOLDERS}
        found = [f"{path} is missing" for path in sorted(exported.FILES - beside)]
        found += [f"{path} does not belong to an exported release" for path in sorted(beside - exported.FILES)]
        return found + self._sum_faults()

    def differences(self, gate: Gate) -> list[str]:
        """What is not as the gate names it."""
        if self.strange:
            return []
        found = []
        named = {exported.POLICY: gate.policy, exported.ROSTER: gate.roster}
        named |= {exported.MANIFESTS[name]: getattr(gate, name) for name in exported.MANIFESTS}
        for path, digest in named.items():
            if path in self.digests and self.digests[path] != digest:
                found.append(f"{path} gives {self.digests[path][:16]}…, the gate was about {digest[:16]}…")
        for name in exported.MANIFESTS:
            found += self._folder_faults(name, getattr(gate, name))
        return found

    def _folder_faults(self, name: str, digest: str) -> list[str]:
        inside = tuple(
            FileEntry(entry.path.removeprefix(f"{name}/"), entry.size, entry.sha256)
            for entry in self.manifest.files
            if entry.path.startswith(f"{name}/")
        )
        if Manifest(inside).digest == digest:
            return []
        found = [f"{name}/ gives {Manifest(inside).digest[:16]}…, the gate was about {digest[:16]}…"]
        listing = exported.MANIFESTS[name]
        if self.digests.get(listing) == digest:
            listed = Manifest.from_json(json.loads((self.folder / listing).read_text("utf-8")))
            found += [f"{name}/{fault}" for fault in listed.differences(self.folder / name)]
        return found

    def _sum_faults(self) -> list[str]:
        """What differs from the check sums; what the gate vouches for is compared with the gate instead."""
        if exported.SUMS not in self.digests:
            return []
        try:
            lines = (self.folder / exported.SUMS).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return [f"{exported.SUMS} cannot be read"]
        listed = {path: digest for digest, _, path in (line.partition("  ") for line in lines)}
        there = self.digests.keys() - {exported.SUMS}
        found = [f"{path} is not in {exported.SUMS}" for path in sorted(there - listed.keys())]
        found += [f"{path} is missing" for path in sorted(listed.keys() - there)]
        same = there & listed.keys()
        return found + [f"{p} is not what {exported.SUMS} lists" for p in sorted(same) if listed[p] != self.digests[p]]
