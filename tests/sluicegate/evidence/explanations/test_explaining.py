from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sluicegate.evidence.explanations.catalogue import EXPLANATION_CATALOGUE
from sluicegate.evidence.explanations.explaining import SHOWN, measure_explanations
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.predictions import Predictions, load_model
from sluicegate.evidence.resampling import Floats, Resampling
from sluicegate.evidence.white_box import Opaque, WhiteBox, look_inside
from tests.sluicegate.evidence.made_up import LABELS, make_rows
from tests.sluicegate.evidence.opened import answers_of, linear_box, write_bert

COSINES = {"fine": 0.8, "great": 0.6, "foul": -0.7, "dull": -0.5, "film": 0.05, "lamp": 0.0, "book": -0.05}
RESAMPLING = Resampling(40, 200, 0.95, 5)
EDGES = ["", "fine", "<b>dull</b>", "fine " * 40]


def texts_of(count: int = 40) -> list[str]:
    draw = np.random.default_rng(2)
    return [*EDGES, *(" ".join(draw.choice(list(COSINES), 6)) for _ in range(count - len(EDGES)))]


def linear(texts: list[str], actual: Any = None, box: WhiteBox | Opaque | None = None, **changed: Any) -> tuple:
    """Findings by name and figures; every fifth row is answered wrongly unless said."""
    seen = linear_box(COSINES)
    probabilities_NL = answers_of(seen, texts)
    actual_N = probabilities_NL.argmax(1)
    actual_N[::5] = 1 - actual_N[::5]
    predictions = Predictions(("bad", "good"), actual_N if actual is None else np.array(actual), probabilities_NL)
    given: dict[str, Any] = {
        "box": seen if box is None else box, "names_N": [f"r{n}" for n in range(len(texts))], "texts_N": texts,
        "predictions": predictions, "answer": lambda asked: answers_of(seen, asked), "resampling": RESAMPLING,
        "smallest": 30,
    }  # fmt: skip
    findings, figures = measure_explanations(**{**given, **changed})
    return {finding.check.removeprefix("explanation."): finding for finding in findings}, figures


def test_a_linear_model_is_explained_in_full() -> None:
    found, figures = linear(texts_of())
    assert found["completeness_error"].value == pytest.approx(0, abs=1e-5)
    assert found["method_agreement"].value > 0.9
    assert found["comprehensiveness_gain"].value > 0.05
    assert {name: found[name].status for name in found} == dict.fromkeys(found, "measured")
    assert (figures["baseline"], figures["seed"]) == ("mask", 5)


def test_shown_rows_hold_what_the_words_add_by_hand() -> None:
    _, figures = linear(texts_of())
    drawn = [row for row in figures["shown"] if row["chosen"] == "drawn"]
    errors = [row for row in figures["shown"] if row["chosen"] == "error"]
    assert len(drawn) == len(errors) == SHOWN
    for row in figures["shown"]:
        sign = 1 if row["given"] == "good" else -1
        for word in row["words"]:
            assert word["gradients"] == pytest.approx(2 * sign * COSINES.get(word["text"], 0), abs=1e-5)
    assert all(row["given"] != row["actual"] for row in errors)
    chances = [row["probability"] for row in errors]
    assert chances == sorted(chances, reverse=True)


def test_the_surest_error_may_be_a_single_word_but_not_an_empty_text() -> None:
    texts = ["", "fine", *texts_of()[4:]]
    probabilities_NL = answers_of(linear_box(COSINES), texts)
    actual = probabilities_NL.argmax(1)
    actual[:2] = 1 - actual[:2]
    _, figures = linear(texts, actual)
    (error,) = [row for row in figures["shown"] if row["chosen"] == "error"]
    assert [word["text"] for word in error["words"]] == ["fine"]
    assert error["row"] == "r1"


