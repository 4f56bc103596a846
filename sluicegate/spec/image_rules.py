"""What a spec may say beside images, and what is for texts alone: nothing is left without effect in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluicegate.spec.hygiene import Hygiene
from sluicegate.spec.scrubbing import Scrubbing

if TYPE_CHECKING:
    from sluicegate.spec.spec import Spec

IMAGES = "image-classification"
IMAGE_BASELINES = ("majority", "pixels")
_BASELINES = " and ".join(IMAGE_BASELINES)


def fault_with_images(spec: Spec) -> str:
    """What of a spec for images is for texts alone; empty if nothing is."""
    of_texts = [name for name in spec.evidence.baselines if name not in IMAGE_BASELINES]
    hygiene, plain = spec.hygiene, Hygiene()
    faults = [
        (bool(of_texts), f"`evidence.baselines` holds {', '.join(of_texts)}; for images there are {_BASELINES}"),
        (spec.scrubbing != Scrubbing(), "`scrubbing` reads texts; of images the metadata is taken out: leave it out"),
        (
            hygiene.near_duplicates != plain.near_duplicates,
            "`hygiene.near_duplicates` compares words; for images there is `hygiene.near_images`",
        ),
        (
            bool(hygiene.contamination or hygiene.harm),
            "`hygiene.contamination` and `hygiene.harm` read texts, and find nothing in images",
        ),
        (spec.cluster is not None, "`cluster` reads texts; images are read on this machine"),
    ]
    return next((fault for found, fault in faults if found), "")


def fault_without_images(spec: Spec) -> str:
    """What of a spec for texts is for images alone; empty if nothing is."""
    if "pixels" in spec.evidence.baselines:
        return "`evidence.baselines` holds pixels, which reads images"
    if "majority" in spec.evidence.baselines and spec.training.task != "sequence-classification":
        return f"`evidence.baselines` holds majority, and `training.task: {spec.training.task}` gives no single label"
    if spec.hygiene.near_images != Hygiene().near_images:
        return "`hygiene.near_images` compares images; for texts there is `hygiene.near_duplicates`"
    return ""
