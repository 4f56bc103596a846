"""The checks of classifiers: those of every task, and what only they are asked."""

from __future__ import annotations

from sluicegate.evidence.attacks.catalogue import ATTACKS
from sluicegate.evidence.catalogue import CATALOGUE
from sluicegate.evidence.check import AREAS, Check
from sluicegate.evidence.drift_catalogue import PREDICTION_DRIFT
from sluicegate.evidence.explanations.catalogue import EXPLANATION_CATALOGUE
from sluicegate.evidence.identity.catalogue import IDENTITY_CATALOGUE, MENTIONED_CHANGE
from sluicegate.evidence.robustness.catalogue import ROBUSTNESS_CATALOGUE
from sluicegate.evidence.robustness.embedding_catalogue import EMBEDDING_ATTACK_CATALOGUE
from sluicegate.evidence.selective_catalogue import SELECTIVE_CATALOGUE

_WRITTEN = "privacy.extracted"
"""Of what a model writes; a classifier writes no texts."""
ATTACKS_ON_CLASSIFIERS = tuple(check for check in ATTACKS if not check.name.startswith(_WRITTEN))
OF_CLASSIFIERS = (*CATALOGUE, *PREDICTION_DRIFT, *SELECTIVE_CATALOGUE, *ATTACKS_ON_CLASSIFIERS)
"""Those of texts and of images."""
TEXT_CATALOGUE: tuple[Check, ...] = tuple(
    check
    for area in AREAS
    for check in (
        *OF_CLASSIFIERS,
        *IDENTITY_CATALOGUE,
        MENTIONED_CHANGE,
        *ROBUSTNESS_CATALOGUE,
        *EMBEDDING_ATTACK_CATALOGUE,
        *EXPLANATION_CATALOGUE,
    )
    if check.area == area
)
"""Every check of text classification, in reading order."""
