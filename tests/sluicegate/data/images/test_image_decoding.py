from __future__ import annotations

import contextlib
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from sluicegate.data.images.decoding import decode
from sluicegate.data.sources.values import Unreadable
from tests.sluicegate.data.images.pictures import RED, as_file, noise, picture

LIMIT = 10_000


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes whose header promises many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 10))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


ANIMATED = as_file(picture(), "GIF", save_all=True, append_images=[noise(0, 6, 4)])
DEEP = as_file(Image.fromarray(np.full((4, 6), 40_000, dtype=np.uint16)))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_every_format_gives_the_pixels_that_were_drawn(kind: str) -> None:
    how = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "JPEG" else {}
    found = decode(as_file(picture(), kind, **how), LIMIT)
    assert found.pixels_HWC.shape == (4, 6, 3)
    assert np.abs(found.pixels_HWC.astype(int) - RED).max() <= (3 if kind == "JPEG" else 0)
    assert found.metadata == ()


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        pytest.param(b"", "image", "no image of a known format", id="nothing"),
        pytest.param(b"<svg onload='x'/>", "image", "no image of a known format", id="svg"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "image", "no image of a known", id="eps"),
        pytest.param(as_file(picture(), "TIFF"), "image", "no image of a known format", id="tiff"),
        pytest.param(as_file(noise(1))[:-200], "image", "damaged image", id="cut short"),
        pytest.param(png_that_claims(100_000, 100_000), "size", "pixels that are allowed|pixels where", id="bomb"),
        pytest.param(png_that_claims(101, 100), "size", "101 × 100 pixels where 10,000 are allowed", id="one row more"),
        pytest.param(png_that_claims(0, 5), "image", "damaged|without pixels|known format", id="no pixels"),
        pytest.param(b"\x89PNG" + b"a" * 40_001, "size", "a file of 40,005 bytes where 40,000", id="large file"),
        pytest.param(ANIMATED, "animated", "holds several pictures", id="animated"),
        pytest.param(DEEP, "depth", "more than eight bits a channel", id="sixteen bits"),
    ],
)
def test_a_file_that_is_no_plain_image_is_refused_with_its_reason(content: bytes, kind: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason) as refused:
        decode(content, LIMIT)
    assert refused.value.kind == kind


def test_an_image_of_just_the_limit_is_read() -> None:
    assert decode(as_file(picture(100, 100)), LIMIT).pixels_HWC.shape == (100, 100, 3)


@pytest.mark.parametrize(
    "whole", [as_file(noise(2, 9, 7)), as_file(noise(2, 9, 7), "JPEG"), as_file(noise(2), "WEBP"), ANIMATED]
)
@given(data=st.data())
@settings(max_examples=60)
def test_no_damage_to_a_file_ends_in_anything_but_pixels_or_a_reason(whole: bytes, data: st.DataObject) -> None:
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    with contextlib.suppress(Unreadable):
        assert decode(bytes(broken[:cut]), LIMIT).pixels_HWC.ndim == 3


def test_an_image_is_turned_as_the_camera_noted() -> None:
    held = Image.new("RGB", (2, 1), "black")
    held.putpixel((0, 0), (255, 255, 255))
    noted = Image.Exif()
    noted[0x0112] = 6  # to be turned a quarter, clockwise
    found = decode(as_file(held, "PNG", exif=noted), LIMIT)
    assert found.pixels_HWC[:, 0, 0].tolist() == [255, 0]


def test_what_a_transparent_place_hides_is_not_read() -> None:
    hidden = Image.new("RGBA", (2, 1), (10, 20, 30, 0))
    hidden.putpixel((1, 0), (10, 20, 30, 255))
    assert decode(as_file(hidden), LIMIT).pixels_HWC.tolist() == [[[255, 255, 255], [10, 20, 30]]]


def test_what_a_file_says_beside_its_pixels_is_named_by_kind_alone() -> None:
    said, noted = PngImagePlugin.PngInfo(), Image.Exif()
    said.add_text("Ada Quill", "12 Example Street")
    noted[0x013B] = "Ada Quill"
    assert decode(as_file(picture(), pnginfo=said, exif=noted), LIMIT).metadata == ("exif", "other")
    assert decode(as_file(picture(), "JPEG", comment=b"by Ada", exif=noted), LIMIT).metadata == ("comment", "exif")
    assert decode(as_file(picture(), "JPEG", dpi=(300, 300), progressive=True), LIMIT).metadata == ()
