from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.training.blocks import blocks

STREAMS = st.lists(st.lists(st.integers(0, 99), max_size=12), max_size=8)


def test_blocks_worked_by_hand() -> None:
    assert list(blocks([[1, 2, 3], [4], [], [5, 6, 7]], 3)) == [[1, 2, 3], [4, 5, 6], [7]]
    assert list(blocks([[1, 2, 3], [4], [], [5, 6, 7]], 3, ahead=1)) == [[1, 2, 3, 4], [4, 5, 6, 7]]
    assert list(blocks([[1]], 3, ahead=1)) == []


@given(stream=STREAMS, size=st.integers(1, 9), ahead=st.integers(0, 2))
def test_every_token_but_the_first_ones_is_told_once_and_in_order(
    stream: list[list[int]], size: int, ahead: int
) -> None:
    tokens = [token for part in stream for token in part]
    found = list(blocks(stream, size, ahead=ahead))

    assert [token for block in found for token in block[ahead:]] == tokens[ahead:]
    assert all(len(block) == size + ahead for block in found[:-1])
    assert all(ahead < len(block) <= size + ahead for block in found)
