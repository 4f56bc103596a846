"""One label for a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from sluicegate.errors import InputRefused
from sluicegate.training.recipes.recipe import Recipe, tokenized
from sluicegate.training.rows import RowsWriter


class SequenceClassification(Recipe):
    """Learns the column ``label``; macro-F1 of the labels."""

    target, quality = "label", "macro_f1"

    @override
    def model_class(self) -> Any:
        from transformers import AutoModelForSequenceClassification

        return AutoModelForSequenceClassification

    @override
    def outputs(self, labels: Sequence[str]) -> tuple[str, ...]:
        return tuple(labels)

    @override
    def _add(
        self,
        writer: RowsWriter,
        texts: list[str],
        given: list[Any],
        labels: Sequence[str],
        tokenizer: Any,
        max_length_tokens: int,
        where: tuple[Path, int],
    ) -> None:
        labels_B = label_indices(given, labels, where)
        found, cut = tokenized(tokenizer, texts, max_length_tokens)
        writer.add(found["input_ids"], labels_B, cut=cut)


def label_indices(given: list[Any], labels: Sequence[str], where: tuple[Path, int]) -> NDArray[np.int64]:
    """The index of each row's label, shape (B,); `where` is the rows' file and the number of the first, from 1.

    Raises:
        InputRefused: A row has none of the labels.
    """
    number = {label: i for i, label in enumerate(labels)}
    labels_B = np.array([number.get(label, -1) for label in given], dtype=np.int64)
    if (labels_B < 0).any():
        path, first_row = where
        row = first_row + int((labels_B < 0).argmax())
        raise InputRefused(path, f"label of row {row}", f"is none of the labels {', '.join(labels)}")
    return labels_B
