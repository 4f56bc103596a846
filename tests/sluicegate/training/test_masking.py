from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.training.batches import collate
from sluicegate.training.masking import Masking
from sluicegate.training.rows import Rows
from sluicegate.training.tags import NOT_TRAINED

MASK, SPECIAL = 1, {0, 1, 2}
MASKING = Masking(MASK, 50, tuple(sorted(SPECIAL)))


def row(length: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    ids = np.random.default_rng(seed).integers(3, 50, length).astype(np.int32)
    ids[0] = 2
    tokens = ids.astype(np.int64)
    tokens[0] = NOT_TRAINED
    return ids, tokens


@given(length=st.integers(1, 80), seed=st.integers(0, 9), step=st.integers(0, 99))
def test_one_token_in_seven_is_hidden_and_the_others_are_read_as_they_are(length: int, seed: int, step: int) -> None:
    ids, tokens = row(length, seed)
    read, taught = MASKING.hide(ids, tokens, (seed, step, 0))
    hidden = taught != NOT_TRAINED

    assert hidden.sum() == (max(1, round(0.15 * (length - 1))) if length > 1 else 0)
    assert (read[~hidden] == ids[~hidden]).all()
    assert (taught[hidden] == ids[hidden]).all()
    assert not hidden[0]  # special
    assert not set(read[hidden].tolist()) & (SPECIAL - {MASK})


def test_of_the_hidden_ones_eight_in_ten_become_the_mask_and_one_any_other() -> None:
    counts: Counter[str] = Counter()
    ids, tokens = row(200)
    for step in range(200):
        read, taught = MASKING.hide(ids, tokens, (0, step, 0))
        for before, after in zip(ids[taught != NOT_TRAINED], read[taught != NOT_TRAINED], strict=True):
            counts["mask" if after == MASK else "same" if after == before else "other"] += 1
    shares = {name: count / counts.total() for name, count in counts.items()}

    assert shares == pytest.approx({"mask": 0.8, "same": 0.1 + 0.1 / 47, "other": 0.1 - 0.1 / 47}, abs=0.02)


def rows(lengths: list[int]) -> Rows:
    made = [row(length, seed) for seed, length in enumerate(lengths)]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids, tokens = (np.concatenate(of) for of in zip(*made, strict=True))
    return Rows(ids, starts, tokens, padding_id=0, by_token=True, masking=MASKING)


def test_what_is_hidden_depends_on_the_step_and_not_on_the_rows_of_the_micro_batch() -> None:
    of, device = rows([20, 30, 25, 40]), torch.device("cpu")
    together = collate(of, np.arange(4), device, moment=(7, 3))
    for number in range(4):
        alone, length = collate(of, np.array([number]), device, moment=(7, 3)), len(of.ids(number))
        assert torch.equal(alone.ids_BT[0], together.ids_BT[number, :length])
        assert torch.equal(alone.labels[0], together.labels[number, :length])
    later = collate(of, np.arange(4), device, moment=(7, 4))
    assert not torch.equal(later.labels, together.labels)


def test_without_a_moment_it_is_always_the_same() -> None:
    of, device = rows([20, 30]), torch.device("cpu")
    one, other = (collate(of, np.arange(2), device) for _ in range(2))

    assert torch.equal(one.ids_BT, other.ids_BT)
    assert (one.labels != NOT_TRAINED).sum() == 3 + 4  # 15 % of 19 and of 29
