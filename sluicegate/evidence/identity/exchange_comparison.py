"""Test rows with a group exchanged for another: do fewer decisions flip than a live release's?

Both are asked the same texts, so each row's pair of flips is compared. Where the candidate was trained with
counterfactual copies and the release that is live was not, this says whether they helped.

Shapes: M exchanged texts, N test rows, R rounds, L labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.comparison import OTHER_LABELS, LiveRelease, answers_to
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_applicable, not_evaluated
from sluicegate.evidence.identity.counterfactuals import FEWEST_UNITS
from sluicegate.evidence.identity.exchange_tests import ExchangeTest
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.resampling import Estimate, Floats, Resampling
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.usable import why_improper


def compare_exchanges(
    live: LiveRelease,
    tests: Sequence[ExchangeTest],
    predictions: Predictions,
    live_N: Indices | None,
    exchanged: Mapping[str, Floats],
    resampling: Resampling,
) -> tuple[list[Finding], list[dict[str, Any]]]:
    """A finding ``comparison.exchange_flips_change`` for each attribute, and the figures as JSON.

    Args:
        live: The release, verified.
        tests: What was exchanged, an attribute each.
        predictions: The candidate's answers to the test rows.
        live_N: Index of the label that the release gives each test row; None if it knows other labels.
        exchanged: Attribute → the candidate's probabilities for each exchanged text.
        resampling: Rounds, confidence and seed of the bootstrap over texts.
    """
    asked = list(dict.fromkeys(text for test in tests for text in test.texts))
    said_QL = answers_to(live, predictions.labels, asked, keep_improper=True) if live_N is not None and asked else None
    place = {text: number for number, text in enumerate(asked)}
    findings, figures = [], []
    for test in tests:
        rows, of_texts = list(test.rows), [place[text] for text in test.texts]
        own = Decisions(predictions.given_N[rows], exchanged[test.attribute])
        others = None if live_N is None or said_QL is None else Decisions(live_N[rows], said_QL[of_texts])
        finding, told = _compared(test.attribute, own, others, live.candidate_digest, resampling)
        findings.append(finding)
        figures.append({"attribute": test.attribute, "texts": len(rows), **told})
    return findings, figures


@dataclass(frozen=True)
class Decisions:
    """What a model says of each text before and after the exchange."""

    before_M: Indices
    """Index of the label that it gives."""
    after_ML: Floats
    """Probability of each label."""

    @property
    def flips_M(self) -> NDArray[np.bool_]:
        """Whether it is another one."""
        flips: NDArray[np.bool_] = self.before_M != self.after_ML.argmax(1)
        return flips

    @property
    def labels(self) -> int:
        """How many different labels are given."""
        return len(np.unique([self.before_M, self.after_ML.argmax(1)]))


def _compared(
    attribute: str, own: Decisions, others: Decisions | None, against: str, resampling: Resampling
) -> tuple[Finding, dict[str, Any]]:
    check, texts = f"comparison.exchange_flips_change[{attribute}]", len(own.before_M)
    if not texts:
        why = "no test row has a term of it that can be exchanged"
        return not_applicable(check, why, against=against), {"status": "not_applicable", "why": why}
    if others is None or (why := _why_not(own, others)):
        why = OTHER_LABELS if others is None else why
        return not_evaluated(check, why, n=texts, against=against), {"status": "not_evaluated", "why": why}
    over_texts = Resampling(texts, resampling.rounds, resampling.confidence, resampling.seed)
    change = change_of_flips(own.flips_M, others.flips_M, over_texts)
    told = {"candidate": float(own.flips_M.mean()), "live": float(others.flips_M.mean()), "change": change.to_json()}
    return estimated(check, change, over_texts, against=against), {"status": "measured", **told}


def _why_not(own: Decisions, others: Decisions) -> str:
    """Why nothing can be concluded; empty if something can."""
    if (texts := len(own.before_M)) < FEWEST_UNITS:
        return f"{texts} texts to exchange a term in, fewer than {FEWEST_UNITS}"
    if why := why_improper(own.after_ML) or why_improper(others.after_ML):
        return why
    if min(own.labels, others.labels) < 2:
        return "all are given the same label, so that no exchange can be told to flip it"
    return ""


def change_of_flips(candidate_M: NDArray[np.bool_], live_M: NDArray[np.bool_], resampling: Resampling) -> Estimate:
    """The candidate's share of flips less the live release's, by paired resampling.

    Where no text's flips differ, resampling would give an interval of no width; the exact upper limit of the share
    of texts in which they differ is taken to both sides.
    """
    change_M = candidate_M.astype(np.float64) - live_M

    def statistic(weights_RM: Floats) -> dict[str, Floats]:
        return {"change": weights_RM @ change_M / weights_RM.sum(1)}

    if change_M.any():
        return resampling.estimates(statistic)["change"]
    limit = exact_interval(0, len(change_M), resampling.confidence)[1]
    return Estimate(0.0, (-limit, limit))
