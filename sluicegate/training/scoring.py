"""Loss and macro-F1 on the validation rows, for early stopping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from sluicegate.training.batches import Encoded, by_length, collate
from sluicegate.training.precision import Placement
from sluicegate.training.tags import NOT_TRAINED


@dataclass(frozen=True)
class Score:
    """What the model does on rows that it was not trained on."""

    loss: float
    """Mean cross-entropy in nats."""
    macro_f1: float
    """Unweighted mean of the labels' F1, in [0, 1]; of the tags' F1, token by token, where tokens are tagged."""


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """Cross-entropy in nats of logits of shape (B, L) or (B, T, L); labels of −100 count for nothing."""
    return functional.cross_entropy(logits.float().flatten(0, -2), labels.flatten(), reduction=reduction)


def score(model: Any, rows: Encoded, placement: Placement, *, batch_size: int, label_count: int) -> Score:
    """Scores `rows` in evaluation mode, and leaves the model in training mode."""
    model.eval()
    total, count, confusion_LL = 0.0, 0, np.zeros((label_count, label_count), dtype=np.int64)
    with torch.inference_mode():
        for chosen_B in by_length(rows.lengths_N, batch_size):
            batch = collate(rows, chosen_B, placement.device)
            with placement.forward():
                logits = model(input_ids=batch.ids_BT, attention_mask=batch.mask_BT).logits
            total += cross_entropy(logits, batch.labels, "sum").item()
            actual, predicted = batch.labels.cpu().numpy(), logits.argmax(-1).cpu().numpy()
            counted = actual != NOT_TRAINED
            np.add.at(confusion_LL, (actual[counted], predicted[counted]), 1)
            count += int(counted.sum())
    model.train()
    return Score(loss=total / max(count, 1), macro_f1=macro_f1(confusion_LL))


def macro_f1(confusion_LL: NDArray[np.int64]) -> float:
    """Unweighted mean of the labels' F1 from counts (row: true, column: predicted); an absent label counts as 0."""
    hits_L = np.diag(confusion_LL)
    marked_L = confusion_LL.sum(0) + confusion_LL.sum(1)
    return float(np.mean(2 * hits_L / np.maximum(marked_L, 1)))
