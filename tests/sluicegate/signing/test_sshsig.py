"""Signatures in OpenSSH's envelope: its own tool makes and checks the same ones."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.errors import InputRefused
from sluicegate.signing.keys import PrivateKey, PublicKey, load_private_key
from sluicegate.signing.sshsig import NAMESPACES, faults, message, sign

PASSPHRASE = "correct horse"
VALUE = {"gate": "5f" * 32, "decision": "approve", "reviewer": "rita", "reason": "Gut — 良い", "n": [1, 2.5, None]}
DECISION = "sluicegate-decision"
KEY = PrivateKey.generate()
SIGNATURE = sign(VALUE, KEY, DECISION)


def blob(signature: str) -> bytes:
    return base64.b64decode("".join(signature.split("\n")[1:-2]))


def armored(content: bytes) -> str:
    return f"-----BEGIN SSH SIGNATURE-----\n{base64.b64encode(content).decode()}\n-----END SSH SIGNATURE-----\n"


def test_what_is_signed_is_the_canonical_json_written_by_hand():
    assert message({"b": 2, "a": "é"}) == '{"a":"é","b":2}'.encode()


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_signature_holds_for_its_value_key_and_namespace(namespace: str):
    signature = sign(VALUE, KEY, namespace)
    assert faults(VALUE, signature, KEY.public, namespace) == ""
    assert faults(dict(reversed(VALUE.items())), signature, KEY.public, namespace) == ""


def test_openssh_accepts_a_signature_that_was_made_here(tmp_path: Path, ssh_keygen: Callable):
    (tmp_path / "signature").write_text(SIGNATURE)
    (tmp_path / "allowed").write_text(f'rita namespaces="{DECISION}" {KEY.public.line}\n')
    verify = ["-Y", "verify", "-f", tmp_path / "allowed", "-I", "rita", "-s", tmp_path / "signature"]
    checked = ssh_keygen(*verify, "-n", DECISION, given=message(VALUE).decode())
    assert (checked.returncode, checked.stderr) == (0, "")
    assert KEY.public.fingerprint in checked.stdout
    assert ssh_keygen(*verify, "-n", DECISION, given=message(VALUE).decode() + " ").returncode != 0
    assert ssh_keygen(*verify, "-n", "sluicegate-order", given=message(VALUE).decode()).returncode != 0


def test_a_signature_that_openssh_made_holds_here(
    tmp_path: Path, made_by_openssh: Callable[..., Path], ssh_keygen: Callable
):
    path = made_by_openssh(passphrase="")  # it asks for one at a terminal only
    (tmp_path / "message").write_bytes(message(VALUE))
    assert ssh_keygen("-Y", "sign", "-f", path, "-n", DECISION, tmp_path / "message").returncode == 0
    signature = (tmp_path / "message.sig").read_text()
    public = PublicKey.parse(path.with_suffix(".pub").read_text(), path)
    assert faults(VALUE, signature, public, DECISION) == ""
    assert faults(VALUE, signature, KEY.public, DECISION) != ""


def test_the_text_is_what_openssh_writes_for_the_same_key(
    tmp_path: Path, made_by_openssh: Callable[..., Path], ssh_keygen: Callable
):
    path = made_by_openssh()
    key = load_private_key(path, lambda: PASSPHRASE)
    assert ssh_keygen("-p", "-P", PASSPHRASE, "-N", "", "-f", path).returncode == 0
    (tmp_path / "message").write_bytes(message(VALUE))
    ssh_keygen("-Y", "sign", "-f", path, "-n", DECISION, tmp_path / "message")
    assert (tmp_path / "message.sig").read_text() == sign(VALUE, key, DECISION)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param(("-O", "hashalg=sha256"), "must use sha512", id="another hash"),
        pytest.param(("-t", "rsa", "-b", "2048"), "not of an Ed25519 key", id="RSA"),
    ],
)
def test_a_signature_of_openssh_by_other_means_is_refused(
    tmp_path: Path, made_by_openssh: Callable[..., Path], ssh_keygen: Callable, options: tuple[str, ...], problem: str
):
    kind, how = (options, ()) if options[0] == "-t" else (("-t", "ed25519"), options)
    path = made_by_openssh(*kind, passphrase="")
    (tmp_path / "message").write_bytes(message(VALUE))
    assert ssh_keygen("-Y", "sign", "-f", path, "-n", DECISION, *how, tmp_path / "message").returncode == 0
    assert problem in faults(VALUE, (tmp_path / "message.sig").read_text(), KEY.public, DECISION)


@pytest.mark.parametrize(
    ("value", "signature", "key", "namespace", "problem"),
    [
        pytest.param(VALUE | {"decision": "reject"}, SIGNATURE, KEY, DECISION, "over something else", id="other value"),
        pytest.param(VALUE, SIGNATURE, KEY, "sluicegate-roster", "is for sluicegate-decision, not", id="namespace"),
        pytest.param(VALUE, SIGNATURE, PrivateKey.generate(), DECISION, "of another key than SHA256:", id="key"),
        pytest.param({"n": float("nan")}, SIGNATURE, KEY, DECISION, "not JSON", id="not JSON"),
        pytest.param(VALUE, "", KEY, DECISION, "cannot be read", id="empty"),
        pytest.param(VALUE, None, KEY, DECISION, "cannot be read", id="none"),
        pytest.param(VALUE, 7, KEY, DECISION, "cannot be read", id="a number"),
        pytest.param(VALUE, "hello", KEY, DECISION, "cannot be read", id="garbage"),
        pytest.param(VALUE, SIGNATURE * 2, KEY, DECISION, "cannot be read", id="two signatures"),
        pytest.param(VALUE, " " * 1_000_000, KEY, DECISION, "not a text of at most", id="a large one"),
        pytest.param(VALUE, armored(blob(SIGNATURE) + b"\0"), KEY, DECISION, "something else", id="something after it"),
        pytest.param(VALUE, armored(b"SSHSIG\0\0\0\2"), KEY, DECISION, "version 1", id="another version"),
        pytest.param(VALUE, armored(blob(SIGNATURE)[:-1]), KEY, DECISION, "cut off", id="a byte short"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused_with_the_reason(
    value: dict, signature: object, key: PrivateKey, namespace: str, problem: str
):
    fault = faults(value, signature, key.public, namespace)
    assert problem in fault
    assert "\n" not in fault


def test_a_signature_claimed_for_another_namespace_does_not_hold_there():
    moved = blob(SIGNATURE).replace(b"sluicegate-decision", b"sluicegate-decisiom")
    assert "is for something else" in faults(VALUE, armored(moved), KEY.public, DECISION)
    back = sign(VALUE, KEY, "sluicegate-roster")
    relabelled = blob(back).replace(b"\0\0\0\x11sluicegate-roster", b"\0\0\0\x13sluicegate-decision")
    assert faults(VALUE, armored(relabelled), KEY.public, DECISION) == "the signature is over something else"


def test_a_signature_claimed_by_another_key_does_not_hold_for_it():
    other = PrivateKey.generate().public
    mine, theirs = (base64.b64decode(key.line.split()[1]) for key in (KEY.public, other))
    claimed = armored(blob(SIGNATURE).replace(mine, theirs))
    assert faults(VALUE, claimed, other, DECISION) == "the signature is over something else"


def test_a_name_in_a_signature_is_never_shown_when_it_is_not_ours():
    escape = blob(SIGNATURE).replace(b"sluicegate-decision", b"\x1b[2Jluicegate-decisi"[:19])
    assert "\x1b" not in faults(VALUE, armored(escape), KEY.public, DECISION)


def test_a_signature_with_something_in_the_field_that_must_be_empty_is_refused():
    filled = re.sub(b"decision\0\0\0\0", b"decision\0\0\0\2hi", blob(SIGNATURE))
    assert "must be empty" in faults(VALUE, armored(filled), KEY.public, DECISION)


def test_a_signature_with_something_after_it_inside_the_envelope_is_refused():
    longer = blob(SIGNATURE)[: -(4 + 83)] + (84).to_bytes(4, "big") + blob(SIGNATURE)[-83:] + b"!"
    assert "followed by something else" in faults(VALUE, armored(longer), KEY.public, DECISION)


def test_a_signature_cut_off_at_any_byte_does_not_hold():
    whole = blob(SIGNATURE)
    for end in range(len(whole)):
        assert faults(VALUE, armored(whole[:end]), KEY.public, DECISION) != ""
    for end in range(len(SIGNATURE) - 1):
        assert faults(VALUE, SIGNATURE[:end], KEY.public, DECISION) != ""


def test_a_signature_with_any_bit_changed_does_not_hold():
    whole = blob(SIGNATURE)
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        assert faults(VALUE, armored(changed), KEY.public, DECISION) != ""


@settings(max_examples=200)
@given(st.one_of(st.text(), st.binary().map(armored), st.none(), st.integers(), st.binary()))
def test_whatever_is_given_as_a_signature_gets_an_answer(signature: object):
    assert faults(VALUE, signature, KEY.public, DECISION).startswith("the signature cannot be read: ")


def deep() -> list:
    value: list = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("inf"), id="infinity"),
        pytest.param({1: 2}, id="a key that is no text"),
        pytest.param({"\ud800": 1}, id="half a character as a key"),
        pytest.param("\ud800", id="half a character"),
        pytest.param(2**60, id="a large number"),
        pytest.param(10**5000, id="a huge number"),
        pytest.param(object(), id="an object"),
        pytest.param(deep(), id="too deep"),
    ],
)
def test_what_is_not_json_is_neither_signed_nor_accepted(value: object):
    assert faults(value, SIGNATURE, KEY.public, DECISION) == "what is signed is not JSON"
    with pytest.raises(InputRefused, match="what is signed is not JSON"):
        sign(value, KEY, DECISION)


def test_nothing_is_signed_for_a_purpose_that_is_not_ours():
    with pytest.raises(InputRefused, match="namespace: must be one of"):
        sign(VALUE, KEY, "git")


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8")), st.one_of(st.text(st.characters(codec="utf-8")), st.booleans())
    )
)
def test_every_value_that_is_signed_verifies(value: dict):
    assert faults(value, sign(value, KEY, DECISION), KEY.public, DECISION) == ""
