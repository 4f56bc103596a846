"""An image as pixels, and how the column `image` holds it: the bytes of an image file in base64.

After scrubbing the file is a PNG of three channels with nothing in it but pixels.
Shapes: H rows, W columns, C = 3 channels (red, green, blue).
"""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Shape (H, W, C)."""


def dump_bytes(content: bytes) -> str:
    """A file as the column holds it."""
    return base64.b64encode(content).decode("ascii")


def bytes_of(value: str) -> bytes:
    """The file that the column holds.

    Raises:
        ValueError: It is no base64.
    """
    return base64.b64decode(value, validate=True)


def dump_pixels(pixels_HWC: Pixels) -> str:
    """Pixels as a PNG without any metadata, as the column holds it; the same for the same pixels and Pillow."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels_HWC).save(file, "PNG")
    return dump_bytes(file.getvalue())


def pixels_of(value: str) -> Pixels:
    """The pixels of a scrubbed image.

    Raises:
        ValueError: The value is no PNG in base64.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(bytes_of(value)), formats=("PNG",)) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise ValueError("is no PNG in base64") from error
