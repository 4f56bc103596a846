"""What the model learns from: columns, labels, groups, and how rows are parted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from sluicegate.spec.section import Section
from sluicegate.spec.sources import GeneratedSource, Source

RESERVED_COLUMNS = (
    "id",
    "text",
    "image",
    "label",
    "label_shares",
    "rating",
    "split",
    "cluster",
    "contamination",
    "harm",
    "licence",
    "consent",
    "time",
    "predicted",
    "spans",
    "nats",
    "tokens",
    "bytes",
    "unknown",
    "reasons",
    "file_row_number",
    "__row__",
    "sluicegate: file",
    "sluicegate: line",
)
"""Columns of the tables that a run writes or looks at; a group of that name would be taken for one of them."""
PROBABILITY = "probability["
"""How the columns with the answers of a classifier begin."""
LONGEST_TEXT_CHARACTERS = 1_000_000
"""Characters of one cell at most, unless a spec says otherwise."""


IMAGE_SOURCES = ("csv", "jsonl", "parquet", "dataset")
"""Kinds of source that may hold images."""
LARGEST_PIXELS = 1 << 26
"""Pixels of one image at most that a spec may allow."""


def is_reserved(group: str) -> bool:
    """Whether a group column may not have this name; SQL, which looks at the rows, knows no case."""
    return group.casefold() in RESERVED_COLUMNS or group.casefold().startswith(PROBABILITY)


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
    image: str | None = None
    """A column with images, in the place of `text`: paths of files relative to the table's folder, or the files' own
    bytes (Parquet, data sets). PNG, JPEG, WebP, BMP or GIF of a single picture. It becomes the column `image`."""
    largest_image_pixels: Annotated[int, Field(gt=0, le=LARGEST_PIXELS)] = 16_777_216
    """An image of more pixels (width times height), or whose file has more than 4 bytes for each of these, cannot be
    used."""
    label: str | None = None
    """The column with the label; or else `rating`."""
    rating: Rating | None = None
    """A numeric column to be cut into labels; or else `label`."""
    ratings_column: str | None = None
    """A column with what several people said of each text: a list of single ratings, or label → how many gave it.

    It becomes the column `label_shares`, which `training.soft_labels` learns from. What a list holds is what the column
    of `label` or `rating` holds; a rating is cut at the same points.
    """
    labels: list[str] = []
    """Every label there may be, in the model's order (for a rating: from low to high); none where the model learns from
    the texts alone."""
    groups: list[str] = []
    """Columns whose groups the evidence is broken down by."""
    id: str | None = None
    """A column that names each row; without it rows are numbered from 0 in reading order."""
    licence_column: str | None = None
    """A column with the licence of each row; it becomes the column `licence`, which a suite can look at."""
    consent_column: str | None = None
    """A column that says whether each row's author agreed to this use; it becomes the column `consent`."""
    time_column: str | None = None
    """A column with the date (ISO 8601) or time (RFC 3339) of each row; it becomes the column `time`, in UTC."""
    licence: str
    """SPDX identifier of the data's licence, or `proprietary`."""
    rows: Annotated[int, Field(gt=0)] | None = None
    """Take this many rows, drawn with `seed`; null takes all."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the draw."""
    longest_text_characters: Annotated[int, Field(gt=0)] = LONGEST_TEXT_CHARACTERS
    """A row with a longer cell, in a column that is read, cannot be used."""
    refused_rows_max_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Rows that cannot be read are set aside with their reasons, up to this share of all; 0 stops the run instead."""

    @field_validator("labels")
    @classmethod
    def _several(cls, labels: list[str]) -> list[str]:
        if len(labels) == 1:
            raise ValueError("names a single label; there must be at least 2, or none")
        if not all(label.strip() for label in labels):
            raise ValueError("names a label that is empty or white space alone; give every label a name to be read")
        return labels

    @model_validator(mode="after")
    def _labels(self) -> Data:
        generated = isinstance(self.source, GeneratedSource)
        named = self.label or self.rating or self.ratings_column or self.id
        if generated and (named or self.rows or set(self.groups) - {"language"}):
            raise ValueError("generated texts have no columns to name but the group `language`, and no rows to draw")
        if not self.labels and (generated or self.label or self.rating or self.ratings_column):
            raise ValueError("`labels` must name every label that a column or generated texts may give")
        if not generated and self.labels and (self.label is None) == (self.rating is None):
            raise ValueError("name either `label` or `rating`")
        if self.rating and len(self.labels) != len(self.rating.cut_points) + 1:
            cuts = len(self.rating.cut_points)
            raise ValueError(f"{cuts} cut points part {cuts + 1} labels, not {len(self.labels)}")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("`labels` names one label twice")
        if not all(group.strip() for group in self.groups):
            raise ValueError("`groups` names a column whose name is empty or white space alone; give the column a name")
        if clash := sorted(filter(is_reserved, self.groups)):
            raise ValueError(
                f"group column {clash[0]!r} has a reserved name ({', '.join(RESERVED_COLUMNS)}, {PROBABILITY}…])"
            )
        if len({group.casefold() for group in self.groups}) != len(self.groups):
            raise ValueError("`groups` names one column twice, or two that differ in case alone")
        return self

    @model_validator(mode="after")
    def _images(self) -> Data:
        if self.image is None:
            if self.largest_image_pixels != type(self).model_fields["largest_image_pixels"].default:
                raise ValueError("`largest_image_pixels` needs `image`, a column with images")
            return self
        if self.text != type(self).model_fields["text"].default:
            raise ValueError("name either `text` or `image`")
        if self.source.kind not in IMAGE_SOURCES:
            raise ValueError(f"`image` needs a source of kind {', '.join(IMAGE_SOURCES)}, not {self.source.kind}")
        return self


class Split(Section):
    """Shares of the rows for testing and validation; the rest trains."""

    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.15
    """Share of the rows held out for the evidence."""
    validation_share: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Share of the rows held out for early stopping."""
    seed: int = 0
    """Seed of the draw, which is stratified where there are labels."""

    @model_validator(mode="after")
    def _leaves_training_rows(self) -> Split:
        if self.test_share + self.validation_share >= 1:
            raise ValueError("test_share and validation_share must leave rows to train on")
        return self
