"""Texts that are nearly the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.spec.hygiene import Hygiene, NearDuplicates

LONG = "the kettle boils quickly and pours well but its lid is loose so steam comes out of the top when it is full"
WORDS = LONG.split()
OTHER = "delivery took three weeks although the shop had promised it within two days and nobody answered my letters"


def near(**fields: Any) -> Hygiene:
    return Hygiene(near_duplicates=NearDuplicates(**fields))


def changed(*places: int) -> str:
    return " ".join(f"new{i}" if i in places else word for i, word in enumerate(WORDS))


def test_the_first_of_a_cluster_stays(cleaned: Any) -> None:
    # one word of 23 at the end: 20 of 22 shingles are shared
    found = cleaned([OTHER, LONG, changed(22), LONG + "!"])
    assert found.ids == ["r0", "r1"]
    assert found.dropped == {"r2": ("near_duplicate", "r1"), "r3": ("near_duplicate", "r1")}
    assert found.report.near["clusters"] == 1
    assert found.report.near["rows"] == found.report.near["largest"] == 3


def test_a_pair_below_the_threshold_stays_though_it_meets_in_a_bucket(cleaned: Any) -> None:
    # one word in the middle: 18 of 24 shingles are shared, 0.75; two words far apart: 15 of 27, 0.56
    once, twice = [LONG, changed(10)], [LONG, changed(6, 14)]
    assert cleaned(once, near(threshold=0.75)).ids == ["r0"]
    assert cleaned(once, near(threshold=0.76)).ids == ["r0", "r1"]
    met = cleaned(twice, near(threshold=0.7))
    assert met.ids == ["r0", "r1"]
    assert met.report.near["pairs_compared"] == 1
    assert met.report.near["pairs_alike"] == 0


def test_clusters_hang_together_over_several_steps(cleaned: Any) -> None:
    found = cleaned([LONG, changed(4), changed(4, 12), changed(4, 12, 20)], near(threshold=0.7))
    assert found.ids == ["r0"]
    assert {kept for _, kept in found.dropped.values()} == {"r0"}


def test_chinese_texts(cleaned: Any) -> None:
    text = "这款电热水壶烧水很快外观也好看就是盖子有点松倒水的时候会漏客服态度不错总体满意"
    found = cleaned([text, text.replace("满意", "还行"), "物流太慢了等了三个星期才到包装也破了非常失望不会再买"])
    assert found.ids == ["r0", "r2"]


def test_clusters_can_be_kept_together(cleaned: Any) -> None:
    found = cleaned([LONG, OTHER, changed(22), OTHER], near(action="cluster"))
    assert [(row["id"], row["cluster"]) for row in found.kept] == [("r0", "r0"), ("r1", "r1"), ("r2", "r0")]
    assert found.dropped == {"r3": ("duplicate", "r1")}


def test_across_splits_the_training_side_goes_even_where_clusters_are_kept(cleaned: Any) -> None:
    table = [
        {"text": LONG, "split": "train"},
        {"text": changed(22), "split": "test"},
        {"text": changed(21), "split": "test"},
    ]
    found = cleaned(table, near(action="cluster"))
    assert [(row["id"], row["cluster"]) for row in found.kept] == [("r1", "r1"), ("r2", "r1")]
    assert found.dropped == {"r0": ("near_duplicate_across_splits", "r1")}
    assert found.report.across_splits["near"] == {"train / test": 1}


def test_repeats_that_are_kept_follow_their_text(cleaned: Any) -> None:
    section = Hygiene(exact_duplicates="keep", near_duplicates=NearDuplicates())
    found = cleaned([LONG, LONG, changed(22), changed(22)], section)
    assert found.ids == ["r0", "r1"]
    assert found.dropped == {"r2": ("near_duplicate", "r0"), "r3": ("near_duplicate", "r0")}


def test_what_stands_for_a_row_is_itself_kept(cleaned: Any) -> None:
    found = cleaned([LONG, changed(22), changed(22)])
    assert found.dropped == {"r1": ("near_duplicate", "r0"), "r2": ("duplicate", "r0")}


def test_a_large_bucket(cleaned: Any) -> None:
    found = cleaned([f"{LONG} number {i}" for i in range(60)] + [f"{OTHER} number {i}" for i in range(60)])
    assert found.ids == ["r0", "r60"]
    assert found.report.near["largest"] == 60


def test_texts_without_words_are_left_alone(cleaned: Any) -> None:
    assert cleaned(["!!!", "???", "...", "😀"]).ids == ["r0", "r1", "r2", "r3"]


def jaccard(left: str, right: str) -> float:
    a, b = ({tuple(t[i : i + 3]) for i in range(max(1, len(t) - 2))} for t in (left.split(), right.split()))
    return len(a & b) / len(a | b)


def components(texts: list[str], threshold: float) -> list[int]:
    roots = list(range(len(texts)))
    for i in range(len(texts)):
        for j in range(i):
            if jaccard(texts[i], texts[j]) >= threshold - 1e-9:
                low, high = sorted((roots[i], roots[j]))
                roots = [low if root == high else root for root in roots]
    return roots


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=9).map(" ".join), min_size=2, max_size=15))
def test_nothing_is_joined_that_is_not_alike_over_some_chain(cleaned: Any, texts: list[str]) -> None:
    roots = components(texts, 0.5)
    found = cleaned(texts, near(threshold=0.5, permutations=32))
    for row, (_, kept) in found.dropped.items():
        assert roots[int(row[1:])] == roots[int(kept[1:])]


def test_nearly_all_planted_pairs_over_the_threshold_are_found(cleaned: Any) -> None:
    draw = random.Random(0)
    texts, expected = [], 0
    for number in range(400):
        words = [f"w{draw.randrange(5000)}" for _ in range(30)]
        copy = list(words)
        for place in draw.sample(range(30), draw.choice([1, 2])):
            copy[place] = f"new{number}"
        texts += [" ".join(words), " ".join(copy)]
        expected += jaccard(texts[-2], texts[-1]) >= 0.7
    found = cleaned(texts, near(threshold=0.7))
    assert expected > 200
    assert found.report.dropped["near_duplicate"] >= 0.985 * expected
    assert all(int(kept[1:]) == int(row[1:]) - 1 for row, (_, kept) in found.dropped.items())


@pytest.mark.parametrize("seed", [0, 7])
def test_the_seed_chooses_the_hash_functions(cleaned: Any, seed: int) -> None:
    assert cleaned([LONG, changed(22)], near(seed=seed)).ids == ["r0"]
