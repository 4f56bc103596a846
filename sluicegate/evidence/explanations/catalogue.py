"""The checks of explanations; they need gradients, so they are of text classifiers alone."""

from __future__ import annotations

import math

from sluicegate.evidence.check import DIFFERENCE_OF_SHARES, Check

STEPS = 14
"""Points of the Gauss-Legendre quadrature by which gradients are integrated."""
PERTURBED = 64
"""Texts that LIME asks about for each that is explained."""
SHARES = (0.1, 0.2, 0.5)
"""Of a text's words that are left out, rounded up."""
_SHARES = " and ".join(", ".join(f"{share:.0%}" for share in SHARES).rsplit(", ", 1)).replace("%", " %")

EXPLANATION_CATALOGUE: tuple[Check, ...] = (
    Check(
        "explanation.completeness_error",
        "What integrated gradients leave unexplained",
        "By how much the words' weights miss the log-odds that they should come to, over sampled test rows, as a share "
        f"of those log-odds; 0 is none missed. Integrated at {STEPS} points.",
        "lower",
        ends=(0.0, math.inf),  # words may miss by more than the log-odds themselves
        source="Sundararajan et al., Axiomatic Attribution for Deep Networks (2017)",
    ),
    Check(
        "explanation.random_model_similarity",
        "Likeness to explanations of a model with shuffled weights",
        "Mean rank correlation over sampled test rows of the sizes of the words' weights by integrated gradients, of "
        "the candidate and of itself with the later half of its layers shuffled; 0 is none. Near 1 the explanations "
        "tell of the text alone, not of what was learned.",
        "lower",
        unit="rank correlation",
        source="Adebayo et al., Sanity Checks for Saliency Maps (2018)",
    ),
    Check(
        "explanation.method_agreement",
        "Agreement of integrated gradients and LIME",
        "Mean rank correlation over sampled test rows of the words' weights by the two methods; 1 is full agreement, 0 "
        f"none. LIME asks about {PERTURBED} texts a row, so chance keeps even two true explanations below 1.",
        "higher",
        unit="rank correlation",
        source="Ribeiro et al., “Why Should I Trust You?” Explaining the Predictions of Any Classifier (2016)",
    ),
    Check(
        "explanation.comprehensiveness_gain",
        "Loss of the answer's probability without the weightiest words, beyond that without others",
        "What the given label's probability loses when the words that integrated gradients hold for the weightiest are "
        f"left out, less what it loses without as many drawn at random; mean over {_SHARES} of the words and over "
        "sampled test rows. 0 means that the explanation points at no more than chance would.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source="DeYoung et al., ERASER: A Benchmark to Evaluate Rationalized NLP Models (2020)",
    ),
)
"""In reading order."""
