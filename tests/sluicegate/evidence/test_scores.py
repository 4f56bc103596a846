from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from sluicegate.evidence.scores import Tally, areas_under_curves, calibration_error, log_loss

ANSWERS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40)


def once(count: int) -> np.ndarray:
    return np.ones((1, count))


def test_figures_by_hand() -> None:
    # actual 0 0 0 1 1 2, given 0 0 1 1 1 0: label 0 has tp 2, fp 1, fn 1; label 1 tp 2, fp 1; label 2 is never found
    tally = Tally.of(once(6), np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 0]), 3)
    assert tally.accuracy == pytest.approx(4 / 6)
    assert tally.f1[0] == pytest.approx([4 / 6, 4 / 5, 0])
    assert tally.macro_f1 == pytest.approx((4 / 6 + 4 / 5 + 0) / 3)
    assert tally.recall[0] == pytest.approx([2 / 3, 1, 0])
    assert tally.precision[0][:2] == pytest.approx([2 / 3, 2 / 3])
    assert np.isnan(tally.precision[0][2])  # never given
    assert tally.selection_rate[0] == pytest.approx([1 / 2, 1 / 2, 0])
    assert tally.balanced_accuracy == pytest.approx((2 / 3 + 1 + 0) / 3)


@given(rows=ANSWERS)
@settings(max_examples=60)
def test_macro_f1_and_accuracy_are_those_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    actual, given_ = (np.array(side) for side in zip(*rows, strict=True))
    tally = Tally.of(once(len(rows)), actual, given_, 3)
    assert tally.accuracy[0] == pytest.approx(metrics.accuracy_score(actual, given_))
    assert tally.macro_f1[0] == pytest.approx(metrics.f1_score(actual, given_, average="macro", zero_division=0.0))


@given(rows=ANSWERS, data=st.data())
@settings(max_examples=40)
def test_a_weight_counts_a_row_as_often_as_it_says(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    weights = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))))
    actual, given_ = (np.array(side) for side in zip(*rows, strict=True))
    weighted = Tally.of(weights[None].astype(float), actual, given_, 3)
    repeated = Tally.of(once(int(weights.sum())), actual.repeat(weights), given_.repeat(weights), 3)
    np.testing.assert_allclose(weighted.f1, repeated.f1)
    np.testing.assert_allclose(weighted.macro_f1, repeated.macro_f1)


@given(rows=st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3)), min_size=2, max_size=40))
@settings(max_examples=80)
def test_areas_under_curves_are_those_of_scikit_learn_ties_and_weights_included(
    rows: list[tuple[bool, int, int]],
) -> None:
    positive, score, weight = (np.array(side) for side in zip(*rows, strict=True))
    roc, precision = areas_under_curves(weight[None].astype(float), positive, score / 6)
    drawn, value = positive.repeat(weight), score.repeat(weight)
    if not drawn.any() or drawn.all():
        assert np.isnan(roc[0])
        return
    assert roc[0] == pytest.approx(metrics.roc_auc_score(drawn, value))
    assert precision[0] == pytest.approx(metrics.average_precision_score(drawn, value))


def test_log_loss_is_that_of_scikit_learn_and_finite_for_a_probability_of_zero() -> None:
    probabilities, actual = np.array([[0.7, 0.3], [0.2, 0.8], [0.5, 0.5]]), np.array([0, 1, 1])
    assert log_loss(once(3), actual, probabilities)[0] == pytest.approx(metrics.log_loss(actual, probabilities))
    assert np.isfinite(log_loss(once(1), np.array([0]), np.array([[0.0, 1.0]])))


def test_calibration_error_by_hand() -> None:
    # two rows at 0.9, one right: 0.4 too sure; two at 0.6, both right: 0.4 too shy; mean 0.4
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    assert calibration_error(once(4), np.array([0, 1, 0, 0]), probabilities)[0] == pytest.approx(0.4)
    # a sure and right model is calibrated
    assert calibration_error(once(1), np.array([0]), np.array([[1.0, 0.0]]))[0] == pytest.approx(0)
