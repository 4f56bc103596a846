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
    "test": pd.DataFrame({"text": ["FO\u200bUR", "five"], "label": ["up", "down"]}),
}
REPORTS: dict[str, dict[str, Any]] = {
    "source": {"rows_in_source": 20, "rows_refused": 1},
    "validation": {"success": True, "statistics": {"rows": 10, "quarantined_rows": 3}},
    "scrubbing": {
        "texts": 10,
        "residual_texts": 1,
        "residual": {"PERSON": 2},
        "by_entity": {},
        "canaries": {
            "seed": 6,
            "by_entity": {"PERSON": {"planted": 5, "found": 3}, "EMAIL_ADDRESS": {"planted": 5, "found": 5}},
        },
    },
    "hygiene": {
        "rows": 40,
        "dropped": {
            "duplicate": 3,
            "near_duplicate": 1,
            "evaluation_same": 2,
            "conflicting_label": 5,
            "evaluation_near": 1,
        },
        "near": {"pairs_not_compared": 12, "rows_not_compared": 6, "rows_considered": 24},
        "contamination": {"quiz": {"texts": 9, "same": 2, "near": 1, "quote": 0}},
        "contaminated_rows": 3,
        "harm": {"scored": 20.0, "harmful": 1.0, "threshold": 0.5},
    },
    "licences": {
        "data": {"expression": "CC-BY-NC-4.0", "reach": "restricted", "number": 2},
        "base_model": {"expression": "Ours-1.0", "reach": None, "why": "Ours-1.0 is not in the table", "number": None},
    },
}


def found(reports: dict[str, Any]) -> dict[str, Finding]:
    findings, _ = measure_data(PARTS, ("down", "up"), reports)
    return {finding.check.removeprefix("data."): finding for finding in findings}


def test_shares_by_hand() -> None:
    values = {name: finding.value for name, finding in found(REPORTS).items()}
    assert values == {
        "refused_share": pytest.approx(1 / 20),
        "validation_success": 1,
        "quarantined_share": pytest.approx(0.3),
        "scrub_residual": pytest.approx(0.1),
        "canary_recall": pytest.approx(8 / 10),
        "canary_recall_direct": pytest.approx(1),
        "dropped_duplicate_share": pytest.approx(4 / 40),
        "uncompared_share": pytest.approx(6 / 24),
        "contaminated_share": pytest.approx(3 / 40),
        "harmful_share": pytest.approx(1 / 20),
        "licence_reach": 2,
        "base_model_licence_reach": None,
        "duplicate_share": pytest.approx(1 / 4),  # the second lamp
        "leaked_share": pytest.approx(1 / 2),  # FOUR is in the validation rows
        "conflicting_share": pytest.approx(2 / 4),  # both lamps
        "label_share_lowest": pytest.approx(1 / 4),
        "test_rows": 2,
    }


def test_the_interval_of_the_canaries_is_wilsons() -> None:
    low, high = found(REPORTS)["canary_recall"].interval or (0, 0)
    assert found(REPORTS)["canary_recall"].seed == 6
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)  # 8 of 10, by the formula, z = 1.96


def test_an_unknown_licence_is_not_evaluated_and_says_which() -> None:
    finding = found(REPORTS)["base_model_licence_reach"]
    assert (finding.status, finding.why) == ("not_evaluated", "Ours-1.0: Ours-1.0 is not in the table")


def test_what_the_spec_does_not_ask_for_is_not_applicable() -> None:
    clean = REPORTS["hygiene"] | {"contamination": {}, "harm": {}}
    values = found(REPORTS | {"hygiene": clean})
    assert values["contaminated_share"].status == "not_applicable"
    skipped = found(REPORTS | {"scrubbing": {"skipped": "the texts are generated", "texts": 3}})
    names = ("scrub_residual", "canary_recall", "canary_recall_direct")
    assert {skipped[name].status for name in names} == {"not_applicable"}


def test_contaminated_rows_are_those_of_all_sets_together() -> None:
    """Of 40 rows 12 touch some set, 3 of them two sets; the largest single count is 5."""
    sets = {
        "quiz": {"texts": 9, "same": 5, "near": 2, "quote": 2},
        "exam": {"texts": 9, "same": 5, "near": 1, "quote": 0},
    }
    tagged = REPORTS["hygiene"] | {"dropped": {"duplicate": 3}, "contamination": sets, "contaminated_rows": 12}
    assert found(REPORTS | {"hygiene": tagged})["contaminated_share"].value == pytest.approx(12 / 40)


def test_a_cleaning_report_that_does_not_count_contaminated_rows_is_not_evaluated() -> None:
    old = {key: value for key, value in REPORTS["hygiene"].items() if key != "contaminated_rows"}
    finding = found(REPORTS | {"hygiene": old})["contaminated_share"]
    assert (finding.status, finding.why) == ("not_evaluated", "the report of the cleaning does not say")


def test_a_check_for_harm_that_did_not_run_is_not_evaluated() -> None:
    assert found(REPORTS | {"hygiene": REPORTS["hygiene"] | {"harm": {}}})["harmful_share"].status == "not_evaluated"


@pytest.mark.parametrize(
    ("report", "value", "checks"),
    [
        pytest.param("validation", {}, ["validation_success", "quarantined_share"], id="no outcome"),
        pytest.param("validation", {"success": "yes"}, ["validation_success"], id="an outcome of another type"),
        pytest.param("validation", {"success": True}, ["quarantined_share"], id="no counts"),
        pytest.param(
            "validation",
            {"success": True, "statistics": {"rows": 0, "quarantined_rows": 0}},
            ["quarantined_share"],
            id="no rows",
        ),
        pytest.param("scrubbing", {}, ["scrub_residual", "canary_recall", "canary_recall_direct"], id="no scrubbing"),
        pytest.param("scrubbing", {"texts": 10}, ["scrub_residual", "canary_recall"], id="no second scan"),
        pytest.param(
            "scrubbing",
            REPORTS["scrubbing"] | {"canaries": {"by_entity": {"PERSON": {"planted": 5, "found": 5}}}},
            ["canary_recall_direct"],
            id="no direct identifier planted",
        ),
        pytest.param("source", {}, ["refused_share"], id="no reading"),
        pytest.param(
            "hygiene", {}, ["dropped_duplicate_share", "uncompared_share", "contaminated_share"], id="no cleaning"
        ),
        pytest.param(
            "hygiene",
            REPORTS["hygiene"] | {"near": {"clusters": 2, "pairs_not_compared": 12}},
            ["uncompared_share"],
            id="rows not counted",
        ),
        pytest.param("licences", {}, ["licence_reach", "base_model_licence_reach"], id="no licence"),
    ],
)
def test_what_a_report_does_not_say_is_not_evaluated(report: str, value: dict[str, Any], checks: list[str]) -> None:
    values = found(REPORTS | {report: value})
    assert {values[check].status for check in checks} == {"not_evaluated"}


def test_where_no_near_duplicates_are_looked_for_none_can_be_left() -> None:
    finding = found(REPORTS | {"hygiene": REPORTS["hygiene"] | {"near": {}}})["uncompared_share"]
    assert (finding.status, finding.why) == ("not_applicable", "the spec looks for no near duplicates")


def test_a_suite_that_failed_is_measured_as_no() -> None:
    failed = REPORTS["validation"] | {"success": False}
    assert found(REPORTS | {"validation": failed})["validation_success"].value == 0
