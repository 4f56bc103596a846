"""Images described by numbers, and images made small enough to be told apart by a linear model.

Shapes: N images, F = 16 × 16 × 3 features.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sluicegate.evidence.given_groups import given_groups
from sluicegate.spec.pixels import pixels_of

IMAGE_NUMERIC = ("width", "height", "brightness", "contrast", "colourfulness")
"""Columns by which an image is described: pixels, and shares of the full range."""
_SIDE = 16


def describe_images(table: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """Label, groups and the make-up of each image as numbers: what drift is measured on, without any image."""
    made_up_of = np.array([_numbers(pixels_of(image)) for image in table["image"]]).reshape(-1, len(IMAGE_NUMERIC))
    named = {"label": given_groups(table["label"])}
    named |= {f"group: {column}": given_groups(table[column]) for column in groups}
    return pd.DataFrame({**named, **dict(zip(IMAGE_NUMERIC, made_up_of.T, strict=True))})


def features(images: Iterable[str]) -> NDArray[np.float32]:
    """The images of the column `image` made 16 × 16, pixels from 0 to 1, shape (N, F)."""
    from PIL import Image

    def small(value: str) -> NDArray[np.float32]:
        made = Image.fromarray(pixels_of(value)).resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
        return np.asarray(made, dtype=np.float32).ravel() / np.float32(255)

    return np.array([small(value) for value in images], dtype=np.float32).reshape(-1, _SIDE * _SIDE * 3)


def _numbers(pixels_HWC: NDArray[np.uint8]) -> tuple[float, ...]:
    """In the order of `IMAGE_NUMERIC`; colourfulness is the mean range between the channels of a pixel."""
    height, width, _ = pixels_HWC.shape
    grey_HW = pixels_HWC.mean(2)
    ranges_HW = pixels_HWC.max(2).astype(np.int16) - pixels_HWC.min(2)
    return float(width), float(height), grey_HW.mean() / 255, grey_HW.std() / 255, ranges_HW.mean() / 255
