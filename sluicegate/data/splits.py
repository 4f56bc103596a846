"""Rows parted into training, validation and test, in memory that hardly grows with them (a byte a row).

Who goes where follows from the seed and from a row's text alone, so the order of the rows does not matter,
and texts that are the same in all but spelling are always in the same part. Where the table says which texts
are near duplicates of each other (a column ``cluster``), all rows of a cluster are in one part too.

Each text gets a draw, a number that the seed and its spelling determine; rows that stay together form a unit.
A unit of several texts is drawn anew from the least of their draws: to be placed by the least itself would put
large units first. Draws, labels and clusters are written down, and DuckDB does the rest.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from sluicegate.data.sources.private import scratch_in
from sluicegate.data.tables import TableWriter, chunks, columns_of, database, rows_in
from sluicegate.errors import DataRejected
from sluicegate.spec import Split
from sluicegate.spelling import spelling

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from numpy.typing import NDArray

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")
CLUSTER, LABEL = "cluster", "label"
_UNLABELLED = ""
"""The one label of all rows where the table has none."""

_ROWS_AT_ONCE = 100_000


def split(table: Path, section: Split, folder: Path) -> dict[Part, int]:
    """Writes ``train.parquet``, ``validation.parquet`` and ``test.parquet``, each in the table's order.

    Within each label the units are put in an order that only the seed determines; the first are tested on,
    the next validated on, the rest trained on. A part ends where it is nearest to its share, and a unit of more
    rows than that share comes after all smaller ones, so that it is trained on wherever they suffice. A unit
    that occurs with several labels counts to the one that it has most often. Without labels all are in one order.

    Args:
        table: The canonical table, of texts or of images; it may have the columns ``label`` and ``cluster``.
        section: Shares and seed.
        folder: Where the parts go. Nothing is left there if the table cannot be parted.

    Returns:
        Part → its rows.

    Raises:
        DataRejected: There are no rows, a text or label is missing, or a part would lack a label.
        InputRefused: The disk is full.
    """
    if not rows_in(table):
        raise DataRejected("split", "", "there are no rows to part", "see what validation and cleaning took out")
    with scratch_in(folder) as scratch:
        _write_draws(table, section.seed, scratch / "draws.parquet")
        with database(scratch / "spill") as connection:
            _make_units(connection, scratch / "draws.parquet")
            parts = _parts(connection, section, rows_in(table))
            units = _units_of_labels(connection)
        return _write(table, parts, folder, units)


def _write_draws(table: Path, seed: int, path: Path) -> None:
    """The draw, label and cluster of each row, in the table's order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [("high", pa.uint64()), ("low", pa.uint64()), ("label", pa.large_string()), (CLUSTER, pa.large_string())]
    schema, missing = pa.schema(fields), Counter[str]()
    subject = "text" if "text" in columns_of(table) else "image"
    columns = [name for name in (subject, LABEL, CLUSTER) if name in columns_of(table)]
    needed = [name for name in columns if name != CLUSTER]
    with pq.ParquetWriter(path, schema) as writer:
        for batch in chunks(table, columns=columns):
            for column in needed:
                missing[column] += batch.column(column).null_count
            if missing.total():
                continue
            draws_NW = _draws(batch.column(subject), seed, spelling if subject == "text" else str)
            label = batch.column(LABEL) if LABEL in columns else pa.repeat(_UNLABELLED, batch.num_rows)
            cluster = batch.column(CLUSTER) if CLUSTER in columns else pa.nulls(batch.num_rows)
            strings = [column.cast(pa.large_string()) for column in (label, cluster)]
            writer.write_batch(pa.record_batch([*map(pa.array, draws_NW.T), *strings], schema=schema))
    for column, rows in missing.items():
        if rows:
            raise DataRejected("split", column, f"{rows} of {rows_in(table)} values are missing")


def _draws(texts: pa.Array, seed: int, spelled: Callable[[str], str]) -> NDArray[np.uint64]:
    """The first 128 bits of the SHA-256 of seed and spelling, as two words each, shape (N, W = 2)."""
    start = hashlib.sha256(f"{seed}\0".encode())
    found = bytearray()
    for text in texts.to_pylist():
        digest = start.copy()
        digest.update(spelled(text).encode())
        found += digest.digest()[:16]
    return np.frombuffer(bytes(found), dtype=">u8").astype(np.uint64).reshape(-1, 2)


def _make_units(connection: duckdb.DuckDBPyConnection, draws: Path) -> None:
    """View ``rows`` (position, label, unit): rows of one unit go to one part."""
    connection.execute(
        f"""
        CREATE VIEW drawn AS
        SELECT file_row_number AS position, label, cluster,
               high::UHUGEINT * 18446744073709551616::UHUGEINT + low::UHUGEINT AS draw
        FROM read_parquet('{str(draws).replace("'", "''")}', file_row_number = true)
        """
    )
    if not _number(connection, "SELECT count(cluster) FROM drawn"):
        connection.execute("CREATE VIEW rows AS SELECT position, label, draw AS unit FROM drawn")
        return
    connection.execute("CREATE TABLE members AS SELECT DISTINCT draw, cluster FROM drawn WHERE cluster IS NOT NULL")
    connection.execute("CREATE TABLE units AS SELECT DISTINCT draw, draw AS unit FROM members")
    changed = 1
    while changed:  # a text may be in two clusters, which makes them one
        connection.execute(_JOINED)
        changed = _number(
            connection, "SELECT count(*) FROM joined JOIN units USING (draw) WHERE joined.unit < units.unit"
        )
        connection.execute("DROP TABLE units")
        connection.execute("ALTER TABLE joined RENAME TO units")
    connection.execute(_PLACED)
    connection.execute(
        """
        CREATE VIEW rows AS
        SELECT position, label, coalesce(unit, draw) AS unit FROM drawn LEFT JOIN places USING (draw)
        """
    )


