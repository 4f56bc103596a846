"""A stub candidate that reads a lexicon, and made-up rows for it: enough to measure, nothing to train."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sluicegate.evidence.predictions import Predictions

LABELS = ("negative", "neutral", "positive")
WORDS = {
    "negative": ("dreary", "awful", "horrible", "sad", "nasty"),
    "neutral": ("wooden", "northern", "weekly", "square", "printed"),
    "positive": ("lovely", "great", "wonderful", "happy", "good"),
}
THINGS = ("kettle", "garden", "lamp", "coat", "song", "meal", "book")
LOADER = """
import json
from pathlib import Path
import numpy as np

class Classifier:
    def __init__(self, words):
        self.words = words

    def predict_proba(self, texts):
        hits = np.array([[sum(w in text for w in known) for known in self.words] for text in texts], dtype=float)
        powers = np.exp(1.5 * hits)
        return powers / powers.sum(1, keepdims=True)

def load(folder):
    return Classifier(json.loads((Path(folder) / "words.json").read_text()))
"""


def write_candidate(
    folder: Path, *, known_words: int = 5, labels: Sequence[str] = LABELS, loader: str = LOADER
) -> Path:
    """A candidate that knows the first few words of each label."""
    folder.mkdir(parents=True)
    (folder / "loader.py").write_text(loader)
    (folder / "words.json").write_text(json.dumps([WORDS.get(label, ())[:known_words] for label in labels]))
    (folder / "config.json").write_text(json.dumps({"id2label": {str(i): label for i, label in enumerate(labels)}}))
    return folder


def make_rows(count: int, *, seed: int, prefix: str) -> pd.DataFrame:
    """Rows whose adjective mostly tells the label; every text holds a word of its own (``xqNN…``)."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        label = LABELS[number % 3]
        told = label if draw.random() < 0.8 else draw.choice(LABELS)
        text = f"a {draw.choice(WORDS[told])} {draw.choice(THINGS)} xq{prefix}{number}"
        rows.append((f"{prefix}{number}", text, label, ("shop", "street")[draw.random() < 0.4]))
    return pd.DataFrame(rows, columns=["id", "text", "label", "place"])


def write_split(folder: Path, *, seed: int = 0) -> Path:
    """train, validation and test rows."""
    folder.mkdir(parents=True)
    for part, count in (("train", 300), ("validation", 30), ("test", 150)):
        make_rows(count, seed=seed + count, prefix=f"{part}{seed}n").to_parquet(folder / f"{part}.parquet", index=False)
    return folder


def answers(actual: Sequence[int], given: Sequence[int], labels: Sequence[str] = LABELS) -> Predictions:
    """Predictions that are sure of what they give."""
    sure = np.full((len(given), len(labels)), 0.1 / (len(labels) - 1))
    sure[np.arange(len(given)), list(given)] = 0.9
    return Predictions(tuple(labels), np.array(actual, dtype=np.int64), sure)
