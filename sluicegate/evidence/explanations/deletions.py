"""Whether the answer rests on the words that weigh most: without them it should change more than without others.

The comprehensiveness of an explanation is what the probability of the given label loses when the words that speak
most for it are left out, on average over several shares of the words.

Source: DeYoung et al., ERASER: A Benchmark to Evaluate Rationalized NLP Models (2020).

Shapes: N rows, W words, A texts asked, L labels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.explanations.catalogue import SHARES
from sluicegate.evidence.explanations.word_spans import Words
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.resampling import Floats, Resampling
from sluicegate.evidence.usable import why_improper

FEWEST_WORDS = 3
"""In a text of fewer there is no choice of words to leave out."""
CHECK = "explanation.comprehensiveness_gain"


@dataclass(frozen=True)
class Weighed:
    """A text, the label that it is given, and what each of its words adds to that."""

    words: Words
    target: int
    probability: float
    """Of the label, with all words."""
    weights_W: Floats


def ask_deletions(rows_N: Sequence[Weighed], seed: int) -> list[str]:
    """Each text without some of its words: for each share those that weigh most, then as many at random."""
    random = np.random.default_rng(seed)
    return [row.words.without(gone) for row in rows_N for gone in _left_out(row, random)]


def measure_deletions(
    rows_N: Sequence[Weighed], answers_AL: Floats, resampling: Resampling, smallest: int
) -> tuple[list[Finding], dict[str, Any]]:
    """Comprehensiveness less that of words drawn at random, and both as JSON.

    Args:
        rows_N: What was asked about, each of `FEWEST_WORDS` or more.
        answers_AL: The candidate's answers to `ask_deletions` of the same rows.
        resampling: Rounds, confidence and seed of the bootstrap over rows.
        smallest: Fewer rows are too few.

    Raises:
        ValueError: There are not as many answers as were asked for.
    """
    if len(answers_AL) != (asked := 2 * len(SHARES) * len(rows_N)):
        raise ValueError(f"{len(answers_AL)} answers to {asked} texts")
    why = f"{len(rows_N)} rows, fewer than {smallest}" if len(rows_N) < smallest else why_improper(answers_AL)
    if why:
        return [not_evaluated(CHECK, why, n=len(rows_N))], {"rows": len(rows_N), "why": why}
    before_N = np.array([row.probability for row in rows_N])
    targets = np.repeat([row.target for row in rows_N], 2 * len(SHARES))
    left = answers_AL[np.arange(asked), targets].reshape(len(rows_N), len(SHARES), 2)
    lost_N2 = before_N[:, None] - left.mean(1)
    over_rows = Resampling(len(rows_N), resampling.rounds, resampling.confidence, resampling.seed)
    estimates = over_rows.estimates(
        lambda weights_RN: {
            "gain": weights_RN @ (lost_N2[:, 0] - lost_N2[:, 1]) / len(rows_N),
            "weightiest": weights_RN @ lost_N2[:, 0] / len(rows_N),
            "random": weights_RN @ lost_N2[:, 1] / len(rows_N),
        }
    )
    figures = {name: estimate.to_json() for name, estimate in estimates.items()}
    return [estimated(CHECK, estimates["gain"], over_rows)], {
        "rows": len(rows_N),
        "shares": list(SHARES),
        "lost_probability": figures,
    }


def _left_out(row: Weighed, random: np.random.Generator) -> Iterator[list[int]]:
    by_weight = np.argsort(-row.weights_W, kind="stable")
    for share in SHARES:
        count = math.ceil(share * len(row.words))
        yield by_weight[:count].tolist()
        yield random.permutation(len(row.words))[:count].tolist()
