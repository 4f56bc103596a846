"""Typos and dropped words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.spec.spans import Span
from sluicegate.training.robust.noise import Noise, _typo, hide_tokens, noisy

TEXT = "The quick brown fox isn't jumping over that lazy dog"


def changed(text: str, noise: Noise, row: int = 0, **more: int) -> str:
    return noisy(text, noise, **{"seed": 1, "epoch": 0, "row": row, **more})[0]


@pytest.mark.parametrize(
    ("kind", "place", "expected"),
    [
        (0.0, 0.0, (3, 5, "or")),
        (0.0, 0.99, (4, 6, "wo")),
        (0.4, 0.0, (3, 4, "")),
        (0.4, 0.99, (5, 6, "")),
        (0.99, 0.5, (4, 5, "oo")),
    ],
)
def test_typos_by_hand(kind: float, place: float, expected: tuple[int, int, str]) -> None:
    word = re.compile("brown").search("  brown")
    assert word is not None
    edit = _typo(word, kind=kind, place=place)
    assert (edit.start, edit.end, edit.new) == expected


def test_a_typo_is_one_in_a_word_of_four_letters_or_more_and_keeps_its_ends() -> None:
    for row in range(50):
        words = changed(TEXT, Noise(typo_share=1.0), row=row).split()
        assert len(words) == 10
        for before, after in zip(TEXT.split(), words, strict=True):
            assert (before[0], before[-1]) == (after[0], after[-1])
            assert abs(len(before) - len(after)) <= 1
            assert len(before) >= 4 or before == after


def test_shares_are_what_they_say() -> None:
    text = "word " * 20_000
    typos = sum(word != "word" for word in changed(text, Noise(typo_share=0.1)).split())
    kept = len(changed(text, Noise(drop_share=0.3)).split())
    assert typos == pytest.approx(2_000, rel=0.1)
    assert kept == pytest.approx(14_000, rel=0.05)


def test_no_noise_changes_nothing_and_one_word_is_always_kept() -> None:
    assert changed(TEXT, Noise()) == TEXT
    assert changed("", Noise(1.0, 1.0)) == ""
    assert changed("in 2026 at 10:45 for 12345", Noise(typo_share=1.0)) == "in 2026 at 10:45 for 12345"
    kept = {changed(TEXT, Noise(drop_share=1.0), row=row).strip() for row in range(60)}
    assert len(kept) > 5
    assert kept <= set(TEXT.split())


def test_chinese_characters_are_dropped_one_by_one_and_get_no_typos() -> None:
    assert changed("今天天气很好", Noise(typo_share=1.0)) == "今天天气很好"
    kept = changed("今天天气很好" * 50, Noise(drop_share=0.5))
    assert len(kept) == pytest.approx(150, rel=0.25)


def test_draws_follow_from_seed_epoch_and_row_alone() -> None:
    noise = Noise(typo_share=0.5, drop_share=0.2)
    texts = [changed(TEXT, noise, row=row, seed=seed, epoch=e) for seed in (0, 1) for e in (0, 1) for row in range(5)]
    again = [changed(TEXT, noise, row=row, seed=seed, epoch=e) for seed in (0, 1) for e in (0, 1) for row in range(5)]
    assert texts == again
    assert len(set(texts)) == 20


def test_spans_move_along() -> None:
    spans = [Span(4, 19, "FOX"), Span(49, 52, "DOG")]
    for row in range(40):
        text, found = noisy(TEXT + "!", Noise(typo_share=0.6), seed=0, epoch=0, row=row, spans=spans)
        fox, dog = (text[span.start : span.end] for span in found)
        assert (fox[0], fox[-1], len(fox.split()), dog) == ("q", "x", 3, "dog")
    gone = [noisy("x Ann", Noise(drop_share=0.9), seed=0, epoch=0, row=r, spans=[Span(2, 5, "P")]) for r in range(40)]
    assert {(text, tuple(found)) for text, found in gone} == {("x ", ()), ("Ann", (Span(0, 3, "P"),))}


@given(st.text(max_size=40), st.floats(0, 1), st.floats(0, 1), st.data())
def test_spans_stay_inside_the_text_and_apart(text: str, typos: float, drops: float, data: st.DataObject) -> None:
    marks = data.draw(st.lists(st.integers(0, len(text)), unique=True, max_size=6).map(sorted))
    spans = [Span(a, b, "T") for a, b in zip(marks[::2], marks[1::2], strict=False)]
    changed_text, found = noisy(text, Noise(typos, drops), seed=0, epoch=0, row=0, spans=spans)
    borders = [border for span in found for border in (span.start, span.end)]
    assert borders == sorted(borders)
    assert all(span.start < span.end <= len(changed_text) for span in found)


def test_tokens_are_hidden_but_never_special_ones_nor_all() -> None:
    ids = [101, *range(200, 220), 102]
    rows = [hide_tokens(ids, {101, 102}, 103, 0.25, seed=0, epoch=1, row=row) for row in range(400)]
    assert all(row[0] == 101 and row[-1] == 102 and len(row) == 22 for row in rows)
    assert all(token in (103, before) for row in rows for token, before in zip(row, ids, strict=True))
    assert sum(row.count(103) for row in rows) == pytest.approx(2_000, rel=0.1)
    assert rows[0] == hide_tokens(ids, {101, 102}, 103, 0.25, seed=0, epoch=1, row=0)
    assert hide_tokens(ids, {101, 102}, 103, 1.0, seed=0, epoch=0, row=0).count(103) == 19
    assert hide_tokens([101, 102], {101, 102}, 103, 1.0, seed=0, epoch=0, row=0) == [101, 102]
