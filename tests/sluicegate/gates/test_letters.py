"""Letters: what is signed on its way to the ledger, and files that are none."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.errors import InputRefused
from sluicegate.gates.letters import LARGEST_BYTES, NAMESPACES, Letter, Subject
from sluicegate.gates.reasons import printable
from sluicegate.signing import sshsig
from tests.people import person

RITA, RAVI = person("rita"), person("ravi")
STATEMENT = {"gate": "ab" * 32, "decision": "approve", "reviewer": "rita", "reason": "Größe passt.", "time": "now"}


def test_a_letter_survives_the_way_through_a_file(tmp_path: Path) -> None:
    letter = Letter(subject="decision", statement=STATEMENT, code="1234 5678").signed("rita", RITA.key)
    path = tmp_path / "letter.json"
    path.write_text(letter.to_text(), encoding="utf-8")
    assert Letter.read(path) == letter


@pytest.mark.parametrize("subject", ["decision", "order", "roster"])
def test_a_signature_is_for_what_the_letter_is_about(subject: Subject) -> None:
    (one,) = Letter(subject=subject, statement=STATEMENT).signed("rita", RITA.key).signatures
    for other, namespace in NAMESPACES.items():
        fault = sshsig.faults(STATEMENT, one.signature, RITA.key.public, namespace)
        assert (fault == "") == (other == subject)


def test_signing_again_takes_the_place_of_the_older_signature_and_of_nobody_elses() -> None:
    once = Letter(subject="roster", statement=STATEMENT).signed("rita", RITA.key).signed("ravi", RAVI.key)
    twice = once.signed("rita", RAVI.key)
    assert [one.by for one in once.signatures] == ["rita", "ravi"]
    assert [one.by for one in twice.signatures] == ["ravi", "rita"]
    assert twice.signatures[1] != once.signatures[0]


GOOD = {"subject": "decision", "statement": STATEMENT}
MALFORMED = [
    pytest.param("", "is not a letter", id="empty"),
    pytest.param("approve", "is not a letter", id="no JSON"),
    pytest.param("[]", "is not a letter", id="a list"),
    pytest.param("null", "is not a letter", id="null"),
    pytest.param("[" * 100_000, "is not a letter", id="deep"),
    pytest.param('{"a": "' + "x" * LARGEST_BYTES + '"}', "is not a letter", id="too large"),
    pytest.param("{}", "subject: is missing", id="nothing in it"),
    pytest.param(json.dumps(GOOD)[:-1] + ', "statement": {"gate": "a"}}', "is not a letter", id="a key twice"),
    pytest.param(json.dumps(GOOD | {"subject": "wish"}), "subject: input should be 'decision'", id="another subject"),
    pytest.param(json.dumps(GOOD | {"statement": {}}), "statement", id="nothing said"),
    pytest.param(json.dumps(GOOD | {"statement": {"gate": 5}}), "statement.gate", id="a number"),
    pytest.param(json.dumps(GOOD | {"statement": ["gate"]}), "statement", id="no mapping"),
    pytest.param(json.dumps(GOOD | {"signatures": [{"by": "rita"}]}), "signatures.0.signature: is missing", id="half"),
    pytest.param(json.dumps(GOOD | {"signatures": "rita"}), "signatures", id="no signatures"),
    pytest.param(json.dumps(GOOD | {"code": 12345678}), "code", id="code as a number"),
    pytest.param(json.dumps(GOOD | {"trusted": True}), "trusted: is not a key that is known here", id="unknown key"),
    pytest.param(json.dumps(GOOD | {"\x1b[2J\x1b[31m": 1}), "is not a key", id="terminal escape"),
    pytest.param(json.dumps(GOOD | {"x" * 9000: 1}), "is not a key", id="long key"),
]


@pytest.mark.parametrize(("text", "said"), MALFORMED)
def test_a_malformed_file_gets_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "letter.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused) as refusal:
        Letter.read(path)
    line = str(refusal.value)
    assert line.startswith(str(path))
    assert said in line
    assert line.isprintable()
    assert len(line) < len(str(path)) + 500


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda path: None, "there is no such file", id="none"),
        pytest.param(lambda path: path.mkdir(), "cannot be read: Is a directory", id="a folder"),
        pytest.param(lambda path: path.write_bytes(b"\xff\xfe\x00"), "is not UTF-8 text", id="not text"),
        pytest.param(lambda path: os.symlink("/dev/zero", path), "is not a letter", id="without an end"),
    ],
)
def test_what_is_no_file_of_text_gets_one_clear_line(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    path = tmp_path / "letter.json"
    make(path)
    with pytest.raises(InputRefused, match=said):
        Letter.read(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
)


@given(st.text() | VALUES.map(json.dumps))
def test_whatever_a_file_holds_is_a_letter_or_refused_in_one_line(text: str) -> None:
    try:
        letter = Letter.from_text(text)
    except InputRefused as refused:
        line = str(refused)
    else:
        line = ""
        assert Letter.from_text(letter.to_text()) == letter
    assert all(printable(character) for character in line)
