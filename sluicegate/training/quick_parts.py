"""The parts of a model that have a quicker twin, exchanged; its weights and their names stay as they are."""

from __future__ import annotations

from typing import Any

from sluicegate.training.attention import use_plain_attention
from sluicegate.training.dropout import CoinSource, replace_dropout
from sluicegate.training.first_token import keep_first_token
from sluicegate.training.precision import Placement


def take_quick_parts(model: Any, placement: Placement) -> CoinSource | None:
    """Exchanges dropout and attention on a processor, and the last layer everywhere, where the model's make allows it.

    Returns:
        Where dropout takes its coins from, to be started at each step; None where PyTorch tosses them.
    """
    coins = replace_dropout(model) if placement.device.type == "cpu" else None
    if placement.plain_attention:
        use_plain_attention(model)
    keep_first_token(model)
    return coins
