from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sluicegate.data.images.hashes import close_pairs, difference_hash, digest_of_pixels
from sluicegate.data.images.hygiene import clean
from sluicegate.data.splits import split
from sluicegate.spec import Hygiene, NearImages, Split
from sluicegate.spec.pixels import dump_pixels
from tests.sluicegate.data.images.pictures import noise


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image)


def cleaned(
    folder: Path, rows: list[tuple[np.ndarray, str]], **section: object
) -> tuple[dict, pd.DataFrame, pd.DataFrame]:
    table = [{"id": f"r{i}", "image": dump_pixels(image), "label": label} for i, (image, label) in enumerate(rows)]
    pd.DataFrame(table).to_parquet(folder / "in.parquet")
    clean(folder / "in.parquet", folder, Hygiene(**section))  # type: ignore[arg-type]
    report = json.loads((folder / "hygiene.json").read_text(encoding="utf-8"))
    return report, pd.read_parquet(folder / "clean.parquet"), pd.read_parquet(folder / "dropped.parquet")


def test_a_slope_that_falls_hashes_to_nothing_and_one_that_rises_to_all_bits() -> None:
    rising = np.repeat(np.tile(np.arange(9, dtype=np.uint8) * 20, (8, 1))[:, :, None], 3, axis=2)
    assert difference_hash(rising) == (1 << 64) - 1
    assert difference_hash(rising[:, ::-1]) == 0
    half = np.concatenate([rising[:4], rising[4:, ::-1]])
    assert difference_hash(half) == ((1 << 32) - 1) << 32


def test_the_hash_hardly_moves_when_a_picture_is_made_smaller() -> None:
    smooth = noise(3, 9, 8).resize((180, 160), Image.Resampling.BICUBIC)
    smaller = smooth.resize((90, 80), Image.Resampling.LANCZOS)
    assert (difference_hash(pixels(smooth)) ^ difference_hash(pixels(smaller))).bit_count() <= 2
    assert (difference_hash(pixels(smooth)) ^ difference_hash(pixels(noise(4)))).bit_count() > 10


@given(
    hashes=st.lists(st.integers(0, (1 << 64) - 1), min_size=1, max_size=12, unique=True),
    flips=st.lists(st.tuples(st.integers(0, 11), st.sets(st.integers(0, 63), max_size=8)), max_size=12),
    distance=st.integers(0, 7),
)
def test_close_pairs_are_those_that_counting_bits_finds(
    hashes: list[int], flips: list[tuple[int, set[int]]], distance: int
) -> None:
    near = [hashes[i % len(hashes)] ^ sum(1 << bit for bit in bits) for i, bits in flips]
    every = list(dict.fromkeys([*hashes, *near]))
    left, right = close_pairs(np.array(every, np.uint64), distance)
    wanted = {
        (i, j) for i, j in itertools.combinations(range(len(every)), 2) if (every[i] ^ every[j]).bit_count() <= distance
    }
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == wanted
    assert len(left) == len(wanted)


def test_a_picture_s_shape_is_part_of_its_digest() -> None:
    flat = np.zeros((2, 8, 3), np.uint8)
    assert digest_of_pixels(flat) != digest_of_pixels(flat.reshape(4, 4, 3))


def test_of_the_same_pixels_one_row_stays_and_labels_are_settled(tmp_path: Path) -> None:
    one, other = pixels(noise(0)), pixels(noise(1))
    rows = [(one, "cat"), (other, "dog"), (one, "cat"), (one, "dog"), (other, "dog")]
    report, table, gone = cleaned(tmp_path, rows, near_images=None)
    assert table["id"].tolist() == ["r0", "r1"]
    assert "cluster" not in table.columns
    assert gone.to_dict("records") == [
        {"id": "r2", "reason": "duplicate", "kept": "r0"},
        {"id": "r3", "reason": "conflicting_label", "kept": "r0"},
        {"id": "r4", "reason": "duplicate", "kept": "r1"},
    ]
    assert (report["rows"], report["kept"]) == (5, 2)
    assert {why: n for why, n in report["dropped"].items() if n} == {"duplicate": 2, "conflicting_label": 1}


def near_rows() -> list[tuple[np.ndarray, str]]:
    """Two pictures, and each of them a little brighter."""
    made = []
    for seed, label in ((0, "cat"), (1, "dog")):
        image = noise(seed, 9, 8).resize((90, 80), Image.Resampling.BICUBIC)
        brighter = image.point(lambda value: min(255, value + 2))
        made += [(pixels(image), label), (pixels(brighter), label)]
    return made


def test_near_images_are_kept_together_or_the_first_of_them(tmp_path: Path) -> None:
    report, table, gone = cleaned(tmp_path, near_rows())
    assert table["cluster"].tolist() == ["r0", "r0", "r2", "r2"]
    assert report["near"] == {"clusters": 2, "rows": 4, "largest": 2, "distance": 3}
    assert gone.empty
    report, table, gone = cleaned(tmp_path, near_rows(), near_images=NearImages(action="drop"))
    assert table["id"].tolist() == ["r0", "r2"]
    assert gone["kept"].tolist() == ["r0", "r2"]
    assert report["dropped"]["near_duplicate"] == 2


def test_a_repeat_of_an_image_that_went_names_the_one_that_stays(tmp_path: Path) -> None:
    (one, label), (brighter, _), *_ = near_rows()
    rows = [(one, label), (brighter, label), (brighter, label)]
    _, table, gone = cleaned(tmp_path, rows, near_images=NearImages(action="drop"))
    assert table["id"].tolist() == ["r0"]
    assert gone.to_dict("records") == [
        {"id": "r1", "reason": "near_duplicate", "kept": "r0"},
        {"id": "r2", "reason": "duplicate", "kept": "r0"},
    ]


@pytest.mark.parametrize("action", ["keep", "drop"])
def test_the_same_image_under_kept_duplicates_shares_its_cluster(tmp_path: Path, action: str) -> None:
    one = pixels(noise(0))
    _, table, _ = cleaned(tmp_path, [(one, "cat"), (one, "cat"), (pixels(noise(1)), "dog")], exact_duplicates=action)
    assert table["cluster"].tolist() == (["r0", "r0", "r2"] if action == "keep" else ["r0", "r2"])


def test_near_images_never_part_between_the_splits(tmp_path: Path) -> None:
    rows = []
    for seed in range(40):
        image = noise(seed, 9, 8).resize((45, 40), Image.Resampling.BICUBIC)
        label = "cat" if seed % 2 else "dog"
        rows += [(pixels(image), label), (pixels(image.point(lambda value: min(255, value + 2))), label)]
    cleaned(tmp_path, rows)
    split(tmp_path / "clean.parquet", Split(test_share=0.3, validation_share=0.2), tmp_path)
    parts = {p: set(pd.read_parquet(tmp_path / f"{p}.parquet")["cluster"]) for p in ("train", "validation", "test")}
    assert all(not parts[one] & parts[other] for one, other in itertools.combinations(parts, 2))
    assert sum(map(len, parts.values())) == 40
