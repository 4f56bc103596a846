"""One-time codes, against the test vectors of RFC 6287, Appendix C."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.errors import InputRefused
from sluicegate.signing.ocra import (
    SUITE,
    decision_code,
    matching_counter,
    ocra,
    open_sealed,
    reviewer_secret,
    seal,
)

DIGITS = b"1234567890" * 7
KEY_20, KEY_32, KEY_64 = DIGITS[:20], DIGITS[:32], DIGITS[:64]
PIN = hashlib.sha1(b"1234", usedforsecurity=False).digest()
TIME = 0x132D0B6
REPEATED = [str(digit) * 8 for digit in range(10)]

SECRET = bytes(range(32))
GATE = "5f" * 32
NOW = datetime(2026, 11, 22, 10, 3, 30, tzinfo=UTC)


def at(**ago: int) -> datetime:
    return NOW - timedelta(**ago)


def rows(*, suite: str, key: bytes, questions: list[str], codes: str, counted: bool = False, **inputs: object) -> list:
    """One case for each row of one of the RFC's tables."""
    cases = []
    for number, (question, code) in enumerate(zip(questions, codes.split(), strict=True)):
        given = inputs | ({"counter": number} if counted else {}) | {"question": question.encode()}
        cases.append(pytest.param(suite, key, given, code, id=f"{suite} {question} {number}"))
    return cases


ONE_WAY = [
    *rows(
        suite="OCRA-1:HOTP-SHA1-6:QN08",
        key=KEY_20,
        questions=REPEATED,
        codes="237653 243178 653583 740991 608993 388898 816933 224598 750600 294470",
    ),
    *rows(
        suite="OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1",
        key=KEY_32,
        questions=["12345678"] * 10,
        codes="65347737 86775851 78192410 71565254 10104329 65983500 70069104 91771096 75011558 08522129",
        counted=True,
        pin_hash=PIN,
    ),
    *rows(
        suite="OCRA-1:HOTP-SHA256-8:QN08-PSHA1",
        key=KEY_32,
        questions=REPEATED[:5],
        codes="83238735 01501458 17957585 86776967 86807031",
        pin_hash=PIN,
    ),
    *rows(
        suite="OCRA-1:HOTP-SHA512-8:C-QN08",
        key=KEY_64,
        questions=REPEATED,
        codes="07016083 63947962 70123924 25341727 33203315 34205738 44343969 51946085 20403879 31409299",
        counted=True,
    ),
    *rows(
        suite="OCRA-1:HOTP-SHA512-8:QN08-T1M",
        key=KEY_64,
        questions=REPEATED[:5],
        codes="95209754 55907591 22048402 24218844 36209546",
        timestamp=TIME,
    ),
]
CLIENT = [f"CLI2222{n}SRV1111{n}" for n in range(5)]
SERVER = [f"SRV1111{n}CLI2222{n}" for n in range(5)]
MUTUAL = [
    *rows(
        suite="OCRA-1:HOTP-SHA256-8:QA08",
        key=KEY_32,
        questions=CLIENT,
        codes="28247970 01984843 65387857 03351211 83412541",
    ),
    *rows(
        suite="OCRA-1:HOTP-SHA256-8:QA08",
        key=KEY_32,
        questions=SERVER,
        codes="15510767 90175646 33777207 95285278 28934924",
    ),
    *rows(
        suite="OCRA-1:HOTP-SHA512-8:QA08",
        key=KEY_64,
        questions=CLIENT,
        codes="79496648 76831980 12250499 90856481 12761449",
    ),
    *rows(
        suite="OCRA-1:HOTP-SHA512-8:QA08-PSHA1",
        key=KEY_64,
        questions=SERVER,
        codes="18806276 70020315 01600026 18951020 32528969",
        pin_hash=PIN,
    ),
]
SIGNATURES = [
    *rows(
        suite="OCRA-1:HOTP-SHA256-8:QA08",
        key=KEY_32,
        questions=[f"SIG1{n}000" for n in range(5)],
        codes="53095496 04110475 31331128 76028668 46554205",
    ),
    *rows(
        suite="OCRA-1:HOTP-SHA512-8:QA10-T1M",
        key=KEY_64,
        questions=[f"SIG1{n}00000" for n in range(5)],
        codes="77537423 31970405 10235557 95213541 65360607",
        timestamp=TIME,
    ),
]


