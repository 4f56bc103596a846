"""Membership inference on a classifier, by its loss and by shadow models, and what both prove of epsilon."""

from __future__ import annotations

from typing import Any

import numpy as np

from sluicegate.evidence.attacks.epsilon import measure_epsilon
from sluicegate.evidence.attacks.membership import Scores, log_odds, measure_membership
from sluicegate.evidence.attacks.shadow_heads import AttackedRows, shadow_scores
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.privacy import Account
from sluicegate.evidence.resampling import Floats, Resampling
from sluicegate.evidence.scores import Indices


def attack_classifier(
    members: Predictions,
    others: Predictions,
    features_BD: Floats,
    beside_O: Indices,
    account: Account,
    resampling: Resampling,
    shadows: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `privacy` that attacks on a classifier give, and their figures as JSON.

    Args:
        members: The candidate's answers to training rows.
        others: Its answers to all test rows; the attack by loss sets all of them beside the members.
        features_BD: The base model's features of the members and then of the others that shadows are trained on.
        beside_O: Which of the others these are.
        account: What the training says it spent; empty if it was not private.
        resampling: Rounds, confidence and seed.
        shadows: Number of shadow models.
    """
    of_members_M, of_others_N = (log_odds(said.probabilities_NL, said.actual_N) for said in (members, others))
    attacked = AttackedRows(
        len(members.actual_N),
        features_BD,
        np.concatenate([members.actual_N, others.actual_N[beside_O]]),
        np.concatenate([members.probabilities_NL, others.probabilities_NL[beside_O]]),
    )
    by_shadow = shadow_scores(attacked, resampling.seed, shadows)
    loss, loss_figures = measure_membership(Scores(of_members_M, of_others_N), resampling)
    shadow, shadow_figures = measure_membership(by_shadow, resampling, "shadow_membership")
    same_rows = {"loss": Scores(of_members_M, of_others_N[beside_O]), "shadow": by_shadow}
    epsilon, epsilon_figures = measure_epsilon(same_rows, account, resampling)
    return [*loss, *shadow, *epsilon], {
        "loss": loss_figures,
        "shadow": {**shadow_figures, "shadows": shadows},
        "epsilon": epsilon_figures,
    }
