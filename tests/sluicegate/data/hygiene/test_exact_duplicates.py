"""The same text several times, and what its labels say."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.spec.hygiene import Hygiene
from sluicegate.spelling import spelling

EXACT = Hygiene(near_duplicates=None)


def rows(*pairs: tuple[str, str | None]) -> list[dict[str, str | None]]:
    return [{"text": text, "label": label} for text, label in pairs]


def section(**fields: Any) -> Hygiene:
    return Hygiene(near_duplicates=None, **fields)


def test_the_first_of_the_same_texts_stays(cleaned: Any) -> None:
    found = cleaned(["Good tea", "bad tea", "good  TEA", "ｇｏｏｄ tea"], EXACT)
    assert found.ids == ["r0", "r1"]
    assert found.dropped == {"r2": ("duplicate", "r0"), "r3": ("duplicate", "r0")}
    assert found.report.exact["clusters"] == 1
    assert found.report.exact["rows"] == 3
    assert found.report.dropped["duplicate"] == 2


def test_what_cannot_be_seen_hides_no_repeat_and_no_conflict_of_labels(cleaned: Any) -> None:
    found = cleaned(rows(("good tea", "x"), ("good\u200b tea\ufeff", "y"), ("pot", "x")), section())
    assert found.ids == ["r0", "r2"]
    assert found.report.exact["rows_with_conflicting_labels"] == 2


def test_punctuation_makes_another_text(cleaned: Any) -> None:
    assert cleaned(["good tea", "good tea!"], EXACT).ids == ["r0", "r1"]


def test_repeats_may_stay(cleaned: Any) -> None:
    assert cleaned(["good", "good"], section(exact_duplicates="keep")).ids == ["r0", "r1"]


@pytest.mark.parametrize(
    ("policy", "kept", "conflicting"),
    [
        pytest.param("drop_all", ["r4"], ["r0", "r1", "r2", "r3"], id="none of them"),
        pytest.param("keep_first", ["r0", "r4"], ["r1", "r2"], id="the first label"),
        pytest.param("keep_majority", ["r1", "r4"], ["r0", "r3"], id="the most frequent label, of two the first"),
    ],
)
def test_labels_that_conflict(cleaned: Any, policy: str, kept: list[str], conflicting: list[str]) -> None:
    labels = ["x", "y", "y", "x"] if policy != "keep_majority" else ["x", "y", "y", "z"]
    found = cleaned(rows(*[("tea", label) for label in labels], ("pot", "x")), section(conflicting_labels=policy))
    assert found.ids == kept
    assert [row for row, (reason, _) in found.dropped.items() if reason == "conflicting_label"] == conflicting
    assert found.report.exact["clusters_with_conflicting_labels"] == 1
    assert found.report.exact["rows_with_conflicting_labels"] == 4


def test_of_labels_as_frequent_the_one_that_comes_first_is_believed(cleaned: Any) -> None:
    found = cleaned(rows(("t", "y"), ("t", "x"), ("t", "x"), ("t", "y")), section(conflicting_labels="keep_majority"))
    assert found.dropped == {
        "r1": ("conflicting_label", "r0"),
        "r2": ("conflicting_label", "r0"),
        "r3": ("duplicate", "r0"),
    }


def test_a_missing_label_is_a_label_of_its_own(cleaned: Any) -> None:
    found = cleaned(rows(("t", None), ("t", "None")), section(conflicting_labels="drop_all"))
    assert found.ids == []


def test_conflicts_are_settled_where_repeats_stay(cleaned: Any) -> None:
    found = cleaned(rows(("t", "x"), ("t", "y"), ("t", "x")), section(exact_duplicates="keep"))
    assert found.ids == ["r0", "r2"]


def test_across_splits_the_training_side_goes(cleaned: Any) -> None:
    table = [
        {"text": "one", "split": "train"},
        {"text": "one", "split": "test"},
        {"text": "one", "split": "validation"},
        {"text": "two", "split": "train"},
        {"text": "two", "split": "train"},
    ]
    found = cleaned(table, EXACT)
    assert found.ids == ["r1", "r3"]
    assert found.dropped["r0"] == ("duplicate_across_splits", "r1")
    assert found.dropped["r2"] == ("duplicate_across_splits", "r1")
    assert found.dropped["r4"] == ("duplicate", "r3")
    assert found.report.across_splits["same"] == {"train / test": 1, "validation / test": 1}


def test_labels_of_the_training_side_have_no_say(cleaned: Any) -> None:
    table = [{"text": "one", "split": "train", "label": "x"}] * 3 + [{"text": "one", "split": "test", "label": "y"}]
    found = cleaned(table, EXACT)
    assert found.ids == ["r3"]
    assert found.report.exact["clusters_with_conflicting_labels"] == 0


def test_a_text_of_several_splits_that_conflicts_goes_whole(cleaned: Any) -> None:
    table = [{"text": "t", "split": s, "label": label} for s, label in (("train", "x"), ("test", "x"), ("test", "y"))]
    found = cleaned(table, section(conflicting_labels="drop_all"))
    assert found.ids == []
    assert found.report.dropped["conflicting_label"] == 3


TABLES = st.lists(st.tuples(st.sampled_from(["a", "A ", "b", "ﬁ", "fi", "."]), st.sampled_from("xyz")), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(TABLES, st.sampled_from(["drop_all", "keep_first", "keep_majority"]))
def test_it_agrees_with_a_plain_count(cleaned: Any, table: list[tuple[str, str]], policy: str) -> None:
    groups: dict[str, list[int]] = defaultdict(list)
    for number, (text, _) in enumerate(table):
        groups[spelling(text)].append(number)
    expected = []
    for members in groups.values():
        labels = [table[i][1] for i in members]
        believed = (
            labels[0] if policy != "keep_majority" else max(labels, key=lambda x: (labels.count(x), -labels.index(x)))
        )
        if policy != "drop_all" or len(set(labels)) == 1:
            expected.append(members[labels.index(believed)])
    assert cleaned(rows(*table), section(conflicting_labels=policy)).ids == [f"r{i}" for i in sorted(expected)]
