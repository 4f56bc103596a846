"""Which rows a step is made of, and rows padded to one length.

Shapes: N rows, B rows of a batch, T tokens of its longest row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import torch
from numpy.typing import NDArray

from sluicegate.training.image_rows import ImageBatch, ImageRows
from sluicegate.training.rows import Rows
from sluicegate.training.tags import NOT_TRAINED

# Rows are sorted by length inside pools of this many batches: large enough for even lengths in a batch,
# small enough that batches of one length do not always hold the same rows.
POOL_BATCHES = 50


@dataclass(frozen=True)
class Batch:
    """Rows padded to one length."""

    ids_BT: torch.Tensor
    """Token ids, int64."""
    mask_BT: torch.Tensor
    """1 where there is a token, 0 where there is padding, int64."""
    labels: torch.Tensor
    """Index of each row's label, shape (B,), or of each token's tag, (B, T), int64; or shares, (B, L), float32."""
    weights_B: torch.Tensor | None = None
    """How much each row's loss counts, float32; None where all count alike."""

    @property
    def inputs(self) -> dict[str, torch.Tensor]:
        """What the model is called with."""
        return {"input_ids": self.ids_BT, "attention_mask": self.mask_BT}


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


@overload
def collate(rows: Rows, chosen_B: NDArray[np.int64], device: torch.device, *, moment: Sequence[int] = ...) -> Batch: ...
@overload
def collate(
    rows: ImageRows, chosen_B: NDArray[np.int64], device: torch.device, *, moment: Sequence[int] = ...
) -> ImageBatch: ...
def collate(
    rows: Rows | ImageRows, chosen_B: NDArray[np.int64], device: torch.device, *, moment: Sequence[int] = ()
) -> Batch | ImageBatch:
    """The chosen rows padded to the longest of them, on `device`; images as they are.

    Which tokens are hidden, where some are, depends on the row and on `moment` alone, not on the rows beside it.
    """
    if isinstance(rows, ImageRows):
        return rows.batch(chosen_B, device, moment=moment)
    pairs = [(rows.ids(row), rows.label(row)) for row in chosen_B]
    if rows.masking is not None:
        pairs = [rows.masking.hide(*pair, (*moment, row)) for pair, row in zip(pairs, chosen_B, strict=True)]
    sequences = [ids for ids, _ in pairs]
    lengths_B = np.array([len(sequence) for sequence in sequences])
    mask_BT = np.arange(lengths_B.max()) < lengths_B[:, None]
    ids_BT = np.full(mask_BT.shape, rows.padding_id, dtype=np.int64)
    ids_BT[mask_BT] = np.concatenate(sequences)
    if rows.by_token:
        labels = np.full(mask_BT.shape, NOT_TRAINED, dtype=np.int64)
        labels[mask_BT] = np.concatenate([of_row for _, of_row in pairs])
    else:
        labels = np.array(rows.labels[chosen_B])
    ids, mask, targets = (torch.from_numpy(made).to(device) for made in (ids_BT, mask_BT.astype(np.int64), labels))
    weights_B = None if rows.weights_N is None else torch.from_numpy(rows.weights_N[chosen_B]).to(device)
    return Batch(ids, mask, targets, weights_B)


def cut(chosen_B: NDArray[np.int64], size: int) -> Sequence[NDArray[np.int64]]:
    """The rows of a step in micro-batches of at most `size` rows, as even as can be."""
    return np.array_split(chosen_B, -(-len(chosen_B) // size))
