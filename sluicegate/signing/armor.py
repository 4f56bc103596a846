"""What a private key's file is, as far as it can be told without its passphrase.

Nobody is asked for a passphrase that cannot help: of a key of another kind, of a public key, of no key.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sluicegate.errors import InputRefused
from sluicegate.signing.wire import KIND, Reader

NOT_ED25519 = "is not an Ed25519 key"
MAKE_ONE = "make one with: ssh-keygen -t ed25519"

_OPENSSH = b"OPENSSH PRIVATE KEY"
_MAGIC = b"openssh-key-v1\0"
_DAMAGED = "the private key is cut off or damaged"


def is_openssh(content: bytes) -> bool:
    """Whether the file says that it holds OpenSSH's own form."""
    return _label(content) == _OPENSSH


def is_encrypted(content: bytes, path: Path) -> bool:
    """Whether a private key's file is under a passphrase.

    Raises:
        InputRefused: It holds no private key, or one that is seen to be of a kind other than Ed25519.
    """
    label = _label(content)
    if label == b"ENCRYPTED PRIVATE KEY":
        return True  # of which kind, only the passphrase will show
    if label == _OPENSSH:
        return _cipher(content, path) != b"none"
    if label == b"PRIVATE KEY":
        _require_ed25519(content, path)
        return False
    if label.endswith(b"PRIVATE KEY"):
        raise InputRefused(path, "", NOT_ED25519, MAKE_ONE)
    if label.endswith(b"PUBLIC KEY") or re.match(rb"\s*(sk-)?(ssh|ecdsa)-", content):
        raise InputRefused(path, "", "is a public key", "name the private one, which stays on this machine")
    raise InputRefused(path, "", "is not a private key of OpenSSH or PKCS #8", MAKE_ONE)


def _label(content: bytes) -> bytes:
    """What the first armor in the file says it holds; empty if there is none."""
    found = re.search(rb"-----BEGIN ([A-Z0-9 ]{1,64})-----", content)
    return found.group(1) if found else b""


def _cipher(content: bytes, path: Path) -> bytes:
    """The cipher that an OpenSSH file names in its open part, where the kind of the key stands too."""
    try:
        body = content.split(_OPENSSH + b"-----", 1)[1].split(b"-----END", 1)[0]
        reader = Reader(base64.b64decode(body))
        magic, cipher = reader.take(len(_MAGIC)), reader.string()
        reader.string()  # how a passphrase becomes a key
        reader.string()  # with which salt, in how many rounds
        reader.number()  # of keys in the file
        kind = Reader(reader.string()).string()
    except ValueError:
        raise InputRefused(path, "", _DAMAGED) from None
    if magic != _MAGIC:
        raise InputRefused(path, "", _DAMAGED)
    if kind != KIND.encode():
        raise InputRefused(path, "", NOT_ED25519, MAKE_ONE)
    return cipher


def _require_ed25519(content: bytes, path: Path) -> None:
    try:
        key = load_pem_private_key(content, None)
    except (ValueError, UnsupportedAlgorithm):
        raise InputRefused(path, "", _DAMAGED) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputRefused(path, "", NOT_ED25519, MAKE_ONE)
