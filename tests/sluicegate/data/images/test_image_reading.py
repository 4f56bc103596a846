from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sluicegate.data.sources.reading import REFUSED, TABLE, SourceReport, fingerprint, read
from sluicegate.errors import InputRefused
from sluicegate.spec import Data
from sluicegate.spec.pixels import bytes_of
from tests.sluicegate.data.images.pictures import as_file, noise, picture, section, write_table

LABELS = ["cat", "dog", "cat"]


def reading(folder: Path, **changes: object) -> tuple[SourceReport, pd.DataFrame]:
    out = folder / "out"
    found = read(Data.model_validate(section(**changes)), lambda path: folder / path, folder, {}, folder=out)
    return found, pd.read_parquet(out / TABLE)


def test_paths_beside_a_table_become_the_files_own_bytes(tmp_path: Path) -> None:
    files = {"a.png": as_file(noise(0)), "deep/b.jpg": as_file(noise(1), "JPEG"), "c.png": as_file(noise(2))}
    write_table(tmp_path, files, LABELS)
    found, table = reading(tmp_path)
    assert list(table.columns) == ["id", "image", "label"]
    assert [bytes_of(image) for image in table["image"]] == list(files.values())
    assert (found.rows, found.rows_refused) == (3, 0)


def test_bytes_in_parquet_and_in_a_data_set_come_to_the_same_table(tmp_path: Path) -> None:
    import datasets

    files = [as_file(noise(i)) for i in range(3)]
    pd.DataFrame({"file": files, "kind": LABELS}).to_parquet(tmp_path / "t.parquet")
    held = datasets.Dataset.from_dict({"file": [{"bytes": f, "path": None} for f in files], "kind": LABELS})
    held.save_to_disk(str(tmp_path / "set"))
    _, parquet = reading(tmp_path, source={"kind": "parquet", "path": "t.parquet"})
    _, dataset = reading(tmp_path, source={"kind": "dataset", "path": "set", "split": None})
    assert parquet.equals(dataset)
    assert [bytes_of(image) for image in parquet["image"]] == files


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("../outside.png", None, "leads out of the table's folder", id="up"),
        pytest.param("deep/../../outside.png", None, "leads out of the table's folder", id="up, in the middle"),
        pytest.param("/etc/hostname", None, "leads out of the table's folder", id="absolute"),
        pytest.param("link.png", None, "leads out of the table's folder", id="a link"),
        pytest.param("folder/outside.png", None, "leads out of the table's folder", id="a linked folder"),
        pytest.param("pipe.png", None, "leads to no file", id="a pipe"),
        pytest.param("nowhere.png", None, "leads to no file", id="missing"),
        pytest.param("x" * 5000 + ".png", None, "cannot be (followed|read)", id="a long name"),
        pytest.param("note.png", b"hello", "no image of a known format", id="no image"),
        pytest.param("huge.png", as_file(picture(200, 51)), "200 × 51 pixels where 10,000", id="too large"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_line_and_column(
    tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "outside.png").write_bytes(as_file(noise(9)))
    (home / "link.png").symlink_to(tmp_path / "outside.png")
    (home / "folder").symlink_to(tmp_path)
    os.mkfifo(home / "pipe.png")
    write_table(home, {"a.png": as_file(noise(0)), name: content, "c.png": as_file(noise(2))}, ["cat", "dog", "dog"])
    with pytest.raises(InputRefused, match=rf"table\.csv: line 3, column 'file': .*{reason}.*1 of 3 rows") as refused:
        reading(home)
    assert "\n" not in str(refused.value)
    found, table = reading(home, refused_rows_max_share=0.5)
    assert (found.rows, found.rows_refused) == (2, 1)
    [aside] = pd.read_parquet(home / "out" / REFUSED).to_dict("records")
    assert (aside["line"], aside["column"]) == ("3", "file")


def test_a_link_that_stays_in_the_folder_is_followed(tmp_path: Path) -> None:
    write_table(tmp_path, {"a.png": as_file(noise(0)), "b.png": None}, ["cat", "dog"])
    (tmp_path / "b.png").symlink_to("a.png")
    _, table = reading(tmp_path)
    assert table["image"].nunique() == 1


def test_a_missing_image_stays_missing_for_the_suite_to_say(tmp_path: Path) -> None:
    write_table(tmp_path, {"a.png": as_file(noise(0)), "": None, "b.png": as_file(noise(1))}, LABELS[:2] + ["dog"])
    _, table = reading(tmp_path)
    assert table["image"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("value", [7, [1, 2]])
def test_a_value_that_is_neither_path_nor_bytes_is_refused(tmp_path: Path, value: object) -> None:
    pd.DataFrame({"file": [value, value], "kind": ["cat", "dog"]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputRefused, match="row 1, column 'file': is neither a path nor an image"):
        reading(tmp_path, source={"kind": "parquet", "path": "t.parquet"})


def test_a_path_in_a_data_set_leads_nowhere(tmp_path: Path) -> None:
    import datasets

    rows = {"file": ["/etc/hostname", "a.png"], "kind": ["cat", "dog"]}
    datasets.Dataset.from_dict(rows).save_to_disk(str(tmp_path / "set"))
    with pytest.raises(InputRefused, match="must hold the images themselves"):
        reading(tmp_path, source={"kind": "dataset", "path": "set", "split": None})


def test_the_fingerprint_follows_the_images_and_not_the_table_alone(tmp_path: Path) -> None:
    write_table(tmp_path, {"a.png": as_file(noise(0)), "b.png": as_file(noise(1))}, ["cat", "dog"])
    asked = Data.model_validate(section())

    def now() -> str:
        return fingerprint(asked, lambda path: tmp_path / path, tmp_path, {})

    first = now()
    assert now() == first
    (tmp_path / "b.png").write_bytes(as_file(noise(2)))
    second = now()
    assert second != first
    (tmp_path / "b.png").unlink()
    assert now() not in (first, second)


def test_many_images_are_read_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    from sluicegate.data.sources import chunk

    monkeypatch.setattr(chunk, "IMAGES_AT_ONCE", 4)
    rows = {f"{i}.png": as_file(noise(i, 5, 5)) for i in range(10)}
    write_table(tmp_path, rows, ["cat", "dog"] * 5)
    _, table = reading(tmp_path)
    assert [bytes_of(image) for image in table["image"]] == list(rows.values())
    groups = pq.ParquetFile(tmp_path / "out" / TABLE).metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [4, 4, 2]
    assert np.array_equal(table["id"].astype(int), np.arange(10))
