"""Membership inference on a language model by the nats that a text takes, and extraction of training texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sluicegate.evidence.attacks.continuations import continuations
from sluicegate.evidence.attacks.epsilon import measure_epsilon
from sluicegate.evidence.attacks.extraction import CHECKS as OF_EXTRACTION
from sluicegate.evidence.attacks.extraction import (
    PREFIX_TOKENS,
    RUN_TOKENS,
    Question,
    ask_extraction,
    measure_extraction,
)
from sluicegate.evidence.attacks.membership import Scores, measure_membership
from sluicegate.evidence.base_features import longest_of
from sluicegate.evidence.finding import Finding, not_applicable, not_evaluated
from sluicegate.evidence.predictions import Likelihoods, tokens_of
from sluicegate.evidence.privacy import Account
from sluicegate.evidence.resampling import Floats, Resampling

_TEXTS_A_STEP = 4_096
Measured = tuple[list[Finding], dict[str, Any]]


def attack_likelihoods(members: Likelihoods, others: Likelihoods, account: Account, resampling: Resampling) -> Measured:
    """Findings of membership by bits for each byte, and what they prove of epsilon; figures as JSON.

    Args:
        members: What the candidate says of training texts.
        others: What it says of the test texts.
        account: What the training says it spent; empty if it was not private.
        resampling: Rounds, confidence and seed.
    """
    scores = Scores.of_losses(_a_byte(members), _a_byte(others))
    loss, loss_figures = measure_membership(scores, resampling)
    epsilon, epsilon_figures = measure_epsilon({"loss": scores}, account, resampling)
    return [*loss, *epsilon], {"loss": loss_figures, "epsilon": epsilon_figures}


def extract(candidate: Path, train: list[str], test: list[str], resampling: Resampling, most: int) -> Measured:
    """Findings of the extraction of training texts by a causal model, and the counts as JSON.

    Args:
        candidate: The candidate's folder.
        train: Training texts.
        test: Test texts, as a control.
        resampling: Confidence and seed.
        most: Texts of each kind that are asked about at most.
    """
    longest = _longest(candidate)
    if longest is not None and longest < PREFIX_TOKENS + RUN_TOKENS:  # reads an end first, the last that it writes not
        why = f"the model reads {longest} tokens, and it takes {PREFIX_TOKENS + RUN_TOKENS}"
        return [not_evaluated(check, why) for check in OF_EXTRACTION], {"why": why}
    asked = [_questions(candidate, texts, resampling.seed, most) for texts in (train, test)]
    written = [continuations(candidate, questions, RUN_TOKENS) for questions in asked]
    return measure_extraction(asked[0], written[0], asked[1], written[1], resampling)


def not_generating() -> Measured:
    """That a masked model writes nothing, so that nothing can be extracted."""
    why = "a masked model does not write texts"
    return [not_applicable(check, why) for check in OF_EXTRACTION], {"why": why}


def _a_byte(said: Likelihoods) -> Floats:
    nats: Floats = said.nats_N / np.maximum(said.bytes_N, 1)
    return nats


def _longest(candidate: Path) -> int | None:
    from transformers import AutoConfig

    return longest_of(AutoConfig.from_pretrained(candidate, local_files_only=True, trust_remote_code=False))


def _questions(candidate: Path, texts: list[str], seed: int, most: int) -> list[Question]:
    """Questions about texts at random, tokenised a few at a time until there are enough that are long enough.

    A prefix is what ends a text, and the first tokens of the one asked about.
    """
    order, found = np.random.default_rng(seed).permutation(len(texts)), list[Question]()
    for start in range(0, len(texts), _TEXTS_A_STEP):
        chunk = [texts[row] for row in order[start : start + _TEXTS_A_STEP]]
        read = [_after_an_end(tokens) for tokens in tokens_of(candidate, chunk)]
        found += ask_extraction(read, seed, prefix=1 + PREFIX_TOKENS, most=most)
        if len(found) >= most:
            break
    return found[:most]


def _after_an_end(told: list[int]) -> list[int]:
    """A text's tokens as training and scoring read them: what ended the text before it stands first, not last.

    The last token that a causal model is asked for is the text's end, so `told` closes with it, whichever it is.
    """
    return [told[-1], *told[:-1]]
