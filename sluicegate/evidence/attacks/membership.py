"""Whether it can be told of a row that it was trained on: how well an attack's scores part members from others.

An attack that is right on average tells little; one that is sure of a few rows, and right, breaks the privacy of those.
So beside the AUC stands the share of members that are found while next to no other row is taken for one.

Sources: Yeom et al., Privacy Risk in Machine Learning: Analyzing the Connection to Overfitting (2018), for the
threshold on the loss; Carlini et al., Membership Inference Attacks From First Principles (2022), for the figures.

Shapes: R rounds, M members, N others, B both, L labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sluicegate.evidence.attacks.sampling import Stratified
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.resampling import Behind, Estimate, Floats, Resampling
from sluicegate.evidence.scores import Indices, areas_under_curves

FEWEST_ROWS = 30
FALSE_POSITIVE_RATES = {"0_1_percent": 0.001, "1_percent": 0.01}
"""Name in the checks → share of others that may be taken for members."""
_CURVE_POINTS = 40
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Scores:
    """What an attack says of each row: the higher, the more it holds the row for a member."""

    members_M: Floats
    """Scores of rows that were trained on."""
    others_N: Floats
    """Scores of rows that were not, from the same source; 0.1 % false alarms take 1,000 of them."""

    @classmethod
    def of_losses(cls, members_M: Floats, others_N: Floats) -> Scores:
        """The threshold on the loss: the smaller a row's loss, the surer a member.

        Args:
            members_M: Losses of rows that were trained on; of language models the nats for each byte or token.
            others_N: Losses of rows that were not.
        """
        return cls(-np.asarray(members_M, dtype=np.float64), -np.asarray(others_N, dtype=np.float64))

    def why_not(self) -> str:
        """Why nothing can be concluded from these scores; empty if something can."""
        sizes = {"members": len(self.members_M), "rows that were not trained on": len(self.others_N)}
        for name, size in sizes.items():
            if size < FEWEST_ROWS:
                return f"there are {size} {name}, fewer than {FEWEST_ROWS}"
        both = np.concatenate([self.members_M, self.others_N])
        if undefined := int((~np.isfinite(both)).sum()):
            return f"the attack gave {undefined} of {len(both)} rows no finite score"
        if (both == both[0]).all():
            return "the attack gave every row the same score, so it tells nothing apart"
        return ""


def log_odds(probabilities_NL: Floats, actual_N: Indices) -> Floats:
    """Logarithm of the true label's probability over that of all others, shape (N,).

    It puts rows in the order of their loss, the least one last, and parts those whose probability rounds to 1.
    """
    tiny, rows = np.finfo(np.float64).tiny, np.arange(len(actual_N))
    others_NL = probabilities_NL.copy()
    others_NL[rows, actual_N] = 0
    odds: Floats = np.log(np.maximum(probabilities_NL[rows, actual_N], tiny)) - np.log(
        np.maximum(others_NL.sum(1), tiny)
    )
    return odds


def measure_membership(
    scores: Scores, resampling: Resampling, attack: str = "membership"
) -> tuple[list[Finding], dict[str, Any]]:
    """AUC and true-positive rates at low false-positive rates of one attack, and the figures behind them as JSON.

    Args:
        scores: What the attack says of members and others.
        resampling: Rounds, confidence and seed of the bootstrap, which draws members and others apart; the intervals of
            true-positive rates are exact (`rate_interval`).
        attack: ``membership`` or ``shadow_membership``, the start of the checks' names.
    """
    sizes = {"members": len(scores.members_M), "others": len(scores.others_N)}
    figures = ["auc", *(f"tpr_at_{at}" for at in FALSE_POSITIVE_RATES)]
    rows = sum(sizes.values())
    if why := scores.why_not():
        return [not_evaluated(f"privacy.{attack}_{figure}", why, n=rows) for figure in figures], {**sizes, "why": why}
    estimates = {"auc": _auc(scores, Stratified.like(resampling, *sizes.values()))}
    findings = [estimated(f"privacy.{attack}_auc", estimates["auc"], resampling, n=rows)]
    for figure, rate in zip(figures[1:], FALSE_POSITIVE_RATES.values(), strict=True):
        check = f"privacy.{attack}_{figure}"
        if not _allowed(sizes["others"], rate):
            findings.append(not_evaluated(check, _too_few(sizes["others"], figure), n=rows))
            continue
        value, interval = true_positive_rate(scores, rate), rate_interval(scores, rate, resampling.confidence)
        estimates[figure] = Estimate(value, interval)
        findings.append(
            measured(
                check, value, n=rows, interval=interval, confidence=resampling.confidence, seed=resampling.seed
            )  # the seed drew the rows
        )
    return findings, {
        **sizes,
        "seed": resampling.seed,
        "estimates": {figure: estimate.to_json() for figure, estimate in estimates.items()},
        "curve": _curve(scores),
    }


def true_positive_rate(scores: Scores, false_positive_rate: float) -> float:
    """The largest share of members above a threshold that at most that share of the others exceeds."""
    others_N = np.sort(scores.others_N)[::-1]
    threshold = others_N[_allowed(len(others_N), false_positive_rate)]
    return float((scores.members_M > threshold).mean())


def rate_interval(scores: Scores, false_positive_rate: float, confidence: float) -> tuple[float, float]:
    """The interval of the true-positive rate at the threshold that exactly that share of all other rows would exceed.

    Neither that threshold nor the share of members above it is known for sure, and each has half of what may go wrong.
    How many of N others exceed it follows the binomial distribution, so it lies between two of their scores; with a
    single row above it on average, the lower end is 0. The shares at these two have the interval of Clopper & Pearson.
    A bootstrap of so few extreme rows covers too little.

    Source: Conover, Practical Nonparametric Statistics (1999), section 3.2, for the interval of a quantile.
    """
    from scipy.stats import binom

    half, others_N = (1 + confidence) / 2, np.sort(scores.others_N)[::-1]
    members, others = len(scores.members_M), len(others_N)
    fewest, most = (int(binom.ppf(at, others, false_positive_rate)) for at in ((1 - half) / 2, (1 + half) / 2))
    surely = int((scores.members_M > others_N[fewest - 1]).sum()) if fewest else 0
    perhaps = int((scores.members_M > others_N[most]).sum()) if most < others else members
    return exact_interval(surely, members, half)[0], exact_interval(perhaps, members, half)[1]


def _auc(scores: Scores, stratified: Stratified) -> Estimate:
    members, others = len(scores.members_M), len(scores.others_N)
    both, member_B = np.concatenate([scores.members_M, scores.others_N]), np.arange(members + others) < members

    def statistic(weights_RB: Floats) -> dict[str, Floats]:
        return {"auc": areas_under_curves(weights_RB, member_B, both)[0]}

    return stratified.estimates(statistic, {"auc": Behind((min(members, others),))})["auc"]


def _allowed(others: int, false_positive_rate: float) -> int:
    """How many others may exceed the threshold."""
    return int(others * false_positive_rate + _ROUNDING)


def _too_few(others: int, figure: str) -> str:
    rate = FALSE_POSITIVE_RATES[figure.removeprefix("tpr_at_")]
    return (
        f"{rate:.1%} of {others} rows that were not trained on is less than one row; it takes {round(1 / rate):,} "
        "of them"
    )


def _curve(scores: Scores) -> dict[str, list[float]]:
    """The ROC curve at false-positive rates from one row to all but one, evenly spaced in their logarithm."""
    others = len(scores.others_N)
    rates = [count / others for count in np.unique(np.geomspace(1, others - 1, _CURVE_POINTS).round())]
    return {"fpr": rates, "tpr": [true_positive_rate(scores, rate) for rate in rates]}
