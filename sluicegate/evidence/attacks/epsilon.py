"""What an attack proves of epsilon, beside what the training claims.

Who trains with (epsilon, delta)-differential privacy bounds every attack on a row: the share of members that it finds
is at most e^epsilon times its share of false alarms, plus delta. So rates that were reached give a lower bound, and
one above the claim says that the claim is wrong: an error in the accounting or the clipping, or rows that went round
both.

Rates are those of one threshold. The threshold that looks best on the same rows looks too good, as its luck is counted
as skill, and the bound would fail more often than its confidence says. So attack, threshold and direction are chosen on
one half of the rows, and the bound is of the other half, which had no say.

The rows of one training stand in for many trainings. That holds if chance alone made a row a member (a random split):
then, whatever the model shows, the odds of each row's membership are within e^epsilon of those before (Steinke et al.,
whose theorem 5.2 also says what delta adds to the risk: less than delta times the rows).

Sources: Jagielski et al., Auditing Differentially Private Machine Learning (2020); Nasr et al., Adversary
Instantiation: Lower Bounds for Differentially Private Machine Learning (2021); Steinke et al., Privacy Auditing with
One (1) Training Run (2023).

Shapes: T thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sluicegate.evidence.attacks.membership import Scores
from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated
from sluicegate.evidence.privacy import NOT_PRIVATE, UNIT, Account
from sluicegate.evidence.proportions import lower_bound, upper_bound
from sluicegate.evidence.resampling import Floats, Resampling

CHECK = "privacy.epsilon_excess"
NOT_ATTACKED = "no membership attack was run"


@dataclass(frozen=True)
class Bound:
    """A lower bound on epsilon, and how it was reached."""

    epsilon: float
    """The bound; 0 proves nothing."""
    attack: str
    direction: str
    """``members`` if rows above the threshold were held for members, ``others`` if rows below it were for others."""
    right: int
    """Rows of the kind held for, of those that the attack held for it."""
    of_right: int
    """Rows of that kind."""
    wrong: int
    """Rows of the other kind that it held for it too."""
    of_wrong: int
    """Rows of that other kind."""


def provable_epsilon(
    right: ArrayLike, of_right: int, wrong: ArrayLike, of_wrong: int, delta: float, confidence: float
) -> Floats:
    """The epsilon that counts of right and wrong guesses prove: log ((rate of right - delta) / rate of wrong), or 0.

    Each rate is the end of its one-sided Clopper-Pearson bound that favours privacy, at half the risk, so that both
    hold together with probability `confidence`.
    """
    each = (1 + confidence) / 2
    excess = lower_bound(right, of_right, each) - delta
    wrong_high = upper_bound(wrong, of_wrong, each)
    return np.maximum(np.log(np.maximum(excess, np.finfo(np.float64).tiny) / wrong_high), 0)


def largest_provable(members: int, others: int, delta: float, confidence: float) -> float:
    """The epsilon that an attack without a mistake would prove on as many rows."""
    ways = ((members, others), (others, members))
    return float(max(provable_epsilon(of, of, 0, among, delta, confidence) for of, among in ways))


def epsilon_bound(attacks: Mapping[str, Scores], delta: float, confidence: float, seed: int) -> Bound:
    """The epsilon that the best of the attacks proves, chosen on a random half of the rows and proven on the other.

    Args:
        attacks: Name → scores, at least one, all of the same rows in the same order.
        delta: The delta at which the bound is wanted.
        confidence: Probability with which it holds.
        seed: Of the halves.

    Raises:
        ValueError: The attacks' scores are not of as many rows.
    """
    sizes = {(len(scores.members_M), len(scores.others_N)) for scores in attacks.values()}
    if len(sizes) != 1:
        raise ValueError("the attacks are to score the same rows")
    random = np.random.default_rng(seed)
    members, others = (random.permutation(size) for size in sizes.pop())
    tried, proven = (
        {name: Scores(s.members_M[members[part::2]], s.others_N[others[part::2]]) for name, s in attacks.items()}
        for part in (0, 1)
    )
    ways = [
        (float(bounds_T.max()), name, float(thresholds_T[bounds_T.argmax()]), direction)
        for name, scores in tried.items()
        for thresholds_T in [np.unique(np.concatenate([scores.members_M, scores.others_N]))]
        for direction in ("members", "others")
        for bounds_T in [_provable(_counts(scores, thresholds_T, direction), delta, confidence)]
    ]
    _, name, threshold, direction = max(ways, key=lambda way: way[0])
    right, of_right, wrong, of_wrong = _counts(proven[name], np.array([threshold]), direction)
    epsilon = float(_provable((right, of_right, wrong, of_wrong), delta, confidence)[0])
    return Bound(epsilon, name, direction, int(right[0]), of_right, int(wrong[0]), of_wrong)


def measure_epsilon(
    attacks: Mapping[str, Scores], account: Account, resampling: Resampling
) -> tuple[list[Finding], dict[str, Any]]:
    """By how much the attacks' lower bound on epsilon exceeds the claim, and both as JSON; above 0 they contradict.

    The claim is the smaller one of RDP and PRV. If an attack without a mistake could not disprove it on so few rows,
    the finding is not evaluated: to be below it would be no evidence.

    Args:
        attacks: Name → scores, all of the same rows; empty if none was run.
        account: What the training says it spent; empty if it was not private.
        resampling: Confidence of the bound, and seed of the halves.
    """
    delta = float(account["delta"]) if account else 0.0
    claim = min(float(account["epsilon_rdp"]), float(account["epsilon_prv"])) if account else None
    unit = f"{UNIT} (delta {delta:g})" if account else UNIT
    figures: dict[str, Any] = {"delta": delta, "claimed": claim}
    why = next((why for scores in attacks.values() if (why := scores.why_not())), "" if attacks else NOT_ATTACKED)
    if not why:
        figures |= _figures(attacks, delta, resampling)
    if claim is None:
        return [not_applicable(CHECK, NOT_PRIVATE, unit=unit)], figures
    if why:
        return [not_evaluated(CHECK, why, unit=unit)], figures | {"why": why}
    if figures["largest_provable"] <= claim:
        most = f"{figures['largest_provable']:.3g}"
        why = f"on {figures['rows']} rows no attack could prove more than {most}, and the claim is {claim:.3g}"
        return [not_evaluated(CHECK, why, unit=unit, n=figures["rows"])], figures | {"why": why}
    excess, held = figures["bound"]["epsilon"] - claim, {key: figures[key] for key in ("confidence", "seed")}
    return [measured(CHECK, excess, unit=unit, n=figures["rows"], is_bound=True, **held)], figures


def _figures(attacks: Mapping[str, Scores], delta: float, resampling: Resampling) -> dict[str, Any]:
    bound = epsilon_bound(attacks, delta, resampling.confidence, resampling.seed)
    of_each = {"right": bound.right, "of_right": bound.of_right, "wrong": bound.wrong, "of_wrong": bound.of_wrong}
    members, others = (
        (bound.of_right, bound.of_wrong) if bound.direction == "members" else (bound.of_wrong, bound.of_right)
    )
    return {
        "rows": members + others,
        "confidence": resampling.confidence,
        "seed": resampling.seed,
        "largest_provable": largest_provable(members, others, delta, resampling.confidence),
        "bound": {"epsilon": bound.epsilon, "attack": bound.attack, "held_for": bound.direction, **of_each},
    }


_Counts = tuple[Floats, int, Floats, int]


def _counts(scores: Scores, thresholds_T: Floats, direction: str) -> _Counts:
    """Rows held for what they are, of how many; and rows held for it that are not, of how many."""
    members, others = len(scores.members_M), len(scores.others_N)
    members_below_T = np.searchsorted(np.sort(scores.members_M), thresholds_T).astype(np.float64)
    others_below_T = np.searchsorted(np.sort(scores.others_N), thresholds_T).astype(np.float64)
    if direction == "others":
        return others_below_T, others, members_below_T, members
    return members - members_below_T, members, others - others_below_T, others


def _provable(counts: _Counts, delta: float, confidence: float) -> Floats:
    right, of_right, wrong, of_wrong = counts
    return provable_epsilon(right, of_right, wrong, of_wrong, delta, confidence)
