from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from sluicegate.evidence.finding import Finding
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Floats, Resampling
from sluicegate.evidence.robustness.perturbations import PERTURBATIONS
from sluicegate.evidence.robustness.perturbed import MEASURES, measure_perturbed
from sluicegate.evidence.robustness.perturbed_rows import PerturbedRows
from sluicegate.evidence.sampling import sample_rows

RESAMPLING = Resampling(10, 200, 0.95, 0)
TEXTS = ["good film", "good meal", "good song", "bad film", "bad meal", "bad song", "good book", "bad book"]
ACTUAL = [1, 1, 1, 0, 0, 0, 0, 1]  # the last two are answered wrongly


def reads_good(texts: list[str]) -> Floats:
    """A model that knows one word, in small letters: positive if it is there."""
    yes = np.array([0.9 if "good" in text else 0.1 for text in texts])
    return np.stack([1 - yes, yes], axis=1).reshape(-1, 2)


def run(
    texts: list[str], actual: list[int], smallest: int = 2, after: Floats | None = None
) -> tuple[dict[str, Finding], dict]:
    predictions = Predictions(("negative", "positive"), np.array(actual), reads_good(texts))
    perturbed = PerturbedRows.of(texts, 5)
    answers = reads_good(perturbed.ask()) if after is None else after
    findings, figures = measure_perturbed(perturbed, predictions, answers, RESAMPLING, smallest)
    return {finding.check.removeprefix("robustness."): finding for finding in findings}, figures


def test_capitals_by_hand() -> None:
    found, figures = run(TEXTS, ACTUAL)
    # "GOOD" is not known: all eight become negative. Of six right ones the three bad ones stay right.
    assert found["accuracy_kept[upper_case]"].value == pytest.approx(3 / 6)
    assert found["accuracy_kept[upper_case]"].n == 6
    assert found["flip_share[upper_case]"].value == pytest.approx(4 / 8)
    assert found["flip_share[upper_case]"].n == 8
    before, after = (6 / 8 + 6 / 8) / 2, (2 * 4 / (4 + 8) + 0) / 2
    assert found["macro_f1_drop[upper_case]"].value == pytest.approx(before - after)
    upper = next(kind for kind in figures["kinds"] if kind["kind"] == "upper_case")
    assert upper["accuracy_before"]["value"] == pytest.approx(6 / 8)
    assert upper["accuracy_after"]["value"] == pytest.approx(4 / 8)
    assert found["accuracy_kept[doubled_spaces]"].value == 1
    assert found["flip_share[trailing_spaces]"].value == 0


