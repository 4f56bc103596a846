"""Keys of people and of the service; OpenSSH's own tool reads what is made here, and the other way round."""

from __future__ import annotations

import base64
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sluicegate.errors import InputRefused
from sluicegate.signing.keys import (
    PrivateKey,
    PublicKey,
    create_private_key,
    create_service_key,
    load_private_key,
    load_service_key,
)

PASSPHRASE = "correct horse"


def correct() -> str:
    return PASSPHRASE


def not_to_be_asked() -> str:
    raise AssertionError("asked for a passphrase that cannot help")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Keys of people


@pytest.mark.parametrize("cipher", ["aes256-ctr", "aes256-cbc", "aes256-gcm@openssh.com"])
def test_a_key_that_openssh_made_loads(made_by_openssh: Callable[..., Path], cipher: str):
    path = made_by_openssh("-t", "ed25519", "-Z", cipher)
    key = load_private_key(path, correct)
    assert key.public == PublicKey.parse(path.with_suffix(".pub").read_text(), path)
    assert key.public.verifies(key.sign(b"message"), b"message")


def test_openssh_reads_a_key_that_was_made_here(tmp_path: Path, ssh_keygen: Callable):
    path = tmp_path / "folder" / "rita"
    public = create_private_key(path, PASSPHRASE, "rita")
    read = ssh_keygen("-y", "-P", PASSPHRASE, "-f", path)
    assert (read.returncode, read.stdout.split()[:2]) == (0, public.line.split())
    assert ssh_keygen("-y", "-P", "wrong", "-f", path).returncode != 0


def test_a_key_that_was_made_here_loads_and_is_its_owners_alone(tmp_path: Path):
    path = tmp_path / "rita"
    public = create_private_key(path, PASSPHRASE, "rita at her desk")
    assert load_private_key(path, correct).public == public
    assert (tmp_path / "rita.pub").read_text() == f"{public.line} rita at her desk\n"
    assert (mode(path), mode(tmp_path / "rita.pub")) == (0o600, 0o644)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["rita", "rita.pub"]


def test_a_key_of_pkcs8_loads(tmp_path: Path):
    key = Ed25519PrivateKey.generate()
    path = tmp_path / "rita.pem"
    encryption = serialization.BestAvailableEncryption(PASSPHRASE.encode())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    assert load_private_key(path, correct).sign(b"message") == key.sign(b"message")
    with pytest.raises(InputRefused, match="wrong passphrase"):
        load_private_key(path, lambda: "wrong")


def test_a_passphrase_in_any_script_opens_its_key(tmp_path: Path):
    create_private_key(tmp_path / "rita", "пароль für ℝita", "")
    load_private_key(tmp_path / "rita", lambda: "пароль für ℝita")


def test_a_key_is_not_made_where_nothing_can_be_written(tmp_path: Path):
    with pytest.raises(InputRefused, match="cannot be written: File name too long"):
        create_private_key(tmp_path / ("r" * 250), PASSPHRASE, "rita")


@pytest.mark.parametrize("existing", ["rita", "rita.pub"])
def test_a_file_that_exists_is_never_overwritten(tmp_path: Path, existing: str):
    (tmp_path / existing).write_text("precious")
    with pytest.raises(InputRefused, match=f"{existing}: exists already"):
        create_private_key(tmp_path / "rita", PASSPHRASE, "rita")
    assert (tmp_path / existing).read_text() == "precious"
    assert [file.name for file in tmp_path.iterdir()] == [existing]


@pytest.mark.parametrize(
    ("passphrase", "comment", "problem"),
    [
        pytest.param("", "rita", "passphrase: must have at least 5 characters", id="no passphrase"),
        pytest.param("1234", "rita", "passphrase: must have at least 5 characters", id="short passphrase"),
        pytest.param(PASSPHRASE, "rita\nssh-ed25519 AAAA", "comment: must be one line", id="a second line"),
        pytest.param(PASSPHRASE, "\x1b[2J", "comment: must be one line", id="terminal escape"),
    ],
)
def test_a_key_is_not_made_from_bad_input(tmp_path: Path, passphrase: str, comment: str, problem: str):
    with pytest.raises(InputRefused, match=problem):
        create_private_key(tmp_path / "rita", passphrase, comment)
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_not_made_below_a_file(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(InputRefused, match="file: is no folder and cannot be made one"):
        create_private_key(tmp_path / "file" / "rita", PASSPHRASE, "rita")


def refused(path: Path, passphrase: Callable[[], str] = not_to_be_asked) -> str:
    with pytest.raises(InputRefused) as error:
        load_private_key(path, passphrase)
    assert str(error.value).startswith(f"{path}: ")
    assert PASSPHRASE not in str(error.value)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_wrong_passphrase_is_said_to_be_wrong(made_by_openssh: Callable[..., Path]):
    path = made_by_openssh()
    for passphrase in ("wrong", "", "correct horse ", "x" * 1000, "\udcff"):
        assert "wrong passphrase" in refused(path, lambda given=passphrase: given)


def test_a_wrong_passphrase_is_said_to_be_wrong_under_an_authenticated_cipher_too(made_by_openssh: Callable[..., Path]):
    path = made_by_openssh("-t", "ed25519", "-Z", "aes256-gcm@openssh.com")
    assert "wrong passphrase" in refused(path, lambda: "wrong")


def test_a_key_without_a_passphrase_is_refused_with_what_to_do(made_by_openssh: Callable[..., Path]):
    path = made_by_openssh(passphrase="")
    assert refused(path).endswith(f"the key has no passphrase (set one with: ssh-keygen -p -f {path})")


def test_a_key_of_pkcs8_without_a_passphrase_is_refused(tmp_path: Path):
    path = tmp_path / "rita.pem"
    create_service_key(path)
    assert "the key has no passphrase" in refused(path)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("-t", "rsa", "-b", "2048"), id="RSA"),
        pytest.param(("-t", "rsa", "-b", "2048", "-m", "PEM"), id="RSA, old form"),
        pytest.param(("-t", "ecdsa"), id="ECDSA"),
    ],
)
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE], ids=["open", "encrypted"])
def test_a_key_of_another_kind_is_refused_before_the_passphrase_is_asked(
    made_by_openssh: Callable[..., Path], options: tuple[str, ...], passphrase: str
):
    path = made_by_openssh(*options, passphrase=passphrase)
    assert "is not an Ed25519 key (make one with: ssh-keygen -t ed25519)" in refused(path)


