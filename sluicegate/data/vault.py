"""Raw data encrypted at rest, with age, and opened by the steps that need it and nobody else.

A sealed file is a whole age file (https://age-encryption.org/v1) that the `age` command opens too. While a
step works on it, its plain form lies in memory-backed storage that goes when the step ends, however it
ends; a machine without such storage refuses rather than write raw rows to a disk.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sluicegate.errors import InputRefused, SpecRefused, Unavailable
from sluicegate.spec.vault import Vault

if TYPE_CHECKING:
    from pyrage.x25519 import Identity, Recipient

SUFFIX = ".age"
"""What a sealed file's name ends in, after the name of its plain form."""
SCRATCH_ENV = "SLUICEGATE_VAULT_SCRATCH"
"""Environment variable with the folder for plain forms, where ``/dev/shm`` is not there or too small."""
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # memory, not a disk


@dataclass(frozen=True)
class Keys:
    """What a vault is sealed for and, where it is at hand, what opens it."""

    recipient: Recipient = field(repr=False)
    identity: Identity | None = field(repr=False, default=None)
    scratch: Path = _SHARED_MEMORY
    """Where plain forms may lie while they are worked on."""


def vault_keys(section: Vault, environ: Mapping[str, str]) -> Keys:
    """The keys of a spec's vault.

    Args:
        section: The spec's section.
        environ: Where the identity is looked up, under the name that the spec gives.

    Raises:
        SpecRefused: The recipient is no age recipient.
        InputRefused: The identity is missing, is none, or is not the recipient's.
    """
    from pyrage import IdentityError, RecipientError, x25519

    try:
        recipient = x25519.Recipient.from_str(section.recipient)
    except RecipientError:
        raise SpecRefused("vault", "recipient", "is not an age recipient", "`age-keygen` makes one: age1…") from None
    value = environ.get(section.identity_env, "").strip()
    if not value:
        remedy = "set it to the identity (AGE-SECRET-KEY-1…), or to a file that holds it"
        raise InputRefused("environment", section.identity_env, "is not set, and the vault cannot be opened", remedy)
    try:
        identity = x25519.Identity.from_str(_identity_text(value))
    except IdentityError:
        raise InputRefused("environment", section.identity_env, "holds no age identity") from None
    if str(identity.to_public()) != str(recipient):
        raise InputRefused("environment", section.identity_env, "is the identity of another recipient than the spec's")
    return Keys(recipient, identity, Path(environ.get(SCRATCH_ENV) or _SHARED_MEMORY))


def _identity_text(value: str) -> str:
    if value.startswith("AGE-SECRET-KEY-1"):
        return value
    try:
        lines = Path(value).expanduser().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return next((line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-1")), "")


def seal(plain: Path, folder: Path, keys: Keys) -> Path:
    """Encrypts a file into `folder` under its own name and ``.age``; there whole or not at all.

    Raises:
        Unavailable: It cannot be written, as where the disk is full.
    """
    import pyrage

    sealed = folder / f"{plain.name}{SUFFIX}"
    partial = folder / f".{sealed.name}.partial"
    try:
        with plain.open("rb") as source, partial.open("wb") as target:
            os.fchmod(target.fileno(), 0o600)
            pyrage.encrypt_io(source, target, [keys.recipient])
        os.replace(partial, sealed)
    except pyrage.EncryptError as error:  # the operating system's own error, in words alone
        why = str(error).removeprefix("OSError: ")
        raise Unavailable(f"{sealed} cannot be sealed: {why}; free some room") from None
    finally:
        partial.unlink(missing_ok=True)
    return sealed


def unseal(sealed: Path, folder: Path, keys: Keys) -> Path:
    """The plain form of a sealed file, in `folder`.

    Raises:
        InputRefused: It was sealed for somebody else, changed, or cut off.
    """
    import pyrage

    plain = folder / sealed.name.removesuffix(SUFFIX)
    try:
        with sealed.open("rb") as source, plain.open("wb") as target:
            pyrage.decrypt_io(source, target, [keys.identity])
    except (pyrage.DecryptError, OSError) as error:
        plain.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            raise
        problem = "cannot be opened: it was sealed for another recipient, or is damaged"
        raise InputRefused(sealed, "vault", problem) from None
    return plain


@contextmanager
def plain_folder(keys: Keys) -> Iterator[Path]:
    """A folder for plain forms that is gone when the block is left.

    What a killed process left there before is taken away first.

    Raises:
        InputRefused: There is no memory-backed storage, or the folder lies on a disk.
    """
    remedy = f"set {SCRATCH_ENV} to a folder in memory (tmpfs)"
    if not keys.scratch.is_dir() or not os.access(keys.scratch, os.W_OK):
        raise InputRefused(keys.scratch, "vault", "is not there to hold rows in the clear while they are read", remedy)
    found = filesystem_of(keys.scratch)
    if found is not None and found not in _IN_MEMORY:
        problem = f"lies on {found or 'a file system of no known type'}, where rows in the clear may reach a disk"
        raise InputRefused(keys.scratch, "vault", problem, remedy)
    _take_away_what_was_left(keys.scratch)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=keys.scratch))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_PREFIX = "sluicegate-vault-"
_IN_MEMORY = ("tmpfs", "ramfs")
_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\(040|011|012|134)")
"""How a space, a tab, a line feed and a backslash stand in the path of a mount."""


def filesystem_of(folder: Path) -> str | None:
    """The type of the file system that a folder lies on, such as ``tmpfs`` or ``ext4``.

    Empty where Linux does not say, as where ``/proc`` is not mounted; None on another system, which has no such list.
    """
    try:
        mounts = os.fsdecode(_MOUNTS.read_bytes())
    except OSError:
        if sys.platform == "linux":
            return ""
        return None
    return type_of_mount(folder.resolve(), mounts)


def type_of_mount(folder: Path, mounts: str) -> str:
    """The type of the innermost mount that holds a folder, and of the last one where several lie over each other.

    Args:
        folder: An absolute path without links.
        mounts: The text of ``/proc/self/mountinfo``.

    Returns:
        The type; empty if no line that can be read names a mount that holds the folder.

    Source: Linux, Documentation/filesystems/proc.rst, section 3.5.
    """
    found, longest = "", -1
    for line in mounts.split("\n"):
        before, separated, after = line.partition(" - ")
        fields, types = before.split(" "), after.split(" ")
        if not separated or len(fields) < 6:
            continue
        point = Path(_OCTAL.sub(lambda code: chr(int(code[1], 8)), fields[4]))
        if folder.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = types[0], len(point.parts)
    return found


def _take_away_what_was_left(scratch: Path) -> None:
    for left in scratch.glob(f"{_PREFIX}*"):
        process = left.name.removeprefix(_PREFIX).partition("-")[0]
        if process.isdecimal() and not _is_alive(int(process)) and left.stat().st_uid == os.getuid():
            shutil.rmtree(left, ignore_errors=True)


def _is_alive(process: int) -> bool:
    if sys.platform == "linux":
        return Path(f"/proc/{process}").exists()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
