from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.span_scores import SpanCounts, Tagged, differences, overlaps
from sluicegate.spec.spans import Span

LABELS = ("A", "B")
ALL = np.ones((1, 1))


def figures(actual: list[Span], given: list[Span]) -> dict[str, float]:
    counts = SpanCounts.of([actual], [given], LABELS).weighted(ALL)
    return {name: float(value[0]) for name, value in counts.figures().items()}


def test_figures_by_hand() -> None:
    # text of 20 characters: A at 0-4 and 10-14, B at 16-20; found: A at 0-4, A at 10-12, A at 16-18, B at 6-8
    actual = [Span(0, 4, "A"), Span(10, 14, "A"), Span(16, 20, "B")]
    given = [Span(0, 4, "A"), Span(6, 8, "B"), Span(10, 12, "A"), Span(16, 18, "A")]

    found = figures(actual, given)

    assert found == pytest.approx(
        {
            "entity_precision": 1 / 4, "entity_recall": 1 / 3, "entity_f1": 2 / 7,
            "character_precision": 6 / 10, "character_recall": 6 / 12, "character_f1": 12 / 22,
            "character_coverage": 8 / 12,
        }
    )  # fmt: skip


def test_figures_by_type_by_hand() -> None:
    counts = SpanCounts.of([[Span(0, 4, "A"), Span(5, 9, "B")]], [[Span(0, 4, "A"), Span(5, 7, "B")]], LABELS)

    by_type = {name: value[0].tolist() for name, value in counts.weighted(ALL).figures_by_type().items()}

    assert by_type["entity_f1_of"] == [1, 0]
    assert by_type["character_recall_of"] == [1, 0.5]
    assert by_type["character_precision_of"] == [1, 1]
    assert by_type["character_f1_of"] == pytest.approx([1, 2 / 3])


def test_what_is_not_there_has_no_figure() -> None:
    assert np.isnan(figures([], [])["entity_f1"])
    assert np.isnan(figures([], [Span(0, 1, "A")])["character_recall"])
    assert figures([], [Span(0, 1, "A")])["character_precision"] == 0


spans = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.sampled_from(LABELS)), max_size=6).map(
    lambda steps: [
        Span(start := sum(g + n for g, n, _ in steps[:i]) + gap, start + length, kind)
        for i, (gap, length, kind) in enumerate(steps)
    ]
)


@given(spans, spans)
def test_overlaps_are_those_that_a_count_of_every_character_finds(one: list[Span], other: list[Span]) -> None:
    slow = {
        (a, b): shared
        for a in one
        for b in other
        if (shared := len(set(range(a.start, a.end)) & set(range(b.start, b.end))))
    }
    assert {(a, b): shared for a, b, shared in overlaps(one, other)} == slow


@given(spans, spans)
def test_recall_of_one_is_precision_of_the_other_way_round(actual: list[Span], given_: list[Span]) -> None:
    there, back = figures(actual, given_), figures(given_, actual)
    for kind in ("entity", "character"):
        assert there[f"{kind}_recall"] == pytest.approx(back[f"{kind}_precision"], nan_ok=True)
        assert there[f"{kind}_f1"] == pytest.approx(back[f"{kind}_f1"], nan_ok=True)


def test_a_comparison_counts_rows_that_became_right_or_wrong() -> None:
    right, wrong = [Span(0, 4, "A")], [Span(0, 3, "A")]
    tagged = Tagged(LABELS, [right] * 4, [right, right, wrong, wrong])

    found = differences(tagged, [right, wrong, right, wrong], Resampling(4, 100, 0.95, 0))

    assert {name: found[name].value for name in ("disagreement", "regressed", "mended", "entity_f1")} == {
        "disagreement": 0.5, "regressed": 0.25, "mended": 0.25, "entity_f1": 0.0,
    }  # fmt: skip
    assert found["other_entity_f1"].value == 0.5


def test_a_gain_over_all_rows_can_hide_a_loss_in_a_group() -> None:
    actual, found_all, nothing = [Span(0, 4, "A")], [Span(0, 4, "A")], []
    tagged = Tagged(LABELS, [actual] * 3, [found_all, found_all, nothing])
    groups = {"en": np.array([True, True, False]), "zh": np.array([False, False, True])}
    found = differences(tagged, [nothing, nothing, found_all], Resampling(3, 100, 0.95, 0), groups)
    assert found["character_f1"].value > 0
    assert (found["character_f1[en]"].value, found["character_f1[zh]"].value) == (1, -1)


def test_an_interval_holds_its_value() -> None:
    actual = [[Span(0, 4, "A")]] * 60
    given = [[Span(0, 4 if row % 3 else 2, "A")] for row in range(60)]

    found = differences(Tagged(LABELS, actual, given), [[]] * 60, Resampling(60, 200, 0.95, 1))

    interval = found["character_recall"].interval
    assert interval is not None
    assert interval[0] < found["character_recall"].value < interval[1]
