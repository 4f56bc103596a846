from __future__ import annotations

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, demographic_parity_difference
from sklearn.metrics import accuracy_score

from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.groups import MOST_GROUPS, measure_groups
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.words import group as in_words
from tests.sluicegate.evidence.made_up import answers

YES_NO = ("no", "yes")


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.check.removeprefix("group.").removesuffix("[place]"): finding for finding in findings}


def test_gaps_and_lowest_by_hand() -> None:
    # shop: three of four right, given yes once; street: one of four right, given yes three times
    predictions = answers([0, 0, 1, 1, 0, 0, 1, 1], [0, 0, 1, 0, 1, 1, 0, 1], YES_NO)
    places = ["shop"] * 4 + ["street"] * 4
    findings, figures = measure_groups(predictions, "place", places, Resampling(8, 100, 0.95, 0), 2)
    found = by_name(findings)
    assert found["accuracy_lowest"].value == pytest.approx(1 / 4)
    assert found["accuracy_gap"].value == pytest.approx(2 / 4)
    assert found["selection_rate_gap"].value == pytest.approx(2 / 4)
    assert found["recall_gap"].value == pytest.approx(1)  # of no: 2/2 against 0/2
    assert found["macro_f1_lowest"].value == pytest.approx((0 + 2 / 5) / 2)
    assert found["evaluated_share"].value == 1
    assert [group["rows"] for group in figures["groups"]] == [4, 4]
    assert figures["groups"][0]["recall"] == {"no": 1.0, "yes": 0.5}


def test_one_stray_answer_does_not_add_a_label_to_a_group() -> None:
    # shop has no “other”: of “no” and “yes” 2 of 2 and 1 of 2 are found, and “other” is given once
    labels = ("no", "yes", "other")
    predictions = answers([0, 0, 1, 1, 0, 1, 2, 2], [0, 0, 1, 2, 0, 1, 2, 2], labels)
    places = ["shop"] * 4 + ["street"] * 4
    findings, figures = measure_groups(predictions, "place", places, Resampling(8, 100, 0.95, 0), 2)
    shop = (1 + 2 / 3) / 2
    assert figures["groups"][0]["macro_f1"]["value"] == pytest.approx(shop)
    assert by_name(findings)["macro_f1_lowest"].value == pytest.approx(shop)
    assert by_name(findings)["macro_f1_gap"].value == pytest.approx(1 - shop)


def test_the_gap_in_selection_rates_is_fairlearns_demographic_parity_difference() -> None:
    random = np.random.default_rng(1)
    actual, given, places = random.integers(0, 2, 200), random.integers(0, 2, 200), random.choice(["a", "b", "c"], 200)
    findings, _ = measure_groups(
        answers(actual, given, YES_NO), "place", list(places), Resampling(200, 100, 0.95, 0), 5
    )
    expected = demographic_parity_difference(actual, given, sensitive_features=places)
    assert by_name(findings)["selection_rate_gap"].value == pytest.approx(expected)


def test_intervals_are_those_of_fairlearns_own_bootstrap() -> None:
    random = np.random.default_rng(2)
    actual = random.integers(0, 2, 300)
    given = np.where(random.random(300) < 0.75, actual, 1 - actual)
    places = random.choice(["a", "b"], 300)
    _, figures = measure_groups(answers(actual, given, YES_NO), "place", list(places), Resampling(300, 2000, 0.9, 0), 5)
    frame = MetricFrame(
        metrics=accuracy_score, y_true=actual, y_pred=given, sensitive_features=places,
        n_boot=400, ci_quantiles=[0.05, 0.95], random_state=0,
    )  # fmt: skip
    for group in figures["groups"]:
        theirs = [quantile[group["group"]] for quantile in frame.by_group_ci]
        assert group["accuracy"]["interval"] == pytest.approx(theirs, abs=0.02)
        assert group["accuracy"]["value"] == pytest.approx(frame.by_group[group["group"]])


