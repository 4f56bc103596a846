from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.attacks.canaries import exposures, measure_canaries
from sluicegate.evidence.resampling import Resampling

RESAMPLING = Resampling(1, 200, 0.95, 0)
REFERENCES = np.arange(1.0, 128)  # 127 of them


def test_exposures_by_hand() -> None:
    # first of 128; third, behind 1 and 2; last; and level with 1, so half before and half behind it
    found = exposures(np.array([0.5, 2.5, 999, 1.0]), REFERENCES)
    assert found == pytest.approx([7, np.log2(128 / 3), 0, np.log2(128 / 1.5)])


@given(st.lists(st.integers(-20, 20), min_size=2, max_size=30))
def test_a_smaller_loss_is_never_less_exposed(losses: list[int]) -> None:
    found = exposures(np.sort(np.array(losses, dtype=float)), REFERENCES / 3)
    assert (np.diff(found) <= 0).all()
    assert (found >= 0).all()
    assert (found <= 7).all()


def test_canaries_that_left_no_trace_are_exposed_by_1_44_bits() -> None:
    random = np.random.default_rng(0)
    (mean, largest), _ = measure_canaries(
        random.normal(size=400), random.normal(size=2000), np.ones(400, dtype=np.int64), RESAMPLING
    )
    low, high = mean.interval or (9, 0)
    assert low <= 1 / np.log(2) <= high
    assert largest.value is not None
    assert largest.value > 7  # by chance, of so many


def test_canaries_learned_by_heart_show_all_that_the_references_can() -> None:
    (mean, largest), figures = measure_canaries(np.array([0.1, 0.2]), REFERENCES, np.array([1, 8]), RESAMPLING)
    assert mean.value == pytest.approx(7)
    assert largest.value == pytest.approx(7)
    assert (mean.n, mean.unit, figures["most_bits"]) == (2, "bits", 7)
    assert figures["exposures"] == [{"times": 1, "bits": 7.0}, {"times": 8, "bits": 7.0}]
    assert json.loads(json.dumps(figures)) == figures


def test_one_canary_has_no_interval() -> None:
    (mean, largest), _ = measure_canaries(np.array([5.5]), REFERENCES, np.array([1]), RESAMPLING, drawn_by=17)
    assert (mean.status, mean.interval) == ("measured", None)
    assert mean.seed == largest.seed == 17, "the resampling has no part in them, the draw of the texts has"


def test_without_canaries_there_is_nothing_to_measure() -> None:
    findings, _ = measure_canaries(np.array([]), REFERENCES, np.array([], dtype=np.int64), RESAMPLING)
    assert {f.status for f in findings} == {"not_applicable"}


@pytest.mark.parametrize(
    ("planted", "references", "why"),
    [
        pytest.param([1.0], np.arange(99.0), "among 99 random texts, fewer than 100", id="few references"),
        pytest.param([np.nan, 1.0], REFERENCES, "loss on 1 of 129 texts is not finite", id="NaN"),
        pytest.param([2.0], np.full(200, 2.0), "the same on every text", id="all equal"),
    ],
)
def test_nothing_is_concluded_from_too_little(planted: list[float], references: np.ndarray, why: str) -> None:
    findings, _ = measure_canaries(np.array(planted), references, np.ones(len(planted), dtype=np.int64), RESAMPLING)
    assert {f.status for f in findings} == {"not_evaluated"}
    assert all(why in f.why for f in findings)
