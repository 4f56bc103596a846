"""Parquet a chunk at a time: nothing lost, nothing half-written, nothing read beyond what was asked for."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.data.tables import TableWriter, chunks, columns_of, database, rows_in

cells = st.lists(st.none() | st.text(max_size=5), max_size=30)


@settings(max_examples=40)
@given(values=cells, rows=st.integers(1, 7), parts=st.integers(1, 4))
def test_rows_come_back_in_order_whatever_the_chunks(
    tmp_path_factory: pytest.TempPathFactory, values: list[str | None], rows: int, parts: int
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.parquet"
    with TableWriter(path, ["text"]) as writer:
        for start in range(0, len(values), parts):
            writer.write_columns({"text": values[start : start + parts]})
    assert writer.rows == rows_in(path) == len(values)
    read = list(chunks(path, rows=rows))
    assert [value for batch in read for value in batch.column("text").to_pylist()] == values
    assert all(batch.num_rows <= min(rows, parts) for batch in read)


def test_columns_are_found_by_name_and_others_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with TableWriter(path, ["b", "a"]) as writer:
        writer.write(pa.table({"a": ["1"], "c": ["x"], "b": ["2"]}))
    assert columns_of(path) == ("b", "a")
    (batch,) = chunks(path, columns=["a"])
    assert batch.to_pydict() == {"a": ["1"]}


def test_a_table_that_fails_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"

    def write() -> None:
        with TableWriter(path, ["a"]) as writer:
            writer.write_columns({"a": ["1"]})
            writer.write_columns({"b": ["2"]})

    with pytest.raises(KeyError):
        write()
    assert list(tmp_path.iterdir()) == []


def test_the_database_spills_where_it_is_told_and_asks_no_network(tmp_path: Path) -> None:
    with database(tmp_path / "spill") as connection:
        told = dict(
            connection.execute(
                "SELECT name, value FROM duckdb_settings() WHERE name IN "
                "('temp_directory', 'autoinstall_known_extensions', 'autoload_known_extensions')"
            ).fetchall()
        )
    assert told == {
        "temp_directory": str(tmp_path / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
