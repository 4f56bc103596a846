"""What the data half's steps leave in their folders."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sluicegate.pipeline.preparing import _counts


def test_counting_removes_the_cells_that_a_killed_try_left(tmp_path: Path) -> None:
    table = tmp_path / "table.parquet"
    pq.write_table(pa.table({"licence": ["MIT", None, "MIT"]}), table)
    (tmp_path / ".scratch").mkdir()
    (tmp_path / ".scratch" / "spilt").write_text("cells")
    assert _counts(table, "licence") == {"MIT": 2, "": 1}
    assert list(tmp_path.iterdir()) == [table]
