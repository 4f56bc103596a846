"""Writes digits.parquet beside this file: the handwritten digits that come with scikit-learn, as images.

The table is kept beside the spec, so nobody has to run this: ``python deployments/digits.py`` gives it again.

Source: Alpaydin, Kaynak, Optical Recognition of Handwritten Digits (1998), UCI Machine Learning Repository, CC-BY-4.0.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_digits

from sluicegate.spec.pixels import bytes_of, dump_pixels

TABLE = Path(__file__).with_name("digits.parquet")
HEAVY = 5.0
"""Mean darkness, of 16, from which on a digit's strokes count as heavy."""


def digits() -> pa.Table:
    """1,797 images of 8 × 8 pixels, dark on light, with what digit each is and how heavy its strokes are."""
    found = load_digits()
    grey_NHW = (255 - found.images * 255 / 16).round().astype(np.uint8)
    images = [bytes_of(dump_pixels(np.repeat(grey_HW[:, :, None], 3, axis=2))) for grey_HW in grey_NHW]
    stroke = ["heavy" if mean >= HEAVY else "light" for mean in found.images.mean((1, 2))]
    return pa.table({"image": images, "digit": [str(digit) for digit in found.target], "stroke": stroke})


if __name__ == "__main__":
    pq.write_table(digits(), TABLE, compression="zstd")
