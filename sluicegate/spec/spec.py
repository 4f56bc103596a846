"""The whole of a release spec, and a spec together with the file that it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sluicegate.errors import SpecRefused
from sluicegate.manifest import digest_of_value
from sluicegate.spec.data import Data, Split
from sluicegate.spec.evidence import Evidence
from sluicegate.spec.hygiene import Hygiene
from sluicegate.spec.image_rules import IMAGES, fault_with_images, fault_without_images
from sluicegate.spec.model import LANGUAGE, Training
from sluicegate.spec.names import CANDIDATE
from sluicegate.spec.reading import parse, read_yaml
from sluicegate.spec.scrubbing import Scrubbing
from sluicegate.spec.section import Identifier, Section
from sluicegate.spec.sources import GeneratedSource
from sluicegate.spec.training_canaries import TASKS, TrainingCanaries
from sluicegate.spec.use import Use
from sluicegate.spec.validation import Validation
from sluicegate.spec.vault import Vault


class Spec(Section):
    """A release spec."""

    model: Identifier
    """Name of the model; its registered models are ``MODEL-candidate``, ``MODEL-internal``, …"""
    description: str
    """What the model does, in a sentence; it opens the brief."""
    intended_use: str | None = ""
    """What the model is for."""
    use: Use = Use()
    """What it is not for, whom it touches, and what harm is known."""
    owner: Identifier | None = None
    """Who is accountable for a build that a schedule or the Prefect UI starts; else whoever signs the start is."""
    data: Data
    """What the model learns from."""
    validation: Validation
    """What must hold of the data."""
    vault: Vault | None = None
    """Where raw rows are kept encrypted; null keeps them in the clear, readable by their owner alone."""
    cluster: Annotated[str, Field(pattern=r"^(auto|[^\s/]+:[0-9]{1,5})$")] | None = None
    """Where data is validated, scrubbed and cleaned: ``auto``, the Ray cluster that runs on this machine, or
    ``host:port`` of one that this machine belongs to; null does it on this machine, without Ray. What comes of it is
    the same."""
    licences: str | None = None
    """What licences allow that the table of Sluicegate does not know, or knows otherwise: a file, YAML."""
    scrubbing: Scrubbing = Scrubbing()
    """How personal data is taken out."""
    hygiene: Hygiene = Hygiene()
    """What becomes of repeats, contamination and harmful text."""
    split: Split = Split()
    """How rows are parted."""
    training_canaries: TrainingCanaries | None = None
    """Random texts among the training rows, to measure how far such rows are learned by heart; null plants none."""
    training: Training
    """How the model is fine-tuned."""
    evidence: Evidence = Evidence()
    """What is measured."""
    policy: str
    """Limits and gate rules for each stage: a policy, YAML."""
    stages: Annotated[list[Identifier], Field(min_length=1)] = ["internal", "restricted", "public"]
    """The stages, in order; each has one gate."""
    reviewers: list[Identifier] = []
    """Ids of those who are asked to decide; empty: all whom the roster, in the ledger, lets decide in a stage."""

    @field_validator("reviewers", mode="before")
    @classmethod
    def _ids(cls, value: Any) -> Any:
        if isinstance(value, list) and any(isinstance(reviewer, dict) for reviewer in value):
            raise ValueError("holds ids; who may decide in which stage stands in the roster (`sluicegate reviewer`)")
        return value

    @model_validator(mode="after")
    def _task(self) -> Spec:
        tags, generated = self.training.task == "token-classification", isinstance(self.data.source, GeneratedSource)
        if tags != generated:
            raise ValueError("`training.task: token-classification` and `data.source.kind: generated` need each other")
        if self.training.task in LANGUAGE and self.data.labels:
            raise ValueError(f"`training.task: {self.training.task}` learns from texts alone: leave out `data.labels`")
        if self.training.task not in LANGUAGE and not self.data.labels:
            raise ValueError(f"`data.labels` is missing, `training.task: {self.training.task}` needs labels")
        return self

    @model_validator(mode="after")
    def _images(self) -> Spec:
        images = self.training.task == IMAGES
        if images != (self.data.image is not None):
            raise ValueError("`training.task: image-classification` and `data.image` need each other")
        if fault := (fault_with_images if images else fault_without_images)(self):
            raise ValueError(fault)
        return self

    @model_validator(mode="after")
    def _canaries(self) -> Spec:
        if self.training_canaries is not None and self.training.task not in TASKS:
            learns = "images" if self.training.task == IMAGES else "spans in texts"
            raise ValueError(
                f"`training_canaries` are texts with one label or none, and `training.task: {self.training.task}` "
                f"learns from {learns}: leave it out"
            )
        return self

    @model_validator(mode="after")
    def _shown_words(self) -> Spec:
        if self.evidence.show_words and (kept := self.scrubbing.left_in):
            raise ValueError(f"`evidence.show_words` shows texts, and `scrubbing` leaves {kept} in them")
        return self

    @model_validator(mode="after")
    def _soft_labels(self) -> Spec:
        if self.training.soft_labels and self.data.ratings_column is None:
            raise ValueError("`training.soft_labels` needs `data.ratings_column`, a column with single ratings")
        return self

    @model_validator(mode="after")
    def _fairness(self) -> Spec:
        fairness, groups, labels = self.training.fairness, self.data.groups, self.data.labels
        cut = fairness.thresholds
        named = [("reweigh", name) for name in fairness.reweigh or ()]
        for key, name in named + ([("thresholds.group", cut.group)] if cut else []):
            if name not in groups:
                among = ", ".join(groups) or "there are none"
                raise ValueError(f"`training.fairness.{key}` names {name!r}, none of `data.groups` ({among})")
        if cut and cut.label is None and len(labels) > 2:
            raise ValueError(f"`training.fairness.thresholds.label` is missing: which of {', '.join(labels)}?")
        if cut and cut.label is not None and cut.label not in labels:
            raise ValueError(f"`training.fairness.thresholds.label` is {cut.label!r}, none of {', '.join(labels)}")
        return self

    @model_validator(mode="after")
    def _in_the_clear(self) -> Spec:
        if self.cluster and self.vault:
            raise ValueError(
                "`cluster` and `vault` exclude each other: Ray spills what it passes on to disks, in the clear"
            )
        return self

    @model_validator(mode="after")
    def _stages(self) -> Spec:
        if len(set(self.stages)) != len(self.stages):
            raise ValueError("`stages` names one stage twice")
        if CANDIDATE in self.stages:
            raise ValueError("`candidate` is not a stage: every model has a candidate before its first gate")
        if len(set(self.reviewers)) != len(self.reviewers):
            raise ValueError("`reviewers` names one id twice")
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


def _override(value: dict[str, Any], dotted: str, new: Any, path: Path) -> None:
    *parents, last = dotted.split(".")
    node: Any = value
    for depth, key in enumerate(parents):
        node = node.setdefault(key, {}) if isinstance(node, dict) else None
        if not isinstance(node, dict):
            raise SpecRefused(path, ".".join(parents[: depth + 1]), f"holds no keys, so {dotted!r} cannot be set")
    node[last] = new
