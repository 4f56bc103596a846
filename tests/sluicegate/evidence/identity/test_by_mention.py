"""Rates and areas under curves of groups that rows mention."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from sklearn.metrics import roc_auc_score

from sluicegate.evidence.finding import Finding
from sluicegate.evidence.identity.by_mention import measure_mentions
from sluicegate.evidence.identity.catalogue import IDENTITY_CATALOGUE
from sluicegate.evidence.identity.group_scores import Ranking
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.identity.terms import Term, Terms
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Resampling
from tests.sluicegate.evidence.made_up import answers

NONE = frozenset[str]()
WORDS = {"round": "ball", "square": "box", "flat": "mat"}
TERMS = Terms(tuple(Term("shape", group, (word,), NONE) for group, word in WORDS.items()), NONE)
SHAPE = Lexicon(TERMS, "shape")
YES_NO = ("no", "yes")


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.check.removeprefix("identity.").removesuffix("[shape]"): finding for finding in findings}


def scored(actual: Sequence[int], yes: Sequence[float]) -> Predictions:
    chance = np.array(yes, dtype=np.float64)
    return Predictions(YES_NO, np.array(actual, dtype=np.int64), np.stack([1 - chance, chance], axis=1))


def random_rows(seed: int, labels: int = 2, rows: int = 300) -> tuple[Predictions, list[str]]:
    random = np.random.default_rng(seed)
    given = random.dirichlet(np.ones(labels), rows)
    names = tuple(f"label {number}" for number in range(labels))
    texts = [str(word) for word in random.choice(["ball", "box", "mat"], rows)]
    return Predictions(names, random.integers(0, labels, rows), given), texts


def test_figures_by_hand() -> None:
    # ball: yes .9 and .6, no .7 and .1; box: yes .8 and .2, no .4 and .3; nothing: yes .75, no .35
    predictions = scored([1, 1, 0, 0, 1, 1, 0, 0, 1, 0], [0.9, 0.6, 0.7, 0.1, 0.8, 0.2, 0.4, 0.3, 0.75, 0.35])
    texts = ["a ball"] * 4 + ["The BOX"] * 4 + ["nothing"] * 2
    findings, figures = measure_mentions(predictions, texts, SHAPE, Resampling(10, 200, 0.9, 3), 2)
    found = by_name(findings)
    assert found["selection_rate_gap"].value == pytest.approx(3 / 4 - 1 / 4)
    assert found["equalized_odds_difference"].value == pytest.approx(1 / 2)  # found: 2/2, 1/2; wrongly given: 1/2, 0/2
    assert found["subgroup_auc_lowest"].value == pytest.approx(2 / 4)  # box: .8 is above both, .2 above none
    assert found["bpsn_auc_lowest"].value == pytest.approx(5 / 6)  # .8 .2 .75 against ball's .7 .1
    assert found["bnsp_auc_lowest"].value == pytest.approx(4 / 6)  # box's .8 .2 against .7 .1 .35
    assert found["evaluated_groups"].value == 1
    assert found["selection_rate_gap"].n == 8
    assert found["selection_rate_gap"].seed == 3
    assert found["selection_rate_gap"].interval is not None
    ball, box, mat = figures["groups"]
    assert (ball["rows"], box["rows"], mat["rows"]) == (4, 4, 0)
    assert ball["subgroup_auc"]["yes"]["value"] == pytest.approx(3 / 4)
    assert mat["status"] == "not_evaluated"
    assert "ball" not in json.dumps(figures)


def test_gaps_are_fairlearns_where_groups_do_not_overlap() -> None:
    predictions, texts = random_rows(1)
    found = by_name(measure_mentions(predictions, texts, SHAPE, Resampling(300, 100, 0.95, 0), 5)[0])
    actual, given = predictions.actual_N, predictions.given_N
    assert found["selection_rate_gap"].value == pytest.approx(
        demographic_parity_difference(actual, given, sensitive_features=texts)
    )
    assert found["equalized_odds_difference"].value == pytest.approx(
        equalized_odds_difference(actual, given, sensitive_features=texts)
    )


def test_of_several_labels_the_worst_against_the_rest_counts() -> None:
    predictions, texts = random_rows(2, labels=3)
    found = by_name(measure_mentions(predictions, texts, SHAPE, Resampling(300, 100, 0.95, 0), 5)[0])
    one_by_one = [
        equalized_odds_difference(predictions.actual_N == i, predictions.given_N == i, sensitive_features=texts)
        for i in range(3)
    ]
    assert found["equalized_odds_difference"].value == pytest.approx(max(one_by_one))


def test_areas_are_scikit_learns() -> None:
    predictions, texts = random_rows(3)
    predictions = Predictions(
        predictions.labels, predictions.actual_N, predictions.probabilities_NL.round(1)
    )  # with ties
    _, figures = measure_mentions(predictions, texts, SHAPE, Resampling(300, 100, 0.95, 0), 5)
    positive, scores = predictions.actual_N == 1, predictions.probabilities_NL[:, 1]
    for group, word in zip(figures["groups"], ("ball", "box", "mat"), strict=True):
        inside = np.array(texts) == word
        for name, of in {
            "subgroup_auc": inside,
            "bpsn_auc": (~inside & positive) | (inside & ~positive),
            "bnsp_auc": (~inside & ~positive) | (inside & positive),
        }.items():
            assert group[name]["label 1"]["value"] == pytest.approx(roc_auc_score(positive[of], scores[of]))


def test_a_model_that_takes_the_mention_for_the_label_has_a_low_bpsn_auc_alone() -> None:
    random = np.random.default_rng(4)
    actual = random.integers(0, 2, 400)
    texts = ["ball" if of else "box" for of in random.random(400) < 0.5]
    shown = np.clip(
        0.25 + 0.2 * actual + 0.4 * np.array([t == "ball" for t in texts]) + random.normal(0, 0.02, 400), 0, 1
    )
    _, figures = measure_mentions(scored(actual, shown), texts, SHAPE, Resampling(400, 100, 0.95, 0), 30)
    ball = figures["groups"][0]
    assert ball["subgroup_auc"]["yes"]["value"] > 0.99
    assert ball["bpsn_auc"]["yes"]["value"] < 0.05
    assert ball["bnsp_auc"]["yes"]["value"] > 0.99


def test_a_row_that_mentions_two_groups_counts_in_both() -> None:
    predictions = answers([0, 1, 0, 1], [0, 1, 1, 1], YES_NO)
    _, figures = measure_mentions(
        predictions, ["ball", "ball and box", "box", "box"], SHAPE, Resampling(4, 100, 0.95, 0), 1
    )
    assert [group["rows"] for group in figures["groups"]] == [2, 3, 0]


def test_groups_that_are_too_small_are_told_and_left_out() -> None:
    predictions, _ = random_rows(5, rows=40)
    texts = ["ball"] * 19 + ["box"] * 19 + ["mat"] * 2
    findings, figures = measure_mentions(predictions, texts, SHAPE, Resampling(40, 100, 0.95, 0), 5)
    found = by_name(findings)
    assert found["selection_rate_gap"].status == "measured"
    assert found["evaluated_groups"].value == pytest.approx(2 / 3)
    assert figures["groups"][2]["why"] == "mentioned in 2 test rows, fewer than 5"


WAYS_TO_FAIL = [
    pytest.param([0, 1] * 6, [0.2, 0.8] * 6, ["ball"] * 12, "a single group is mentioned", id="one group"),
    pytest.param([0, 1] * 6, [0.2, 0.8] * 6, ["ball", "box"] + ["x"] * 10, "no group is mentioned in 3", id="few"),
    pytest.param([0, 1] * 6, [0.8] * 12, ["ball", "ball", "box", "box"] * 3, "given the same label", id="all equal"),
    pytest.param([0, 1] * 6, [0.2, np.nan] * 6, ["ball", "ball", "box", "box"] * 3, "no finite numbers", id="NaN"),
]


@pytest.mark.parametrize(("actual", "yes", "texts", "why"), WAYS_TO_FAIL)
def test_what_means_nothing_is_not_evaluated(actual: list[int], yes: list[float], texts: list[str], why: str) -> None:
    findings, figures = measure_mentions(scored(actual, yes), texts, SHAPE, Resampling(12, 100, 0.95, 0), 3)
    gap = by_name(findings)["selection_rate_gap"]
    assert gap.status == "not_evaluated"
    assert why in gap.why
    json.dumps(figures, allow_nan=False)


def test_equal_probabilities_and_a_single_true_label_have_no_areas() -> None:
    texts = ["ball", "ball", "box", "box"] * 3
    resampling = Resampling(12, 100, 0.95, 0)
    equal = by_name(measure_mentions(scored([0, 1] * 6, [0.8] * 12), texts, SHAPE, resampling, 3)[0])
    assert equal["bpsn_auc_lowest"].why == "all test rows are given the same probabilities"
    single = by_name(measure_mentions(scored([1] * 12, [0.2, 0.8] * 6), texts, SHAPE, resampling, 3)[0])
    assert (
        single["equalized_odds_difference"].why
        == single["subgroup_auc_lowest"].why
        == "all test rows have the same label"
    )


def test_groups_without_rows_of_both_kinds_have_no_odds() -> None:
    texts = ["ball", "box"] * 6  # ball has the label never, box always
    found = by_name(
        measure_mentions(scored([0, 1] * 6, [0.2, 0.8] * 6), texts, SHAPE, Resampling(12, 100, 0.95, 0), 3)[0]
    )
    assert found["selection_rate_gap"].value == 1
    assert found["equalized_odds_difference"].status == "not_evaluated"
    assert found["subgroup_auc_lowest"].status == "not_evaluated"


def test_a_group_with_too_few_rows_of_a_label_is_compared_in_what_it_has_and_told() -> None:
    texts = ["ball"] * 12 + ["box"] * 8 + ["nothing"] * 3  # of yes ball has 6 rows, all found, and box 2, both missed
    actual, yes = [0, 1] * 6 + [0] * 6 + [1] * 5, [0.2, 0.8] * 6 + [0.2] * 8 + [0.8] * 3
    found = by_name(measure_mentions(scored(actual, yes), texts, SHAPE, Resampling(23, 100, 0.95, 0), 3)[0])
    assert found["selection_rate_gap"].value == pytest.approx(0.5)
    assert (found["selection_rate_gap"].n, found["bpsn_auc_lowest"].n) == (20, 20)
    odds = found["equalized_odds_difference"]
    assert odds.status == "not_evaluated"
    assert "no two groups have enough test rows, with and without a label" in odds.why
    assert found["bnsp_auc_lowest"].n == 12
    # of twelve figures box has no true positive rate, no area within, and none of its own against the background
    assert found["evaluated_groups"].value == pytest.approx(9 / 12)


def test_a_label_that_is_rare_in_one_group_is_left_out_of_the_odds_and_the_others_are_compared() -> None:
    texts = ["ball"] * 20 + ["box"] * 20
    rare = [2, 2, 2, 2]  # of ball, all wrong; box has one such row
    actual = [0] * 8 + [1] * 8 + rare + [0] * 10 + [1] * 9 + [2]
    given = [0] * 8 + [1] * 8 + [0] * 4 + [0] * 10 + [1] * 6 + [0] * 3 + [2]
    predictions = answers(actual, given, ("a", "b", "c"))
    found = by_name(measure_mentions(predictions, texts, SHAPE, Resampling(40, 100, 0.95, 0), 3)[0])
    assert found["equalized_odds_difference"].value == pytest.approx(1 / 3)  # of b: 8/8 in ball, 6/9 in box; c is out
    assert found["equalized_odds_difference"].n == 40
    assert found["evaluated_groups"].value is not None
    assert found["evaluated_groups"].value < 1


def test_an_attribute_that_no_row_mentions_is_not_applicable() -> None:
    predictions, _ = random_rows(6, rows=40)
    findings, _ = measure_mentions(predictions, ["nothing"] * 40, SHAPE, Resampling(40, 100, 0.95, 0), 5)
    assert {finding.status for finding in findings} == {"not_applicable"}


def test_a_label_that_is_never_given_makes_no_gap_of_zero() -> None:
    predictions = answers([0, 1, 2] * 4, [0, 1, 0] * 4)
    texts = ["ball", "box"] * 6
    findings, figures = measure_mentions(
        predictions, texts, SHAPE, Resampling(12, 100, 0.95, 0), 2, positive=predictions.labels[2]
    )
    assert by_name(findings)["selection_rate_gap"].status == "not_evaluated"
    assert figures["labels"] == ["positive"]


def test_rows_that_do_not_fit_are_refused() -> None:
    predictions, texts = random_rows(7, rows=40)
    with pytest.raises(ValueError, match="39 texts"):
        measure_mentions(predictions, texts[:-1], SHAPE, Resampling(40, 100, 0.95, 0), 5)
    with pytest.raises(ValueError, match="absent"):
        measure_mentions(predictions, texts, SHAPE, Resampling(40, 100, 0.95, 0), 5, positive="absent")


def test_areas_in_a_round_are_those_of_the_rows_drawn() -> None:
    predictions, texts = random_rows(8, rows=60)
    actual, scores = predictions.actual_N == 1, predictions.probabilities_NL[:, 1].round(1)
    weights = np.concatenate(list(Resampling(60, 5, 0.95, 0).weights_RN()))
    ranking = Ranking(weights, actual, predictions.given_N == 1, scores)
    inside = np.array(texts) == "ball"
    for positives, of in ((True, inside ^ actual), (False, ~(inside ^ actual))):
        expected = [roc_auc_score(actual[of], scores[of], sample_weight=weight[of]) for weight in weights]
        assert ranking.background_auc(inside, positives) == pytest.approx(expected)


def test_every_finding_and_only_those_is_in_the_catalogue() -> None:
    predictions, texts = random_rows(9)
    findings, _ = measure_mentions(predictions, texts, SHAPE, Resampling(300, 100, 0.95, 0), 5)
    known = {check.of("shape").name: check for check in IDENTITY_CATALOGUE}
    assert {finding.check for finding in findings} <= known.keys()
    assert all((finding.interval is not None) == known[finding.check].interval for finding in findings)
    assert len(findings) + 7 == len(known)  # three of templates, three of exchanged rows, one against what is live
