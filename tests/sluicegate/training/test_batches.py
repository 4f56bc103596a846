from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.errors import InputRefused
from sluicegate.training.base_model import load_base
from sluicegate.training.batches import POOL_BATCHES, by_length, collate, plan
from sluicegate.training.recipes import recipe_for
from sluicegate.training.rows import Rows

LABELS = ("bad", "fair", "good")
CPU = torch.device("cpu")
RECIPE = recipe_for("sequence-classification")


@settings(max_examples=60)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=300), st.integers(1, 9), st.integers(0, 99), st.integers(0, 5))
def test_every_row_is_in_exactly_one_batch_of_an_epoch(lengths: list[int], size: int, seed: int, epoch: int) -> None:
    batches = plan(np.array(lengths), size, seed=seed, epoch=epoch)

    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert len(batches) == -(-len(lengths) // size)
    assert sum(len(b) < size for b in batches) <= 1


def test_the_plan_of_an_epoch_depends_on_seed_and_epoch_alone() -> None:
    lengths = np.arange(1, 41)

    def flat(seed: int, epoch: int) -> list[int]:
        return np.concatenate(plan(lengths, 4, seed=seed, epoch=epoch)).tolist()

    assert flat(3, 1) == flat(3, 1)
    assert flat(3, 1) != flat(3, 2)
    assert flat(3, 1) != flat(4, 1)


def test_a_pool_sorted_by_length_computes_on_hardly_any_padding() -> None:
    lengths = np.random.default_rng(0).integers(1, 100, size=8 * POOL_BATCHES)
    batches = plan(lengths, 8, seed=0, epoch=0)
    computed = sum(len(b) * lengths[b].max() for b in batches)

    assert computed / lengths.sum() < 1.05  # taken as they come the same rows cost about 1.8


def test_scoring_goes_from_short_to_long_and_leaves_nobody_out() -> None:
    assert [b.tolist() for b in by_length(np.array([5, 1, 3, 2, 4]), 2)] == [[1, 3], [2, 4], [0]]


def test_a_batch_is_padded_to_its_longest_row_and_masked_there() -> None:
    ids = np.array([2, 7, 3, 2, 3, 2, 5, 6, 9, 3], dtype=np.int32)
    rows = Rows(ids, np.array([0, 3, 5, 10]), np.array([0, 2, 1]), padding_id=4)
    batch = collate(rows, np.array([1, 0]), CPU)

    assert batch.ids_BT.tolist() == [[2, 3, 4], [2, 7, 3]]
    assert batch.mask_BT.tolist() == [[1, 1, 0], [1, 1, 1]]
    assert batch.labels.tolist() == [2, 0]


def test_texts_are_cut_at_the_limit_and_labels_numbered_in_the_given_order(base_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    pd.DataFrame({"text": ["the old chair was quite bright", "soup"], "label": ["good", "bad"]}).to_parquet(path)
    tokenizer = load_base(base_model, LABELS).tokenizer
    rows = RECIPE.encode(path, LABELS, tokenizer, 5, tmp_path / "encoded")

    assert rows.lengths_N.tolist() == [5, 3]  # [CLS] the old chair [SEP]; [CLS] soup [SEP]
    assert list(rows.labels) == [2, 0]


def test_a_label_that_is_not_known_is_refused_by_row_and_never_shown(base_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    pd.DataFrame({"text": ["soup", "film"], "label": ["good", "secret-value"]}).to_parquet(path)
    tokenizer = load_base(base_model, LABELS).tokenizer

    with pytest.raises(InputRefused, match="label of row 2: is none of the labels bad, fair, good") as refused:
        RECIPE.encode(path, LABELS, tokenizer, 8, tmp_path / "encoded")
    assert "secret-value" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(None, "there is no such file", id="missing"),
        pytest.param(b"PAR1 and then nothing", "cannot be read as Parquet", id="truncated"),
    ],
)
def test_a_part_that_cannot_be_read_is_refused_by_name(
    base_model: Path, tmp_path: Path, content: bytes | None, problem: str
) -> None:
    path = tmp_path / "part.parquet"
    if content is not None:
        path.write_bytes(content)
    tokenizer = load_base(base_model, LABELS).tokenizer

    with pytest.raises(InputRefused, match=rf"part\.parquet: {problem}"):
        RECIPE.encode(path, LABELS, tokenizer, 8, tmp_path / "encoded")
