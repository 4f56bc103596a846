"""Rows before they are scrubbed: in the clear in a step's own folder, or sealed there where the spec has a vault.

Only reading, validation and scrubbing come through here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sluicegate.data.vault import SUFFIX, Keys, plain_folder, seal, unseal, vault_keys
from sluicegate.pipeline.build import Build


def raw_keys(build: Build) -> Keys | None:
    """The keys of the spec's vault; None where it has none.

    Raises:
        SpecRefused: The recipient is no age recipient.
        InputRefused: The identity is missing, is none, or is not the recipient's.
    """
    vault = build.spec.vault
    return None if vault is None else vault_keys(vault, build.environ)


@contextmanager
def raw_output(build: Build, folder: Path) -> Iterator[Path]:
    """A folder to write raw tables and reports to; at the end, also of a refusal, they lie in `folder`.

    Tables are for their owner alone, and sealed if there is a vault; reports hold no cell and stay as they are.
    """
    keys = raw_keys(build)
    if keys is None:
        try:
            yield folder
        finally:
            for table in folder.glob("*.parquet"):
                table.chmod(0o600)
        return
    with plain_folder(keys) as plain:
        try:
            yield plain
        finally:
            for file in sorted(path for path in plain.iterdir() if path.is_file() and path.name[0] != "."):
                if file.suffix == ".parquet":
                    seal(file, folder, keys)
                else:
                    shutil.copyfile(file, folder / file.name)


@contextmanager
def raw_input(build: Build, folder: Path, name: str) -> Iterator[Path]:
    """A raw table of a finished step, to be read while the block lasts."""
    keys = raw_keys(build)
    if keys is None:
        yield folder / name
        return
    with plain_folder(keys) as plain:
        yield unseal(folder / f"{name}{SUFFIX}", plain, keys)
