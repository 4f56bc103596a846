"""The pass that the spec asks for."""

from __future__ import annotations

from typing import Any

from sluicegate.spec.robustness import Adversarial
from sluicegate.training.dropout import CoinSource
from sluicegate.training.objective import Objective
from sluicegate.training.passes import Pass, PlainPass
from sluicegate.training.precision import Placement
from sluicegate.training.robust.adversarial import AdversarialPass, Attack


def choose_pass(
    section: Adversarial | None, model: Any, objective: Objective, placement: Placement, coins: CoinSource | None
) -> Pass:
    """A pass with perturbed embeddings, or a plain one where the section is None.

    Args:
        section: The spec's section.
        model: With the layer of embeddings that it trains with.
        objective: What is made smaller.
        placement: Where it is computed.
        coins: The source of the quick dropout's coins, where the model has it.

    Raises:
        InputRefused: The model has no input embeddings.
    """
    if section is None:
        return PlainPass(model, objective, placement)
    attack = Attack(
        method=section.kind,
        radius=section.radius,
        steps=section.steps or 3,
        step_size=section.step_size or section.radius / 2,
    )
    return AdversarialPass(model, objective.loss_sum, placement.forward, attack, coins)
