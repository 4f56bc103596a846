"""The frame: finds lie inside the text, scores are the four, hostile texts are got through, order does not matter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.data.scrubbing.recognizers import common, english
from sluicegate.data.scrubbing.recognizers.alternation import by_first_letter, either
from sluicegate.data.scrubbing.recognizers.cues import cue
from sluicegate.data.scrubbing.recognizers.rules import Find, Reading, RuleRecognizer, reading

RECOGNIZERS = [*common.recognizers(), *english.recognizers()]
PIECES = st.sampled_from(
    [
        *("555-0134", "ada@tarn.org", "12 Elm Street", "Mr. Pell", "Berlin", "10115", "DE89 3704 0044 0532 0130 00"),
        *("4111 1111 1111 1111", "my ssn", "219-09-9999", "password: x9!", "born", "1981", "PO Box 9", "aged 34"),
        *("Hauptstraße 12", "@ada", "u/ada", "::1", "1.2.3.4", "İ", "ẞ", "é", "\n", ", ", ". ", "(", ")", "+44", "€"),
    ]
)
HOSTILE = [
    *("a", "1", "1 ", "1-", "Aa ", "Aa1 ", "Aa-", "@", "1:", "é ", "Dear ", "password: ", "rue de la ", "12 Aa "),
    *("Aa Street, ", "Aa, CA 12345 ", "12 Jan 2020, ", "DE89 3704 ", "-----BEGIN PRIVATE KEY-----", "Aa\n"),
]


def finds(text):
    return [
        (f.entity_type, f.start, f.end, f.score) for r in RECOGNIZERS for f in r.analyze(text, r.supported_entities)
    ]


@settings(max_examples=150)
@given(
    st.one_of(
        st.text(max_size=80), st.lists(PIECES, max_size=12).map(" ".join), st.lists(PIECES, max_size=12).map("".join)
    )
)
def test_every_find_lies_inside_the_text_and_has_one_of_the_four_scores(text):
    for _, start, end, score in finds(text):
        assert 0 <= start < end <= len(text)
        assert score in (1.0, 0.85, 0.6, 0.45)


@settings(max_examples=50)
@given(st.lists(PIECES, max_size=8).map(" ".join))
def test_what_was_read_before_changes_nothing(text):
    before = finds(text)
    finds("another text with 555-0134 and Mr. Pell")
    assert finds(text) == before


@pytest.mark.timeout(120)
@pytest.mark.parametrize("piece", [p for p in HOSTILE if p])
def test_ten_thousand_hostile_characters_are_got_through(piece):
    finds((piece * (10_000 // len(piece) + 1))[:10_000])


def test_only_the_types_that_were_asked_for_come_back():
    titles = next(r for r in RECOGNIZERS if r.name == "TitleRules")
    assert {f.entity_type for f in titles.analyze("Mr. Pell", ["TITLE", "PERSON"])} == {"TITLE", "PERSON"}
    assert {f.entity_type for f in titles.analyze("Mr. Pell", ["TITLE"])} == {"TITLE"}
    assert titles.analyze("Mr. Pell", ["PHONE_NUMBER"]) == []


def test_a_text_without_what_a_rule_needs_is_not_looked_at():
    seen = []
    rule = RuleRecognizer(
        "Seen", ["X"], lambda read: seen.append(read.text) or [Find(0, 1, "X", 1.0)], digits=2, needs="@"
    )
    assert rule.analyze("a1b2", ["X"]) == [] == rule.analyze("@1", ["X"])
    assert [(f.start, f.end) for f in rule.analyze("@12", ["X"])] == [(0, 1)]
    assert seen == ["@12"]


def test_lower_case_keeps_every_character_in_its_place():
    text = "İİ Born in 1981"
    assert len(Reading(text).lower) == len(text)
    assert ("DATE_TIME", 11, 15, 0.6) in finds(text)


def test_two_recognizers_share_one_reading():
    text = "one text"
    assert reading(text) is reading(text)


def test_the_line_above_labels_a_number_that_stands_alone():
    read = Reading("order 77\nSSN\n219099999")
    assert read.before(13) == "ssn "
    assert Reading("phone: 1\naccount 5").before(17) == "account "


@pytest.mark.parametrize(
    ("text", "number", "name"),
    [
        ("card 4321, phone 5550134", "5550134", "phone"),
        ("phone 5550134, card 4321", "4321", "card"),
        ("12345678 is my account number", "12345678", "account"),
        ("I paid $5550134", "5550134", "other"),
        ("my order was late. Well, 5550134", "5550134", None),
        ("nothing 5550134", "5550134", None),
    ],
)
def test_the_nearest_word_names_a_number(text, number, name):
    start = text.index(number)
    assert cue(Reading(text), start, start + len(number)) == name


def test_an_alternation_sorted_by_first_letter_matches_the_same_names():
    import re

    names = ["New York", "New Jersey", "Nevada", "Ohio", "St. Paul"]
    pattern = re.compile(f"(?:{either(names)})")
    assert all(pattern.fullmatch(name) for name in names)
    assert pattern.fullmatch("New\n York")
    assert not pattern.fullmatch("New")
    assert by_first_letter("ab|ac|b?x|(?:q|r)s") == "a(?:b|c)|b?x|(?:q|r)s"