def test_a_group_that_is_too_small_keeps_the_summaries_from_being_measured() -> None:
    predictions = answers([0, 1] * 5, [0, 1] * 5, YES_NO)
    places = ["shop"] * 8 + ["street"] * 2
    findings, figures = measure_groups(predictions, "place", places, Resampling(10, 100, 0.95, 0), 3)
    found = by_name(findings)
    assert found["macro_f1_lowest"].status == "not_evaluated"
    assert found["macro_f1_lowest"].why == "1 of 2 groups have fewer than 3 test rows"
    assert found["evaluated_share"].value == pytest.approx(0.8)
    assert [group["status"] for group in figures["groups"]] == ["measured", "not_evaluated"]


def test_groups_are_not_ranked_by_answers_that_are_all_the_same() -> None:
    predictions = answers([0] * 9 + [1] * 11, [0] * 20, YES_NO)
    places = ["shop"] * 10 + ["street"] * 10
    _, figures = measure_groups(predictions, "place", places, Resampling(20, 100, 0.95, 0), 5)
    told = {(each["status"], each["why"]) for each in figures["groups"]}
    assert told == {("not_evaluated", "all rows are given the same label")}
    [said] = in_words(Dossier.model_construct(lineage={}), {"groups": [figures]})
    assert said == "By place: 2 of 2 groups are not measured (all rows are given the same label)."


def test_groups_without_a_test_row_are_told_apart_from_those_with_few() -> None:
    predictions = answers([0, 1] * 5, [0, 1] * 5, YES_NO)
    places, known = ["shop"] * 8 + ["street"] * 2, {"shop": 9, "street": 2, "market": 3, "marked": 2, "fair": 0}
    findings, figures = measure_groups(predictions, "place", places, Resampling(10, 100, 0.95, 0), 3, known)
    why = "1 of 3 groups have fewer than 3 test rows; 1 of 3 groups have 3 training rows or more and no test row"
    assert by_name(findings)["accuracy_gap"].why == why
    rows = {group["group"]: group["rows"] for group in figures["groups"]}
    assert rows == {"fair": 0, "marked": 0, "market": 0, "shop": 8, "street": 2}


def test_many_odd_values_among_training_rows_stop_nothing() -> None:
    odd = {f"odd{number:02}": 1 for number in range(2 * MOST_GROUPS)}
    places = ["shop"] * 4 + ["street"] * 4
    findings, figures = measure_groups(
        answers([0, 1] * 4, [0, 1] * 4, YES_NO), "place", places, Resampling(8, 100, 0.95, 0), 3, odd
    )
    assert by_name(findings)["accuracy_gap"].value == 0
    assert len(figures["groups"]) == 2 + MOST_GROUPS


def test_no_group_that_is_large_enough_is_told_as_such() -> None:
    findings, _ = measure_groups(answers([0, 1], [0, 1], YES_NO), "place", ["a", "b"], Resampling(2, 100, 0.95, 0), 3)
    assert by_name(findings)["evaluated_share"].value == 0
    assert by_name(findings)["accuracy_gap"].status == "not_evaluated"


def test_a_column_of_one_group_has_no_gap() -> None:
    findings, _ = measure_groups(answers([0, 1], [0, 1], YES_NO), "place", ["a", "a"], Resampling(2, 100, 0.95, 0), 1)
    assert by_name(findings)["accuracy_gap"].why == "the column has a single group in the test rows"


def test_a_column_that_names_every_row_is_no_group_column() -> None:
    count = MOST_GROUPS + 1
    places = [f"p{number}" for number in range(count)]
    findings, figures = measure_groups(
        answers([0] * count, [0] * count), "place", places, Resampling(count, 100, 0.95, 0), 1
    )
    assert by_name(findings)["accuracy_gap"].why == f"the column has {count} groups, more than {MOST_GROUPS}"
    assert figures["groups"] == []


def test_a_label_with_few_rows_in_a_group_does_not_make_a_recall_gap_and_is_told() -> None:
    # yes has a single row in each group: found in one, missed in the other
    predictions = answers([0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0, 1, 0, 0, 0, 0], YES_NO)
    findings, _ = measure_groups(predictions, "place", ["a"] * 4 + ["b"] * 4, Resampling(8, 100, 0.95, 0), 3)
    found = by_name(findings)
    assert found["recall_gap"].value == 0
    assert found["evaluated_share"].value == pytest.approx(6 / 8)