def test_a_stray_answer_with_a_label_that_no_row_has_is_no_loss_of_a_third() -> None:
    actual = np.array([0, 1] * 30)
    before = np.eye(3)[actual]
    perturbed = PerturbedRows.of([f"Row {'abc'[label]} number" for label in actual], 5)
    after = np.tile(before, (len(perturbed.ask()) // 60, 1))
    after[0] = [0, 0, 1]  # of the first kind one answer is another: F1 of a 58/59 after, 1 before
    findings, figures = measure_perturbed(
        perturbed, Predictions(("a", "b", "c"), actual, before), after, RESAMPLING, 10
    )
    [drop] = [f.value for f in findings if f.check == f"robustness.macro_f1_drop[{figures['kinds'][0]['kind']}]"]
    assert drop == pytest.approx((1 - 58 / 59) / 2)


def test_figures_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(4)
    actual, chances = random.integers(0, 3, 60), random.dirichlet([1, 1, 1], 60)
    texts = [f"Row {'abc'[label]} number" for label in actual]
    perturbed = PerturbedRows.of(texts, 5)
    after = random.dirichlet([1, 1, 1], len(perturbed.ask()))
    findings, figures = measure_perturbed(
        perturbed, Predictions(("a", "b", "c"), actual, chances), after, RESAMPLING, 10
    )
    values, start = {finding.check: finding.value for finding in findings}, 0
    for kind in figures["kinds"]:
        assert kind["changed_rows"] == 60
        old, new = chances.argmax(1), after[start : start + 60].argmax(1)
        start += 60
        right = old == actual
        drop = f1_score(actual, old, average="macro") - f1_score(actual, new, average="macro")
        assert values[f"robustness.macro_f1_drop[{kind['kind']}]"] == pytest.approx(drop)
        kept = accuracy_score(actual[right], new[right])
        assert values[f"robustness.accuracy_kept[{kind['kind']}]"] == pytest.approx(kept)
        assert values[f"robustness.flip_share[{kind['kind']}]"] == pytest.approx(1 - accuracy_score(old, new))


def test_the_worst_kind_is_told_with_its_value() -> None:
    found, figures = run(TEXTS, ACTUAL)
    kept = {kind: found[f"accuracy_kept[{kind}]"].value for kind in PERTURBATIONS if kind != "lower_case"}
    worst = found["accuracy_kept_lowest"]
    assert worst.value == min(kept.values()) == kept[figures["worst"]]
    assert worst.interval is not None
    assert worst.interval[0] <= worst.value


def test_a_kind_that_changes_no_text_is_not_applicable_and_counts_for_nothing() -> None:
    found, figures = run(TEXTS, ACTUAL)
    for measure in MEASURES:
        assert found[f"{measure}[lower_case]"].status == "not_applicable"
    assert found["accuracy_kept[lower_case]"].why == "it changes none of 8 sampled texts"
    assert found["accuracy_kept_lowest"].status == "measured"


def test_rows_that_are_not_changed_do_not_count() -> None:
    found, _ = run([*TEXTS, "Good", "bad"] + ["123"] * 10, [*ACTUAL, 1, 0] + [0, 1] * 5)
    assert found["flip_share[lower_case]"].status == "not_evaluated"
    assert found["flip_share[lower_case]"].why == "it changes 1 of 20 sampled texts, fewer than 2"
    assert found["accuracy_kept_lowest"].status == "not_evaluated"
    assert found["flip_share[upper_case]"].n == 10


@pytest.mark.parametrize(
    ("texts", "actual", "smallest", "why"),
    [
        pytest.param(["good film", "bad film"], [1, 0], 3, "2 rows, fewer than 3", id="few rows"),
        pytest.param(TEXTS, [1] * 8, 2, "all rows have the same label", id="one class"),
        pytest.param(["bad film"] * 4, [0, 1, 0, 1], 2, "all rows are given the same label", id="one answer"),
        pytest.param(TEXTS, [1 - label for label in ACTUAL], 3, "2 rows were answered rightly", id="few right"),
        pytest.param([], [], 2, "0 rows, fewer than 2", id="no rows"),
    ],
)
def test_what_cannot_be_measured_says_why(texts: list[str], actual: list[int], smallest: int, why: str) -> None:
    found, _ = run(texts, actual, smallest)
    assert found["accuracy_kept[upper_case]"].status == "not_evaluated"
    assert why in found["accuracy_kept[upper_case]"].why
    assert found["accuracy_kept_lowest"].status == "not_evaluated"
    assert why in found["accuracy_kept_lowest"].why


def test_an_answer_that_is_no_probability_keeps_its_kind_and_the_worst_from_being_measured() -> None:
    answers = reads_good(PerturbedRows.of(TEXTS, 5).ask())
    answers[0, 0] = np.nan  # of the first kind
    found, _ = run(TEXTS, ACTUAL, after=answers)
    first = next(iter(PERTURBATIONS))
    assert found[f"flip_share[{first}]"].why == "1 of 8 answers are no probabilities"
    assert found["accuracy_kept_lowest"].status == "not_evaluated"
    assert found["flip_share[upper_case]"].status == "measured"


def test_answers_that_are_missing_are_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="answers to"):
        run(TEXTS, ACTUAL, after=np.zeros((3, 2)))


def test_no_text_is_in_findings_or_figures() -> None:
    found, figures = run(TEXTS, ACTUAL)
    assert "film" not in str(found) + str(figures)


def test_a_sample_is_seeded_ascending_and_without_repeats() -> None:
    sample = sample_rows(2000, 3)
    assert len(sample) == len(set(sample.tolist())) == 500
    assert (np.diff(sample) > 0).all()
    assert (sample == sample_rows(2000, 3)).all()
    assert (sample != sample_rows(2000, 4)).any()
    assert sample_rows(3, 0).tolist() == [0, 1, 2]
    assert len(sample_rows(0, 0)) == 0
