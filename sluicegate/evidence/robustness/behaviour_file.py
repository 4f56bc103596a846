"""Behavioural tests, as files that a user extends or replaces.

A file says which labels stand for what (`order`, from low to high, every rank with the names that it
goes by), which words fill the gaps of its templates (`slots`), and which tests there are.

Source: Ribeiro et al., Beyond Accuracy: Behavioral Testing of NLP Models with CheckList (2020).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluicegate.errors import SpecRefused
from sluicegate.spec.reading import parse, read_yaml

Kind = Literal["minimum_functionality", "invariance", "direction"]
KINDS: tuple[Kind, ...] = ("minimum_functionality", "invariance", "direction")
"""Every kind of test, in reading order."""
_FOLDER = Path(__file__).parent / "behaviours"
SHIPPED = (_FOLDER / "english.yaml", _FOLDER / "chinese.yaml")
"""Tests of sentiment in English and Chinese."""
SLOT = re.compile(r"\{([a-z_]+)\}")
"""A gap of a template: ``{thing}``."""
Texts = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class BehaviourTest(BaseModel):
    """One test: templates, and what the candidate should do with the texts that come of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """By which it is told apart; once in all files."""
    kind: Kind
    """`minimum_functionality`: the label is one of `expect`. `invariance`: the label does not change. `direction`: the
    score does not go the other way."""
    templates: Texts
    """Texts with gaps."""
    exchange: list[str] = []
    """Slots that are filled anew in the changed text; invariance alone."""
    add: list[str] = []
    """Sentences of which one is added behind the changed text; invariance and direction."""
    expect: list[str] | Literal["higher", "lower"] = []
    """Labels, by their first names in `order`; of a direction, where the score should go."""

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> BehaviourTest:
        if self.kind == "minimum_functionality":
            if not isinstance(self.expect, list) or not self.expect or self.exchange or self.add:
                raise ValueError("minimum_functionality needs labels in `expect`, and neither `exchange` nor `add`")
        elif self.kind == "invariance":
            if self.expect or bool(self.exchange) == bool(self.add):
                raise ValueError("invariance needs either `exchange` or `add`, and no `expect`")
        elif not isinstance(self.expect, str) or not self.add or self.exchange:
            raise ValueError("direction needs `add`, and `higher` or `lower` in `expect`")
        return self


class BehaviourFile(BaseModel):
    """The tests of one language."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    language: str = Field(pattern=r"^[a-z]{2,3}$")
    """ISO 639 code of the texts."""
    order: Annotated[list[Texts], Field(min_length=2)]
    """Ranks of labels from low to high, each with the names that a label of it may have; case does not count."""
    slots: dict[Annotated[str, Field(pattern=r"^[a-z_]+$")], Annotated[Texts, Field(min_length=1)]] = {}
    """Slot → words that fill it."""
    tests: Annotated[list[BehaviourTest], Field(min_length=1)]

    @model_validator(mode="after")
    def _knows_its_labels_and_slots(self) -> BehaviourFile:
        names = [name.casefold() for rank in self.order for name in rank]
        if len(names) != len(set(names)):
            raise ValueError("order: a name stands there twice")
        for test in self.tests:
            self._check(test)
        return self

    def _check(self, test: BehaviourTest) -> None:
        if isinstance(test.expect, list) and (unknown := set(test.expect) - {rank[0] for rank in self.order}):
            raise ValueError(f"{test.name}: `order` has no rank that begins with {', '.join(sorted(unknown))}")
        for template in (*test.templates, *test.add):
            if unknown := set(SLOT.findall(template)) - set(self.slots):
                raise ValueError(f"{test.name}: there are no slots {', '.join(sorted(unknown))}")
        for slot in test.exchange:
            if not all(slot in SLOT.findall(template) for template in test.templates):
                raise ValueError(f"{test.name}: a template has no slot {slot} to exchange")
            if len(set(self.slots[slot])) < 2:
                raise ValueError(f"{test.name}: slot {slot} has nothing to exchange")

    def rank_of(self, label: str) -> int | None:
        """Where a label stands in `order`; None where it does not."""
        places = [at for at, rank in enumerate(self.order) if label.casefold() in (name.casefold() for name in rank)]
        return places[0] if places else None


def read_behaviours(paths: Sequence[Path]) -> list[BehaviourFile]:
    """The tests of several files.

    Raises:
        SpecRefused: A file is missing or breaks the schema, or a test's name is there twice.
    """
    files = [parse(BehaviourFile, read_yaml(path), path) for path in paths]
    seen: set[str] = set()
    for path, file in zip(paths, files, strict=True):
        for test in file.tests:
            if test.name in seen:
                raise SpecRefused(path, f"tests: {test.name}", "is the name of another test too")
            seen.add(test.name)
    return files


def in_languages(files: Sequence[BehaviourFile], languages: Sequence[str]) -> list[BehaviourFile]:
    """The files whose texts are in one of the languages that the data is in."""
    return [file for file in files if file.language in languages]
