"""What attacks found out about single training rows, in plain words and without a judgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sluicegate.evidence.attacks.canaries import CHECKS as OF_CANARIES
from sluicegate.evidence.attacks.epsilon import CHECK as OF_EPSILON
from sluicegate.evidence.attacks.extraction import CHECKS as OF_EXTRACTION
from sluicegate.evidence.digits import percent, points, share
from sluicegate.evidence.finding import Finding

Find = Callable[[str], Finding | None]
"""A check's name → its finding; None if there is none."""
_ATTACKS = {"membership": "By its loss", "shadow_membership": "By shadow models"}


def attacks_in_words(find: Find, figures: Mapping[str, Any]) -> list[str]:
    """A sentence for each attack that was run, and for each that was not, why.

    Args:
        find: The dossier's findings.
        figures: What `measure_canaries` and `measure_epsilon` gave, as ``canaries`` and ``epsilon``.
    """
    said = [_membership(find, attack, how) for attack, how in _ATTACKS.items()]
    said += [_canaries(find, figures.get("canaries", {})), _epsilon(find, figures.get("epsilon", {}))]
    return [sentence for sentence in [*said, _extraction(find)] if sentence]


def _membership(find: Find, attack: str, how: str) -> str:
    auc, rate = find(f"privacy.{attack}_auc"), find(f"privacy.{attack}_tpr_at_1_percent")
    if auc is None or auc.value is None:
        return _why("Membership inference" if attack == "membership" else "Membership inference by shadow models", auc)
    sure = f" ({share(auc.interval[0])} to {share(auc.interval[1])})" if auc.interval else ""
    told = f"{how}, training rows are told from test rows with an AUC of {share(auc.value)}{sure}; 0.5 is guessing."
    if rate is None or rate.value is None:
        return told
    return f"{told} At 1 % false alarms {percent(rate.value)} of them are found; 1 % is guessing."


def _canaries(find: Find, figures: Mapping[str, Any]) -> str:
    mean, largest = (find(check) for check in OF_CANARIES)
    if mean is None or mean.value is None or largest is None or largest.value is None:
        return _why("Planted canaries", mean)
    times = sorted({each["times"] for each in figures["exposures"]})
    often = "once" if times == [1] else f"{' or '.join(map(str, times))} times"
    return (
        f"{mean.n} texts that were planted {often} each are exposed by {mean.value:.2f} bits on average and "
        f"{largest.value:.2f} at most, of {figures['most_bits']:.2f} that could show; 1.44 is what chance gives on "
        "average."
    )


def _epsilon(find: Find, figures: Mapping[str, Any]) -> str:
    excess, bound = find(OF_EPSILON), figures.get("bound")
    if excess is None or bound is None:
        return _why("A lower bound on epsilon", excess)
    proven = f"The best attack proves an epsilon of at least {bound['epsilon']:.3g} at delta {figures['delta']:g}"
    if excess.value is not None:
        stands = "which contradicts" if excess.value > 0 else "which does not contradict"
        return f"{proven}, {stands} the {figures['claimed']:.3g} that the training claims."
    return f"{proven}; nothing follows for the claim: {excess.why}."


def _extraction(find: Find) -> str:
    extracted, excess = (find(check) for check in OF_EXTRACTION)
    if extracted is None or extracted.value is None:
        return _why("Extraction of training texts", extracted)
    control = (
        f", {points(excess.value, '+')} points against test texts"
        if excess is not None and excess.value is not None
        else ""
    )
    return f"Of {extracted.n} training texts it writes down {percent(extracted.value)} from their beginning{control}."


def _why(what: str, finding: Finding | None) -> str:
    return f"{what}: {finding.why}." if finding is not None else ""
