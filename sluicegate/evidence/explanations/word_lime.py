"""What each word adds to the log-odds of a label, by a linear model of the answers to the text without some words.

Nothing is needed of the candidate but its answers, so this is a second opinion on what gradients say. Half of the
words are left out of each text that is asked about, at random; texts nearer to the whole one count for more.

Source: Ribeiro et al., “Why Should I Trust You?” Explaining the Predictions of Any Classifier (2016), by captum, with
the authors' kernel for texts (cosine distance, width 0.25) and ridge regression.

Shapes: W words, P perturbed texts, L labels.
"""

from __future__ import annotations

import numpy as np
import torch

from sluicegate.evidence.attacks.membership import log_odds
from sluicegate.evidence.explanations.catalogue import PERTURBED
from sluicegate.evidence.explanations.word_spans import Words
from sluicegate.evidence.questions import Answer
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.usable import proper_rows

_KERNEL_WIDTH = 0.25


def explain_by_asking(words: Words, target: int, answer: Answer, seed: int) -> Floats | None:
    """The weight of each word, shape (W,); None where an answer is no probability, or there are fewer than two words.

    To the kernel a text without any word is next to nothing like the whole, so of a single word nothing is learned.

    Args:
        words: Of the text.
        target: The label whose log-odds are told of.
        answer: The candidate.
        seed: Of what is left out.
    """
    from captum._utils.models.linear_model import SkLearnRidge
    from captum.attr import Lime
    from captum.attr._core.lime import get_exp_kernel_similarity_function

    if len(words) < 2:
        return None
    proper = True

    def output(kept_PW: torch.Tensor) -> torch.Tensor:
        nonlocal proper
        texts = [words.only(np.flatnonzero(kept_W).tolist()) for kept_W in kept_PW.numpy()]
        try:
            answers_PL = np.asarray(answer(texts), dtype=np.float64)
        except Exception:  # whatever its own code raises, of an empty text say: there is no answer to learn from
            answers_PL = np.full((len(texts), 2), np.nan)
        if not proper_rows(answers_PL).all():
            proper = False
            return torch.zeros(len(texts))
        return torch.from_numpy(log_odds(answers_PL, np.full(len(texts), target)))

    similarity = get_exp_kernel_similarity_function("cosine", _KERNEL_WIDTH)
    method = Lime(output, interpretable_model=SkLearnRidge(alpha=1.0), similarity_func=similarity)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        weights_1W = method.attribute(
            torch.ones(1, len(words)), n_samples=PERTURBED, perturbations_per_eval=PERTURBED, show_progress=False
        )
    weights_W: Floats = weights_1W[0].double().numpy()
    return weights_W if proper and np.isfinite(weights_W).all() else None
