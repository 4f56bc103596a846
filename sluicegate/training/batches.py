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
from sluicegate.spec.model import Task
from sluicegate.spec.spans import parse_spans
from sluicegate.training.tags import NOT_TRAINED, tag_tokens, tags_of

# Rows are sorted by length inside pools of this many batches: large enough for even lengths in a batch,
# small enough that batches of one length do not always hold the same rows.
POOL_BATCHES = 50
_TOKENIZED_AT_ONCE = 1000


@dataclass(frozen=True)
class Encoded:
    """Rows ready for the model."""

    ids: list[list[int]]
    """Token ids of each row, not padded."""
    labels_N: Sequence[NDArray[np.int64]]
    """What each row should give: the index of its label, shape (), or of each token's tag, shape (T,)."""
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
    labels: torch.Tensor
    """Index of each row's label, shape (B,), or of each token's tag, shape (B, T); int64."""


def read_texts(path: Path, target: str) -> tuple[list[str], list[str]]:
    """The texts of a split part, and what they should give: the column `target`.

    Raises:
        InputRefused: The file is missing or not Parquet, or has no rows.
    """
    try:
        table = pd.read_parquet(path, columns=["text", target])
    except FileNotFoundError:
        raise InputRefused(path, "", "there is no such file") from None
    except (OSError, ValueError) as error:
        problem = f"cannot be read as Parquet with columns text and {target} ({type(error).__name__})"
        raise InputRefused(path, "", problem) from None
    if table.empty:
        raise InputRefused(path, "", "holds no rows, at least 1 is needed")
    return table["text"].tolist(), table[target].tolist()


def encode(
    path: Path,
    labels: Sequence[str],
    tokenizer: Any,
    max_length_tokens: int,
    task: Task = "sequence-classification",
) -> Encoded:
    """The rows of a split part, tokenized; texts longer than `max_length_tokens` are cut.

    Args:
        path: Parquet with columns ``text`` and ``label``, or ``text`` and ``spans`` for token classification.
        labels: The labels, or entity types, in the model's order.
        tokenizer: A fast tokenizer.
        max_length_tokens: Tokens at most, special ones included.
        task: What the model learns.

    Raises:
        InputRefused: The file is missing or not Parquet, has no rows, or holds a label that is not one of `labels`.
    """
    if task == "token-classification":
        return _encode_spans(path, labels, tokenizer, max_length_tokens)
    texts, given = read_texts(path, "label")
    number = {label: i for i, label in enumerate(labels)}
    labels_N = np.array([number.get(label, -1) for label in given], dtype=np.int64)
    if unknown := int((labels_N < 0).sum()):
        raise InputRefused(path, "label", f"{unknown} rows hold none of the labels {', '.join(labels)}")
    ids: list[list[int]] = []
    for start in range(0, len(texts), _TOKENIZED_AT_ONCE):
        chunk = texts[start : start + _TOKENIZED_AT_ONCE]
        ids += tokenizer(chunk, truncation=True, max_length=max_length_tokens, return_attention_mask=False)["input_ids"]
    return Encoded(ids, list(labels_N), tokenizer.pad_token_id)


def _encode_spans(path: Path, labels: Sequence[str], tokenizer: Any, max_length_tokens: int) -> Encoded:
    texts, given = read_texts(path, "spans")
    number = {tag: i for i, tag in enumerate(tags_of(labels, "token-classification"))}
    ids: list[list[int]] = []
    tags_N: list[NDArray[np.int64]] = []
    for start in range(0, len(texts), _TOKENIZED_AT_ONCE):
        chunk = texts[start : start + _TOKENIZED_AT_ONCE]
        found = tokenizer(chunk, truncation=True, max_length=max_length_tokens, return_offsets_mapping=True)
        ids += found["input_ids"]
        for row, offsets in enumerate(found["offset_mapping"], start):
            try:
                spans = parse_spans(given[row], len(texts[row]))
            except (ValueError, TypeError) as error:
                raise InputRefused(path, f"spans of row {row + 1}", str(error)) from None
            if unknown := {span.entity_type for span in spans} - number.keys():
                problem = f"names the type {min(unknown)!r}, which is none of the labels {', '.join(labels)}"
                raise InputRefused(path, f"spans of row {row + 1}", problem)
            tags_N.append(tag_tokens(spans, offsets, number))
    return Encoded(ids, tags_N, tokenizer.pad_token_id)


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
    labels = _pad([rows.labels_N[i] for i in chosen_B], length)
    tensors = (torch.from_numpy(a).to(device) for a in (ids_BT, mask_BT, labels))
    return Batch(*tensors)


def _pad(labels_B: Sequence[NDArray[np.int64]], length: int) -> NDArray[np.int64]:
    """One label a row as they are, shape (B,); one a token padded with what teaches nothing, shape (B, length)."""
    if np.ndim(labels_B[0]) == 0:
        return np.array(labels_B, dtype=np.int64)
    labels_BT = np.full((len(labels_B), length), NOT_TRAINED, dtype=np.int64)
    for row, labels_T in enumerate(labels_B):
        labels_BT[row, : len(labels_T)] = labels_T
    return labels_BT
