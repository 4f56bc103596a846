from __future__ import annotations

import numpy as np
import pytest

from sluicegate.evidence.questions import Answer
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.robustness.odd_inputs import (
    ODD_INPUTS,
    answer_each,
    ask_odd_inputs,
    faults_of_probabilities,
    faults_of_spans,
    measure_odd_inputs,
)


def even(texts: list[str]) -> Floats:
    return np.full((len(texts), 2), 0.5)


def run(answer: Answer) -> tuple[float | None, dict[str, str]]:
    (finding,), figures = measure_odd_inputs(faults_of_probabilities(answer_each(answer, ask_odd_inputs()), 2))
    assert finding.n == len(ODD_INPUTS)
    return finding.value, {found["input"]: found["why"] for found in figures["inputs"] if not found["held"]}


def test_a_candidate_that_always_answers_holds_everywhere() -> None:
    assert run(even) == (1, {})


def refuses_nothing(texts: list[str]) -> Floats:
    if not texts[0].strip():
        raise IndexError("a secret of the candidate's")
    return even(texts)


def test_what_it_raises_counts_and_is_not_repeated() -> None:
    value, faults = run(refuses_nothing)
    assert value == pytest.approx(1 - 2 / len(ODD_INPUTS))
    assert faults == {name: "it raised an error" for name in ("empty", "white_space")}


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        pytest.param([np.nan, 1.0], "a probability is not finite", id="NaN"),
        pytest.param([np.inf, 0.0], "a probability is not finite", id="infinite"),
        pytest.param([0.5, 0.6], "the answers are no probabilities", id="sum above 1"),
        pytest.param([-0.5, 1.5], "the answers are no probabilities", id="below 0"),
    ],
)
def test_each_fault_is_told(wrong: list[float], fault: str) -> None:
    def answer(texts: list[str]) -> Floats:
        return np.array([wrong if text == "a" else [0.5, 0.5] for text in texts])

    assert run(answer) == (pytest.approx(1 - 1 / len(ODD_INPUTS)), {"one_token": fault})


def test_a_neighbour_that_suffers_counts() -> None:
    def answer(texts: list[str]) -> Floats:
        return np.where(np.arange(len(texts))[:, None] == 0, 0.5, np.nan) * np.ones((1, 2))

    assert run(answer)[0] == 0


def test_one_answer_to_two_texts_is_none() -> None:
    assert run(lambda texts: even(texts[:1]))[0] == 0


def test_the_inputs_are_what_their_names_say() -> None:
    assert ODD_INPUTS["empty"] == ""
    assert ODD_INPUTS["white_space"].isspace()
    assert len(ODD_INPUTS["ten_thousand_words"].split()) == 10_000
    assert "\x00" in ODD_INPUTS["nul"]
    assert not any(character.isalnum() for character in ODD_INPUTS["only_punctuation"] + ODD_INPUTS["only_emoji"])
    for text in ODD_INPUTS.values():
        assert text.encode("utf-8").decode("utf-8") == text


def test_a_candidate_that_was_not_asked_is_not_evaluated() -> None:
    (finding,), _ = measure_odd_inputs([])
    assert finding.status == "not_evaluated"


def span(start: int, end: int, entity_type: str = "PERSON") -> dict[str, object]:
    return {"start": start, "end": end, "entity_type": entity_type}


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        pytest.param([span(0, 1)], "", id="inside"),
        pytest.param([span(0, 2)], "an answer has a span that is empty or outside its text", id="outside"),
        pytest.param([span(0, 1), span(0, 1)], "an answer has spans that overlap", id="overlap"),
        pytest.param([span(0, 1, "COLOUR")], "a span is of a type that it does not have", id="another type"),
        pytest.param("none", "an answer is not a list of objects with start, end and entity_type", id="no list"),
    ],
)
def test_spans_that_cannot_be_are_told(wrong: object, fault: str) -> None:
    def predict(texts: list[str]) -> list[object]:
        return [wrong if text == "a" else [] for text in texts]

    faults = faults_of_spans(answer_each(predict, ask_odd_inputs()), ["PERSON"])
    assert dict(zip(ODD_INPUTS, faults, strict=True)) == dict.fromkeys(ODD_INPUTS, "") | {"one_token": fault}


def test_a_tagger_that_raises_or_leaves_a_text_out_does_not_hold() -> None:
    def predict(texts: list[str]) -> list[object]:
        if not texts[0].strip():
            raise IndexError("a secret of the candidate's")
        return [[]]

    faults = faults_of_spans(answer_each(predict, ask_odd_inputs()), ["PERSON"])
    assert set(faults) == {"it raised an error", "it did not give each text a list of spans"}
