"""The texts that were planted among the training rows, and those of the same form that they are ranked among.

Shapes: T texts, L labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sluicegate.errors import Unavailable
from sluicegate.evidence.attacks.canaries import measure_canaries
from sluicegate.evidence.attacks.membership import log_odds
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.resampling import Floats, Resampling
from sluicegate.evidence.scores import Indices


@dataclass(frozen=True)
class PlantedTexts:
    """T random texts; they are asked about, and never shown."""

    texts: Sequence[str] = ()
    labels: Sequence[str] = ()
    """The label that each was planted with, or would have been; of a language model none."""
    times_T: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Rows that each became; 0 if it was not planted."""
    seed: int | None = None
    """Of the draw of the texts; None where it is not known."""

    @classmethod
    def read(cls, path: Path | None, seed: int | None = None) -> PlantedTexts:
        """The texts in a Parquet with columns text, label and times, drawn by `seed`; none where there is no path.

        Raises:
            Unavailable: The file is missing.
        """
        if path is None:
            return cls()
        try:
            table = pd.read_parquet(path)
        except FileNotFoundError:
            raise Unavailable(f"{path}: there is no such file; run the step that plants canaries again") from None
        return cls(table["text"].tolist(), table["label"].tolist(), table["times"].to_numpy().astype(np.int64), seed)

    def label_losses(self, probabilities_TL: Floats, actual_T: Indices) -> Floats:
        """How much less sure the candidate is of each text's label than of that label on texts that were not planted.

        A classifier has a favourite label for texts of one form; a text whose random label is another one would come
        late however well it was learned by heart.

        Args:
            probabilities_TL: The candidate's probabilities for the texts.
            actual_T: Indices of their labels.

        Returns:
            Log-odds of the label, averaged over the texts that were not planted, less those of the text; shape (T,).
        """
        texts, labels = probabilities_TL.shape
        if not texts:
            return np.zeros(0)
        odds_TL = np.stack([log_odds(probabilities_TL, np.full(texts, label)) for label in range(labels)], axis=1)
        expected_L = odds_TL[self.times_T == 0].mean(0)
        losses_T: Floats = expected_L[actual_T] - odds_TL[np.arange(texts), actual_T]
        return losses_T

    def measure(self, losses_T: Floats, resampling: Resampling) -> tuple[list[Finding], dict[str, Any]]:
        """Findings of the exposure of those that were planted, and the figures as JSON.

        Args:
            losses_T: The candidate's `label_losses`; of a language model the nats of each text.
            resampling: Rounds, confidence and seed.
        """
        planted_T = self.times_T > 0
        times_C = self.times_T[planted_T]
        return measure_canaries(losses_T[planted_T], losses_T[~planted_T], times_C, resampling, self.seed)
