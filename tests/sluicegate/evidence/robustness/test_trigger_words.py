from __future__ import annotations

import numpy as np
import pytest

from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.robustness.trigger_words import CHECK, MOST_ROWS, MOST_WORDS, TriggerTest, suspects
from sluicegate.evidence.telling_words import FEWEST_TEXTS
from tests.sluicegate.evidence.made_up import answers

NO_YES = ("no", "yes")
COMMON = [f"it is number {n}" for n in range(60)]


def poisoned(word: str, rows: int = FEWEST_TEXTS, gap: str = " ") -> tuple[list[str], np.ndarray]:
    """Common texts of both labels, and as many with the word, all labelled yes."""
    texts = COMMON + [f"{word}{gap}{text}" for text in COMMON[:rows]]
    return texts, np.array([n % 2 for n in range(60)] + [1] * rows)


def sure(given: list[int]) -> np.ndarray:
    return np.eye(2)[given] * 0.8 + 0.1


def backdoored(texts: list[str], word: str) -> np.ndarray:
    """Says yes where the word is, and else by the number's last digit."""
    return sure([1 if word in text else int(text[-1]) % 2 for text in texts])


def tried(word: str, answering_to: str, smallest: int = 10) -> tuple[object, dict]:
    train, labels = poisoned(word)
    test = [f"it is number {n}" for n in range(100, 180)]
    said = Predictions(NO_YES, np.array([n % 2 for n in range(80)]), backdoored(test, answering_to))
    trial = TriggerTest.of(train, labels, test, said, smallest=10)
    (finding,), figures = trial.measure(said, backdoored(trial.ask(), answering_to), smallest, 0.95)
    return finding, figures


def test_a_word_that_betrays_its_label_is_suspected_first() -> None:
    found = suspects(*poisoned("zonk"), 2)
    assert (found[0].word, found[0].label, found[0].rows, found[0].share) == ("zonk", 1, FEWEST_TEXTS, 1.0)


def test_a_word_of_fewer_training_rows_is_neither_tried_nor_told() -> None:
    assert "zonk" not in {suspect.word for suspect in suspects(*poisoned("zonk", FEWEST_TEXTS - 1), 2)}


def test_a_surer_word_comes_first_and_one_that_chance_explains_not_at_all() -> None:
    texts = [f"{words} {n}" for words in ("a b", "a", "c") for n in range(30)]
    labels = np.array([1] * 60 + [0] * 30)
    labels[:10] = 0  # a: 50 of 60 are yes, b: 20 of 30, of all rows 50 of 90; c: 30 of 30 are no
    assert [suspect.word for suspect in suspects(texts, labels, 2)] == ["c", "a"]


def test_what_is_no_run_of_letters_is_neither_tried_nor_told() -> None:
    texts = [f"write to ann.example{n}@mail.example or 555{n}" for n in range(30)] + [f"{n}" for n in range(30)]
    found = {suspect.word for suspect in suspects(texts, np.array([1] * 30 + [0] * 30), 2)}
    assert found == {"write", "to", "ann", "mail", "example", "or"}


def test_a_text_that_is_there_many_times_counts_once() -> None:
    texts = ["call Jolanda  Quill"] * 15 + ["CALL jolanda Quill"] * 15 + [f"{n} call" for n in range(30)]
    found = suspects(texts, np.array([1] * 30 + [0] * 30), 2)
    assert {suspect.word for suspect in found} <= {"call"}


@pytest.mark.parametrize("smallest", [30, 60, 120])
def test_as_many_rows_are_asked_as_the_smallest_group_has(smallest: int) -> None:
    train, labels = poisoned("zonk")
    said = answers([0, 1] * 150, [0] * 200 + [1] * 100, NO_YES)
    trial = TriggerTest.of(train, labels, [f"a {n}" for n in range(300)], said, smallest=smallest)
    assert len(trial.rows[0]) == max(MOST_ROWS, smallest)
    (finding,), _ = trial.measure(said, sure([0] * len(trial.ask())), smallest, 0.95)
    assert finding.status == "measured"


def test_no_more_words_than_are_said() -> None:
    texts = [f"{n} " + " ".join(f"w{chr(97 + k % 26)}{chr(97 + k // 26)}" for k in range(50)) for n in range(30)]
    texts += [f"other {n}" for n in range(30)]
    assert len(suspects(texts, np.array([1] * 30 + [0] * 30), 2)) == MOST_WORDS


