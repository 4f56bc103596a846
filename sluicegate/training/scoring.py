"""How well a model does on the validation rows, for early stopping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from sluicegate.training.batches import by_length, collate
from sluicegate.training.precision import Placement
from sluicegate.training.rows import Rows
from sluicegate.training.tags import NOT_TRAINED


@dataclass(frozen=True)
class Score:
    """What the model does on rows that it was not trained on."""

    loss: float
    """Mean loss in nats, of a row or of a token."""
    quality: float
    """The recipe's measure of quality; more is better."""


def score_labels(model: Any, rows: Rows, placement: Placement, *, batch_size: int) -> Score:
    """Cross-entropy and macro-F1 of labels, or of tags token by token; leaves the model in training mode."""
    model.eval()
    total, count, confusion_LL = 0.0, 0, np.zeros((model.config.num_labels,) * 2, dtype=np.int64)
    with torch.inference_mode():
        for chosen_B in by_length(rows.lengths_N, batch_size):
            batch = collate(rows, chosen_B, placement.device)
            with placement.forward():
                logits = model(**batch.inputs).logits
            flat = logits.float().flatten(0, -2)
            total += functional.cross_entropy(flat, batch.labels.flatten(), reduction="sum").item()
            actual, predicted = batch.labels.cpu().numpy(), logits.argmax(-1).cpu().numpy()
            counted = actual != NOT_TRAINED
            np.add.at(confusion_LL, (actual[counted], predicted[counted]), 1)
            count += int(counted.sum())
    model.train()
    return Score(loss=total / max(count, 1), quality=macro_f1(confusion_LL))


def score_tokens(model: Any, rows: Rows, placement: Placement, *, batch_size: int) -> Score:
    """Cross-entropy of the tokens that are to be told; the quality is its negative. What is hidden is always the same.

    Leaves the model in training mode.
    """
    model.eval()
    total, count = 0.0, 0
    with torch.inference_mode():
        for chosen_B in by_length(rows.lengths_N, batch_size):
            batch = collate(rows, chosen_B, placement.device)
            with placement.forward():
                logits = model(**batch.inputs).logits
            taught = batch.labels != NOT_TRAINED
            total += functional.cross_entropy(logits[taught].float(), batch.labels[taught], reduction="sum").item()
            count += int(taught.sum())
    model.train()
    loss = total / max(count, 1)
    return Score(loss=loss, quality=-loss)


def macro_f1(confusion_LL: NDArray[np.int64]) -> float:
    """Unweighted mean of the labels' F1 from counts (row: true, column: predicted); an absent label counts as 0."""
    hits_L = np.diag(confusion_LL)
    marked_L = confusion_LL.sum(0) + confusion_LL.sum(1)
    return float(np.mean(2 * hits_L / np.maximum(marked_L, 1)))
