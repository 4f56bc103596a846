"""Texts with a template in common, which share their buckets with many others."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sluicegate.data.hygiene.all_pairs import alike_pairs, blocks
from sluicegate.data.hygiene.near import Comparison
from sluicegate.data.hygiene.shingles import ShingleSets
from sluicegate.spec.hygiene import Contamination, EvaluationSet, Hygiene, NearDuplicates

VOCABULARY = [f"w{number}" for number in range(5000)]
LARGE = 70  # texts: more than are compared one by one


def forms(pairs: int, seed: int = 0) -> list[tuple[str, str]]:
    """Texts of 60 words in common and 14 of their own, each with a twin that has 4 of the 14 changed.

    They have 72 shingles. Twins share 62 of 82, an index of 0.76; others share 58 of 86, 0.67.
    """
    draw = random.Random(seed)
    template = [f"t{number}" for number in range(60)]
    found = []
    for _ in range(pairs):
        text = template + draw.choices(VOCABULARY, k=14)
        twin = list(text)
        for place in (-1, -4, -7, -10):
            twin[place] = f"new-{draw.choice(VOCABULARY)}"
        found.append((" ".join(text), " ".join(twin)))
    return found


def sets(rows: list[set[int]]) -> ShingleSets:
    """Rows 0, 1, … with these hashes as their shingles."""
    starts = np.cumsum([0, *(len(row) for row in rows)])
    hashes = np.array([each for row in rows for each in sorted(row)], np.uint64)
    return ShingleSets(np.arange(len(rows)), starts, hashes)


def found_pairs(left: ShingleSets, right: ShingleSets, threshold: float) -> set[tuple[int, int]]:
    places = np.arange(len(left.rows_C)), np.arange(len(right.rows_C))
    parts = alike_pairs(left, places[0], right, places[1], threshold)
    return {pair for one, other in parts for pair in zip(one.tolist(), other.tolist(), strict=True)}


def test_every_twin_among_texts_of_one_template_is_found(cleaned: Any) -> None:
    texts = [text for pair in forms(LARGE) for text in pair]
    texts = texts[::2] + texts[1::2]  # a twin is 70 rows from its own
    found = cleaned(texts, Hygiene(near_duplicates=NearDuplicates(threshold=0.7)))
    twins = {f"r{LARGE + number}": ("near_duplicate", f"r{number}") for number in range(LARGE)}
    assert found.dropped == twins
    assert found.report.near["largest"] == 2
    assert found.report.near["pairs_not_compared"] == found.report.near["rows_not_compared"] == 0
    assert found.report.near["rows_considered"] == 2 * LARGE


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_rows_makes_no_difference(cleaned: Any, seed: int) -> None:
    rows = [{"id": f"{n}-{side}", "text": pair[side]} for n, pair in enumerate(forms(LARGE)) for side in (0, 1)]
    random.Random(seed).shuffle(rows)
    found = cleaned(rows, Hygiene(near_duplicates=NearDuplicates(threshold=0.7)))
    assert {(row.split("-")[0], kept.split("-")[0]) for row, (_, kept) in found.dropped.items()} == {
        (str(number), str(number)) for number in range(LARGE)
    }


def test_every_twin_of_an_evaluation_text_with_a_template_is_found(cleaned: Any, tmp_path: Path) -> None:
    path = tmp_path / "exam.jsonl"
    pairs = forms(LARGE)
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text, _ in pairs))
    evaluation = {"exam": EvaluationSet(path="unused", column="text")}
    section = Hygiene(contamination=Contamination(evaluation=evaluation, quote_words=None))
    others = [text for text, _ in forms(LARGE, seed=1)]
    found = cleaned([*(twin for _, twin in pairs), *others], section, evaluation={"exam": path})
    assert found.dropped == {f"r{number}": ("evaluation_near", "exam") for number in range(LARGE)}


def test_a_row_near_to_texts_of_two_sets_counts_for_both(cleaned: Any, tmp_path: Path) -> None:
    pairs, names = forms(LARGE), ("first", "second")
    paths = {name: tmp_path / f"{name}.jsonl" for name in names}
    for number, name in enumerate(names):
        texts = [text for text, _ in (pairs if number else pairs[:30])]
        paths[name].write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    evaluation = {name: EvaluationSet(path="unused", column="text") for name in names}
    section = Hygiene(contamination=Contamination(evaluation=evaluation, quote_words=None, action="tag"))
    found = cleaned([twin for _, twin in pairs], section, evaluation=paths)
    assert {name: found.report.contamination[name]["near"] for name in names} == {"first": 30, "second": LARGE}


@given(
    st.lists(st.sets(st.integers(0, 12), max_size=9), min_size=1, max_size=12),
    st.lists(st.sets(st.integers(0, 12), max_size=9), min_size=1, max_size=12),
    st.sampled_from([0.3, 0.5, 0.7, 1.0]),
)
def test_it_agrees_with_the_index_of_each_pair(left: list[set[int]], right: list[set[int]], threshold: float) -> None:
    expected = {
        (one, other)
        for one, a in enumerate(left)
        for other, b in enumerate(right)
        if a | b and len(a & b) / len(a | b) >= threshold - 1e-9
    }
    assert found_pairs(sets(left), sets(right), threshold) == expected


def test_more_rows_than_are_held_against_a_block_at_once() -> None:
    # rows of one shingle of their own and four in common: 4 of 6 are shared
    rows = [{1, 2, 3, 4, 10 + number} for number in range(600)]
    assert found_pairs(sets(rows), sets(rows), 0.7) == {(number, number) for number in range(600)}
    assert len(found_pairs(sets(rows), sets(rows), 0.6)) == 600 * 600


def test_a_block_has_2048_rows_or_one_row_of_many_shingles() -> None:
    starts = np.arange(5001) * 3
    many = ShingleSets(np.arange(5000), starts, np.zeros(15000, np.uint64))
    assert [part.stop - part.start for part in blocks(many, np.arange(5000))] == [2048, 2048, 904]
    long = ShingleSets(np.arange(2), np.array([0, 1 << 22, 1 << 23]), np.empty(0, np.uint64))
    assert len(blocks(long, np.arange(2))) == 2


def bucket(rows: int) -> tuple[ShingleSets, NDArray[np.int64]]:
    """Rows of two shingles of their own and one in common, 1 of 5 shared; the last is as the first."""
    shingles = [{0, 2 * number + 1, 2 * number + 2} for number in range(rows)]
    shingles[-1] = shingles[0]
    return sets(shingles), np.arange(rows)


def test_pairs_beyond_the_budget_are_counted() -> None:
    # blocks of 2,048, 2,048 and 904 rows; each is compared with itself whatever the budget
    found, rows = bucket(5000)
    comparison = Comparison(5000, found, 0.7, budget=0)
    comparison.consider_all(rows)
    assert comparison.not_compared == 2048 * 2048 + 2 * 2048 * 904
    assert comparison.left_N.all()
    assert comparison.compared == 2 * (2048 * 2047 // 2) + 904 * 903 // 2
    assert comparison.joined == 0


def test_a_budget_for_one_more_pair_of_blocks() -> None:
    found, rows = bucket(5000)
    within = 3 * (2 * 2048 * 2048 // 2 + 904 * 904 // 2)
    comparison = Comparison(5000, found, 0.7, budget=within + 3 * 2048 * 2048)
    comparison.consider_all(rows)
    assert comparison.not_compared == 2 * 2048 * 904
    assert comparison.joined == 0


def test_within_the_budget_nothing_is_left() -> None:
    found, rows = bucket(5000)
    comparison = Comparison(5000, found, 0.7)
    comparison.consider_all(rows)
    assert (comparison.not_compared, comparison.joined) == (0, 1)
    assert not comparison.left_N.any()
    assert comparison.clusters.roots(np.array([4999])).tolist() == [0]


def test_what_hangs_together_is_neither_compared_nor_missed() -> None:
    # all rows but the first are one cluster already: 4,999 pairs are left, 2,047 of them in the first row's block
    found, rows = bucket(5000)
    comparison = Comparison(5000, found, 0.7, budget=0)
    comparison.clusters.join(rows[1:-1], rows[2:])
    comparison.consider_all(rows)
    assert (comparison.compared, comparison.not_compared) == (2047, 4999 - 2047)