@pytest.mark.parametrize(("suite", "key", "inputs", "code"), [*ONE_WAY, *MUTUAL, *SIGNATURES])
def test_every_vector_of_the_rfc_gives_its_code(suite: str, key: bytes, inputs: dict, code: str):
    assert ocra(suite, key, **inputs) == code


@pytest.mark.parametrize(
    ("suite", "inputs"),
    [
        pytest.param("OCRA-1:HOTP-MD5-6:QN08", {}, id="unknown hash"),
        pytest.param("OCRA-1:HOTP-SHA256-0:QN08", {}, id="not cut to digits"),
        pytest.param("OCRA-1:HOTP-SHA256-8:QH64-S064", {}, id="session information"),
        pytest.param(SUITE, {"counter": 1}, id="a time is missing"),
        pytest.param(SUITE, {"timestamp": 1}, id="a counter is missing"),
        pytest.param("OCRA-1:HOTP-SHA256-8:QH64", {"counter": 1}, id="a counter too many"),
        pytest.param("OCRA-1:HOTP-SHA256-8:QH64", {"question": b"0" * 258}, id="challenge of 129 bytes"),
    ],
)
def test_a_suite_that_does_not_fit_its_inputs_gives_no_code(suite: str, inputs: dict):
    with pytest.raises(ValueError, match="suite|challenge"):
        ocra(suite, KEY_32, **({"question": b"00"} | inputs))


def test_the_code_for_a_decision_is_the_suite_over_gate_and_decision_written_by_hand():
    challenge = hashlib.sha256(f'{{"decision":"approve","gate":"{GATE}"}}'.encode()).hexdigest()
    minute = int(NOW.timestamp()) // 60
    by_hand = ocra("OCRA-1:HOTP-SHA256-8:C-QH64-T1M", SECRET, counter=7, question=challenge.encode(), timestamp=minute)
    assert decision_code(SECRET, GATE, "approve", 7, NOW) == by_hand
    assert len(by_hand) == 8


@pytest.mark.parametrize(
    ("ago", "found"),
    [
        pytest.param({"seconds": 0}, 4, id="at once"),
        pytest.param({"minutes": 4}, 4, id="four minutes later"),
        pytest.param({"minutes": 5}, None, id="five minutes later"),
        pytest.param({"minutes": -1}, None, id="a minute before it was made"),
    ],
)
def test_a_code_holds_for_less_than_five_minutes(ago: dict, found: int | None):
    code = decision_code(SECRET, GATE, "approve", 4, at(**ago))
    assert matching_counter(SECRET, GATE, "approve", code, after=3, at=NOW) == found


@pytest.mark.parametrize(
    ("counter", "found"),
    [
        pytest.param(3, None, id="used"),
        pytest.param(2, None, id="before one that was used"),
        pytest.param(4, 4, id="the next"),
        pytest.param(13, 13, id="the last that is tried"),
        pytest.param(14, None, id="too far ahead"),
    ],
)
def test_a_code_holds_once_and_not_too_far_ahead(counter: int, found: int | None):
    code = decision_code(SECRET, GATE, "approve", counter, NOW)
    assert matching_counter(SECRET, GATE, "approve", code, after=3, at=NOW) == found


