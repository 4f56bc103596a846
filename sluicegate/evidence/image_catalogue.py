"""The checks of image classification: those of texts with labels, but for what only texts have, and what images add."""

from __future__ import annotations

from sluicegate.evidence.check import AREAS, Check
from sluicegate.evidence.drift_rows import OF_FEWER
from sluicegate.evidence.text_catalogue import OF_CLASSIFIERS

_C2ST = "Lopez-Paz & Oquab, Revisiting Classifier Two-Sample Tests (2017)"
_OF_TEXTS = frozenset(
    {
        "drift.text_auc",
        "drift.text_auc_previous",
        "data.scrub_residual",
        "data.canary_recall",
        "data.canary_recall_direct",
        "data.uncompared_share",
        "data.contaminated_share",
        "data.harmful_share",
        "privacy.canary_exposure_mean",
        "privacy.canary_exposure_largest",
    }
)

_OWN: tuple[Check, ...] = (
    Check(
        "drift.image_auc",
        "How well training and test images can be told apart",
        "ROC AUC of a linear model on small pictures of the images that tells them apart; 0.5 is not at all."
        f"{OF_FEWER}",
        "lower",
        source=_C2ST,
        interval=False,
    ),
    Check(
        "drift.image_auc_previous",
        "How well the images can be told from the live release's",
        "ROC AUC of a linear model on small pictures of the images that tells the two releases' training images apart; "
        f"0.5 is not at all.{OF_FEWER}",
        "lower",
        source=_C2ST,
        interval=False,
        compared=True,
    ),
    Check(
        "data.image_metadata_residual",
        "Images with metadata left after scrubbing",
        "Share of images in whose written file a second look finds anything beside pixels (EXIF, GPS, XMP, comments, "
        "colour profiles).",
        "lower",
        interval=False,
    ),
    Check(
        "data.image_content_residual",
        "Images that still show personal data",
        "Share of images in whose pixels a person could be recognised or a name be read. Nothing here looks for faces "
        "or writing, so it is not evaluated, and a limit on it holds every release back.",
        "lower",
        interval=False,
    ),
)

IMAGE_CATALOGUE: tuple[Check, ...] = tuple(
    check
    for area in AREAS
    for check in (*(common for common in OF_CLASSIFIERS if common.name not in _OF_TEXTS), *_OWN)
    if check.area == area
)
"""Every check of image classification, in reading order."""
