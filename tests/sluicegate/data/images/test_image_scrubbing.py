from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from sluicegate.data.images.decoding import decode
from sluicegate.data.images.scrubbing import scrub
from sluicegate.errors import DataRejected
from sluicegate.spec.pixels import bytes_of, dump_bytes, pixels_of
from tests.sluicegate.data.images.pictures import as_file, noise

SECRET = b"Ada Quill 12 Example Street"


def photographs() -> list[bytes]:
    """Where, when and by whom a picture was made, in each place that a file has for it."""
    noted = Image.Exif()
    noted[0x013B] = SECRET.decode()
    noted.get_ifd(0x8825)[1] = "N"  # GPS
    camera = as_file(noise(0), "JPEG", exif=noted, comment=SECRET)
    xmp = as_file(noise(1), "JPEG", xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>")
    behind = as_file(noise(2)) + SECRET
    return [camera, xmp, behind, as_file(noise(3))]


def scrubbed(folder: Path, files: list[bytes | None]) -> tuple[dict, pd.DataFrame]:
    rows = [{"id": str(i), "image": f if f is None else dump_bytes(f), "label": "cat"} for i, f in enumerate(files)]
    pd.DataFrame(rows).to_parquet(folder / "in.parquet")
    report = scrub(folder / "in.parquet", folder / "out.parquet")
    return report, pd.read_parquet(folder / "out.parquet")


def test_nothing_but_pixels_is_left_of_a_photograph(tmp_path: Path) -> None:
    files = photographs()
    assert all(SECRET in file for file in files[:3])
    report, table = scrubbed(tmp_path, files)
    written = [bytes_of(image) for image in table["image"]]
    assert not [content for content in written if SECRET in content or b"Exif" in content or b"GPS" in content]
    assert report == {
        "images": 4,
        "with_metadata": 2,
        "residual_metadata": 0,
        "metadata": {"comment": 1, "exif": 1, "xmp": 1},
    }


def test_the_pixels_stay_what_they_were(tmp_path: Path) -> None:
    files = photographs()
    _, table = scrubbed(tmp_path, files)
    assert table["id"].tolist() == ["0", "1", "2", "3"]
    for file, image in zip(files, table["image"], strict=True):
        assert (decode(file, 10_000).pixels_HWC == pixels_of(image)).all()
    again, twice = scrubbed(tmp_path, [bytes_of(image) for image in table["image"]])
    assert again["with_metadata"] == 0
    assert twice["image"].tolist() == table["image"].tolist()


def test_a_missing_image_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataRejected, match="image: 1 or more of 2 images are missing"):
        scrubbed(tmp_path, [as_file(noise(0)), None])
    assert not (tmp_path / "out.parquet").exists()
