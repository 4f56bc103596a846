"""One-time codes: what a reviewer types into a form to show that the holder of a secret was there.

A code is derived from the gate, the decision, a counter and the minute, so it serves for one decision at
one gate, once, for a few minutes. Reviewer and service hold the same secret: a code proves something to
the service, and nothing to anybody else.

Source: RFC 6287, OCRA: OATH Challenge-Response Algorithm.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sluicegate.errors import InputRefused
from sluicegate.manifest import digest_of_value
from sluicegate.signing.keys import LEAST_PASSPHRASE

SUITE = "OCRA-1:HOTP-SHA256-8:C-QH64-T1M"
"""HMAC-SHA-256, eight digits; over a counter, a challenge of 64 hexadecimal digits, and the minute."""

_SUITE = re.compile(
    r"OCRA-1:HOTP-SHA(?P<hash>1|256|512)-(?P<digits>[4-9]|10)"
    r":(?P<counter>C-)?Q(?P<form>[ANH])(?P<length>\d\d)(?P<pin>-PSHA(1|256|512))?(?P<time>-T\d{1,2}[SMH])?"
)
_CHALLENGE_BYTES = 128
_SECRET_BYTES = 32
_STEP_S = 60
_SEALED: dict[str, Any] = {"format": 1, "kdf": "scrypt", "n": 2**17, "r": 8, "p": 1, "cipher": "AES-256-GCM"}


def ocra(
    suite: str,
    key: bytes,
    *,
    counter: int | None = None,
    question: bytes = b"",
    pin_hash: bytes = b"",
    timestamp: int | None = None,
) -> str:
    """The code of RFC 6287, section 5.

    Args:
        suite: For example `SUITE`; without session information, and with at least 4 digits.
        key: The shared secret.
        counter: Where the suite has a C.
        question: The challenge as its digits or letters in ASCII.
        pin_hash: Where the suite has a P.
        timestamp: Where the suite has a T; whole time steps since 1970.

    Raises:
        ValueError: The suite is not one of these, or what it names was not given.
    """
    parts = _SUITE.fullmatch(suite)
    if not parts:
        raise ValueError(f"suite {suite!r} is not known")
    given = (counter is not None, bool(pin_hash), timestamp is not None)
    if given != (bool(parts["counter"]), bool(parts["pin"]), bool(parts["time"])):
        raise ValueError(f"suite {suite!r} and what was given for it do not match")
    data = suite.encode() + b"\0"
    data += b"" if counter is None else counter.to_bytes(8, "big")
    data += _challenge(question.decode("ascii"), parts["form"]) + pin_hash
    data += b"" if timestamp is None else timestamp.to_bytes(8, "big")
    digest = hmac.digest(key, data, f"sha{parts['hash']}")
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    digits = int(parts["digits"])
    return f"{number % 10**digits:0{digits}d}"


def _challenge(question: str, form: str) -> bytes:
    """A challenge in its 128 bytes: letters as they are, numbers as hexadecimal digits; zeros after them."""
    if form == "A":
        content = question.encode("ascii")
    else:
        digits = f"{int(question):x}" if form == "N" else question
        content = bytes.fromhex(digits + "0" * (len(digits) % 2))
    if len(content) > _CHALLENGE_BYTES:
        raise ValueError(f"the challenge is longer than {_CHALLENGE_BYTES} bytes")
    return content.ljust(_CHALLENGE_BYTES, b"\0")


def decision_code(secret: bytes, gate_id: str, decision: str, counter: int, at: datetime) -> str:
    """The eight digits that stand for this decision at this gate, for this counter and the minute of `at`."""
    return _code(secret, _question(gate_id, decision), counter, _step(at))


def matching_counter(
    secret: bytes,
    gate_id: str,
    decision: str,
    code: str,
    *,
    after: int,
    at: datetime,
    window: int = 10,
    minutes: int = 5,
) -> int | None:
    """The counter that `code` was made with; None if it is not a code for this decision at this gate now.

    All candidates are compared, so the time taken says nothing about how near a guess was.

    Args:
        secret: The reviewer's.
        gate_id: The gate that it is given for.
        decision: What it is given for.
        code: What was typed; spaces in it mean nothing.
        after: The last counter that was used; it and those before it are never accepted again.
        at: Now.
        window: How many counters ahead are tried, for codes that were made and not used.
        minutes: For how many minutes after its own a code holds.
    """
    typed = "".join(code.split()).encode("utf-8", "replace")
    question, step = _question(gate_id, decision), _step(at)
    found = None
    for counter in range(after + 1, after + window + 1):
        for ago in range(minutes):
            same = hmac.compare_digest(_code(secret, question, counter, step - ago).encode(), typed)
            found = counter if same and found is None else found
    return found


def reviewer_secret(master: bytes, reviewer: str, generation: int) -> bytes:
    """A reviewer's secret, 32 bytes, derived from the service's; a new generation makes the old one worthless.

    Source: RFC 5869, HKDF.
    """
    purpose: dict[str, Any] = {"purpose": "sluicegate-code", "reviewer": reviewer, "generation": generation}
    return HKDF(SHA256(), _SECRET_BYTES, salt=None, info=rfc8785.dumps(purpose)).derive(master)


def seal(secret: bytes, passphrase: str) -> bytes:
    """A file that holds `secret` under a passphrase, to be handed to its reviewer.

    Raises:
        InputRefused: The passphrase is too short.

    Source: RFC 7914, scrypt.
    """
    if len(passphrase) < LEAST_PASSPHRASE:
        raise InputRefused("sealed secret", "passphrase", f"must have at least {LEAST_PASSPHRASE} characters")
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, secret, rfc8785.dumps(_SEALED))
    values = {"salt": salt, "nonce": nonce, "sealed": sealed}
    encoded = {name: base64.b64encode(value).decode() for name, value in values.items()}
    return json.dumps(_SEALED | encoded, indent=2).encode() + b"\n"


def open_sealed(content: bytes, passphrase: str, where: str | Path = "sealed secret") -> bytes:
    """The secret that `seal` put into a file.

    Raises:
        InputRefused: It is not such a file, or the passphrase is wrong.
    """
    try:
        held: dict[str, Any] = dict(json.loads(content))
        salt, nonce, sealed = (base64.b64decode(held.pop(name), validate=True) for name in ("salt", "nonce", "sealed"))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputRefused(where, "", "is not a file with a sealed secret") from None
    if held != _SEALED or len(nonce) != 12:
        raise InputRefused(where, "", "is sealed in a way that is not known here")
    try:
        return AESGCM(_stretched(passphrase, salt)).decrypt(nonce, sealed, rfc8785.dumps(_SEALED))
    except InvalidTag:
        raise InputRefused(where, "", "wrong passphrase, or the file is damaged") from None


def _question(gate_id: str, decision: str) -> bytes:
    return digest_of_value({"gate": gate_id, "decision": decision}).encode()


def _code(secret: bytes, question: bytes, counter: int, step: int) -> str:
    return ocra(SUITE, secret, counter=counter, question=question, timestamp=step)


def _step(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return int(at.timestamp()) // _STEP_S


def _stretched(passphrase: str, salt: bytes) -> bytes:
    scrypt = Scrypt(salt=salt, length=32, n=_SEALED["n"], r=_SEALED["r"], p=_SEALED["p"])
    return scrypt.derive(passphrase.encode("utf-8", "surrogateescape"))
