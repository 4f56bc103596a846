"""The script that serves a candidate; this very file is part of it and of its digest.

It needs nothing but the libraries in requirements.txt beside it. Two ways in:

    load("candidate").predict_proba(["…"])     probabilities, one column a label, without MLflow
    mlflow.pyfunc.load_model("…")              the same as an MLflow model, logged from this code

Inputs are one column named text; outputs are the likeliest label and one probability column a label.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BATCH_SIZE = 64


class Classifier:
    """A candidate in memory: fp32, evaluation mode."""

    def __init__(self, model: Any, tokenizer: Any, labels: list[str], max_length_tokens: int) -> None:
        self.labels = labels
        self._model, self._tokenizer, self._max_length_tokens = model, tokenizer, max_length_tokens

    def predict_proba(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float64]:
        """Probability of each label for each text; float64, shape (N, L), rows in the order of `texts`.

        `on_progress`, if given, is called with the number of texts done so far.
        """
        import torch

        encoded = [
            self._tokenizer(list(texts[i : i + 1000]), truncation=True, max_length=self._max_length_tokens)["input_ids"]
            for i in range(0, len(texts), 1000)
        ]
        rows = [row for chunk in encoded for row in chunk]
        probabilities_NL = np.zeros((len(rows), len(self.labels)), dtype=np.float64)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))  # even lengths, little padding
        with torch.inference_mode():
            for start in range(0, len(order), BATCH_SIZE):
                chosen = order[start : start + BATCH_SIZE]
                probabilities_NL[chosen] = self._score([rows[i] for i in chosen])
                if on_progress is not None:
                    on_progress(start + len(chosen))
        return probabilities_NL

    def _score(self, rows: list[list[int]]) -> NDArray[np.float64]:
        import torch

        length = max(len(row) for row in rows)
        ids_BT = torch.full((len(rows), length), self._tokenizer.pad_token_id, dtype=torch.long)
        mask_BT = torch.zeros_like(ids_BT)
        for i, row in enumerate(rows):
            ids_BT[i, : len(row)] = torch.tensor(row, dtype=torch.long)
            mask_BT[i, : len(row)] = 1
        logits_BL = self._model(input_ids=ids_BT, attention_mask=mask_BT).logits
        scores_BL: NDArray[np.float64] = torch.softmax(logits_BL.double(), dim=-1).numpy()
        return scores_BL


def load(folder: Path | str) -> Classifier:
    """The classifier whose files are in `folder`. Only safetensors and JSON are read; no code but this runs."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer
    from transformers.utils import logging

    folder = Path(folder)
    card = json.loads((folder / "candidate.json").read_text(encoding="utf-8"))
    local: dict[str, bool] = {"local_files_only": True, "trust_remote_code": False}
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **local)
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, **local
        )
    finally:
        if bars:
            logging.enable_progress_bar()
    return Classifier(model.eval(), tokenizer, card["labels"], card["max_length_tokens"])


if "mlflow.pyfunc" in sys.modules:  # MLflow runs this script; anybody else need not have MLflow
    import mlflow
    import pandas as pd

    class Candidate(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        """The candidate as an MLflow model; its folder is the artifact named candidate."""

        def load_context(self, context: Any) -> None:
            """Loads the candidate's files."""
            self.classifier = load(context.artifacts["candidate"])

        def predict(
            self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
        ) -> pd.DataFrame:
            """Label and probabilities for each row of a data frame with a column text."""
            texts = [str(text) for text in model_input["text"]]
            probabilities_NL = self.classifier.predict_proba(texts)
            labels = np.asarray(self.classifier.labels, dtype=object)
            answer = pd.DataFrame(probabilities_NL, columns=self.classifier.labels, index=model_input.index)
            answer.insert(0, "label", labels[probabilities_NL.argmax(axis=1)])
            return answer

    mlflow.models.set_model(Candidate())
