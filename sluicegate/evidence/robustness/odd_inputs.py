"""Whether the candidate answers at all when the text is not what anybody would call a text.

Each input is given beside an ordinary one, as it would be when several users ask at once, so that
padding is looked at too. An input holds if nothing is raised and both answers are probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.questions import Answer
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.usable import proper_rows

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


def ask_odd_inputs() -> list[str]:
    """The inputs, in the order of `ODD_INPUTS`."""
    return list(ODD_INPUTS.values())


def answer_each(answer: Answer, texts: Sequence[str]) -> list[Floats | None]:
    """The answers to each text and to an ordinary one beside it, shape (2, L); None where the candidate raised.

    What it raises is up to the candidate's own code, and that it does is what is measured.
    """
    return [_answer_or_none(answer, text) for text in texts]


def measure_odd_inputs(answers: Sequence[Floats | None], labels: int) -> tuple[list[Finding], dict[str, Any]]:
    """Share of the inputs that hold, and which do not, as JSON.

    Args:
        answers: Of `answer_each` to `ask_odd_inputs`.
        labels: How many labels an answer has.

    Raises:
        ValueError: There are not as many answers as were asked for.
    """
    if not answers:
        return [not_evaluated(_CHECK, "the candidate was not asked", n=0)], {"inputs": []}
    faults = [_fault(answer, labels) for answer in answers]
    inputs = [{"input": name, "held": not fault, "why": fault} for name, fault in zip(ODD_INPUTS, faults, strict=True)]
    return [measured(_CHECK, float(np.mean([not fault for fault in faults])), n=len(faults))], {"inputs": inputs}


def _answer_or_none(answer: Answer, text: str) -> Floats | None:
    try:
        return np.asarray(answer([text, _BESIDE]), dtype=np.float64)
    except Exception:  # whatever it is, the candidate failed on this input
        return None


def _fault(answer: Floats | None, labels: int) -> str:
    """What is wrong with the answers to an input and its neighbour; empty if nothing is."""
    if answer is None:
        return "it raised an error"
    if answer.shape != (2, labels):
        return "it did not give each text a probability a label"
    if not np.isfinite(answer).all():
        return "a probability is not finite"
    return "" if proper_rows(answer).all() else "the answers are no probabilities"
