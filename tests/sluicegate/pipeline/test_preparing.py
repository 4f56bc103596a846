"""What the data half's steps leave in their folders."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from registry_fixtures import House

from sluicegate.data.licences import load_table
from sluicegate.pipeline import prepare, read_source
from sluicegate.pipeline.preparing import _counts, _licences, _stated

ENVIRON = {"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"}


def test_counting_removes_the_cells_that_a_killed_try_left(tmp_path: Path) -> None:
    table = tmp_path / "table.parquet"
    pq.write_table(pa.table({"licence": ["MIT", None, "MIT"]}), table)
    (tmp_path / ".scratch").mkdir()
    (tmp_path / ".scratch" / "spilt").write_text("cells")
    assert list(_counts(table, "licence")) == [("MIT", 2), ("", 1)]
    assert list(tmp_path.iterdir()) == [table]


def test_what_rows_state_is_counted_and_shown_only_where_it_tells_licences_alone(tmp_path: Path) -> None:
    table = tmp_path / "table.parquet"
    stated = ["MIT", None, "MIT", "SSPL-1.0 OR mit", "CC BY 4.0, photo by Jane Doe <jane@corp.example>", "Jane", "Jane"]
    pq.write_table(pa.table({"licence": stated}), table)
    assert _stated(table, load_table()) == {
        "licences": {"MIT": 2, "": 1, "SSPL-1.0 OR mit": 1},
        "unknown_licences": {"rows": 3, "values": 2},
    }


def test_without_a_licence_column_no_licence_is_stated(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "table.parquet")
    nothing = {"licences": {}, "unknown_licences": {"rows": 0, "values": 0}}
    assert _stated(tmp_path / "table.parquet", load_table()) == nothing


def test_a_source_whose_rows_name_people_as_their_licence_leaves_no_name(
    house: House, small_world: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(small_world, tmp_path / "world")
    rows = pd.read_csv(folder / "rows.csv")
    rows["terms"] = ["MIT", "Photo by Jane Doe"] * (len(rows) // 2) + ["MIT"] * (len(rows) % 2)
    rows.to_csv(folder / "rows.csv", index=False)
    build = prepare(house.home, folder / "spec.yaml", {"data.licence_column": "terms"}, ENVIRON)

    step = read_source(build)

    report = (step.folder / "source.json").read_text(encoding="utf-8")
    assert "Jane" not in report
    assert json.loads(report)["unknown_licences"] == {"rows": len(rows) // 2, "values": 1}
    standing = _licences(build, json.loads(report))["data"]
    assert (standing["number"], standing["why"]) == (
        None, f"{len(rows) // 2} rows state what neither SPDX nor the table of licences knows (different texts: 1)",
    )  # fmt: skip
