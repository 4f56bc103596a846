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


@dataclass(frozen=True)
class Score:
    """What the model does on rows that it was not trained on."""

    loss: float
    """Mean cross-entropy in nats."""
    macro_f1: float
    """Unweighted mean of the labels' F1, in [0, 1]."""


def score(model: Any, rows: Encoded, placement: Placement, *, batch_size: int, label_count: int) -> Score:
    """Scores `rows` in evaluation mode, and leaves the model in training mode."""
    model.eval()
    total, confusion_LL = 0.0, np.zeros((label_count, label_count), dtype=np.int64)
    with torch.inference_mode():
        for chosen_B in by_length(rows.lengths_N, batch_size):
            batch = collate(rows, chosen_B, placement.device)
            with placement.forward():
                logits_BL = model(input_ids=batch.ids_BT, attention_mask=batch.mask_BT).logits
            total += functional.cross_entropy(logits_BL.float(), batch.labels_B, reduction="sum").item()
            predicted_B = logits_BL.argmax(-1).cpu().numpy()
            np.add.at(confusion_LL, (rows.labels_N[chosen_B], predicted_B), 1)
    model.train()
    return Score(loss=total / len(rows), macro_f1=macro_f1(confusion_LL))


def macro_f1(confusion_LL: NDArray[np.int64]) -> float:
    """Unweighted mean of the labels' F1 from counts (row: true, column: predicted); an absent label counts as 0."""
    hits_L = np.diag(confusion_LL)
    marked_L = confusion_LL.sum(0) + confusion_LL.sum(1)
    return float(np.mean(2 * hits_L / np.maximum(marked_L, 1)))
