from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from sluicegate.evidence.data_quality import measure_data
from sluicegate.evidence.finding import Finding

PARTS = {
    "train": pd.DataFrame(
        {"text": ["One lamp", "one  LAMP", "two", "three"], "label": ["up", "down", "up", "up"]},
    ),
    "validation": pd.DataFrame({"text": ["four"], "label": ["up"]}),
    "test": pd.DataFrame({"text": ["FOUR", "five"], "label": ["up", "down"]}),
}
VALIDATION = {"success": True, "statistics": {"rows": 10, "quarantined_rows": 3}}
SCRUBBING = {"texts": 10, "residual_texts": 1, "residual": {"PERSON": 2}, "by_entity": {}}


def found(validation: dict[str, Any], scrubbing: dict[str, Any]) -> dict[str, Finding]:
    findings, _ = measure_data(PARTS, ("down", "up"), validation, scrubbing)
    return {finding.check.removeprefix("data."): finding for finding in findings}


def test_shares_by_hand() -> None:
    values = {name: finding.value for name, finding in found(VALIDATION, SCRUBBING).items()}
    assert values == {
        "validation_success": 1,
        "quarantined_share": pytest.approx(0.3),
        "scrub_residual": pytest.approx(0.1),
        "duplicate_share": pytest.approx(1 / 4),  # the second lamp
        "leaked_share": pytest.approx(1 / 2),  # FOUR is in the validation rows
        "conflicting_share": pytest.approx(2 / 4),  # both lamps
        "label_share_lowest": pytest.approx(1 / 4),
        "test_rows": 2,
    }


@pytest.mark.parametrize(
    ("validation", "scrubbing", "check"),
    [
        pytest.param({}, SCRUBBING, "validation_success", id="no outcome"),
        pytest.param({"success": "yes"}, SCRUBBING, "validation_success", id="an outcome of another type"),
        pytest.param({"success": True}, SCRUBBING, "quarantined_share", id="no counts"),
        pytest.param(
            {"success": True, "statistics": {"rows": 0, "quarantined_rows": 0}},
            SCRUBBING,
            "quarantined_share",
            id="no rows",
        ),
        pytest.param(VALIDATION, {}, "scrub_residual", id="no scrubbing report"),
        pytest.param(VALIDATION, {"texts": 10}, "scrub_residual", id="no second scan"),
    ],
)
def test_what_a_report_does_not_say_is_not_evaluated(
    validation: dict[str, Any], scrubbing: dict[str, Any], check: str
) -> None:
    assert found(validation, scrubbing)[check].status == "not_evaluated"


def test_a_suite_that_failed_is_measured_as_no() -> None:
    assert found({**VALIDATION, "success": False}, SCRUBBING)["validation_success"].value == 0
