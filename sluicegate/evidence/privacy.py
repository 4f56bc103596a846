"""What a private training has spent, as the training itself reported it.

Sources: Abadi et al., Deep Learning with Differential Privacy (2016); Mironov et al., Rényi Differential Privacy of the
Sampled Gaussian Mechanism (2019); Gopi et al., Numerical Composition of Differential Privacy (2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.evidence.finding import Finding, measured, not_evaluated

Account = Mapping[str, Any]
"""Fields ``epsilon_rdp``, ``epsilon_prv``, ``delta``, ``target_epsilon``, ``noise_multiplier``, ``sampling_rate``,
``steps``, ``rows`` and ``max_grad_norm``; empty where the training was not private."""
UNIT = "epsilon"
NOT_PRIVATE = "the training was not private (training.privacy)"


def privacy_findings(account: Account) -> list[Finding]:
    """Epsilon by both accountants, whose unit says at which delta it holds, and that delta."""
    checks = {"privacy.epsilon_rdp": UNIT, "privacy.epsilon_prv": UNIT, "privacy.delta": "probability"}
    if not account:
        return [not_evaluated(check, NOT_PRIVATE, unit=unit) for check, unit in checks.items()]
    at = {UNIT: f"{UNIT} (delta {account['delta']:g})"}
    return [
        measured(check, account[check.partition(".")[2]], unit=at.get(unit, unit), n=account["rows"])
        for check, unit in checks.items()
    ]


def privacy_in_words(account: Account) -> str:
    """What was spent and how, or that nothing is promised."""
    if not account:
        return "The training was not private: what the weights tell about single training rows is not bounded."
    return (
        f"{account['steps']:,} steps spent an epsilon of {account['epsilon_prv']:.3g} (PRV) or "
        f"{account['epsilon_rdp']:.3g} (RDP) at delta {account['delta']:g}, of {account['target_epsilon']:g} allowed: "
        f"each of {account['rows']:,} training rows was in a step with probability {account['sampling_rate']:.3g}, "
        f"its gradient no longer than {account['max_grad_norm']:g}, with noise of {account['noise_multiplier']:.3g} "
        "times that. "
        f"{_not_trained(account)}"
        "This bounds what the weights tell about one training row; validation rows, the tokenizer and the loss curve "
        "are not covered."
    )


def _not_trained(account: Account) -> str:
    """Which weights could not learn, because their gradients cannot be told apart by row."""
    frozen = account.get("frozen_parameters", ())
    if not frozen:
        return ""
    more = f" and {len(frozen) - 3} more" if len(frozen) > 3 else ""
    return f"Weights that stayed as they were, as their gradients are not by row: {', '.join(frozen[:3])}{more}. "