_JOINED = """
    CREATE TABLE joined AS
    WITH least AS (SELECT cluster, min(unit) AS unit FROM members JOIN units USING (draw) GROUP BY cluster)
    SELECT draw, min(unit) AS unit FROM members JOIN least USING (cluster) GROUP BY draw
"""

_PLACED = """
    CREATE TABLE places AS
    WITH texts AS (SELECT unit, count(*) AS texts FROM units GROUP BY unit)
    SELECT draw, CASE WHEN texts > 1 THEN md5_number(hex(unit))::UHUGEINT ELSE unit END AS unit
    FROM units JOIN texts USING (unit)
"""
"""Each text's unit, a number that is as likely to be small as any, however many texts the unit has."""

_STRATA = """
    CREATE TABLE strata AS
    WITH counts AS (SELECT unit, label, count(*) AS rows FROM rows GROUP BY unit, label)
    SELECT unit, label, sum(rows) OVER (PARTITION BY unit) AS rows FROM counts
    QUALIFY row_number() OVER (PARTITION BY unit ORDER BY counts.rows DESC, label) = 1
"""

_TAKEN = """
    CREATE TABLE {part} AS
    WITH ordered AS (
        SELECT unit, rows, {asked} AS asked, coalesce(sum(rows) OVER (
            PARTITION BY label ORDER BY CASE WHEN rows > {asked} THEN rows ELSE 0 END, unit
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM strata JOIN shares USING (label) {others})
    SELECT unit FROM ordered WHERE before = 0 OR 2 * before + rows <= 2 * asked
"""
"""The units of one part, of those that are in no other: the first of each label, and all whose middle it reaches."""


def _parts(connection: duckdb.DuckDBPyConnection, section: Split, rows: int) -> NDArray[np.uint8]:
    """The part of each row as its position in `PARTS`, shape (N,)."""
    connection.execute(_STRATA)
    connection.execute("CREATE TABLE shares (label VARCHAR, tested BIGINT, validated BIGINT)")
    for label, of in connection.execute("SELECT label, sum(rows)::BIGINT FROM strata GROUP BY label").fetchall():
        shares = [label, _share(of, section.test_share), _share(of, section.validation_share)]
        connection.execute("INSERT INTO shares VALUES (?, ?, ?)", shares)
    connection.execute(_TAKEN.format(part="test", asked="tested", others=""))
    connection.execute(_TAKEN.format(part="validation", asked="validated", others="ANTI JOIN test USING (unit)"))
    parts_N = np.full(rows, PARTS.index("train"), dtype=np.uint8)
    for part in ("validation", "test"):
        found = connection.sql(f"SELECT position FROM rows SEMI JOIN {part} USING (unit)")
        for batch in found.to_arrow_reader(_ROWS_AT_ONCE):
            parts_N[batch.column(0).to_numpy()] = PARTS.index(part)
    return parts_N


def _units_of_labels(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Label → units that count to it; a label that is nowhere the commonest of its unit is not named."""
    return dict(connection.execute("SELECT label, count(*) FROM strata GROUP BY label").fetchall())


def _share(rows: int, share: float) -> int:
    """`share` of the rows to the nearest row, and at least one."""
    return max(1, round(rows * share))


def _write(table: Path, parts_N: NDArray[np.uint8], folder: Path, units: Mapping[str, int]) -> dict[Part, int]:
    import pyarrow as pa

    labels: dict[Part, Counter[str]] = {part: Counter() for part in PARTS}
    with ExitStack() as stack:
        columns = columns_of(table)
        writers = {part: stack.enter_context(TableWriter(folder / f"{part}.parquet", columns)) for part in PARTS}
        begin = 0
        for batch in chunks(table):
            ours_N = parts_N[begin : begin + batch.num_rows]
            for number, part in enumerate(PARTS):
                rows = batch.filter(pa.array(ours_N == number))
                labels[part].update(rows.column(LABEL).to_pylist() if LABEL in columns else [_UNLABELLED] * len(rows))
                writers[part].write(rows)
            begin += batch.num_rows
        _check_labels(labels, units)
    return {part: writer.rows for part, writer in writers.items()}


def _check_labels(labels: dict[Part, Counter[str]], units: Mapping[str, int]) -> None:
    """Refuses parts of which one lacks a label.

    Args:
        labels: Part → label → its rows.
        units: Label → units that count to it.

    Raises:
        DataRejected: Names the parts, the labels, and where rows stay together how many units they make.
    """
    rows = sum(labels.values(), Counter[str]())
    lacking = {part: absent for part in PARTS if (absent := rows.keys() - set(labels[part]))}
    if not lacking:
        return
    few = f"{_in_units(rows.total(), sum(units.values()))} are too few"
    if rows.keys() == {_UNLABELLED}:
        raise DataRejected("split", "", f"{few}: {', '.join(lacking)} would be empty", "give more rows")
    said = [
        f"{part} would lack {len(absent)} of {len(rows)} labels "
        f"({', '.join(_with_units(label, rows[label], units.get(label, 0)) for label in sorted(absent))})"
        for part, absent in lacking.items()
    ]
    remedy = "give more rows of these labels" + ("" if rows == units else " that differ from each other")
    raise DataRejected("split", LABEL, f"{few}: {'; '.join(said)}", remedy)


def _in_units(rows: int, units: int) -> str:
    """How many rows there are, and how many units where that is fewer."""
    return f"{rows} rows" + (f" in {units} units that stay together" if units < rows else "")


def _with_units(label: str, rows: int, units: int) -> str:
    return label if units == rows else f"{label}: {_in_units(rows, units)}"


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