@pytest.mark.parametrize("encrypted", [False, True], ids=["open", "encrypted"])
def test_a_key_of_another_kind_in_pkcs8_is_refused(tmp_path: Path, encrypted: bool):
    path = tmp_path / "rita.pem"
    encryption = serialization.BestAvailableEncryption(PASSPHRASE.encode()) if encrypted else NoEncryption()
    for key in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())):
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        assert "is not an Ed25519 key" in refused(path, correct if encrypted else not_to_be_asked)


def test_a_cipher_that_is_not_known_here_is_named_as_such(made_by_openssh: Callable[..., Path], ssh_keygen: Callable):
    path = made_by_openssh("-t", "ed25519", "-Z", "chacha20-poly1305@openssh.com")
    assert "ssh-keygen -p -Z aes256-ctr" in refused(path, correct)


def test_a_public_key_in_place_of_the_private_one_is_refused(made_by_openssh: Callable[..., Path]):
    assert "is a public key (name the private one" in refused(made_by_openssh().with_suffix(".pub"))


def test_what_cannot_be_read_is_refused(tmp_path: Path):
    assert refused(tmp_path / "none").endswith("no such file")
    assert refused(tmp_path).endswith("is a folder, not a file")
    (tmp_path / "file").touch()
    assert "cannot be read" in refused(tmp_path / "file" / "below")
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe").endswith("is not a file")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    assert "larger than 65536 bytes" in refused(tmp_path / "large")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert "cannot be read" in refused(tmp_path / "s")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_key_that_may_not_be_read_is_refused(tmp_path: Path):
    (tmp_path / "rita").touch(mode=0)
    assert "cannot be read: Permission denied" in refused(tmp_path / "rita")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello\n",
        b"\x00\xff" * 100,
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n!\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + base64.b64encode(b"openssh-key-v2\0" + bytes(60)) + b"\n",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ],
)
def test_garbage_is_refused_before_the_passphrase_is_asked(tmp_path: Path, content: bytes):
    path = tmp_path / "rita"
    path.write_bytes(content)
    message = refused(path)
    assert "not a private key" in message or "cut off or damaged" in message


def test_a_file_of_pkcs8_that_is_cut_off_is_refused(tmp_path: Path):
    path = tmp_path / "rita"
    path.write_bytes(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    assert "the file is damaged" in refused(path, correct)


def test_a_key_cut_off_at_any_place_is_refused(tmp_path: Path):
    path = tmp_path / "rita"
    create_private_key(path, PASSPHRASE, "rita")
    content = path.read_bytes()
    for end in range(0, len(content) - len("\n-----END OPENSSH PRIVATE KEY-----\n"), 29):
        path.write_bytes(content[:end])
        refused(path, correct)


def test_a_private_key_does_not_print_itself(tmp_path: Path):
    key = PrivateKey.generate()
    assert repr(key) == "PrivateKey()"


# The service's key


def test_the_services_key_loads_and_is_its_owners_alone(tmp_path: Path):
    path = tmp_path / "keys" / "service.key"
    key = create_service_key(path)
    assert load_service_key(path).public == key.public
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    with pytest.raises(InputRefused, match="exists already and is never overwritten"):
        create_service_key(path)
    assert load_service_key(path).public == key.public


@pytest.mark.parametrize("open_to", [0o640, 0o604, 0o620, 0o666])
def test_a_services_key_that_others_can_reach_is_refused(tmp_path: Path, open_to: int):
    path = tmp_path / "service.key"
    create_service_key(path)
    path.chmod(open_to)
    with pytest.raises(InputRefused, match=f"is open to others .mode {open_to:o}, must be 600"):
        load_service_key(path)


def test_a_services_key_that_is_something_else_is_refused(tmp_path: Path):
    path = tmp_path / "service.key"
    create_private_key(path, PASSPHRASE, "")
    with pytest.raises(InputRefused, match="PKCS #8"):
        load_service_key(path)
    for content, problem in (
        (b"garbage", "PKCS #8"),
        (pkcs8(Ed25519PrivateKey.generate(), PASSPHRASE), "has a passphrase"),
        (pkcs8(rsa.generate_private_key(65537, 2048), ""), "is not an Ed25519 key"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputRefused, match=problem):
            load_service_key(path)


def pkcs8(key: Ed25519PrivateKey | rsa.RSAPrivateKey, passphrase: str) -> bytes:
    encryption = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
