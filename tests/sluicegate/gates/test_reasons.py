"""What may be kept for ever, and what may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.gates.reasons import personal_data, reason_faults, tidy, typed


@pytest.mark.parametrize(
    "reason",
    [
        "Holds on every group; the gap is 0.121 (0.083 to 0.160), limit 0.15.",
        "Macro-F1 0.712 0.713 0.715 on 1350 rows, 6750 in training.",
        "macro-F1 rose by +0.0123456, i.e. 0.6901-0.7024",
        "Measured on 2026-11-22 at 10:15:00, round 2.",
        "Measured 2026-11-22T10:15:00Z against 3f2a9c1d7e88.",
        "See issue 1234567; 23,700 texts, 1,234,567 tokens, 12.5% more.",
        "versions 3.8.0, 2.13.0 and 1.24",
        "Ça va: größer, 更好, 👍🏽, क्‍ष",
    ],
)
def test_what_people_write_about_evidence_passes(reason):
    assert reason_faults(reason) == ()


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("ask jane.roe+x@example.co.uk", "an e-mail address"),
        ("ask jane@例え.jp", "an e-mail address"),
        ("ask jane＠example.org", "an e-mail address"),
        ("call +49 30 1234567", "a phone number"),
        ("call 030/123 45 67", "a phone number"),
        ("call (212) 555-0123", "a phone number"),
        ("call 212-555-0123", "a phone number"),
        ("call 555.123.4567.", "a phone number"),
        ("call 2125550123", "a phone number"),
        ("her card is 4111 1111 1111 1111", "a card number"),
        ("her card is 4111-1111-1111-1111", "a card number"),
        ("pay to DE89 3704 0044 0532 0130 00 please", "a bank account number"),
        ("pay to GB82WEST12345698765432", "a bank account number"),
        ("from 192.168.17.4", "an IP address"),
    ],
)
def test_personal_data_in_a_form_of_its_own_is_refused_by_its_kind_and_never_repeated(reason, kind):
    assert personal_data(reason) == (kind,)
    (fault,) = reason_faults(reason)
    assert not set(reason.split()[-1:]) & set(fault.split())


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param("fine\x1b[2J", id="terminal-escape"),
        pytest.param("fine\x9b31m", id="c1-escape"),
        pytest.param("fine\x07", id="bell"),
        pytest.param("fine\x08\x08", id="backspace"),
        pytest.param("fine\x00", id="nul"),
        pytest.param("fine \u202etxet", id="right-to-left-override"),
        pytest.param("fine\u2066", id="isolate"),
        pytest.param("fi\u200bne", id="zero-width-space"),
        pytest.param("fine\U000e0041", id="tag-character"),
        pytest.param("fine\ud800", id="lone-surrogate"),
        pytest.param("fine\u2028then", id="line-separator"),
    ],
)
def test_what_does_something_when_it_is_shown_is_refused(reason):
    assert reason_faults(reason) == ("the reason holds control characters or invisible ones",)


def test_line_ends_and_tabs_become_spaces_before_anything_is_kept():
    assert tidy("  one\r\ntwo\t three \n") == "one two three"
    assert reason_faults("one\r\ntwo") == ()


@pytest.mark.parametrize(
    ("reason", "faults"),
    [("", 1), (" \n ", 1), ("ok", 1), ("yes", 0), ("x" * 2000, 0), ("x" * 2001, 1)],
    ids=["empty", "blank", "two", "three", "2000", "2001"],
)
def test_a_reason_has_3_to_2000_characters(reason, faults):
    assert len(reason_faults(reason)) == faults


def test_a_reason_that_may_be_left_out_may_be_empty_but_not_too_short():
    assert reason_faults("", required=False) == ()
    assert len(reason_faults("x", required=False)) == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [("rita-2", "rita-2"), ("Rita", "“Rita”"), ("\x1b[31m", "“·[31m”"), ("x" * 90, "“" + "x" * 24 + "…”"), ("", "“”")],
)
def test_an_id_is_repeated_as_it_is_and_anything_else_quoted_short_and_harmless(value, shown):
    assert typed(value) == shown


@given(st.text())
def test_any_text_is_judged_without_an_error_and_the_faults_can_be_printed(reason):
    for fault in reason_faults(reason):
        assert fault.isprintable()
    assert typed(reason).isprintable() or "\u200c" in reason or "\u200d" in reason or not reason.isprintable()
