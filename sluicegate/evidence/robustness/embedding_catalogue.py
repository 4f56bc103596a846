"""The checks of attacks on embeddings; they need gradients, so they are of text classifiers alone."""

from __future__ import annotations

from sluicegate.evidence.check import Check

EPSILON = 0.15
"""Radius of the ball of a text, by the mean length of the embeddings of its words."""
STEPS = 3
"""Steps of PGD."""
_BALL = (
    f"The words of a text are moved by {EPSILON:g} of the mean length of a word's embedding, all of them together, "
    "against the right answer. Counted over sampled test rows that were answered rightly; 1 is all. The interval is "
    "Clopper and Pearson's."
)

EMBEDDING_ATTACK_CATALOGUE: tuple[Check, ...] = (
    Check(
        "robustness.fgm_accuracy_kept",
        "Right answers kept when embeddings are moved one step along the gradient (FGM)",
        f"Share of right answers that one step does not turn. {_BALL}",
        "higher",
        source="Miyato et al., Adversarial Training Methods for Semi-Supervised Text Classification (2017)",
    ),
    Check(
        "robustness.pgd_accuracy_kept",
        "Right answers kept when embeddings are moved in several steps (PGD)",
        f"Share of right answers that neither FGM's step nor any of {STEPS} smaller ones from a random start turn. "
        f"{_BALL}",
        "higher",
        source="Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks (2018)",
    ),
)
"""In reading order."""
