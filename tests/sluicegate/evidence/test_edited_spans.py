"""What a tagger keeps of what it found, by hand; perturbed and exchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from sluicegate.evidence.edited_spans import EditedSpans
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.identity.counterfactuals import FEWEST_UNITS
from sluicegate.evidence.identity.exchange_tests import ExchangeTest
from sluicegate.evidence.identity.exchanged_spans import measure_exchanged_spans
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.identity.terms import Term, Terms
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.robustness.perturbations import PERTURBATIONS
from sluicegate.evidence.robustness.perturbed_rows import PerturbedRows
from sluicegate.evidence.robustness.perturbed_spans import measure_perturbed_spans
from sluicegate.spec.spans import Span

ONES = np.ones((1, 1))
NAMES = ("Anna", "Boris", "Clara", "Dimitri")
TEXTS = [f"{name} wrote to us about the number {number}" for number in range(4) for name in NAMES]
ACTUAL = [[Span(0, text.index(" "), "PERSON")] for text in TEXTS]


def person(start: int, end: int) -> Span:
    return Span(start, end, "PERSON")


def knows(texts: Sequence[str], names: Sequence[str] = NAMES) -> list[list[Span]]:
    """A tagger that knows names, letter by letter."""
    found = [re.finditer(r"\w+", text) for text in texts]
    return [[person(m.start(), m.end()) for m in matches if m[0] in names] for matches in found]


def one_row(edits: dict[int, str], before: list[Span], after: list[Span]) -> tuple[float, float]:
    """Recall kept and flips of “Ada Lovelace met Bo”, of whom both are persons."""
    actual = [person(0, 12), person(17, 19)]
    counts = EditedSpans.of(["Ada Lovelace met Bo"], [edits], [actual], [before], [after])
    return float(counts.recall_kept(ONES)[0]), float(counts.flip_share(ONES)[0])


def test_what_is_found_again_where_it_went_is_kept() -> None:
    doubled = {3: "  ", 12: "  ", 16: "  "}
    assert one_row(doubled, [person(0, 12), person(17, 19)], [person(0, 13), person(20, 22)]) == (1, 0)


def test_characters_that_are_found_no_more_are_counted() -> None:
    before = [person(0, 12), person(17, 19)]
    assert one_row({}, before, [person(0, 3), person(17, 19)]) == (pytest.approx(5 / 14), 1)
    assert one_row({}, before, [Span(0, 12, "PLACE"), person(17, 19)]) == (pytest.approx(2 / 14), 1)
    assert one_row({}, before, []) == (0, 1)


def test_what_is_found_besides_makes_up_for_nothing() -> None:
    # before, only “Ada” of the first and nothing of the second; afterwards all of the second
    assert one_row({}, [person(0, 3)], [person(17, 19)]) == (0, 1)
    assert one_row({}, [person(0, 3)], [person(0, 12), person(17, 19)]) == (1, 1)


def test_an_entity_of_which_nothing_is_left_is_not_missed() -> None:
    gone = dict.fromkeys(range(17, 19), "")
    assert one_row(gone, [person(0, 12), person(17, 19)], [person(0, 12)]) == (1, 0)


def test_nothing_found_before_is_no_share() -> None:
    assert np.isnan(one_row({}, [], [person(0, 12)])[0])


def perturbed(names: Sequence[str] = NAMES, smallest: int = 4) -> tuple[dict[str, Finding], dict]:
    rows = PerturbedRows.of(TEXTS, 5)
    given, after = knows(TEXTS, names), knows(rows.ask(), names)
    resampling = Resampling(99, 200, 0.95, 0)
    findings, figures = measure_perturbed_spans(rows, ACTUAL, given, after, resampling, smallest)
    return {finding.check.removeprefix("robustness."): finding for finding in findings}, figures


def test_a_tagger_of_exact_names_loses_them_all_to_capitals_and_none_to_spaces() -> None:
    found, figures = perturbed()
    assert found["recall_kept[upper_case]"].value == 0
    assert found["flip_share[upper_case]"].value == 1
    assert found["recall_kept[doubled_spaces]"].value == 1
    assert found["flip_share[doubled_spaces]"].value == 0
    assert found["recall_kept_lowest"].value == 0
    assert found["recall_kept[upper_case]"].n == len(TEXTS)
    low, high = found["recall_kept_lowest"].interval or (1, 0)
    assert (low, high) == pytest.approx((0, exact_interval(0, len(TEXTS), 0.95, len(PERTURBATIONS))[1]))
    assert figures["worst"] in ("upper_case", "lower_case", "full_width")
    assert [kind["kind"] for kind in figures["kinds"]] == list(PERTURBATIONS)


def test_only_what_was_found_before_counts() -> None:
    found, _ = perturbed(names=("Anna", "boris"))
    assert found["recall_kept[upper_case]"].n == 4  # the four rows with Anna
    # Boris is found once written small, which makes up for no Anna
    assert found["recall_kept[lower_case]"].value == 0


def test_too_few_entities_are_told_and_the_worst_is_not_measured() -> None:
    found, figures = perturbed(names=("Anna",), smallest=5)
    why = "4 entities were found before, fewer than 5"
    assert (found["recall_kept[swap]"].status, found["recall_kept[swap]"].why) == ("not_evaluated", why)
    worst = found["recall_kept_lowest"]
    assert worst.status == "not_evaluated"
    assert worst.why.startswith("11 of 11 kinds are not evaluated")
    assert figures["worst"] is None


def test_an_answer_that_cannot_be_used_leaves_its_kind_without_a_figure_and_no_other() -> None:
    rows = PerturbedRows.of(TEXTS, 5)
    after = [None, *knows(rows.ask(), NAMES)[1:]]
    findings, figures = measure_perturbed_spans(rows, ACTUAL, knows(TEXTS, NAMES), after, Resampling(9, 99, 0.95, 0), 4)
    first, *others = [kind for kind in figures["kinds"] if kind["changed_rows"]]
    assert {kind["status"] for kind in others} == {"measured"}
    [finding] = [f for f in findings if f.check == f"robustness.recall_kept[{first['kind']}]"]
    assert (finding.status, finding.why) == ("not_evaluated", f"1 of {len(TEXTS)} answers are no spans")


def test_an_exchanged_text_whose_answer_cannot_be_used_is_no_evidence() -> None:
    texts = [f"Anna has number {number}" for number in range(12)]
    test, given = ExchangeTest.of(PEOPLE, texts, 0), knows(texts, ["Anna"])
    after = [None, *knows(list(test.texts[1:]), ["Zofia"])]
    findings, figures = measure_exchanged_spans(test, texts, given, given, after, 200, 0.95)
    assert {f.why for f in findings} == {figures["why"]} == {"1 of 12 answers are no spans"}


def test_a_kind_that_changes_nothing_does_not_apply() -> None:
    texts = ["王小明到了"] * 6
    actual = [[person(0, 3)]] * 6
    rows = PerturbedRows.of(texts, 0)
    after = [[person(0, 3)]] * len(rows.ask())
    findings, _ = measure_perturbed_spans(rows, actual, actual, after, Resampling(6, 100, 0.95, 0), 2)
    found = {finding.check: finding for finding in findings}
    assert found["robustness.recall_kept[upper_case]"].status == "not_applicable"
    assert found["robustness.recall_kept[swap]"].status == "measured"


def test_as_many_answers_as_questions_are_wanted() -> None:
    with pytest.raises(ValueError, match="0 answers to"):
        measure_perturbed_spans(PerturbedRows.of(TEXTS, 5), ACTUAL, ACTUAL, [], Resampling(9, 100, 0.95, 0), 2)


NAME = frozenset({"name"})
PEOPLE = Lexicon(
    Terms((Term("people", "ours", ("Anna",), NAME), Term("people", "theirs", ("Zofia",), NAME)), frozenset()), "people"
)


def exchanged(texts: list[str], knows_names: Sequence[str]) -> tuple[dict[str, Finding], dict]:
    test = ExchangeTest.of(PEOPLE, texts, 0)
    actual, given = knows(texts, ("Anna", "Zofia")), knows(texts, knows_names)
    findings, figures = measure_exchanged_spans(
        test, texts, actual, given, knows(list(test.texts), knows_names), 200, 0.95
    )
    return {finding.check: finding for finding in findings}, figures


def test_names_of_one_group_that_are_not_known_show() -> None:
    rows = [f"Anna has number {number}" for number in range(12)] + ["nobody"] * 5
    found, figures = exchanged(rows, ["Anna"])
    assert found["identity.exchange_recall_kept[people]"].value == 0
    assert found["identity.exchange_flips[people]"].value == 1
    assert found["identity.exchange_flips[people]"].interval == exact_interval(12, 12, 0.95)
    assert (figures["units"], figures["entities"]) == (12, 12)

    fair, _ = exchanged(rows, ["Anna", "Zofia"])
    assert fair["identity.exchange_recall_kept[people]"].value == 1
    assert fair["identity.exchange_flips[people]"].value == 0


def test_the_share_of_texts_that_flip_has_the_exact_interval() -> None:
    texts = [f"Anna has number {number}" for number in range(12)]
    test = ExchangeTest.of(PEOPLE, texts, 0)
    given = knows(texts, ["Anna"])
    after = [[], [], [], *knows(list(test.texts[3:]), ["Zofia"])]
    (flips, _), _ = measure_exchanged_spans(test, texts, given, given, after, 200, 0.95)
    assert (flips.value, flips.n) == (0.25, 12)
    assert flips.interval == exact_interval(3, 12, 0.95)


def test_few_rows_or_entities_are_not_evaluated_and_none_does_not_apply() -> None:
    few, _ = exchanged(["Anna has a number"] * 3, ["Anna"])
    assert {f.why for f in few.values()} == {f"3 texts to exchange a term in, fewer than {FEWEST_UNITS}"}
    blind, _ = exchanged([f"Anna has number {number}" for number in range(12)], [])
    assert {f.status for f in blind.values()} == {"not_evaluated"}
    assert {f.why for f in blind.values()} == {f"0 entities were found before, fewer than {FEWEST_UNITS}"}
    none, figures = exchanged(["nobody"] * 20, ["Anna"])
    assert {f.status for f in none.values()} == {"not_applicable"}
    assert figures["status"] == "not_applicable"


def test_an_exchange_tells_what_becomes_of_each_character() -> None:
    texts = [f"Mr Anna and Anna, {Random(number).random()}" for number in range(12)]
    test = ExchangeTest.of(PEOPLE, texts, 0)
    assert all(new == old.replace("Anna", "Zofia") for old, new in zip(texts, test.texts, strict=True))
    assert (
        EditedSpans.of(texts, test.edits, knows(texts), knows(texts), knows(test.texts, ["Zofia"])).entities_C.tolist()
        == [2] * 12
    )
