"""Texts as token ids, batched by length so that little is computed on padding.

Shapes: N rows, B rows of a batch, T tokens of its longest row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from sluicegate.errors import InputRefused

# Rows are sorted by length inside pools of this many batches: large enough for even lengths in a batch,
# small enough that batches of one length do not always hold the same rows.
POOL_BATCHES = 50
_TOKENIZED_AT_ONCE = 1000


@dataclass(frozen=True)
class Encoded:
    """Rows ready for the model."""

    ids: list[list[int]]
    """Token ids of each row, not padded."""
    labels_N: NDArray[np.int64]
    """Index of each row's label."""
    padding_id: int
    """The token that fills shorter rows."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def lengths_N(self) -> NDArray[np.int64]:
        """Tokens of each row."""
        return np.fromiter((len(row) for row in self.ids), dtype=np.int64, count=len(self.ids))


@dataclass(frozen=True)
class Batch:
    """Rows padded to one length."""

    ids_BT: torch.Tensor
    """Token ids, int64."""
    mask_BT: torch.Tensor
    """1 where there is a token, 0 where there is padding, int64."""
    labels_B: torch.Tensor
    """Index of each row's label, int64."""


def encode(path: Path, labels: Sequence[str], tokenizer: Any, max_length_tokens: int) -> Encoded:
    """The rows of a split part, tokenized; texts longer than `max_length_tokens` are cut.

    Raises:
        InputRefused: The file is missing or not Parquet, has no rows, or holds a label that is not one of `labels`.
    """
    try:
        table = pd.read_parquet(path, columns=["text", "label"])
    except FileNotFoundError:
        raise InputRefused(path, "", "there is no such file") from None
    except (OSError, ValueError) as error:
        problem = f"cannot be read as Parquet with columns text and label ({type(error).__name__})"
        raise InputRefused(path, "", problem) from None
    if table.empty:
        raise InputRefused(path, "", "holds no rows, at least 1 is needed")
    number = {label: i for i, label in enumerate(labels)}
    labels_N = np.array([number.get(label, -1) for label in table["label"]], dtype=np.int64)
    if unknown := int((labels_N < 0).sum()):
        raise InputRefused(path, "label", f"{unknown} rows hold none of the labels {', '.join(labels)}")
    texts, ids = table["text"].tolist(), []
    for start in range(0, len(texts), _TOKENIZED_AT_ONCE):
        chunk = texts[start : start + _TOKENIZED_AT_ONCE]
        ids += tokenizer(chunk, truncation=True, max_length=max_length_tokens, return_attention_mask=False)["input_ids"]
    return Encoded(ids, labels_N, tokenizer.pad_token_id)


def plan(lengths_N: NDArray[np.int64], batch_size: int, *, seed: int, epoch: int) -> list[NDArray[np.int64]]:
    """Row numbers of each batch of an epoch, in training order; every row is in exactly one batch.

    Rows are shuffled, sorted by length inside pools, cut into batches, and the batches shuffled; at most
    one batch is short. The order depends on nothing but the arguments.
    """
    random = np.random.default_rng([seed, epoch])
    order_N = random.permutation(len(lengths_N))
    pool, batches = batch_size * POOL_BATCHES, []
    for start in range(0, len(order_N), pool):
        rows = order_N[start : start + pool]
        rows = rows[np.argsort(lengths_N[rows], kind="stable")]
        batches += [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
    return [batches[i] for i in random.permutation(len(batches))]


def by_length(lengths_N: NDArray[np.int64], batch_size: int) -> list[NDArray[np.int64]]:
    """Row numbers of each batch for scoring: all rows from short to long, no shuffling."""
    order_N = np.argsort(lengths_N, kind="stable")
    return [order_N[i : i + batch_size] for i in range(0, len(order_N), batch_size)]


def collate(rows: Encoded, chosen_B: NDArray[np.int64], device: torch.device) -> Batch:
    """The chosen rows padded to the longest of them, on `device`."""
    sequences = [rows.ids[i] for i in chosen_B]
    length = max(map(len, sequences))
    ids_BT = np.full((len(sequences), length), rows.padding_id, dtype=np.int64)
    mask_BT = np.zeros_like(ids_BT)
    for i, sequence in enumerate(sequences):
        ids_BT[i, : len(sequence)] = sequence
        mask_BT[i, : len(sequence)] = 1
    tensors = (torch.from_numpy(a).to(device) for a in (ids_BT, mask_BT, rows.labels_N[chosen_B]))
    return Batch(*tensors)
