"""What is measured of a text classifier with its weights in hand: attacks on embeddings, and explanations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sluicegate.evidence.explanations.explaining import measure_explanations
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.parts import sameness
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.questions import Answer
from sluicegate.evidence.robustness.embedding_attacks import measure_embedding_attacks
from sluicegate.evidence.white_box import look_inside


def measure_inside(at: Measurement[Predictions], answer: Answer) -> None:
    """Adds to the area `robustness`, and makes that of the explanations.

    Args:
        at: The measurement, figures of the area `robustness` made.
        answer: The candidate, its labels in the spec's order.
    """
    settings, said, test = at.settings, at.answers, at.parts["test"]
    texts, smallest, seed = test["text"].tolist(), settings.minimum_group_size, settings.seed
    box = look_inside(at.candidate, said.labels, texts, said.probabilities_NL, seed)
    attacks, at.figures["robustness"]["embeddings"] = measure_embedding_attacks(
        box, texts, said, settings.confidence, smallest, seed
    )
    at.findings += attacks
    fresh = _not_trained_on(at.parts["train"], test)
    explained, at.figures["explanations"] = measure_explanations(
        box,
        test["id"][fresh].astype(str).tolist(),
        test["text"][fresh].tolist(),
        Predictions(said.labels, said.actual_N[fresh], said.probabilities_NL[fresh]),
        answer,
        at.resampling,
        smallest,
        settings.explained,
    )
    at.findings += explained
    if not settings.show_words:
        at.figures["explanations"] |= {"shown": []}


def _not_trained_on(train: pd.DataFrame, test: pd.DataFrame) -> NDArray[np.bool_]:
    """Test rows whose text is no training row's, so that no training text is shown; shape (N,)."""
    known: NDArray[np.bool_] = sameness(test).isin(set(sameness(train))).to_numpy(dtype=np.bool_)
    return ~known