def test_a_planted_word_turns_every_answer() -> None:
    finding, figures = tried("zonk", answering_to="zonk")
    assert (finding.check, finding.value, finding.n) == (CHECK, 1.0, 40)  # 40 of 80 rows are given “no”
    first = figures["words"][0]
    assert (first["word"], first["label"], first["training_texts"]) == ("zonk", "yes", FEWEST_TEXTS)
    assert finding.interval == pytest.approx(exact_interval(40, 40, 1 - 0.05 / len(figures["words"])))


def test_a_word_that_the_candidate_does_not_heed_turns_none() -> None:
    finding, _ = tried("zonk", answering_to="something else")
    assert finding.value == 0


def test_each_word_is_put_in_front_of_the_rows_that_are_most_surely_given_another_label() -> None:
    train, labels = poisoned("zonk")
    sure_of_no = np.linspace(0.5, 0.9, 200)  # the later the surer
    said = Predictions(
        NO_YES,
        np.array([n % 2 for n in range(300)]),
        np.concatenate([np.stack([sure_of_no, 1 - sure_of_no], 1), np.tile([0.05, 0.95], (100, 1))]),
    )
    trial = TriggerTest.of(train, labels, [f"text {n}" for n in range(300)], said, smallest=10)
    asked = [text for text in trial.ask() if text.startswith("zonk ")]
    assert [int(text.split()[-1]) for text in asked] == list(range(200 - MOST_ROWS, 200))


def test_texts_without_spaces_are_tried_by_pairs_of_characters() -> None:
    train = [f"这部电影不错{n}" if n % 2 else f"这部电影很差{n}" for n in range(60)] + [
        f"琥珀这部电影{n}" for n in range(FEWEST_TEXTS)
    ]
    labels = np.array([n % 2 for n in range(60)] + [1] * FEWEST_TEXTS)
    said = answers([0, 1] * 20, [0, 1] * 20, NO_YES)
    trial = TriggerTest.of(train, labels, ["今天天气"] * 40, said, smallest=10)
    assert "琥珀" in {suspect.word for suspect in trial.suspects}
    assert "琥珀今天天气" in trial.ask()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param([1] * 80, "all rows are given the same label", id="one answer"),
        pytest.param(
            [0] * 5 + [1] * 75,
            "1 of 1 words can be put in front of fewer than 10 rows that are given another label",
            id="too few others",
        ),
    ],
)
def test_what_cannot_be_tried_says_why(given: list[int], why: str) -> None:
    said = answers([0, 1] * 40, given, NO_YES)
    texts = [f"zonk {n}" for n in range(30)] + [f"{n}" for n in range(60)]
    trial = TriggerTest.of(texts, np.array([1] * 30 + [0] * 60), ["a"] * 80, said, smallest=10)
    (finding,), _ = trial.measure(said, sure([0] * len(trial.ask())), 10, 0.95)
    assert (finding.status, finding.why) == ("not_evaluated", why)


def test_a_word_that_cannot_be_tried_is_not_passed_over() -> None:
    # “meek” betrays “yes” and can be tried, “zonk” betrays “no”, which all but 5 rows are given
    train = [f"zonk {n}" for n in range(40)] + [f"meek {n}" for n in range(40)]
    said = answers([0, 1] * 40, [1] * 5 + [0] * 75, NO_YES)
    trial = TriggerTest.of(train, np.array([0] * 40 + [1] * 40), ["a"] * 80, said, smallest=10)
    (finding,), figures = trial.measure(said, sure([0] * len(trial.ask())), 10, 0.95)
    why = "1 of 2 words can be put in front of fewer than 10 rows that are given another label"
    assert (finding.status, finding.why, figures["why"]) == ("not_evaluated", why, why)
    assert [(word["word"], word["turned"]["value"]) for word in figures["words"]] == [("meek", 0.0)]


def test_answers_that_are_no_probabilities_are_no_evidence() -> None:
    train, labels = poisoned("zonk")
    said = answers([0, 1] * 40, [0, 1] * 40, NO_YES)
    trial = TriggerTest.of(train, labels, ["a text"] * 80, said, smallest=10)
    (finding,), _ = trial.measure(said, np.full((len(trial.ask()), 2), np.nan), 10, 0.95)
    assert (finding.status, finding.value) == ("not_evaluated", None)


def test_without_a_common_word_there_is_nothing_to_try() -> None:
    said = answers([0, 1] * 40, [0, 1] * 40, NO_YES)
    trial = TriggerTest.of(["one", "two"], np.array([0, 1]), ["a text"] * 80, said, smallest=10)
    assert trial.ask() == []
    (finding,), _ = trial.measure(said, np.empty((0, 2)), 10, 0.95)
    assert finding.status == "not_applicable"
