"""From a type for each word to spans, and windows over long texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.scrubbing.tagger.spans import Word, finds
from sluicegate.data.scrubbing.tagger.windows import batches, windows


def words(text: str, *marked: tuple[str, str]) -> list[Word]:
    """Each of `marked` (a word, its label), found from left to right."""
    out, at = [], 0
    for word, label in marked:
        start = text.index(word, at)
        at = start + len(word)
        out.append(Word(start, at, label, 0.9))
    return out


def values(text: str, *marked: tuple[str, str]) -> list[tuple[str, str]]:
    return [(text[start:end], label) for start, end, label, _ in finds(text, words(text, *marked))]


def test_words_of_one_type_beside_each_other_are_one_find():
    found = values("Ask Maria Lopez today", ("Maria", "PERSON"), ("Lopez", "PERSON"))
    assert found == [("Maria Lopez", "PERSON")]


def test_a_line_end_parts_two_persons_but_not_an_address():
    assert len(values("Maria\nLopez", ("Maria", "PERSON"), ("Lopez", "PERSON"))) == 2
    assert values("1 Elm St\nBoise", ("1", "ADDRESS"), ("Elm", "ADDRESS"), ("St", "ADDRESS"), ("Boise", "ADDRESS")) == [
        ("1 Elm St\nBoise", "ADDRESS")
    ]


def test_a_comma_that_was_not_marked_does_not_part_an_address():
    assert values("1 Elm St, Boise", ("1", "ADDRESS"), ("Elm", "ADDRESS"), ("St", "ADDRESS"), ("Boise", "ADDRESS")) == [
        ("1 Elm St, Boise", "ADDRESS")
    ]


@pytest.mark.parametrize(
    ("text", "marked", "name"),
    [
        ("Jean-Luc came", "Jean", "Jean-Luc"),
        ("Jean-Luc came", "Luc", "Jean-Luc"),
        ("Ask O'Brien", "Brien", "O'Brien"),
        ("Maria's cat", "Maria", "Maria"),
        ("a Smith-led team", "Smith", "Smith-led"),
    ],
)
def test_no_half_of_a_name_stays_visible(text, marked, name):
    assert values(text, (marked, "PERSON")) == [(name, "PERSON")]


def test_an_age_does_not_take_in_the_word_behind_the_hyphen():
    assert values("a 34-year-old", ("34", "AGE")) == [("34", "AGE")]


def test_marks_at_the_edges_fall_off_and_a_find_of_marks_alone_is_none():
    assert values("(Maria),", ("(Maria),", "PERSON")) == [("Maria", "PERSON")]
    assert values("so --- no", ("---", "PERSON")) == []
    assert values("Ask J. R.", ("J. R.", "PERSON")) == [("J. R.", "PERSON")]


def test_words_that_say_nothing_fall_off_the_edges_but_an_initial_stays():
    assert values("by the Nile and", ("the", "LOCATION"), ("Nile", "LOCATION"), ("and", "LOCATION")) == [
        ("Nile", "LOCATION")
    ]
    assert values("so he did", ("he", "PERSON"), ("did", "PERSON")) == []
    assert values("Ask I. Kant", ("I.", "PERSON"), ("Kant", "PERSON")) == [("I. Kant", "PERSON")]


def test_the_score_is_the_mean_over_the_words():
    found = finds("Maria Lopez", [Word(0, 5, "PERSON", 0.5), Word(6, 11, "PERSON", 1.0)])
    assert found == [(0, 11, "PERSON", 0.75)]


@given(tokens=st.integers(0, 3000), longest=st.integers(2, 200), overlap=st.integers(0, 300))
def test_windows_label_every_token_once_and_are_never_too_long(tokens, longest, overlap):
    cut = list(windows(0, tokens, longest, overlap))
    labelled = [i for window in cut for i in range(window.keep_start, window.keep_end)]
    assert labelled == list(range(tokens))
    assert all(window.tokens <= longest for window in cut)
    assert all(window.start <= window.keep_start <= window.keep_end <= window.end for window in cut)


@given(lengths=st.lists(st.integers(1, 90), max_size=60))
def test_batches_hold_every_window_once_and_stay_within_their_size(lengths):
    cut = [window for i, length in enumerate(lengths) for window in windows(i, length, 40, 10)]
    made = list(batches(cut, 100))
    assert sorted((w.text, w.start) for batch in made for w in batch) == sorted((w.text, w.start) for w in cut)
    assert all(max(w.tokens for w in batch) * len(batch) <= 100 for batch in made)
