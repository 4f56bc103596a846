"""Whether the candidate answers at all when the text is not what anybody would call a text.

Each input is given beside an ordinary one, as it would be when several users ask at once, so that
padding is looked at too. An input holds if nothing is raised and both answers are what the task asks for:
probabilities, or spans that stand in their text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.usable import proper_rows
from sluicegate.spec.spans import spans_of

Given = TypeVar("Given")

ODD_INPUTS: Mapping[str, str] = {
    "empty": "",
    "white_space": " \t\n\r\u00a0\u3000 ",
    "one_token": "a",
    "one_chinese_character": "好",
    "ten_thousand_words": " ".join(["word"] * 10_000),
    "ten_thousand_chinese_characters": "字" * 10_000,
    "one_word_of_ten_thousand_letters": "a" * 10_000,
    "only_emoji": "😀🎉👩\u200d👩\u200d👧🇨🇳",
    "only_punctuation": "?!… ,,, ;;; 。、！",
    "nul": "before\x00after",
    "only_nul": "\x00",
    "control_characters": "".join(map(chr, [*range(1, 32), *range(127, 160)])),
    "zero_width": "\u200b\u200c\u200d\ufeff",
    "right_to_left": "\u202eabc\u202c שלום مرحبا",
    "combining_marks": "e" + "\u0301" * 200,
    "not_a_character": "\ufffd\ufffe\U0010ffff",
}
"""Name → input."""
_BESIDE = "An ordinary sentence of a few words."
_CHECK = "robustness.odd_inputs_held"
_RAISED = "it raised an error"


def ask_odd_inputs() -> list[str]:
    """The inputs, in the order of `ODD_INPUTS`."""
    return list(ODD_INPUTS.values())


def answer_each(answer: Callable[[list[str]], Given], texts: Sequence[str]) -> list[Given | None]:
    """The answers to each text and to an ordinary one beside it; None where the candidate raised.

    What it raises is up to the candidate's own code, and that it does is what is measured.
    """
    return [_answer_or_none(answer, [text, _BESIDE]) for text in texts]


def measure_odd_inputs(faults: Sequence[str]) -> tuple[list[Finding], dict[str, Any]]:
    """Share of the inputs that hold, and which do not, as JSON.

    Args:
        faults: Of the answers of `answer_each` to `ask_odd_inputs`, what is wrong with each; empty if nothing is.

    Raises:
        ValueError: There are not as many as were asked for.
    """
    if not faults:
        return [not_evaluated(_CHECK, "the candidate was not asked", n=0)], {"inputs": []}
    inputs = [{"input": name, "held": not fault, "why": fault} for name, fault in zip(ODD_INPUTS, faults, strict=True)]
    return [measured(_CHECK, float(np.mean([not fault for fault in faults])), n=len(faults))], {"inputs": inputs}


def _answer_or_none(answer: Callable[[list[str]], Given], texts: list[str]) -> Given | None:
    try:
        return answer(texts)
    except Exception:  # whatever it is, the candidate failed on this input
        return None


def faults_of_probabilities(answers: Sequence[Floats | None], labels: int) -> list[str]:
    """What is wrong with a classifier's answers to each input and its neighbour, of which each has `labels`."""
    return [_RAISED if answer is None else _not_probabilities(answer, labels) for answer in answers]


def faults_of_spans(answers: Sequence[Any | None], types: Sequence[str]) -> list[str]:
    """What is wrong with a tagger's answers to each input of `ask_odd_inputs` and its neighbour."""
    asked = zip(ask_odd_inputs(), answers, strict=True)
    return [_RAISED if answer is None else _not_spans(answer, [text, _BESIDE], types) for text, answer in asked]


def _not_spans(answer: Any, texts: Sequence[str], types: Sequence[str]) -> str:
    if not isinstance(answer, list) or len(answer) != len(texts):
        return "it did not give each text a list of spans"
    try:
        found = [span for spans, text in zip(answer, texts, strict=True) for span in spans_of(spans, len(text))]
    except ValueError as error:
        return f"an answer {error}"
    return "" if all(span.entity_type in types for span in found) else "a span is of a type that it does not have"


def _not_probabilities(answer: Floats, labels: int) -> str:
    if answer.shape != (2, labels):
        return "it did not give each text a probability a label"
    if not np.isfinite(answer).all():
        return "a probability is not finite"
    return "" if proper_rows(answer).all() else "the answers are no probabilities"
