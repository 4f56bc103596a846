"""Whether it can be told of a row that it was trained on: how well an attack's scores part members from others.

An attack that is right on average tells little; one that is sure of a few rows, and right, breaks the privacy of those.
So beside the AUC stands the share of members that are found while next to no other row is taken for one.

Sources: Yeom et al., Privacy Risk in Machine Learning: Analyzing the Connection to Overfitting (2018), for the
threshold on the loss; Carlini et al., Membership Inference Attacks From First Principles (2022), for the figures.

Shapes: R rounds, M members, N others, L labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sluicegate.evidence.attacks.sampling import Stratified
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.resampling import Estimate, Floats, Resampling
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
        resampling: Rounds, confidence and seed of the bootstrap, which draws members and others apart and picks the
            threshold anew in each round. A true-positive rate's interval also spans that of Clopper & Pearson at the
            threshold picked on all rows, for a bootstrap never leaves what it saw: of no member found it makes 0 to 0.
        attack: ``membership`` or ``shadow_membership``, the start of the checks' names.
    """
    sizes = {"members": len(scores.members_M), "others": len(scores.others_N)}
    figures = ["auc", *(f"tpr_at_{at}" for at in FALSE_POSITIVE_RATES)]
    rows = sum(sizes.values())
    if why := scores.why_not():
        return [not_evaluated(f"privacy.{attack}_{figure}", why, n=rows) for figure in figures], {**sizes, "why": why}
    estimates = _estimates(scores, Stratified.like(resampling, *sizes.values()))
    findings = [
        estimated(f"privacy.{attack}_{figure}", estimates[figure], resampling, n=rows)
        if figure in estimates
        else not_evaluated(f"privacy.{attack}_{figure}", _too_few(sizes["others"], figure), n=rows)
        for figure in figures
    ]
    return findings, {
        **sizes,
        "seed": resampling.seed,
        "estimates": {figure: estimate.to_json() for figure, estimate in estimates.items()},
        "curve": _curve(scores),
    }


def true_positive_rates(weights_RM: Floats, weights_RN: Floats, scores: Scores, false_positive_rate: float) -> Floats:
    """Largest share of members above a threshold that at most that share of the others exceeds, shape (R,)."""
    others, members = np.argsort(-scores.others_N, kind="stable"), np.argsort(-scores.members_M, kind="stable")
    allowed = _allowed(len(others), false_positive_rate)
    first_R = (weights_RN[:, others].cumsum(1) > allowed).argmax(1)  # of the others, in order, that is one too many
    thresholds_R = scores.others_N[others][first_R]
    found_R = len(members) - np.searchsorted(scores.members_M[members][::-1], thresholds_R, side="right")
    so_far_RM = np.pad(weights_RM[:, members].cumsum(1), ((0, 0), (1, 0)))
    rates: Floats = so_far_RM[np.arange(len(found_R)), found_R] / weights_RM.sum(1)
    return rates


def _estimates(scores: Scores, stratified: Stratified) -> dict[str, Estimate]:
    members = len(scores.members_M)
    both = np.concatenate([scores.members_M, scores.others_N])
    rates = {name: rate for name, rate in FALSE_POSITIVE_RATES.items() if _allowed(len(scores.others_N), rate)}

    def statistic(weights_RB: Floats) -> dict[str, Floats]:
        auc_R, _ = areas_under_curves(weights_RB, np.arange(len(both)) < members, both)
        of_members_RM, of_others_RN = weights_RB[:, :members], weights_RB[:, members:]
        return {"auc": auc_R} | {
            f"tpr_at_{name}": true_positive_rates(of_members_RM, of_others_RN, scores, rate)
            for name, rate in rates.items()
        }

    found = stratified.estimates(statistic)
    return {
        name: estimate if name == "auc" else _spanning(estimate, members, stratified.confidence)
        for name, estimate in found.items()
    }


def _spanning(estimate: Estimate, members: int, confidence: float) -> Estimate:
    exact = exact_interval(round(estimate.value * members), members, confidence)
    low, high = estimate.interval or exact
    return Estimate(estimate.value, (min(low, exact[0]), max(high, exact[1])))


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
    of_members_1M, of_others_1N = np.ones((1, len(scores.members_M))), np.ones((1, others))
    return {
        "fpr": rates,
        "tpr": [float(true_positive_rates(of_members_1M, of_others_1N, scores, rate)[0]) for rate in rates],
    }
