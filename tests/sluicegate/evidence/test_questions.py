from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sluicegate.evidence.questions import Questions
from sluicegate.evidence.resampling import Floats


def lengths(texts: list[Any]) -> Floats:
    return np.array([[len(text), 1.0] for text in texts]).reshape(-1, 2)


def test_each_asker_gets_the_answers_to_its_own_questions_in_its_own_order() -> None:
    questions = Questions()
    questions.add("one", ["ccc", "a"])
    questions.add("none", [])
    questions.add("other", ["bb", "ccc", "bb"])

    answers = questions.answered(lengths)

    assert answers["one"][:, 0].tolist() == [3, 1]
    assert answers["other"][:, 0].tolist() == [2, 3, 2]
    assert answers["none"].shape == (0, 2)


def test_the_model_is_asked_once_and_never_the_same() -> None:
    asked: list[list[Any]] = []
    questions = Questions()
    questions.add("one", ["a", "b", "a"])
    questions.add("other", ["b", b"c"])

    questions.answered(lambda texts: asked.append(texts) or lengths(texts))  # type: ignore[func-returns-value]

    assert asked == [["a", "b", b"c"]]


def test_nobody_asks_twice() -> None:
    questions = Questions()
    questions.add("one", ["a"])
    with pytest.raises(ValueError, match="one has asked already"):
        questions.add("one", [])
