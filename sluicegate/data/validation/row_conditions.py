"""The rows that meet each row condition of what is held over all rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sluicegate.data.validation.by_chunk import Chunk, chunks, engine_of
from sluicegate.data.validation.over_all import ROW, condition_key, condition_rows
from sluicegate.data.validation.unevaluated import not_evaluated
from sluicegate.errors import SpecRefused


class RowConditions:
    """One file of row numbers for each condition.

    Args:
        expectations: Position in the suite → Great Expectations' own object.
        suite_path: The suite's JSON file.
        scratch: Folder for the files.
        stack: The files are whole when it is closed.
    """

    def __init__(self, expectations: Mapping[int, Any], suite_path: Path, scratch: Path, stack: ExitStack) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._suite_path = suite_path
        self._conditions: dict[str, tuple[int, Any]] = {}
        for position, expectation in expectations.items():
            if (condition := getattr(expectation, "row_condition", None)) is not None:
                self._conditions.setdefault(condition_key(condition), (position, condition))
        self.files = {key: scratch / f"condition-{i}.parquet" for i, key in enumerate(self._conditions)}
        """Key of a condition → its file."""
        schema = pa.schema([(ROW, pa.int64())])
        self._writers = {key: stack.enter_context(pq.ParquetWriter(path, schema)) for key, path in self.files.items()}

    def add(self, chunk: Chunk) -> None:
        """Notes the rows of a chunk that meet each condition.

        Raises:
            SpecRefused: A condition cannot be evaluated on these rows.
        """
        if not self._conditions:
            return
        engine = engine_of(chunk.frame)
        for key, (position, condition) in self._conditions.items():
            try:
                met = engine.get_domain_records({"row_condition": condition, "condition_parser": "pandas"})
            except _not_evaluated() as error:  # its words may hold cells
                field = f"expectations.{position}.kwargs.row_condition"
                problem = f"cannot be evaluated ({type(error).__name__})"
                raise SpecRefused(self._suite_path, field, problem, _REMEDY) from None
            self._writers[key].write_table(condition_rows(met))

    def add_table(self, table: Path, numbers: Sequence[str], chunk_rows: int) -> None:
        """Notes the rows of a whole table.

        Raises:
            SpecRefused: A condition cannot be evaluated on its rows.
        """
        for chunk in chunks(table, numbers, chunk_rows) if self._conditions else ():
            self.add(chunk)


_REMEDY = "mend it; every column holds strings but those that the suite names as meta.numbers"


def _not_evaluated() -> tuple[type[Exception], ...]:
    """What pandas raises, besides, of what is no expression, or names what there is not."""
    return (*not_evaluated(), NameError, SyntaxError, NotImplementedError, RecursionError, re.error)
