"""The checks of token classification, one entry each; drift, data, privacy and footprint are every task's."""

from __future__ import annotations

from sluicegate.evidence.catalogue import CATALOGUE
from sluicegate.evidence.check import AREAS, DIFFERENCE_OF_SHARES, EACH_GROUP, Check
from sluicegate.evidence.identity.catalogue import OF_TAGGERS as IDENTITY
from sluicegate.evidence.robustness.catalogue import OF_TAGGERS as ROBUSTNESS

_MUC = "Tjong Kim Sang & De Meulder, Introduction to the CoNLL-2003 Shared Task (2003), exact matches"
_PAIRED = "Efron & Tibshirani, An Introduction to the Bootstrap (1993), paired resampling of rows"
_THERE = "Its n counts the entities of this type that are there."
_COMMON_AREAS = ("drift", "data", "transparency", "privacy", "footprint")
_COMMON = ("group.evaluated_share", "comparison.disagreement", "comparison.regressed_share", "comparison.seen_share")
"""Checks of the other areas that mean the same here: a row is right if its spans are exactly the true ones."""

_OWN: tuple[Check, ...] = (
    Check(
        "performance.entity_f1",
        "Entities: F1",
        "Harmonic mean of precision and recall over entities; one counts where start, end and type are all right.",
        "higher",
        source=_MUC,
    ),
    Check(
        "performance.entity_precision",
        "Entities: precision",
        "Of the entities that were found, the share that are there with this start, end and type.",
        "higher",
        source=_MUC,
    ),
    Check(
        "performance.entity_recall",
        "Entities: recall",
        "Of the entities that are there, the share found with the right start, end and type.",
        "higher",
        source=_MUC,
    ),
    Check(
        "performance.character_f1",
        "Characters: F1",
        "Harmonic mean of precision and recall over characters inside entities, each with its type.",
        "higher",
    ),
    Check(
        "performance.character_precision",
        "Characters: precision",
        "Of the characters that were marked, the share that are inside an entity of that type.",
        "higher",
    ),
    Check(
        "performance.character_recall",
        "Characters: recall",
        "Of the characters inside entities, the share that were marked with the right type.",
        "higher",
    ),
    Check(
        "performance.character_coverage",
        "Characters: covered",
        "Of the characters inside entities, the share that were marked with any type: what a scrubber would hide.",
        "higher",
    ),
    Check(
        "performance.entity_f1_of",
        "Entity F1 of “{}”",
        f"The same F1 for entities of this type. {_THERE}",
        "higher",
        source=_MUC,
        parameter="label",
    ),
    Check(
        "performance.character_precision_of",
        "Character precision of “{}”",
        "Of the characters that were marked with this type, the share that are inside such an entity. Its n counts the "
        "entities of this type that were found.",
        "higher",
        parameter="label",
    ),
    Check(
        "performance.character_recall_of",
        "Character recall of “{}”",
        f"Of the characters inside entities of this type, the share that were marked with it. {_THERE}",
        "higher",
        parameter="label",
    ),
    Check(
        "performance.character_f1_of",
        "Character F1 of “{}”",
        f"The harmonic mean of the two. {_THERE}",
        "higher",
        parameter="label",
    ),
    Check(
        "group.character_recall_lowest",
        "Character recall in the worst group of {}",
        "Lowest character recall of any group of the column.",
        "higher",
        parameter="group",
    ),
    Check(
        "group.character_f1_lowest",
        "Character F1 of the worst group of {}",
        "Lowest character F1 of any group of the column.",
        "higher",
        parameter="group",
    ),
    Check(
        "group.character_f1_gap",
        "Character F1 gap between groups of {}",
        "Highest less lowest character F1 of the column's groups; 0 is even.",
        "lower",
        parameter="group",
    ),
    Check(
        "baseline.character_f1",
        "Character F1 of {}",
        "Character F1 of the simple model on the same test rows.",
        "higher",
        parameter="baseline",
    ),
    Check(
        "baseline.character_f1_gain",
        "Character F1 gained over {}",
        "The candidate's character F1 less the simple model's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        parameter="baseline",
    ),
    Check(
        "baseline.entity_f1_gain",
        "Entity F1 gained over {}",
        "The candidate's entity F1 less the simple model's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        parameter="baseline",
    ),
    Check(
        "comparison.entity_f1_change",
        "Change in entity F1",
        "The candidate's entity F1 less the live release's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        compared=True,
    ),
    Check(
        "comparison.character_f1_change",
        "Change in character F1",
        "The candidate's character F1 less the live release's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        compared=True,
    ),
    Check(
        "comparison.character_recall_change",
        "Change in character recall",
        "The candidate's character recall less the live release's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        compared=True,
    ),
    Check(
        "comparison.group_character_f1_change",
        "Change in character F1, groups of {}",
        f"The candidate's character F1 less the live release's on the rows of one group of the column. {EACH_GROUP}",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        parameter="group",
        compared=True,
        each_group=True,
    ),
)


def _is_common(check: Check) -> bool:
    return check.area in _COMMON_AREAS or check.name in _COMMON


SPAN_CATALOGUE: tuple[Check, ...] = tuple(
    check
    for area in AREAS
    for check in (*_OWN, *IDENTITY, *ROBUSTNESS, *(common for common in CATALOGUE if _is_common(common)))
    if check.area == area
)
"""Every check of token classification, in reading order."""
