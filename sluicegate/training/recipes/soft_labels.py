"""One label for a text, learned from how many people gave each.

Source: Peterson et al., Human Uncertainty Makes Classification More Robust (2019).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from sluicegate.errors import InputRefused
from sluicegate.training.recipes.recipe import tokenized
from sluicegate.training.recipes.sequence_classification import SequenceClassification, label_indices
from sluicegate.training.rows import Rows, RowsWriter, read

SHARES = "label_shares"
_SLACK = 1e-6


class SoftLabels(SequenceClassification):
    """Encodes the training rows; they are scored, as the validation rows are, by their label."""

    @override
    def encode(self, path: Path, labels: Sequence[str], tokenizer: Any, max_length_tokens: int, folder: Path) -> Rows:
        writer, first_row = RowsWriter(folder), 1
        for texts, given, shares in read(path, self.target, SHARES):
            labels_B = label_indices(given, labels, (path, first_row))
            found, cut = tokenized(tokenizer, texts, max_length_tokens)
            writer.add(found["input_ids"], _shares(shares, labels_B, labels, (path, first_row)), cut=cut)
            first_row += len(texts)
        return writer.finish(tokenizer.pad_token_id, by_token=self.by_token)


def _shares(
    given: list[str | None], labels_B: NDArray[np.int64], labels: Sequence[str], where: tuple[Path, int]
) -> NDArray[np.float32]:
    """The labels' shares of each row, shape (B, L); a row that does not say them has its own label alone."""
    shares_BL = np.eye(len(labels))[labels_B]
    for row, text in enumerate(given):
        if text is None:
            continue
        try:
            found = json.loads(text)
            shares_BL[row] = [found.pop(label, 0.0) for label in labels]
            sound = not found and (shares_BL[row] >= 0).all() and abs(shares_BL[row].sum() - 1) < _SLACK
        except (ValueError, TypeError, AttributeError):
            sound = False
        if not sound:
            path, first_row = where
            problem = f"is no JSON object with shares, adding up to 1, of {', '.join(labels)}"
            raise InputRefused(path, f"{SHARES} of row {first_row + row}", problem)
    return shares_BL.astype(np.float32)
