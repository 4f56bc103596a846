from __future__ import annotations

import numpy as np

from sluicegate.evidence.performance import measure_performance
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Resampling

RESAMPLING = Resampling(40, rounds=100, confidence=0.95, seed=0)


def answers(actual: list[int], yes: list[float]) -> Predictions:
    return Predictions(("no", "yes"), np.array(actual), np.array([[1 - share, share] for share in yes]))


def test_of_answers_that_are_no_probabilities_no_figure_is_computed() -> None:
    predictions = answers([0, 1] * 20, [0.2, 0.9] * 19 + [np.nan, 0.9])
    findings, figures = measure_performance(predictions, RESAMPLING, 10)
    assert {finding.why for finding in findings} == {"1 of 40 answers are no probabilities"}
    assert {estimate["value"] for estimate in figures["estimates"].values()} == {None}


def test_findings_stand_in_one_order_whether_measured_or_not() -> None:
    whole, _ = measure_performance(answers([0, 1] * 20, [0.2, 0.9] * 20), RESAMPLING, 10)
    broken, _ = measure_performance(answers([0, 1] * 20, [np.nan] * 40), RESAMPLING, 10)
    assert {finding.status for finding in whole} == {"measured"}
    assert [finding.check for finding in whole] == [finding.check for finding in broken]


def test_rows_of_a_single_label_give_it_no_recall() -> None:
    findings, _ = measure_performance(answers([1] * 40, [0.2, 0.9] * 20), RESAMPLING, 10)
    whys = {finding.check: finding.why for finding in findings}
    assert whys["performance.recall[yes]"] == "all rows have the same label"
