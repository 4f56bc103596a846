"""A threshold found on the validation rows, and put into the bias of the trained model's head.

Shapes: N rows, L labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sluicegate.errors import InputRefused
from sluicegate.spec.fairness import GroupThreshold
from sluicegate.training.batches import by_length, collate
from sluicegate.training.fair.thresholds import Thresholds, find_thresholds, margins
from sluicegate.training.methods.body import is_head
from sluicegate.training.recipes.sequence_classification import label_indices
from sluicegate.training.rows import Rows, read
from sluicegate.training.scoring import macro_f1

FIELD = "fairness.thresholds"


class HeadThreshold:
    """The threshold of one label.

    Args:
        section: The spec's section.
        validation: The validation rows, Parquet.
        labels: The labels, in the model's order.

    Raises:
        InputRefused: The label is none of them or not said, the file or a column is missing, or fewer than two groups
            have enough rows.
    """

    def __init__(self, section: GroupThreshold, validation: Path, labels: Sequence[str]) -> None:
        self._section, self._labels = section, tuple(labels)
        if section.label is None and len(labels) > 2:
            raise InputRefused("training", FIELD, "does not say which label", f"name one of {', '.join(labels)}")
        if section.label is not None and section.label not in labels:
            raise InputRefused("training", FIELD, f"names {section.label!r}, none of {', '.join(labels)}")
        self._label = labels.index(section.label) if section.label is not None else len(labels) - 1
        given, self._groups_N = _columns(validation, section.group)
        self._actual_N = label_indices(given, labels, (validation, 1))
        self._find(np.zeros(len(given)))  # that it can be found at all is said before training and not after

    def check_model(self, model: Any) -> None:
        """Whether the model's head has a bias for the label.

        Raises:
            InputRefused: It has not.
        """
        _output_bias(model, len(self._labels))

    def put_into(
        self, model: Any, rows: Rows, device: torch.device, *, batch_size: int, stored_as: Literal["fp32", "fp16"]
    ) -> dict[str, Any]:
        """Finds the threshold, and takes it off the label's bias if the limit is kept by it.

        Args:
            model: Trained, in fp32.
            rows: The validation rows, encoded, in the file's order.
            device: Where the model is.
            batch_size: Rows at once.
            stored_as: Format in which the weights will be stored; they are rounded to it here.

        Returns:
            JSON: `Thresholds`, whether it was ``applied``, and what the rows get ``before`` and ``after``.
        """
        _round(model, stored_as)
        before_NL = _logits(model, rows, device, batch_size)
        found = self._find(margins(before_NL, self._label))
        applied = found.met and found.threshold != 0
        after_NL = before_NL
        if applied:
            with torch.no_grad():
                _output_bias(model, len(self._labels))[self._label] -= found.threshold
            _round(model, stored_as)
            after_NL = _logits(model, rows, device, batch_size)
        return {
            **asdict(found),
            **(self._reached(after_NL) if applied else {}),
            "group": self._section.group,
            "applied": applied,
            "before": self._outcome(before_NL),
            "after": self._outcome(after_NL),
        }

    def _reached(self, logits_NL: NDArray[np.float64]) -> dict[str, Any]:
        """What the model itself decides with the threshold in its bias, and the weights rounded as they are stored."""
        own = self._find(margins(logits_NL, self._label))
        return {
            "met": own.disparity_before <= self._section.limit,
            "disparity": own.disparity_before,
            "balanced_accuracy": own.balanced_accuracy_before,
        }

    def _find(self, margins_N: NDArray[np.float64]) -> Thresholds:
        return find_thresholds(
            margins_N,
            self._actual_N == self._label,
            self._groups_N,
            label=self._labels[self._label],
            criterion=self._section.criterion,
            limit=self._section.limit,
            smallest=self._section.minimum_group_size,
        )

    def _outcome(self, logits_NL: NDArray[np.float64]) -> dict[str, Any]:
        """Macro-F1 over all rows, and each group's rates."""
        given_N = logits_NL.argmax(1)
        confusion_LL = np.zeros((len(self._labels),) * 2, dtype=np.int64)
        np.add.at(confusion_LL, (self._actual_N, given_N), 1)
        chosen_N, has_N = given_N == self._label, self._actual_N == self._label
        groups_N = np.array([group or "" for group in self._groups_N], dtype=object)
        return {
            "macro_f1": macro_f1(confusion_LL),
            "groups": {
                group: {
                    "rows": int((of := groups_N == group).sum()),
                    "selection_rate": _share(chosen_N[of]),
                    "true_positive_rate": _share(chosen_N[of & has_N]),
                    "false_positive_rate": _share(chosen_N[of & ~has_N]),
                }
                for group in sorted({*groups_N} - {""})
            },
        }


def _columns(path: Path, group: str) -> tuple[list[str], list[str | None]]:
    """Label and group of each row."""
    labels: list[str] = []
    groups: list[str | None] = []
    for _, of_label, of_group in read(path, "label", group):
        labels += of_label
        groups += [None if value is None else str(value) for value in of_group]
    return labels, groups


def _share(chosen: NDArray[np.bool_]) -> float | None:
    return float(chosen.mean()) if chosen.size else None


def _output_bias(model: Any, labels: int) -> nn.Parameter:
    """The bias of the layer that gives the logits, shape (L,)."""
    layers = [
        layer
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Linear) and layer.out_features == labels and is_head(model, f"{name}.weight")
    ]
    if not layers or layers[-1].bias is None:
        raise InputRefused("training", FIELD, f"{type(model).__name__} has no head with a bias to put a threshold into")
    return layers[-1].bias


def _round(model: Any, stored_as: Literal["fp32", "fp16"]) -> None:
    """Rounds the weights to the format in which they will be stored."""
    if stored_as == "fp16":
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(parameter.half().float())


def _logits(model: Any, rows: Rows, device: torch.device, batch_size: int) -> NDArray[np.float64]:
    """The logits of every row in the rows' order, shape (N, L), in evaluation mode."""
    model.eval()
    logits_NL = np.empty((len(rows), model.config.num_labels))
    with torch.inference_mode():
        for chosen_B in by_length(rows.lengths_N, batch_size):
            logits_NL[chosen_B] = model(**collate(rows, chosen_B, device).inputs).logits.double().cpu().numpy()
    return logits_NL
