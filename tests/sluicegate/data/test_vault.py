"""Sealed files, what opens them, and where their plain form lies meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyrage import x25519

from sluicegate.data.vault import SCRATCH_ENV, filesystem_of, plain_folder, seal, type_of_mount, unseal, vault_keys
from sluicegate.errors import InputRefused, SpecRefused
from sluicegate.spec.vault import Vault
from tests.memory import folder_in_memory

SECRET = b"Ada Lovelace, 12 St James's Square\n" * 5000


@pytest.fixture
def identity() -> x25519.Identity:
    return x25519.Identity.generate()


@pytest.fixture
def memory() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


def keys_of(identity: x25519.Identity, scratch: Path):
    section = Vault(recipient=str(identity.to_public()))
    return vault_keys(section, {section.identity_env: str(identity), SCRATCH_ENV: str(scratch)})


def test_a_sealed_file_opens_again_and_shows_nothing(identity: x25519.Identity, tmp_path: Path, memory: Path) -> None:
    keys = keys_of(identity, memory)
    (tmp_path / "table.parquet").write_bytes(SECRET)
    (tmp_path / "kept").mkdir()
    sealed = seal(tmp_path / "table.parquet", tmp_path / "kept", keys)
    assert sealed.name == "table.parquet.age"
    assert sealed.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert b"Lovelace" not in sealed.read_bytes()
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in sealed.parent.iterdir()) == ["table.parquet.age"]
    with plain_folder(keys) as folder:
        assert unseal(sealed, folder, keys).read_bytes() == SECRET
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


@pytest.mark.skipif(shutil.which("age") is None, reason="the age command is not installed")
def test_the_age_command_opens_it_too(identity: x25519.Identity, tmp_path: Path) -> None:
    keys = keys_of(identity, tmp_path)
    (tmp_path / "rows").write_bytes(SECRET)
    (tmp_path / "id").write_text(str(identity))
    sealed = seal(tmp_path / "rows", tmp_path, keys)
    done = subprocess.run(
        ["age", "--decrypt", "-i", str(tmp_path / "id"), str(sealed)], capture_output=True, check=True
    )
    assert done.stdout == SECRET


@pytest.mark.parametrize("harm", ["flipped", "cut", "empty", "not age"])
def test_a_damaged_file_is_refused_and_leaves_nothing_in_the_clear(
    identity: x25519.Identity, tmp_path: Path, memory: Path, harm: str
) -> None:
    keys = keys_of(identity, memory)
    (tmp_path / "rows").write_bytes(SECRET)
    sealed = seal(tmp_path / "rows", tmp_path, keys)
    content = bytearray(sealed.read_bytes())
    if harm == "flipped":
        content[-1000] ^= 1
    elif harm == "cut":
        del content[-70_000:]
    elif harm == "empty":
        content.clear()
    else:
        content[:3] = b"xyz"
    sealed.write_bytes(bytes(content))
    with plain_folder(keys) as folder:
        with pytest.raises(InputRefused, match="sealed for another recipient, or is damaged"):
            unseal(sealed, folder, keys)
        assert list(folder.iterdir()) == []


def test_a_full_disk_is_said_in_one_line_and_nothing_half_written_stays(
    identity: x25519.Identity, tmp_path: Path
) -> None:
    (tmp_path / "rows").write_bytes(SECRET)
    (tmp_path / "kept").mkdir()
    script = (
        "import resource, sys; from pathlib import Path; from pyrage import x25519\n"
        "from sluicegate.data.vault import Keys, seal; from sluicegate.errors import Unavailable\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: seal(Path(sys.argv[1]), Path(sys.argv[2]), Keys(x25519.Recipient.from_str(sys.argv[3])))\n"
        "except Unavailable as refusal: print(refusal)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "rows"), str(tmp_path / "kept"), str(identity.to_public())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert "rows.age cannot be sealed: [Errno 27] File too large" in done.stdout
    assert list((tmp_path / "kept").iterdir()) == []


def test_another_identity_does_not_open_it(identity: x25519.Identity, tmp_path: Path, memory: Path) -> None:
    (tmp_path / "rows").write_bytes(SECRET)
    sealed = seal(tmp_path / "rows", tmp_path, keys_of(identity, memory))
    other = keys_of(x25519.Identity.generate(), memory)
    with plain_folder(other) as folder, pytest.raises(InputRefused, match="another recipient"):
        unseal(sealed, folder, other)


def test_the_identity_may_lie_in_a_file_as_age_keygen_writes_it(identity: x25519.Identity, tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    file.write_text(f"# created: 2026-01-01\n# public key: {identity.to_public()}\n{identity}\n")
    section = Vault(recipient=str(identity.to_public()))
    assert str(vault_keys(section, {section.identity_env: str(file)}).identity) == str(identity)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "is not set, and the vault cannot be opened"),
        ("/no/such/file", "holds no age identity"),
        ("AGE-SECRET-KEY-1NOTONE", "holds no age identity"),
        pytest.param(str(x25519.Identity.generate()), "is the identity of another recipient", id="another's"),
    ],
)
def test_an_identity_that_is_none_is_refused_without_being_shown(
    identity: x25519.Identity, value: str, problem: str
) -> None:
    section = Vault(recipient=str(identity.to_public()))
    with pytest.raises(InputRefused) as refused:
        vault_keys(section, {section.identity_env: value})
    assert problem in str(refused.value)
    assert "SLUICEGATE_VAULT_IDENTITY" in str(refused.value)
    assert not value or value not in str(refused.value)


def test_a_recipient_that_is_none_is_refused(identity: x25519.Identity) -> None:
    with pytest.raises(SpecRefused, match="is not an age recipient"):
        vault_keys(Vault(recipient="age1nobody"), {"SLUICEGATE_VAULT_IDENTITY": str(identity)})


def test_keys_are_not_shown(identity: x25519.Identity, tmp_path: Path) -> None:
    assert "AGE-SECRET" not in repr(keys_of(identity, tmp_path))


def test_without_storage_in_memory_nothing_is_opened(identity: x25519.Identity, tmp_path: Path) -> None:
    keys = keys_of(identity, tmp_path / "not-there")
    with pytest.raises(InputRefused, match=SCRATCH_ENV), plain_folder(keys):
        pass


ON_A_DISK = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334492k
25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24684092k
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw
31 25 254:1 / /dev/shm/disk rw,relatime - xfs /dev/vdb rw
32 27 0:30 / /mnt/a\\040place rw,relatime - ramfs none rw
33 27 0:31 / /srv rw,relatime - tmpfs tmpfs rw
34 33 254:2 / /srv rw,relatime - btrfs /dev/vdc rw
a line of another kind
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/dev/shm", "tmpfs"),
        ("/dev/shm/scratch/a", "tmpfs"),
        ("/dev/shmall", "devtmpfs"),
        pytest.param("/dev/shm/disk/a", "xfs", id="a disk below memory"),
        ("/home/ann", "ext4"),
        pytest.param("/mnt/a place/b", "ramfs", id="a space in the path"),
        pytest.param("/srv/a", "btrfs", id="one over another"),
    ],
)
def test_a_folder_lies_on_the_innermost_mount_that_holds_it(folder: str, kind: str) -> None:
    assert type_of_mount(Path(folder), ON_A_DISK) == kind


def test_a_folder_that_no_mount_holds_lies_on_none() -> None:
    assert type_of_mount(Path("/home"), "") == ""


@pytest.mark.skipif(sys.platform != "linux", reason="what is mounted can be read on Linux alone")
def test_rows_in_the_clear_are_not_put_on_a_disk(identity: x25519.Identity, tmp_path: Path, memory: Path) -> None:
    """Named itself, or by a link in memory that leads there."""
    kind = filesystem_of(tmp_path)
    if kind in ("tmpfs", "ramfs"):
        pytest.skip(f"the tests' own folder {tmp_path} lies in memory")
    (memory / "link").symlink_to(tmp_path)
    for scratch in (tmp_path, memory / "link"):
        with pytest.raises(InputRefused) as refused, plain_folder(keys_of(identity, scratch)):
            pass
        assert str(refused.value).startswith(f"{scratch}: vault: lies on {kind}, where rows in the clear may reach")
        assert SCRATCH_ENV in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_taken_away_by_the_next(identity: x25519.Identity, memory: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from sluicegate.data.vault import Keys, plain_folder\n"
        "with plain_folder(Keys(None, None, Path(sys.argv[1]))) as folder:\n"
        "    (folder / 'rows').write_text('in the clear'); print(folder, flush=True); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(memory)], capture_output=True, text=True, check=False)
    left = Path(done.stdout.strip())
    assert (left / "rows").exists()
    mine = memory / f"sluicegate-vault-{os.getpid()}-abc"
    mine.mkdir()
    with plain_folder(keys_of(identity, memory)):
        assert not left.exists()
        assert mine.exists()
