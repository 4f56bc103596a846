from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.attacks.extraction import Question, ask_extraction, measure_extraction, reproduces
from sluicegate.evidence.resampling import Resampling

RESAMPLING = Resampling(1, 100, 0.95, 0)
TEXTS = [list(range(start, start + 30)) for start in range(0, 4000, 100)]  # 40 texts without a token in common
NOISE = list(range(9000, 9020))
TOKENS = st.lists(st.integers(0, 2), max_size=12)


def ask(texts: list[list[int]]) -> list[Question]:
    return ask_extraction(texts, 0, prefix=10, run=5)


def test_a_question_is_a_beginning_and_how_it_goes_on() -> None:
    questions = ask([*TEXTS, list(range(14))])  # the last one is a token too short
    assert len(questions) == 40
    assert (questions[0].prefix, questions[0].rest) == (TEXTS[0][:10], TEXTS[0][10:])
    assert len(ask_extraction(TEXTS, 0, prefix=10, run=5, most=7)) == 7


@given(rest=TOKENS, continuation=TOKENS, run=st.integers(1, 4))
def test_a_run_is_found_wherever_it_stands(rest: list[int], continuation: list[int], run: int) -> None:
    as_text, pieces = "".join(map(str, rest)), "".join(map(str, continuation))
    expected = any(pieces[i : i + run] in as_text for i in range(len(pieces) - run + 1))
    assert reproduces(rest, continuation, run) == expected


def test_shares_by_hand() -> None:
    questions = ask(TEXTS)
    # ten are written down whole, ten from the second token on, ten but for a run of four, and of ten nothing
    answers = [
        [q.rest, [0, *q.rest[1:]], [*q.rest[:4], *NOISE], NOISE][place // 10] for place, q in enumerate(questions)
    ]
    control = [list(q.rest) if place < 4 else NOISE for place, q in enumerate(questions)]
    (share, excess), figures = measure_extraction(questions, answers, questions, control, RESAMPLING, run=5)
    assert (share.value, share.n) == (0.5, 40)
    assert share.interval == pytest.approx((0.352, 0.648), abs=1e-3)  # Wilson, 20 of 40
    assert excess.value == pytest.approx(0.4)
    assert share.seed == excess.seed == RESAMPLING.seed
    low, high = excess.interval or (0, 0)
    assert 0.1 < low < 0.4 < high < 0.6
    assert figures["train"] == {"texts": 40, "reproduced": 20}
    assert json.loads(json.dumps(figures)) == figures


def test_no_token_comes_out_again() -> None:
    texts = [[777_000_000 + token for token in text] for text in TEXTS]
    questions = ask(texts)
    findings, figures = measure_extraction(
        questions, [q.rest for q in questions], questions, [NOISE] * 40, RESAMPLING, run=5
    )
    assert "777" not in json.dumps(figures) + "".join(f.model_dump_json() for f in findings)


def test_nothing_is_concluded_from_too_few_texts_or_too_short_answers() -> None:
    questions = ask(TEXTS)
    few, _ = measure_extraction(questions[:29], [NOISE] * 29, questions, [NOISE] * 40, RESAMPLING, run=5)
    assert {f.status for f in few} == {"not_evaluated"}
    assert "29 training texts are long enough, fewer than 30" in few[0].why
    short, _ = measure_extraction(questions, [NOISE[:4]] * 40, questions, [NOISE] * 40, RESAMPLING, run=5)
    assert {f.status for f in short} == {"not_evaluated"}
    assert "no continuation of a training text is 5 tokens long" in short[0].why
    without_control, _ = measure_extraction(questions, [NOISE] * 40, [], [], RESAMPLING, run=5)
    assert [f.status for f in without_control] == ["measured", "not_evaluated"]
    with pytest.raises(ValueError, match="zip"):
        measure_extraction(questions, [NOISE], questions, [NOISE] * 40, RESAMPLING)
