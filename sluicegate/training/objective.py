"""What a step makes smaller: cross-entropy, weighed by class and by row, with smoothed or soft labels.

Shapes: B rows, T tokens, L labels. A row's label is its index, −100 where nothing is taught; a soft label is a
distribution over the labels, float32, and weighs what each label weighs by its share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from sluicegate.errors import InputRefused
from sluicegate.training.tags import NOT_TRAINED

FIELD = "class_weights"


@dataclass(frozen=True)
class Objective:
    """A loss that is summed over rows or tokens, and what the sum is divided by."""

    class_weights_L: torch.Tensor | None = None
    """Weight of each label, float32; None weighs all alike."""
    smoothing: float = 0.0
    """Share of each label's probability that is spread evenly over all labels (Szegedy et al., 2016)."""

    def loss_sum(
        self, logits: torch.Tensor, labels: torch.Tensor, weights_B: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Cross-entropy in nats, summed, each row's by its weight where rows have one.

        Logits of shape (B, L) or (B, T, L), labels (B,), (B, T) or, soft, (B, L). Weights need a label a row.
        """
        losses = functional.cross_entropy(
            logits.float().flatten(0, -2),
            labels if labels.is_floating_point() else labels.flatten(),
            weight=self.class_weights_L,
            label_smoothing=self.smoothing,
            reduction="sum" if weights_B is None else "none",
        )
        return losses if weights_B is None else (losses * weights_B).sum()

    def row_losses(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of each row in nats, shape (B,); of a row of tokens, the mean over those that are taught.

        Logits and labels as for `loss_sum`.
        """
        losses = functional.cross_entropy(
            logits.float().flatten(0, -2),
            labels if labels.is_floating_point() else labels.flatten(),
            weight=self.class_weights_L,
            label_smoothing=self.smoothing,
            reduction="none",
        )
        if labels.is_floating_point() or labels.ndim == 1:
            return losses
        return losses.view(labels.shape).sum(1) / (labels != NOT_TRAINED).sum(1).clamp(min=1)

    def weight(self, labels: NDArray[Any], weights_B: torch.Tensor | None = None) -> float:
        """What `loss_sum` over these labels is divided by: how many are taught, by the weights of class and row."""
        of_rows_B = None if weights_B is None else weights_B.cpu().numpy()
        if labels.dtype.kind == "f":
            shares_BL = labels if of_rows_B is None else labels * of_rows_B[:, None]
            weights_L = 1.0 if self.class_weights_L is None else self.class_weights_L.cpu().numpy()
            return float((shares_BL.sum(0, dtype=np.float64) * weights_L).sum())
        taught = labels != NOT_TRAINED
        each = 1.0 if self.class_weights_L is None else self.class_weights_L.cpu().numpy()[labels[taught]]
        if of_rows_B is not None:
            each = each * of_rows_B[taught]
        return float(np.sum(each, dtype=np.float64)) if isinstance(each, np.ndarray) else float(taught.sum())


def class_weights(
    wanted: Literal["balanced"] | Mapping[str, float] | None, labels: NDArray[Any], outputs: Sequence[str]
) -> torch.Tensor | None:
    """The weight of each output, shape (L,): `balanced` is N / (L × count), as scikit-learn's (King and Zeng, 2001).

    Raises:
        InputRefused: A label of the mapping is none of the outputs, or one of the outputs never occurs.
    """
    if wanted is None:
        return None
    if wanted != "balanced":
        if unknown := sorted(set(wanted) - set(outputs)):
            raise InputRefused("training", FIELD, f"names {unknown[0]!r}, which is none of {', '.join(outputs)}")
        return torch.tensor([wanted.get(output, 1.0) for output in outputs], dtype=torch.float32)
    soft = labels.dtype.kind == "f"
    counts_L = labels.sum(0) if soft else np.bincount(labels[labels != NOT_TRAINED], minlength=len(outputs))
    if not counts_L.all():
        absent = outputs[int((counts_L == 0).argmax())]
        raise InputRefused("training", FIELD, f"cannot be balanced, since no training row has {absent}")
    return torch.from_numpy((counts_L.sum() / (len(outputs) * counts_L)).astype(np.float32))
