"""Public keys: read strictly, and only those that mean something."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.errors import InputRefused
from sluicegate.signing.keys import PrivateKey, PublicKey

# RFC 8032, section 7.1, test 2: a public key, a message of one byte, its signature.
RFC_PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
RFC_MESSAGE = b"\x72"
RFC_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def line(raw: bytes, kind: bytes = b"ssh-ed25519") -> str:
    """A public key's line, put together by hand."""
    blob = len(kind).to_bytes(4, "big") + kind + len(raw).to_bytes(4, "big") + raw
    return f"{kind.decode()} {base64.b64encode(blob).decode()}"


def test_a_public_key_verifies_the_vector_of_the_rfc_and_nothing_else():
    key = PublicKey.parse(line(RFC_PUBLIC), "rfc")
    assert key.verifies(RFC_SIGNATURE, RFC_MESSAGE)
    assert not key.verifies(RFC_SIGNATURE, b"\x73")
    assert not key.verifies(RFC_SIGNATURE[:-1], RFC_MESSAGE)
    assert not key.verifies(b"", RFC_MESSAGE)
    assert not PrivateKey.generate().public.verifies(RFC_SIGNATURE, RFC_MESSAGE)


@pytest.mark.parametrize("after", ["", "\n", " rita", "\trita", " rita@desk of hers\r\n"])
def test_a_public_key_is_known_by_its_line_without_the_comment(after: str):
    assert PublicKey.parse(line(RFC_PUBLIC) + after, "rita.pub") == PublicKey(line(RFC_PUBLIC))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "must be an Ed25519 public key", id="empty"),
        pytest.param("hello there", "must be an Ed25519 public key", id="garbage"),
        pytest.param("ssh-rsa AAAAB3NzaC1yc2E= rita", "must be an Ed25519 public key", id="RSA"),
        pytest.param("ssh-ed25519", "cut off or damaged", id="the kind alone"),
        pytest.param("ssh-ed25519 é", "cut off or damaged", id="not base64"),
        pytest.param(line(RFC_PUBLIC)[:-4], "cut off or damaged", id="cut off"),
        pytest.param(line(RFC_PUBLIC[:31]), "cut off or damaged", id="a byte too short"),
        pytest.param(line(RFC_PUBLIC + b"\0"), "cut off or damaged", id="a byte too long"),
        pytest.param(line(RFC_PUBLIC) + "AAAA", "cut off or damaged", id="something after it"),
        pytest.param(
            f"ssh-ed25519 {line(RFC_PUBLIC, b'ssh-ed25518').split()[1]}", "cut off or damaged", id="other kind"
        ),
        pytest.param(f"{line(RFC_PUBLIC)}\n{line(RFC_PUBLIC)}", "on one line, not 2", id="two keys"),
        pytest.param("-----BEGIN OPENSSH PRIVATE KEY-----\nAA", "is a private key", id="the private one"),
    ],
)
def test_what_is_not_one_ed25519_public_key_is_refused_in_one_line(text: str, problem: str):
    with pytest.raises(InputRefused, match=problem) as refused:
        PublicKey.parse(text, "rita.pub")
    assert str(refused.value).startswith("rita.pub: ")
    assert "\n" not in str(refused.value)


@settings(max_examples=200)
@given(st.text())
def test_no_text_makes_parsing_fail_in_another_way(text: str):
    for given_text in (text, f"ssh-ed25519 {text}"):
        with pytest.raises(InputRefused):
            PublicKey.parse(given_text, "rita.pub")


def test_a_public_key_cannot_be_made_of_anything_but_its_line():
    for text in ("garbage", f"{line(RFC_PUBLIC)} comment", f" {line(RFC_PUBLIC)}"):
        with pytest.raises(InputRefused):
            PublicKey(text)


@pytest.mark.parametrize(
    "y",
    [
        pytest.param(1, id="order 1"),
        pytest.param(2**255 - 20, id="order 2"),
        pytest.param(0, id="order 4"),
        pytest.param(2**255 - 19, id="order 4, written another way"),
        pytest.param(2**255 + 1, id="order 1, other sign"),
        pytest.param(int.from_bytes(bytes.fromhex(
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"), id="order 8"),
        pytest.param(int.from_bytes(bytes.fromhex(
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"), id="order 8, the other"),
    ],
)  # fmt: skip
def test_a_public_key_under_which_anybody_can_sign_is_refused(y: int):
    with pytest.raises(InputRefused, match="anybody can sign for"):
        PublicKey.parse(line(y.to_bytes(32, "little")), "roster")


def test_under_such_a_key_a_signature_that_nobody_made_would_hold():
    identity = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(identity).verify(identity + bytes(32), b"whatever")  # does not raise


def test_the_fingerprint_is_what_openssh_prints(made_by_openssh: Callable[..., Path], ssh_keygen: Callable):
    public = made_by_openssh().with_suffix(".pub")
    printed = ssh_keygen("-l", "-f", public).stdout
    assert printed.split()[1] == PublicKey.parse(public.read_text(), public).fingerprint
