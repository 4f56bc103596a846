"""Answers to texts that differ in a term."""

from __future__ import annotations

import json
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sluicegate.errors import InputRefused
from sluicegate.evidence.edits import edited
from sluicegate.evidence.identity.articles import fit_article
from sluicegate.evidence.identity.catalogue import IDENTITY_CATALOGUE
from sluicegate.evidence.identity.exchange import exchange as exchanging
from sluicegate.evidence.identity.exchange_tests import ExchangeTest
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.identity.template_tests import TemplateTest
from sluicegate.evidence.identity.templates import Template, read_templates
from sluicegate.evidence.identity.terms import Term, Terms, read_terms, with_names
from sluicegate.evidence.proportions import exact_interval

SHIPPED = with_names(read_terms())
LEXICONS = {attribute: Lexicon(SHIPPED, attribute) for attribute in SHIPPED.attributes()}
TEMPLATES = read_templates()
ONE = frozenset({"one"})
TWO = Lexicon(
    Terms((Term("shape", "round", ("ball",), ONE), Term("shape", "square", ("box",), ONE)), frozenset()), "shape"
)
TWELVE = [Template("one", f"the {{}} number {number}") for number in range(12)]


def exchange(text: str, lexicon: Lexicon, draw: Random) -> str | None:
    edits = exchanging(text, lexicon, draw)
    return edited(text, edits) if edits else None


def yes(chances: list[float]) -> NDArray[np.float64]:
    return np.array([[1 - chance, chance] for chance in chances])


@pytest.mark.parametrize(
    ("before", "word", "expected"),
    [
        ("He is a ", "atheist", "He is an "),
        ("An ", "Muslim", "A "),
        ("an ", "European", "a "),
        ("a ", "Ukrainian", "a "),
        ("the ", "old", "the "),
        ("saga ", "old", "saga "),
    ],
)
def test_the_article_fits_the_word(before: str, word: str, expected: str) -> None:
    assert fit_article(before, word) == expected


@pytest.mark.parametrize(
    ("attribute", "text", "expected"),
    [
        ("gender", "He told her that his mother left.", "She told him that her father left."),
        ("gender", "SHE SAID IT IS HERS", "HE SAID IT IS HIS"),
        ("gender", "women and men", "men and women"),
        ("gender", "他和他的妻子弹吉他", "她和她的丈夫弹吉他"),
        ("age", "An old man and a young man", "A young man and an old man"),
    ],
)
def test_two_groups_take_each_others_place(attribute: str, text: str, expected: str) -> None:
    only_two = Terms(tuple(t for t in SHIPPED.terms if t.group != "transgender"), SHIPPED.no_terms)
    swapped = exchange(text, Lexicon(only_two, attribute), Random(0))
    assert swapped is not None
    assert swapped.replace("elderly", "old") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He is a Big.", "He is an ill."),
        ("Big is good", "Ill is good"),
        ("No. Big too", "No. Ill too"),
        ("so BIG", "so ILL"),
        ("so ill", "so Big"),
        ("so Ill", "so Big"),
    ],
)
def test_a_capital_of_the_list_is_none_of_the_text(text: str, expected: str) -> None:
    terms = Terms((Term("size", "big", ("Big",), ONE), Term("size", "ill", ("ill",), ONE)), frozenset())
    assert exchange(text, Lexicon(terms, "size"), Random(0)) == expected


@pytest.mark.parametrize("text", ["", "nobody here", "其他人弹吉他", "Judaism", "Amputees"])
def test_a_text_without_a_term_that_has_a_place_is_left(text: str) -> None:
    assert exchange(text, LEXICONS["religion"], Random(0)) is None


@settings(max_examples=60)
@given(st.sampled_from(sorted(LEXICONS)), st.integers(0, 10**6), st.data())
def test_what_takes_a_terms_place_is_of_another_group(attribute: str, seed: int, data: st.DataObject) -> None:
    lexicon = LEXICONS[attribute]
    form = data.draw(st.sampled_from([form for term in lexicon.terms for form in term.forms]))
    new = exchange(f"x {form} y", lexicon, Random(seed))
    if new is not None:
        (before,), (after,) = lexicon.find(f"x {form} y"), lexicon.find(new)
        assert not before.groups & after.groups
        assert new == f"x {after.written} y"


def test_every_shipped_template_takes_two_groups_of_an_attribute() -> None:
    used = {one.template for lexicon in LEXICONS.values() for one in TemplateTest.of(lexicon, TEMPLATES, 0).filled}
    assert used == set(range(len(TEMPLATES)))


def test_every_attribute_has_templates_enough_in_each_language() -> None:
    for lexicon in LEXICONS.values():
        for is_chinese in (False, True):
            asked = [one for one in TEMPLATES if one.is_chinese == is_chinese]
            assert len({one.template for one in TemplateTest.of(lexicon, asked, 0).filled}) >= 10


def test_the_same_seed_asks_the_same_and_no_place_is_left_open() -> None:
    asked = TemplateTest.of(LEXICONS["religion"], TEMPLATES, 5).ask()
    assert asked == TemplateTest.of(LEXICONS["religion"], TEMPLATES, 5).ask()
    assert asked != TemplateTest.of(LEXICONS["religion"], TEMPLATES, 6).ask()
    assert not [text for text in asked if "{" in text or " a a" in text or "the the " in text]


