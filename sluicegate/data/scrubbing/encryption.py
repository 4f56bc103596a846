"""Finds that whoever has the key can restore: ``<PERSON:base64url>``.

AES-SIV, so the same find of the same type under the same key gives the same token: rows stay linkable, and
nothing has to be remembered. Whoever sees tokens learns which finds are alike and how long each is, and no more.

Source: RFC 5297 (synthetic initialization vector authenticated encryption using AES), RFC 5869 (HKDF).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 64
_TOKEN = re.compile(r"<([A-Z][A-Z0-9_]*):([A-Za-z0-9_-]{22,})>")  # 16 bytes of tag at least


@dataclass(frozen=True)
class Restored:
    """A text with its tokens opened."""

    text: str
    opened: int
    """Tokens that were restored."""
    closed: int
    """What looks like a token and does not open with this key; it stays as it is."""


class Cipher:
    """Encrypts and restores under a key that is derived from the secret for nothing else.

    Args:
        key: The secret.
    """

    def __init__(self, key: bytes) -> None:
        derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"sluicegate scrubbing encrypt").derive(key)
        self._aead = AESSIV(derived)

    def token(self, entity: str, find: str) -> str:
        """What is put in the place of `find`."""
        sealed = self._aead.encrypt(find.encode("utf-8", "surrogatepass") or b"\0", [entity.encode()])
        return f"<{entity}:{base64.urlsafe_b64encode(sealed).rstrip(b'=').decode()}>"

    def restore(self, text: str) -> Restored:
        """The text with every token of this key opened."""
        counts = {True: 0, False: 0}

        def opened(token: re.Match[str]) -> str:
            find = self._opened(token[1], token[2])
            counts[find is not None] += 1
            return token[0] if find is None else find

        restored = _TOKEN.sub(opened, text)
        return Restored(restored, counts[True], counts[False])

    def _opened(self, entity: str, sealed: str) -> str | None:
        try:
            raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            return self._aead.decrypt(raw, [entity.encode()]).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError, binascii.Error):
            return None


def restore(text: str, key: bytes) -> Restored:
    """The text with every token that was made under `key` opened."""
    return Cipher(key).restore(text)
