"""An image file's bytes as pixels, or why they cannot be: files come from strangers.

A file's header is looked at before any of its pixels are made, so that one which claims to be huge costs nothing.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sluicegate.data.sources.values import Unreadable
from sluicegate.spec.pixels import Pixels

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
"""What is read, by Pillow's names; its other readers, some of which start programs, are never asked."""
BYTES_A_PIXEL = 4
_MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"})
"""Pillow's names of eight bits a channel, or fewer."""
_NAMED = frozenset({"exif", "xmp", "icc_profile", "comment", "photoshop"})
"""Metadata that is counted by name; names that a file makes up may themselves be personal, and count as ``other``."""
_TECHNICAL = frozenset(
    {
        "transparency", "background", "gamma", "srgb", "chromaticity", "interlace", "jfif", "jfif_version", "jfif_unit",
        "jfif_density", "adobe", "adobe_transform", "progressive", "progression", "dpi", "loop", "duration",
        "timestamp", "compression", "version", "extension",
    }
)  # fmt: skip
"""What Pillow notes about how the pixels are written down."""
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, TypeError, AttributeError,
    NotImplementedError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow's readers raise on files that are not what they say."""


@dataclass(frozen=True)
class Decoded:
    """An image file, read."""

    pixels_HWC: Pixels
    """Turned the right way up, transparent parts on white."""
    metadata: tuple[str, ...]
    """What it says beside its pixels: ``exif``, ``xmp``, ``icc_profile``, ``comment``, ``photoshop``, ``other``."""


def decode(content: bytes, largest_pixels: int) -> Decoded:
    """The pixels of an image file.

    Args:
        content: The file's bytes.
        largest_pixels: Pixels at most; a file has `BYTES_A_PIXEL` times as many bytes at most.

    Raises:
        Unreadable: It is no image of a known format, holds several pictures, has no pixels or too many, has more
            than eight bits a channel, or is damaged.
    """
    from PIL import Image, ImageFile, UnidentifiedImageError

    if len(content) > BYTES_A_PIXEL * largest_pixels:
        limit = BYTES_A_PIXEL * largest_pixels
        raise Unreadable("size", f"is a file of {len(content):,} bytes where {limit:,} are allowed")
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=FORMATS) as image:
            warnings.simplefilter("ignore")  # of what is odd about a file; what matters is refused
            _check(image, largest_pixels)
            assert not ImageFile.LOAD_TRUNCATED_IMAGES
            image.load()
            return Decoded(_upright(image), _metadata(image))
    except Image.DecompressionBombError:
        raise Unreadable("size", f"has more than the {largest_pixels:,} pixels that are allowed") from None
    except UnidentifiedImageError:
        raise Unreadable("image", f"is no image of a known format ({', '.join(FORMATS)})") from None
    except Unreadable:
        raise
    except _BROKEN as error:
        raise Unreadable("image", f"is a damaged image ({type(error).__name__})") from None


def _check(image: Image.Image, largest_pixels: int) -> None:
    width, height = image.size
    if not width * height:
        raise Unreadable("image", "is an image without pixels")
    if width * height > largest_pixels:
        raise Unreadable("size", f"has {width:,} × {height:,} pixels where {largest_pixels:,} are allowed")
    if getattr(image, "is_animated", False) and image.format != "MPO":  # a photograph with a preview behind it
        raise Unreadable("animated", "holds several pictures")
    if image.mode not in _MODES:
        raise Unreadable("depth", f"has more than eight bits a channel (mode {image.mode})")


def _upright(image: Image.Image) -> Pixels:
    """Eight bits in each of three channels, turned as the file says, on white where it lets something through."""
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(image)
    if turned.has_transparency_data:
        over = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", over.size, "white"), over)
    return np.array(turned.convert("RGB"))


def _metadata(image: Image.Image) -> tuple[str, ...]:
    said = {str(name).lower() for name in image.info} - _TECHNICAL
    said |= {"exif"} if image.getexif() else set()
    said |= {"text"} if getattr(image, "text", None) else set()
    return tuple(sorted({name if name in _NAMED else "other" for name in said}))
