"""Signatures of people over JSON values, in OpenSSH's envelope, so that `ssh-keygen -Y verify` can check them.

What is signed is the canonical JSON (RFC 8785) of the value, under a namespace that says what it is for: a
signature given for a decision is worth nothing as one over a roster. Ed25519 and SHA-512 only, and
nothing in an envelope that is not checked. Two texts may still be one signature (line breaks differ): what
must count once is known by what was signed, never by the text of its signature.

Source: OpenSSH, PROTOCOL.sshsig.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import rfc8785

from sluicegate.errors import InputRefused
from sluicegate.signing.keys import PrivateKey, PublicKey
from sluicegate.signing.wire import KIND, Reader, string

NAMESPACES = (
    "sluicegate-decision",
    "sluicegate-order",
    "sluicegate-roster",
    "sluicegate-start",
    "sluicegate-checkpoint",
)
"""What a signature can be for."""

_MAGIC = b"SSHSIG"
_VERSION = 1
_HASH = b"sha512"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_COLUMNS = 70
_MOST_CHARACTERS = 4096


def message(value: Any) -> bytes:
    """What is signed: the canonical JSON of `value`; the file to give to ``ssh-keygen -Y``.

    Raises:
        InputRefused: The value is not JSON.
    """
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError):
        raise InputRefused("signature", "", "what is signed is not JSON") from None


def sign(value: Any, key: PrivateKey, namespace: str) -> str:
    """The armored signature over `value`.

    Args:
        value: A JSON value.
        key: Whose signature it is.
        namespace: What it is for, one of `NAMESPACES`.

    Raises:
        InputRefused: The value is not JSON, or the namespace is none of ours.
    """
    if namespace not in NAMESPACES:
        raise InputRefused("signature", "namespace", f"must be one of {', '.join(NAMESPACES)}")
    signature = key.sign(_signed_bytes(value, namespace))
    parts = (
        _MAGIC + _VERSION.to_bytes(4, "big"),
        string(key.public.blob),
        string(namespace.encode()),
        string(b""),
        string(_HASH),
        string(string(KIND.encode()) + string(signature)),
    )
    text = base64.b64encode(b"".join(parts)).decode()
    lines = (text[start : start + _COLUMNS] for start in range(0, len(text), _COLUMNS))
    return "\n".join((_BEGIN, *lines, _END, ""))


def faults(value: Any, signature: Any, key: PublicKey, namespace: str) -> str:
    """Why `signature` is not `key`'s over `value` under `namespace`; empty if it is.

    Whatever is given as `value` and `signature`, it answers and never raises.
    """
    try:
        envelope = _Envelope.read(signature)
    except ValueError as error:
        return f"the signature cannot be read: {error}"
    try:
        signed = _signed_bytes(value, namespace)
    except InputRefused as error:
        return error.problem
    if envelope.namespace != namespace.encode():
        known = envelope.namespace.decode("ascii", "replace")
        return f"the signature is for {known if known in NAMESPACES else 'something else'}, not for {namespace}"
    if envelope.hash != _HASH:
        return "the signature must use sha512"
    if envelope.public_key != key.blob:
        return f"the signature is of another key than {key.fingerprint}"
    if not key.verifies(envelope.signature, signed):
        return "the signature is over something else"
    return ""


def _signed_bytes(value: Any, namespace: str) -> bytes:
    """What the key signs: the namespace and the hash of the message, so neither can be exchanged."""
    digest = hashlib.sha512(message(value)).digest()
    return _MAGIC + string(namespace.encode()) + string(b"") + string(_HASH) + string(digest)


@dataclass(frozen=True)
class _Envelope:
    """What an armored signature says of itself; nothing in it is to be believed before it is verified."""

    public_key: bytes
    namespace: bytes
    hash: bytes
    signature: bytes

    @classmethod
    def read(cls, text: Any) -> _Envelope:
        """The envelope in `text`.

        Raises:
            ValueError: It is not one, is cut off, or has something after it.
        """
        reader = Reader(_unarmored(text))
        if reader.take(len(_MAGIC)) != _MAGIC or reader.number() != _VERSION:
            raise ValueError("not version 1 of OpenSSH's format")
        public_key, namespace, reserved, hash_ = (reader.string() for _ in range(4))
        inner = Reader(reader.string())
        reader.end()
        kind, signature = inner.string(), inner.string()
        inner.end()
        if reserved:
            raise ValueError("a field that must be empty is not")
        if kind != KIND.encode():
            raise ValueError("it is not of an Ed25519 key")
        return cls(public_key, namespace, hash_, signature)


def _unarmored(text: Any) -> bytes:
    if not isinstance(text, str) or len(text) > _MOST_CHARACTERS:
        raise ValueError(f"not a text of at most {_MOST_CHARACTERS} characters")
    armored = text.strip()
    if not (armored.startswith(_BEGIN) and armored.endswith(_END)):
        raise ValueError(f"it does not begin with {_BEGIN} and end with {_END}")
    body = armored.removeprefix(_BEGIN).removesuffix(_END)
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except ValueError:
        raise ValueError("it is cut off or damaged") from None