def test_templates_by_hand() -> None:
    test = TemplateTest.of(TWO, TWELVE, 5)
    assert test.ask()[:2] == ["the ball number 0", "the box number 0"]
    # ball always .75 for yes; box .25 in the first three, else .55
    chances = [chance for number in range(12) for chance in (0.75, 0.25 if number < 3 else 0.55)]
    findings, figures = test.measure(yes(chances), 500, 0.95)
    flips, change, largest = findings
    assert flips.value == pytest.approx(3 / 12)
    assert flips.interval == pytest.approx(exact_interval(3, 12, 0.95))
    assert change.value == pytest.approx((3 * 0.5 + 9 * 0.2) / 12)
    assert largest.value == pytest.approx(0.5)
    assert (largest.interval, largest.confidence) == (None, None)
    assert {finding.seed for finding in findings} == {5}
    assert flips.n == 12
    assert figures["between"] == [
        {"groups": ["round", "square"], "pairs": 12, "flips": pytest.approx(0.25), "change": pytest.approx(0.275)}
    ]
    assert "ball" not in json.dumps(figures)


def test_no_flip_has_an_interval_of_some_width() -> None:
    test = TemplateTest.of(TWO, TWELVE, 0)
    chances = [0.9 if number < 6 else 0.1 for number in range(12) for _ in range(2)]
    flips = test.measure(yes(chances), 200, 0.95)[0][0]
    assert flips.value == 0
    assert flips.interval == pytest.approx((0, 1 - 0.025 ** (1 / 12)))


@pytest.mark.parametrize(
    ("templates", "chances", "why"),
    [
        pytest.param(TWELVE[:9], [0.2, 0.8] * 9, "9 templates to exchange a term in, fewer than 10", id="few"),
        pytest.param(TWELVE, [0.7] * 24, "all answers are equal", id="equal"),
        pytest.param(TWELVE, [0.7, np.nan] * 12, "some probabilities are no finite numbers", id="NaN"),
    ],
)
def test_answers_that_mean_nothing_are_not_evaluated(templates: list[Template], chances: list[float], why: str) -> None:
    findings, figures = TemplateTest.of(TWO, templates, 0).measure(yes(chances), 100, 0.95)
    assert {(finding.status, finding.why) for finding in findings} == {("not_evaluated", why)}
    assert figures["why"] == why


def test_one_decision_for_all_cannot_show_a_flip() -> None:
    flips, change, _ = TemplateTest.of(TWO, TWELVE, 0).measure(yes([0.6, 0.9] * 12), 100, 0.95)[0]
    assert flips.status == "not_evaluated"
    assert "cannot" not in flips.why
    assert change.value == pytest.approx(0.3)


def test_no_template_that_fits_is_not_evaluated() -> None:
    test = TemplateTest.of(TWO, [Template("other", "{} again")], 0)
    assert test.ask() == []
    assert {finding.status for finding in test.measure(yes([]), 100, 0.95)[0]} == {"not_evaluated"}


def test_exchanged_test_rows_by_hand() -> None:
    texts = [f"{'ball' if number % 2 else 'box'} {number}" for number in range(20)] + ["nothing"]
    test = ExchangeTest.of(TWO, texts, 0)
    assert test.ask()[:2] == ["ball 0", "box 1"]
    before = yes([0.8] * 20 + [0.1])
    after = yes([0.3 if number < 4 else 0.8 for number in range(20)])
    findings, figures = test.measure(before, after, 300, 0.95)
    assert [finding.value for finding in findings] == pytest.approx([0.2, 0.1, 0.5])
    assert findings[0].interval == pytest.approx(exact_interval(4, 20, 0.95))
    assert findings[1].interval is not None
    assert (figures["able"], figures["units"]) == (20, 20)
    assert "ball" not in json.dumps(figures)


def test_test_rows_are_sampled_by_seed() -> None:
    texts = [f"ball {number}" for number in range(60)]
    test = ExchangeTest.of(TWO, texts, 1, most=20)
    assert (test.able, len(test.ask())) == (60, 20)
    assert test == ExchangeTest.of(TWO, texts, 1, most=20)
    assert test.rows != ExchangeTest.of(TWO, texts, 2, most=20).rows
    assert [text.removeprefix("box ") for text in test.texts] == [str(row) for row in test.rows]


def test_test_rows_without_a_term_are_not_applicable() -> None:
    test = ExchangeTest.of(TWO, ["nothing"] * 30, 0)
    assert {finding.status for finding in test.measure(yes([0.5] * 30), yes([]), 100, 0.95)[0]} == {"not_applicable"}


def test_as_many_answers_as_were_asked_for() -> None:
    with pytest.raises(ValueError, match="1 answers to 24"):
        TemplateTest.of(TWO, TWELVE, 0).measure(yes([0.5]), 100, 0.95)
    with pytest.raises(ValueError, match="1 answers to 0"):
        ExchangeTest.of(TWO, ["x"], 0).measure(yes([0.5]), yes([0.5]), 100, 0.95)


@pytest.mark.parametrize("line", ["one", "one\tno place", "one\t{} and {}", "one\ta {}\tmore"])
def test_a_line_that_is_no_template_is_refused(line: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("templates") / "own.tsv"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="line 1: holds no kind"):
        read_templates([path])


def test_every_finding_is_in_the_catalogue() -> None:
    findings = TemplateTest.of(TWO, TWELVE, 0).measure(yes([0.2, 0.8] * 12), 100, 0.95)[0]
    findings += ExchangeTest.of(TWO, ["x"], 0).measure(yes([0.5]), yes([]), 100, 0.95)[0]
    known = {check.name: check for check in IDENTITY_CATALOGUE}
    for finding in findings:
        check = known[finding.check.removesuffix("[shape]")]
        assert check.parameter == "attribute"
        assert finding.status != "measured" or check.interval == (finding.interval is not None)
