"""A tagger's figures on few rows, and on few entities: a figure that rests on nearly nothing is not told."""

from __future__ import annotations

import pytest

from sluicegate.evidence.finding import Finding
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.span_performance import measure_span_groups, measure_spans
from sluicegate.evidence.span_scores import Tagged
from sluicegate.spec.spans import Span

PERSON, PLACE = Span(0, 4, "PERSON"), Span(5, 9, "PLACE")
LABELS = ("PERSON", "PLACE")
SMALLEST = 30
OVERALL_PRECISION = {"performance.entity_precision", "performance.character_precision"}


def tagged(actual: list[list[Span]], given: list[list[Span]] | None = None) -> Tagged:
    """Answers; without `given`, all of them right."""
    return Tagged(LABELS, actual, actual if given is None else given)


def resampling(answers: Tagged) -> Resampling:
    return Resampling(len(answers.actual_N), 100, 0.95, 0)


def found(answers: Tagged) -> dict[str, Finding]:
    findings, _ = measure_spans(answers, resampling(answers), SMALLEST)
    return {finding.check: finding for finding in findings}


def test_two_rows_say_nothing_however_right_they_are() -> None:
    answers = tagged([[PERSON], [PERSON, PLACE]])
    findings, figures = measure_spans(answers, resampling(answers), SMALLEST)

    assert {(f.status, f.why) for f in findings} == {("not_evaluated", "2 rows, fewer than 30")}
    assert {estimate["value"] for estimate in figures["estimates"].values()} == {None}
    assert figures["labels"][0]["recall"] == {"value": None, "interval": None}


def test_many_entities_in_few_rows_say_nothing_either() -> None:
    many = [Span(at, at + 1, "PERSON") for at in range(0, 200, 2)]
    assert found(tagged([many] * 2))["performance.entity_recall"].why == "2 rows, fewer than 30"


def test_a_type_with_a_single_entity_has_no_figures_and_says_how_many_there_are() -> None:
    of = found(tagged([[PERSON]] * 60 + [[PERSON, PLACE]]))

    why = "1 entities of this type are there, fewer than 30"
    for name in ("entity_f1", "character_recall", "character_f1"):
        place = of[f"performance.{name}_of[PLACE]"]
        assert (place.status, place.why, place.n) == ("not_evaluated", why, 1)
    precision = of["performance.character_precision_of[PLACE]"]
    assert (precision.status, precision.why) == ("not_evaluated", "1 entities of this type were found, fewer than 30")
    assert {f.status for f in of.values() if "PLACE" not in f.check} == {"measured"}


@pytest.mark.parametrize(
    ("entities", "status"), [pytest.param(29, "not_evaluated", id="too few"), pytest.param(30, "measured", id="enough")]
)
def test_so_many_entities_of_a_type_are_enough(entities: int, status: str) -> None:
    of = found(tagged([[PLACE]] * entities + [[PERSON]] * 40))
    assert of["performance.character_recall_of[PLACE]"].status == status


def test_what_a_figure_of_a_type_rests_on_is_its_entities_and_that_of_all_types_the_rows() -> None:
    of = found(tagged([[PERSON, PLACE]] * 50 + [[]] * 10, [[PERSON, PLACE]] * 40 + [[]] * 20))

    assert of["performance.character_recall_of[PLACE]"].n == 50
    assert of["performance.entity_f1_of[PLACE]"].n == of["performance.character_f1_of[PLACE]"].n == 50
    assert of["performance.character_precision_of[PLACE]"].n == 40
    assert of["performance.character_recall"].n == of["performance.entity_precision"].n == 60


def test_a_tagger_that_finds_nothing_is_told_to_miss_all_and_its_precision_is_not() -> None:
    of = found(tagged([[PERSON, PLACE]] * 50, [[]] * 50))

    unsaid = {f.check for f in of.values() if f.status == "not_evaluated"}
    assert unsaid == OVERALL_PRECISION | {f"performance.character_precision_of[{label}]" for label in LABELS}
    assert of["performance.character_precision"].why == "0 entities were found, fewer than 30"
    assert of["performance.character_recall"].value == of["performance.entity_f1"].value == 0


def test_where_hardly_an_entity_is_there_only_precision_is_told() -> None:
    of = found(tagged([[PERSON]] * 3 + [[]] * 57, [[PERSON]] * 60))

    told = {f.check for f in of.values() if f.status == "measured"}
    assert told == OVERALL_PRECISION | {"performance.character_precision_of[PERSON]"}
    assert of["performance.character_coverage"].why == "3 entities are there, fewer than 30"
    assert of["performance.character_precision"].value == 3 / 60


def test_a_group_with_a_single_entity_is_told_and_no_summary_leaves_it_out() -> None:
    answers = tagged([[PERSON]] * 40 + [[PERSON]] + [[]] * 29)
    groups_N = ["en"] * 40 + ["zh"] * 30
    findings, figures = measure_span_groups(answers, "language", groups_N, resampling(answers), SMALLEST)

    assert {(f.status, f.why) for f in findings[:3]} == {
        ("not_evaluated", "1 of 2 groups with enough test rows hold fewer than 30 entities")
    }
    share = findings[3]
    assert (share.check, share.value, share.n) == ("group.evaluated_share[language]", 40 / 70, 70)
    en, zh = figures["groups"]
    assert (en["status"], en["character_recall"]["value"]) == ("measured", 1)
    why = "1 entities are there, fewer than 30"
    assert zh == {"group": "zh", "rows": 30, "status": "not_evaluated", "why": why}


def test_groups_of_few_rows_and_of_few_entities_are_both_named() -> None:
    answers = tagged([[PERSON]] * 40 + [[]] * 30 + [[PERSON]] * 5)
    groups_N = ["en"] * 40 + ["zh"] * 30 + ["de"] * 5
    findings, figures = measure_span_groups(answers, "language", groups_N, resampling(answers), SMALLEST)

    assert findings[0].why == (
        "1 of 3 groups have fewer than 30 test rows; 1 of 2 groups with enough test rows hold fewer than 30 entities"
    )
    assert [group.get("why", "") for group in figures["groups"]] == [
        "fewer than 30 test rows", "", "0 entities are there, fewer than 30"
    ]  # fmt: skip


def test_groups_with_enough_of_both_are_measured() -> None:
    answers = tagged([[PERSON]] * 80)
    findings, _ = measure_span_groups(answers, "language", ["en", "zh"] * 40, resampling(answers), SMALLEST)
    assert {f.status for f in findings} == {"measured"}
