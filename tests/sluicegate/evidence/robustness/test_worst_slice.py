from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.evidence.finding import Finding
from sluicegate.evidence.groups import MOST_GROUPS
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.robustness.slices import slices_of
from sluicegate.evidence.robustness.worst_slice import measure_worst_slice
from tests.sluicegate.evidence.made_up import answers

YES_NO = ("no", "yes")


def run(
    texts: list[str], groups: dict[str, list[str]], actual: list[int], given_labels: list[int], smallest: int = 2
) -> tuple[Finding, dict[str, Any]]:
    (finding,), figures = measure_worst_slice(texts, groups, answers(actual, given_labels, YES_NO), smallest, 0.95)
    return finding, figures


def test_the_worst_slice_by_hand() -> None:
    texts = ["aaaa"] * 8  # nothing to tell apart but the place
    finding, figures = run(
        texts, {"place": ["shop"] * 4 + ["street"] * 4}, [0, 1, 0, 1] * 2, [0, 1, 0, 0] + [1, 0, 0, 0]
    )
    assert {found["slice"]: found["accuracy"]["value"] for found in figures["slices"]} == {
        "place: shop": 0.75,
        "place: street": 0.25,
    }
    assert figures["worst"] == "place: street"
    assert (finding.value, finding.n, finding.confidence) == (0.25, 4, 0.95)
    assert finding.interval == pytest.approx(exact_interval(1, 4, 0.975))  # two slices, so 97.5 % each


def test_a_small_slice_that_might_be_worse_widens_the_interval() -> None:
    places = ["shop"] * 40 + ["street"] * 2
    actual = [0, 1] * 21
    given_labels = [*([0, 1] * 15), *([1, 0] * 5), 0, 1]  # 30 of 40 and 2 of 2 right
    finding, figures = run(["aaaa"] * 42, {"place": places}, actual, given_labels)
    assert figures["worst"] == "place: shop"
    assert finding.value == 0.75
    low = exact_interval(2, 2, 0.975)[0]
    assert low < exact_interval(30, 40, 0.975)[0]
    assert finding.interval == pytest.approx((low, exact_interval(30, 40, 0.975)[1]))


def test_slices_by_make_up_and_length() -> None:
    texts = [
        "ok",
        "I paid 5",
        "see https://a.example",
        "hi @anna",
        "I don't",
        "很好",
        "这部电影不好看啊",
        "plain words",
    ]
    found = {name: np.flatnonzero(rows).tolist() for name, rows in slices_of(texts, {}).items()}
    assert found["with digits"] == [1]
    assert found["without digits"] == [0, 2, 3, 4, 5, 6, 7]
    assert found["with links"] == [2]
    assert found["with mentions"] == [3]
    assert found["with negation"] == [4, 6]
    assert found["with non_ascii"] == [5, 6]
    assert found["length: shortest quarter"] == [0, 5]
    assert found["length: longest quarter"] == [2, 7]


@pytest.mark.parametrize("text", ["notable knots", "email a@b", "nonsense", "known"])
def test_what_only_looks_like_a_negation_or_a_mention_is_none(text: str) -> None:
    found = slices_of([text, "not @anna"], {})
    assert not found["with negation"][0]
    assert not found["with mentions"][0]


@given(st.lists(st.text(max_size=12), max_size=20))
@settings(max_examples=80)
def test_every_slice_is_a_true_part_and_quarters_share_out_the_rows(texts: list[str]) -> None:
    found = slices_of(texts, {"id": [str(number) for number in range(len(texts))]})
    assert all(0 < rows.sum() < len(texts) for rows in found.values())
    quarters = [rows for name, rows in found.items() if name.startswith("length")]
    assert not quarters or (np.sum(quarters, axis=0) == 1).all()


def test_a_column_that_names_every_row_makes_no_slices() -> None:
    count = MOST_GROUPS + 1
    assert slices_of(["aaaa"] * count, {"id": [f"p{number}" for number in range(count)]}) == {}


def test_slices_that_are_too_small_are_told_and_not_looked_at() -> None:
    places = ["shop"] * 5 + ["street"] * 1
    finding, figures = run(["aaaa"] * 6, {"place": places}, [0, 1] * 3, [0, 1, 0, 1, 0, 0], 2)
    assert finding.value == 1
    assert figures["compared"] == 1
    assert figures["slices"][1] == {
        "slice": "place: street", "rows": 1, "status": "not_evaluated", "why": "fewer than 2 rows",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("groups", "actual", "given_labels", "why"),
    [
        pytest.param({}, [0, 1, 0, 1], [0, 1, 1, 1], "no slice has 2 rows or more", id="no slices"),
        pytest.param({"place": list("abcd")}, [0, 1, 0, 1], [0, 1, 1, 1], "no slice has 2 rows", id="small slices"),
        pytest.param({"place": list("aabb")}, [0] * 4, [0, 1, 0, 1], "all rows have the same label", id="one class"),
        pytest.param({"place": list("aabb")}, [0, 1, 0, 1], [0] * 4, "given the same label", id="one answer"),
        pytest.param({"place": ["a"]}, [0], [0], "1 rows, fewer than 2", id="one row"),
    ],
)
def test_what_cannot_be_measured_says_why(
    groups: dict[str, list[str]], actual: list[int], given_labels: list[int], why: str
) -> None:
    finding, figures = run(["aaaa"] * len(actual), groups, actual, given_labels)
    assert finding.status == "not_evaluated"
    assert why in finding.why
    assert why in figures["why"]
