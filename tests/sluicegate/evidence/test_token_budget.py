from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.token_budget import by_length, within_budget

LENGTHS = st.lists(st.integers(1, 40), max_size=30)


def test_the_first_that_fit_together_are_kept() -> None:
    assert within_budget([2, 0, 1], [5, 9, 4], 9).tolist() == [2, 0]
    assert within_budget([2, 0, 1], [5, 9, 4], 3).tolist() == [2]
    assert within_budget([2, 0, 1], [5, 9, 4], 3, fewest=2).tolist() == [2, 0]
    assert within_budget([], [], 3, fewest=2).tolist() == []


@given(LENGTHS, st.integers(1, 100))
def test_batches_hold_every_text_once_and_no_more_tokens_than_allowed(lengths: list[int], most: int) -> None:
    batches = list(by_length(lengths, most))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= most for batch in batches)
