"""A loss that grows and grows instead of falling."""

from __future__ import annotations

from sluicegate.errors import InputRefused

FACTOR, MARGIN_NATS = 2.0, 1.0
ENOUGH_STEPS = 10
"""How many losses a mean is of; that of a single batch may be anything."""


def check_loss(loss: float, first: float, *, step: int, learning_rate: float) -> None:
    """Refuses a mean `loss` in nats that is more than twice the run's `first` and 1 nat.

    The first mean is what a model does that has hardly learned; the nat is for base models that know their task, whose
    loss is so small that chance may double it.

    Raises:
        InputRefused: It diverges.
    """
    most = FACTOR * first + MARGIN_NATS
    if loss > most:
        problem = f"the loss diverges: {loss:.3g} at step {step} with a rate of {learning_rate}, {first:.3g} at first"
        raise InputRefused("training", "learning_rate", f"{problem}, at most {most:.3g}", "lower it")