def test_rows_of_ones_choice_are_explained_once_and_count_for_no_figure() -> None:
    texts = texts_of()
    plain, before = linear(texts)
    drawn, error = (next(row["row"] for row in before["shown"] if row["chosen"] == kind) for kind in ("drawn", "error"))
    found, figures = linear(texts, chosen=["r7", error, drawn, "r0", "r99"])
    shown = [row["row"] for row in figures["shown"]]
    assert [row["row"] for row in figures["shown"] if row["chosen"] == "named"] == ["r7", error, drawn]
    assert len(shown) == len(set(shown)) == 3 + 2 * SHOWN
    assert figures["not_explained"] == ["r0", "r99"]  # an empty text, and none at all
    assert {name: f.value for name, f in found.items()} == {name: f.value for name, f in plain.items()}


def test_without_errors_there_are_none_to_show() -> None:
    texts = texts_of()
    found, figures = linear(texts, answers_of(linear_box(COSINES), texts).argmax(1))
    assert {row["chosen"] for row in figures["shown"]} == {"drawn"}
    assert found["completeness_error"].status == "measured"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"box": Opaque("it is shut")}, "it is shut", id="opaque"),
        pytest.param({"smallest": 41}, "40 rows, fewer than 41", id="few rows"),
        pytest.param({"actual": [0] * 40}, "all rows have the same label", id="one class"),
    ],
)
def test_what_cannot_be_measured_says_why(changed: dict[str, Any], why: str) -> None:
    found, figures = linear(texts_of(), **changed)
    assert len(found) == len(EXPLANATION_CATALOGUE)
    assert all(finding.status == "not_evaluated" and finding.why == why for finding in found.values())
    assert figures == {"shown": [], "why": why}


def test_texts_of_too_few_words_explain_nothing() -> None:
    found, _ = linear(["fine film", "foul film"] * 20)
    assert {finding.why for finding in found.values()} == {
        "0 of the sampled rows have 3 words or more, fewer than 10"
    }  # fmt: skip


def test_answers_that_are_no_probabilities_keep_what_is_asked_from_being_measured() -> None:
    found, figures = linear(texts_of(), answer=lambda asked: np.full((len(asked), 2), np.nan))
    assert found["method_agreement"].status == found["comprehensiveness_gain"].status == "not_evaluated"
    assert found["completeness_error"].status == found["random_model_similarity"].status == "measured"
    assert all(word["lime"] is None for row in figures["shown"] for word in row["words"])


@pytest.fixture(scope="module")
def of_bert(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[list[Finding], dict[str, Any]]]:
    """Twice the same of a small BERT, asked through its own loader."""
    candidate: Path = write_bert(tmp_path_factory.mktemp("explained") / "candidate")
    texts = [*EDGES, *make_rows(40, seed=3, prefix="t")["text"]]
    model = load_model(candidate)

    def answer(asked: list[str]) -> Floats:
        return np.asarray(model.predict_proba(asked))

    probabilities_NL = answer(texts)
    actual_N = probabilities_NL.argmax(1)
    actual_N[::4] = (actual_N[::4] + 1) % 3
    predictions = Predictions(LABELS, actual_N, probabilities_NL)
    box = look_inside(candidate, LABELS, texts, probabilities_NL, 5)
    names = [f"r{n}" for n in range(len(texts))]
    return [measure_explanations(box, names, texts, predictions, answer, RESAMPLING, 30) for _ in range(2)]


def test_every_finding_is_in_the_catalogue_and_the_other_way_round(of_bert: list) -> None:
    findings, _ = of_bert[0]
    checks = {check.name: check for check in EXPLANATION_CATALOGUE}
    assert [finding.check for finding in findings] == list(checks)
    for finding in findings:
        assert finding.status == "measured"
        assert finding.unit == checks[finding.check].unit
        assert (finding.interval is not None, finding.seed) == (True, 5)
        assert finding.n


def test_the_seed_decides_all_of_it(of_bert: list) -> None:
    assert of_bert[0] == of_bert[1]


def test_figures_are_json_and_shown_words_are_those_that_are_read(of_bert: list) -> None:
    _, figures = of_bert[0]
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert len(figures["shown"]) <= 2 * SHOWN
    for row in figures["shown"]:
        assert row["cut"] == (len(row["words"]) == 22)  # of 40 words, as many as there are tokens for