@pytest.mark.parametrize(
    ("secret", "gate", "decision"),
    [
        pytest.param(SECRET, GATE, "reject", id="the other decision"),
        pytest.param(SECRET, "6f" * 32, "approve", id="another gate"),
        pytest.param(bytes(32), GATE, "approve", id="another reviewer"),
    ],
)
def test_a_code_holds_for_what_it_was_made_for_alone(secret: bytes, gate: str, decision: str):
    code = decision_code(SECRET, GATE, "approve", 1, NOW)
    assert matching_counter(SECRET, GATE, "approve", code, after=0, at=NOW) == 1
    assert matching_counter(secret, gate, decision, code, after=0, at=NOW) is None


def test_a_code_may_be_typed_with_spaces():
    code = decision_code(SECRET, GATE, "approve", 1, NOW)
    assert matching_counter(SECRET, GATE, "approve", f" {code[:4]} {code[4:]}\n", after=0, at=NOW) == 1


@settings(max_examples=30)
@given(st.text())
def test_whatever_is_typed_in_place_of_a_code_matches_nothing(typed: str):
    assert matching_counter(SECRET, GATE, "approve", f"x{typed}", after=0, at=NOW) is None


def test_a_lone_surrogate_typed_in_place_of_a_code_matches_nothing():
    assert matching_counter(SECRET, GATE, "approve", "\udc80", after=0, at=NOW) is None


def test_a_time_without_a_zone_is_refused_since_it_would_mean_another_minute_elsewhere():
    with pytest.raises(ValueError, match="zone"):
        decision_code(SECRET, GATE, "approve", 1, NOW.replace(tzinfo=None))


def test_a_secret_belongs_to_one_reviewer_and_one_generation():
    secrets = {reviewer_secret(SECRET, who, generation) for who in ("rita", "ravi") for generation in (1, 2)}
    assert len(secrets) == 4
    assert reviewer_secret(SECRET, "rita", 1) in secrets
    assert all(len(secret) == 32 for secret in secrets)


def test_a_secret_is_the_hkdf_worked_by_hand():
    extracted = hmac_sha256(bytes(32), SECRET)
    info = b'{"generation":1,"purpose":"sluicegate-code","reviewer":"rita"}'
    assert reviewer_secret(SECRET, "rita", 1) == hmac_sha256(extracted, info + b"\x01")


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC as RFC 2104 writes it down."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


def test_a_sealed_secret_is_opened_with_its_passphrase():
    content = seal(SECRET, "correct horse")
    assert open_sealed(content, "correct horse") == SECRET
    assert seal(SECRET, "correct horse") != content
    assert SECRET not in content


@pytest.mark.parametrize(
    ("change", "passphrase", "problem"),
    [
        pytest.param({}, "wrong horse", "wrong passphrase", id="wrong passphrase"),
        pytest.param({"sealed": "AAAA"}, "correct horse", "wrong passphrase", id="cut off"),
        pytest.param({"nonce": ""}, "correct horse", "not known here", id="no nonce"),
        pytest.param({"n": 2**30}, "correct horse", "not known here", id="would fill the memory"),
        pytest.param({"n": 2}, "correct horse", "not known here", id="cheap to guess"),
        pytest.param({"sealed": None}, "correct horse", "not a file with a sealed secret", id="nothing in it"),
        pytest.param({"sealed": "é"}, "correct horse", "not a file with a sealed secret", id="not base64"),
    ],
)
def test_a_sealed_secret_that_was_changed_is_refused(change: dict, passphrase: str, problem: str):
    content = json.dumps(json.loads(seal(SECRET, "correct horse")) | change).encode()
    with pytest.raises(InputRefused, match=problem) as refused:
        open_sealed(content, passphrase, "rita.secret")
    assert str(refused.value).startswith("rita.secret: ")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"7", b"{}", b"[" * 100_000, b'["ab"]'])
def test_what_is_not_a_sealed_secret_is_refused(content: bytes):
    with pytest.raises(InputRefused, match="not a file with a sealed secret"):
        open_sealed(content, "correct horse")


def test_a_secret_is_not_sealed_under_next_to_nothing():
    with pytest.raises(InputRefused, match="at least 5 characters"):
        seal(SECRET, "1234")
