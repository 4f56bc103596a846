"""Ed25519 keys: public ones as lines of OpenSSH, private ones in files.

A person's private key is a file that OpenSSH reads, under a passphrase; one that has none is refused. The
service's key has no passphrase, since nobody is there to type it, and is refused where others can read it.
A key that is not Ed25519 is refused everywhere: one kind, no choice of algorithm, nothing to downgrade.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sluicegate.errors import InputRefused
from sluicegate.signing.armor import MAKE_ONE, NOT_ED25519, is_encrypted, is_openssh
from sluicegate.signing.key_files import read_key_file, write_new_file
from sluicegate.signing.wire import KIND, Reader, string

LEAST_PASSPHRASE = 5
"""Characters; what `ssh-keygen` asks for, too."""

_RAW_BYTES = 32
_PRIME = 2**255 - 19
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# The y of the eight points of small order: under such a "key" anybody can make a signature that holds.
_SMALL_ORDER = {0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8}


@dataclass(frozen=True)
class PublicKey:
    """A public key; it always holds a good one."""

    line: str
    """``ssh-ed25519 AAAA…``, without a comment."""

    def __post_init__(self) -> None:
        if self.line != _line(_raw_bytes(self.line, "public key")):
            raise InputRefused("public key", "", "must be a kind and a key, nothing after them")

    @classmethod
    def parse(cls, text: str, where: str | Path) -> PublicKey:
        """The one public key in `text`, such as a ``.pub`` file holds; its comment is left out.

        Args:
            text: One line of OpenSSH.
            where: The file or the field that it is from, for the message.

        Raises:
            InputRefused: It is not one Ed25519 public key.
        """
        return cls(_line(_raw_bytes(text, where)))

    @property
    def blob(self) -> bytes:
        """The key as OpenSSH's formats hold it."""
        return base64.b64decode(self.line.split(" ")[1])

    @property
    def fingerprint(self) -> str:
        """``SHA256:…``, as ``ssh-keygen -l`` prints it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` (64 bytes) is this key's over `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.blob[-_RAW_BYTES:]).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """A private key in memory; it never prints itself."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> PrivateKey:
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def public(self) -> PublicKey:
        """Its public key."""
        return PublicKey(_line(self._key.public_key().public_bytes_raw()))

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`, 64 bytes."""
        return self._key.sign(message)


def load_private_key(path: Path, passphrase: Callable[[], str]) -> PrivateKey:
    """A person's key, from a file of OpenSSH or PKCS #8.

    Args:
        path: The file.
        passphrase: Asked only when the file is known to need one.

    Raises:
        InputRefused: It cannot be read, is not a private key, not Ed25519 or not encrypted, or the passphrase is wrong.
    """
    content = read_key_file(path)
    if not is_encrypted(content, path):
        raise InputRefused(path, "", "the key has no passphrase", f"set one with: ssh-keygen -p -f {path}")
    secret = passphrase().encode("utf-8", "surrogateescape")
    load = serialization.load_ssh_private_key if is_openssh(content) else serialization.load_pem_private_key
    try:
        key = load(content, secret)
    except (ValueError, TypeError, InvalidTag):
        raise InputRefused(path, "", "wrong passphrase, or the file is damaged") from None
    except UnsupportedAlgorithm:
        remedy = f"change it with: ssh-keygen -p -Z aes256-ctr -f {path}"
        raise InputRefused(path, "", "is encrypted with a cipher that is not known here", remedy) from None
    return _ed25519(key, path)


def create_private_key(path: Path, passphrase: str, comment: str) -> PublicKey:
    """Makes a person's key: an encrypted file of OpenSSH for its owner alone, and its public key in `path`.pub.

    Raises:
        InputRefused: One of the two files exists or cannot be written, the passphrase is too short, or
            the comment is more than one line.
    """
    beside = path.with_name(f"{path.name}.pub")
    if len(passphrase) < LEAST_PASSPHRASE:
        raise InputRefused(path, "passphrase", f"must have at least {LEAST_PASSPHRASE} characters")
    if not comment.isprintable():
        raise InputRefused(path, "comment", "must be one line of printable characters")
    if beside.exists():
        raise InputRefused(beside, "", "exists already and is never overwritten", "name another file")
    key = PrivateKey.generate()
    encryption = serialization.BestAvailableEncryption(passphrase.encode("utf-8", "surrogateescape"))
    write_new_file(path, _encoded(key, serialization.PrivateFormat.OpenSSH, encryption), mode=0o600)
    write_new_file(beside, f"{key.public.line} {comment}".strip().encode() + b"\n", mode=0o644)
    return key.public


def load_service_key(path: Path) -> PrivateKey:
    """The service's key, from a file of PKCS #8 that only its owner can read.

    Raises:
        InputRefused: It cannot be read, is open to others, encrypted, damaged, or not an Ed25519 key.
    """
    content = read_key_file(path, secret=True)
    try:
        return _ed25519(serialization.load_pem_private_key(content, None), path)
    except TypeError:
        raise InputRefused(path, "", "has a passphrase, which the service cannot type") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InputRefused(path, "", "is not a private key in PKCS #8, or is damaged") from None


def create_service_key(path: Path) -> PrivateKey:
    """Makes the service's key, for its owner alone.

    Raises:
        InputRefused: The file exists already, or cannot be written.
    """
    key = PrivateKey.generate()
    write_new_file(path, _encoded(key, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()), mode=0o600)
    return key


def _encoded(
    key: PrivateKey, form: serialization.PrivateFormat, encryption: serialization.KeySerializationEncryption
) -> bytes:
    return key._key.private_bytes(serialization.Encoding.PEM, form, encryption)


def _line(raw: bytes) -> str:
    return f"{KIND} {base64.b64encode(string(KIND.encode()) + string(raw)).decode()}"


def _raw_bytes(text: str, where: str | Path) -> bytes:
    """The 32 bytes of the public key in a line of OpenSSH."""
    lines = text.strip().split("\n")
    kind, encoded, *_ = [*lines[0].split(), "", ""]
    if "PRIVATE KEY" in lines[0]:
        raise InputRefused(where, "", "is a private key", "name the public one, which ends in .pub")
    if len(lines) > 1:
        raise InputRefused(where, "", f"must hold one public key on one line, not {len(lines)} lines")
    if kind != KIND:
        raise InputRefused(where, "", f"must be an Ed25519 public key, beginning with {KIND}", MAKE_ONE)
    try:
        reader = Reader(base64.b64decode(encoded, validate=True))
        inner, raw = reader.string(), reader.string()
        reader.end()
    except ValueError:
        raise InputRefused(where, "", "the public key is cut off or damaged") from None
    if inner != KIND.encode() or len(raw) != _RAW_BYTES:
        raise InputRefused(where, "", "the public key is cut off or damaged")
    if (int.from_bytes(raw, "little") & (2**255 - 1)) % _PRIME in _SMALL_ORDER:
        raise InputRefused(where, "", "the public key is one that anybody can sign for")
    return raw


def _ed25519(key: object, path: Path) -> PrivateKey:
    if not isinstance(key, Ed25519PrivateKey):
        raise InputRefused(path, "", NOT_ED25519, MAKE_ONE)
    return PrivateKey(key)
