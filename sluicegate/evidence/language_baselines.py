"""What a language model is held against: counts of tokens, and the base model as it was before training.

A masked model is held against the latter alone. Its bits are a pseudo-likelihood, each token told from those on both
sides; they are no code for a text and can be fewer than its entropy, so how far they lie below those of counts, which
tell it from the left, is no gain.

Source: Salazar et al., Masked Language Model Scoring (2020).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.enough import why_few_rows
from sluicegate.evidence.finding import Finding, not_applicable, not_evaluated
from sluicegate.evidence.language_scores import differences, finding
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.ngrams import NGrams
from sluicegate.evidence.predictions import UNKNOWN_BYTE_NATS, Likelihoods, predict_likelihoods, task_of, tokens_of
from sluicegate.evidence.resampling import Floats

_ORDERS = {"unigram": 1, "trigram": 3}
_MEASURES = {"bits_per_byte": "other", "bits_per_byte_gain": "bits_per_byte"}
MOST_TOKENS = 5_000_000
"""Counts are taken of so many tokens at most, from the first training rows on: they are held in memory."""
_COUNTED = {
    "unigram": "how often each of the candidate's tokens stands in the training rows",
    "trigram": "how often each of the candidate's tokens stands in the training rows after the two before it",
}
_NOT_ALIKE = "counts tell a token from those before it, a masked model from those on both sides"
_UNTUNED = "the base model as it was, on the same tokens"
_OWN, _BASE = (
    ("candidate.json", "loader.py", "tokenizer.json", "tokenizer_config.json"),
    ("config.json", "*.safetensors*"),
)


def measure_language_baseline(name: str, at: Measurement[Likelihoods]) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `baseline` for one simple model, and its figures as JSON.

    What a masked model gains over counts is `not_applicable`.
    """
    other_N, why, what = _told_by(name, at)
    if why:
        names = [f"baseline.{measure}[{name}]" for measure in _MEASURES]
        findings = [not_evaluated(check, why, unit=check_of(check).unit) for check in names]
        return findings, {"baseline": name, "status": "not_evaluated", "why": why}
    estimates = differences(at.answers, other_N, at.resampling)
    figures = {"baseline": name, "status": "measured", "what": what}
    own, gain = (
        finding(f"baseline.{measure}[{name}]", estimates[key], at.resampling) for measure, key in _MEASURES.items()
    )
    if name in _ORDERS and task_of(at.candidate) == "masked-lm":
        gain = not_applicable(gain.check, _NOT_ALIKE, unit=gain.unit)
        estimates, figures["why"] = {"other": estimates["other"]}, _NOT_ALIKE
    return [own, gain], figures | {"estimates": {key: estimate.to_json() for key, estimate in estimates.items()}}


def _told_by(name: str, at: Measurement[Likelihoods]) -> tuple[Floats, str, str]:
    """The simple model's negative log-likelihood of each test row, why there is none, and what it is."""
    if name not in (*_ORDERS, "untuned"):
        return np.zeros(0), f"{name} does not tell texts", ""
    if why := why_few_rows(at.resampling.rows, at.settings.minimum_group_size):
        return np.zeros(0), why, ""
    if name == "untuned":
        return *_ask_base(at), _UNTUNED
    other_N, cut = _count(_ORDERS[name], at)
    return other_N, "", _COUNTED[name] + (f", of which the first {MOST_TOKENS:,} tokens were counted" if cut else "")


def _count(order: int, at: Measurement[Likelihoods]) -> tuple[Floats, bool]:
    """The negative log-likelihood of each test row by counts, and whether some training rows were not counted."""
    vocabulary = json.loads((at.candidate / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    learned = _first(tokens_of(at.candidate, at.parts["train"]["text"].tolist()), MOST_TOKENS)
    model = NGrams(order, vocabulary).learn(learned)
    told = tokens_of(at.candidate, at.parts["test"]["text"].tolist())
    nats_N = np.array([model.nats(tokens) for tokens in told])
    return nats_N + at.answers.unknown_N * UNKNOWN_BYTE_NATS, len(learned) < len(at.parts["train"])


def _first(texts: list[list[int]], most: int) -> list[list[int]]:
    """The first texts, of `most` tokens together."""
    kept = sum(total <= most for total in accumulate(map(len, texts)))
    return texts[: max(kept, 1)]


def _ask_base(at: Measurement[Likelihoods]) -> tuple[Floats, str]:
    """The negative log-likelihood of each test row by the base model, or why there is none."""
    none = np.zeros(0)
    if at.base_model is None:
        return none, "there is no base model: the candidate was trained from scratch"
    texts: Sequence[str] = at.parts["test"]["text"].tolist()
    with tempfile.TemporaryDirectory(prefix="sluicegate-base-") as place:
        folder = Path(place)
        for name in _OWN:  # the candidate's own tokenizer and script: nothing but the weights differs
            shutil.copyfile(at.candidate / name, folder / name)
        for path in (found for pattern in _BASE for found in at.base_model.glob(pattern)):
            (folder / path.name).symlink_to(path.resolve())
        try:
            return predict_likelihoods(folder, texts, "base model").nats_N, ""
        except ValueError as error:  # a body without the task's head
            return none, f"the base model cannot tell texts: {str(error).rpartition(': ')[2]}"
