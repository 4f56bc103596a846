"""What each token adds to the log-odds of a label, by integrated gradients over the embeddings.

Gradients are integrated along the straight way from a text of which every token is the baseline's (the mask, or
the padding where there is no mask; what the tokenizer adds stays) to the text as it is. They are complete: together
they come to what the log-odds differ by between the two, but for the error of the numerical integration.

Source: Sundararajan et al., Axiomatic Attribution for Deep Networks (2017), by captum.

Shapes: B rows of a batch, T tokens, H width of an embedding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from sluicegate.evidence.explanations.catalogue import STEPS
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.token_budget import by_length
from sluicegate.evidence.white_box import Reading, WhiteBox, log_odds

_AT_ONCE = 2_048 // STEPS


@dataclass(frozen=True)
class Attribution:
    """What the tokens of one text add to the log-odds of a label."""

    tokens_T: Floats
    difference: float
    """Log-odds of the text less those of the baseline, to which the tokens should come together."""

    @property
    def error(self) -> float:
        """By how much they do not."""
        return abs(float(self.tokens_T.sum()) - self.difference)


def integrate(box: WhiteBox, readings: Sequence[Reading], targets: Indices) -> list[Attribution]:
    """An attribution for each text.

    Args:
        box: The candidate opened up.
        readings: What it reads.
        targets: Of each text, the label whose log-odds are told of.
    """
    from captum.attr import IntegratedGradients

    def output(embeddings: torch.Tensor, ids: torch.Tensor, mask: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return log_odds(box.logits(embeddings, ids, mask), target)

    method, found = IntegratedGradients(output), dict[int, Attribution]()
    for rows in by_length([len(reading.ids) for reading in readings], _AT_ONCE):
        ids_BT, mask_BT, own_BT = box.tensors([readings[row] for row in rows])
        weights_BTH, excess_B = method.attribute(
            box.embed(ids_BT),
            baselines=box.embed(torch.where(own_BT, box.baseline[1], ids_BT)),
            additional_forward_args=(ids_BT, mask_BT, torch.from_numpy(targets[rows])),
            n_steps=STEPS,
            method="gausslegendre",
            return_convergence_delta=True,
        )
        tokens_BT = weights_BTH.double().sum(-1).numpy()
        for place, row in enumerate(rows):
            tokens_T = tokens_BT[place, : len(readings[row].ids)]
            found[row] = Attribution(tokens_T, float(tokens_T.sum()) - float(excess_B[place]))
    return [found[row] for row in range(len(readings))]
