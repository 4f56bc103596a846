"""A model for images whose weights are drawn at random."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from sluicegate.spec.section import Section


class ImageScratch(Section):
    """The size of a vision transformer whose weights are drawn at random.

    Source: Dosovitskiy et al., An Image is Worth 16x16 Words (2021).
    """

    layers: Annotated[int, Field(gt=0, le=48)]
    """Transformer layers."""
    hidden: Annotated[int, Field(gt=0, le=4096)]
    """Width of a patch's vector; the feed-forward layers are four times as wide."""
    heads: Annotated[int, Field(gt=0)]
    """Attention heads; they share the width evenly."""
    image_size: Annotated[int, Field(ge=4, le=1024)]
    """Width and height to which images are brought, in pixels; their shape is not kept."""
    patch_size: Annotated[int, Field(gt=0, le=256)]
    """Width and height of the patches that an image is cut into, in pixels; they fill it evenly."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the numbers between the layers that a step of training leaves out."""

    @property
    def tokens(self) -> int:
        """What attention sees of an image: its patches, and one that stands for the whole."""
        return (self.image_size // self.patch_size) ** 2 + 1

    @model_validator(mode="after")
    def _fits_together(self) -> ImageScratch:
        if self.hidden % self.heads:
            raise ValueError(f"`hidden` must be a multiple of `heads`: {self.hidden} is none of {self.heads}")
        if self.image_size % self.patch_size:
            sizes = f"{self.image_size} is none of {self.patch_size}"
            raise ValueError(f"`image_size` must be a multiple of `patch_size`: {sizes}")
        return self


def scratch_kind(value: Any) -> str:
    """Whether a value of a spec is the size of a model for images, or for texts."""
    if isinstance(value, dict):
        return "images" if {"image_size", "patch_size"} & value.keys() else "texts"
    return "images" if isinstance(value, ImageScratch) else "texts"
