from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import ValidationError

from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated, repeated


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"status": "measured"}, "without a finite value", id="measured without a value"),
        pytest.param({"status": "measured", "value": math.nan}, "finite", id="measured as NaN"),
        pytest.param(
            {"status": "not_evaluated", "why": "late", "value": 1.0}, "with a value", id="value beside a reason"
        ),
        pytest.param({"status": "not_evaluated"}, "without saying why", id="no reason"),
        pytest.param({"status": "not_applicable", "why": "  "}, "without saying why", id="blank reason"),
        pytest.param(
            {"status": "measured", "value": 0.5, "interval": (0.6, 0.4), "confidence": 0.95},
            "in order",
            id="interval turned",
        ),
        pytest.param(
            {"status": "measured", "value": 0.5, "interval": (0.4, 0.6)}, "confidence", id="interval of no level"
        ),
    ],
)
def test_a_finding_that_could_be_misread_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Finding(check="performance.accuracy", **fields)


def test_a_number_that_is_not_finite_becomes_not_evaluated() -> None:
    finding = measured("performance.roc_auc", math.nan, n=4)
    assert (finding.status, finding.value, finding.n) == ("not_evaluated", None, 4)
    assert finding.why


def test_an_interval_that_is_not_finite_is_left_out_with_its_level_and_the_seed_stays() -> None:
    finding = measured("performance.accuracy", 0.5, interval=(math.nan, 1.0), confidence=0.95, seed=3)
    assert (finding.value, finding.interval, finding.confidence, finding.seed) == (0.5, None, None, 3)


def test_a_bound_keeps_the_confidence_with_which_it_holds() -> None:
    finding = measured("privacy.epsilon_excess", 0.5, confidence=0.95, is_bound=True)
    assert (finding.interval, finding.confidence) == (None, 0.95)


def test_a_finding_survives_json() -> None:
    finding = measured("performance.accuracy", 0.5, n=10, interval=(0.4, 0.6), confidence=0.9, seed=0, against="ab")
    assert Finding.model_validate(finding.model_dump(mode="json")) == finding


def test_the_same_check_against_another_release_is_no_repetition() -> None:
    first, second = (
        measured("comparison.disagreement", 0.1, against="a"),
        measured("comparison.disagreement", 0.2, against="b"),
    )
    assert repeated([first, second]) == ()
    assert repeated([first, second, first]) == ("comparison.disagreement",)


def test_reasons_stand_where_values_would() -> None:
    assert not_evaluated("a.b", "too few rows").status == "not_evaluated"
    assert not_applicable("a.b", "nothing is live").value is None
