"""Where rows may come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sluicegate.spec.section import PinnedPackage, Section


class CsvSource(Section):
    """Comma-separated (or otherwise delimited) text with a header line."""

    kind: Literal["csv"]
    path: str
    """The file."""
    delimiter: str = ","
    """One character between fields."""
    encoding: str = "utf-8"
    """Text encoding; a row with bytes that do not decode, in a column that is read, is refused."""


class JsonLinesSource(Section):
    """One JSON object a line."""

    kind: Literal["jsonl"]
    path: str
    """The file."""


class ParquetSource(Section):
    """An Apache Parquet file."""

    kind: Literal["parquet"]
    path: str
    """The file."""


class DatasetSource(Section):
    """A data set of the `datasets` library: a folder that `save_to_disk` wrote, or a hub name."""

    kind: Literal["dataset"]
    path: str
    """Folder, or name on the hub (which needs the network the first time)."""
    name: str | None = None
    """The data set's configuration, for a hub name."""
    split: str | None = "train"
    """Which split to read; null for a folder that holds a single data set."""
    revision: str | None = None
    """The commit on the hub; a hub name without it is refused, since the name alone is not repeatable."""


class SqlSource(Section):
    """A table or a query, read by SQLAlchemy."""

    kind: Literal["sql"]
    url_env: str
    """Name of the environment variable that holds the SQLAlchemy URL, so that no password is in the spec."""
    table: str | None = None
    """Read this table …"""
    query: str | None = None
    """… or the result of this query."""

    @model_validator(mode="after")
    def _table_or_query(self) -> SqlSource:
        if (self.table is None) == (self.query is None):
            raise ValueError("name either `table` or `query`")
        return self


class Companion(Section):
    """More columns of the same rows, in a file beside each file of a package."""

    files: dict[str, str]
    """As the source's own: value of `file_column` → the companion's path inside the (inner) archive."""
    columns: list[str]
    """Names of the fields of a line, in order; further fields are dropped. One of them is `key`."""
    key: str
    """The column of both files that says which lines belong together; in a companion no value is there twice."""


class PackageSource(Section):
    """Delimited text files inside a pinned package archive."""

    kind: Literal["package"]
    archive: PinnedPackage
    """The package; its `path` names the file, or an inner tar archive that holds the files."""
    files: dict[str, str]
    """Value of `file_column` for each file → the file's path inside the (inner) archive."""
    file_column: str
    """The column that says which file a row came from."""
    columns: list[str]
    """Names of the fields of a line, in order; further fields are dropped, shorter lines are refused."""
    delimiter: str = "\t"
    """One character between fields; quotes have no meaning."""
    encoding: str = "utf-8"
    """Text encoding."""
    companion: Companion | None = None
    """Files with more columns of the same rows; they are held in memory, one at a time."""

    @model_validator(mode="after")
    def _companions(self) -> PackageSource:
        if (beside := self.companion) is None:
            return self
        if set(beside.files) != set(self.files):
            raise ValueError("`companion.files` must name the same files as `files`")
        if beside.key not in self.columns or beside.key not in beside.columns:
            raise ValueError(f"`companion.key` must be one of `columns` and of `companion.columns`, not {beside.key!r}")
        if twice := sorted(set(beside.columns) & {*self.columns, self.file_column} - {beside.key}):
            raise ValueError(f"`companion.columns` names {twice[0]!r}, which the files have themselves")
        return self


class GeneratedSource(Section):
    """Texts with marked spans, made up by Sluicegate itself, for token classification; there is nothing to scrub."""

    kind: Literal["generated"]
    corpus: Literal["pii"]
    """Which generator: `pii` marks personal data."""
    texts: Annotated[int, Field(gt=0)]
    """How many."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Another seed gives other texts."""
    languages: Annotated[list[Literal["en", "zh"]], Field(min_length=1)] = ["en", "zh"]
    """Languages of the texts."""


Source = Annotated[
    CsvSource | JsonLinesSource | ParquetSource | DatasetSource | SqlSource | PackageSource | GeneratedSource,
    Field(discriminator="kind"),
]
