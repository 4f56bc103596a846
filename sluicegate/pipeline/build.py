"""A build: a spec read, and refused if it could not come to a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sluicegate.cluster import require_ray
from sluicegate.data.licences import Terms, load_table
from sluicegate.data.scrubbing.operators import check_key
from sluicegate.data.sources.canonical import canonical_columns
from sluicegate.data.sources.generated import generated_columns
from sluicegate.data.validation import holding, suites
from sluicegate.data.vault import vault_keys
from sluicegate.errors import InputRefused
from sluicegate.evidence.lists import Lists
from sluicegate.gates.roster import roster_now
from sluicegate.gates.starts import check_start
from sluicegate.ledger.ledger import Ledger, open_ledger
from sluicegate.policy import load_policy
from sluicegate.settings import Home
from sluicegate.spec import GeneratedSource, LoadedSpec, Spec, load_spec
from sluicegate.spec.model import RayEngine
from sluicegate.terms.term_pairs import read_pairs


@dataclass(frozen=True)
class Build:
    """One build of one spec in one home."""

    home: Home
    loaded: LoadedSpec
    environ: Mapping[str, str] = field(repr=False, default_factory=dict)
    """Secrets are looked up here under the names that the spec gives; never shown."""
    start: dict[str, Any] | None = None
    """Statement and signature of whoever started the build and answers for it; without one, the spec's owner does."""

    @property
    def spec(self) -> Spec:
        """The release spec."""
        return self.loaded.spec

    @property
    def policy_path(self) -> Path:
        """The policy's file."""
        return self.loaded.resolve(self.spec.policy)

    @property
    def suite_path(self) -> Path:
        """The expectation suite's file."""
        return self.loaded.resolve(self.spec.validation.suite)

    def ledger(self) -> Ledger:
        """The ledger of this home."""
        return open_ledger(self.home)

    @property
    def accountable(self) -> str:
        """Id of who answers for the build: whoever signed its start, else the spec's owner; empty if nobody."""
        if self.start is not None:
            return str(self.start["statement"].get("by", ""))
        return self.spec.owner or ""


def prepare(
    home: Home,
    spec: Path | str,
    overrides: Mapping[str, Any] | None,
    environ: Mapping[str, str],
    start: dict[str, Any] | None = None,
    secret_of: Callable[[str], str] | None = None,
) -> Build:
    """Reads the spec, its suite and its policy, and refuses what could not come to a decision.

    Args:
        home: The installation.
        spec: Path of the release spec.
        overrides: Path in the spec → value.
        environ: Where secrets are looked up.
        start: Statement and signature of whoever starts the build, if they signed.
        secret_of: The secret in a block that the spec names; without it such a spec is refused.

    Raises:
        SpecRefused: The spec, the suite or the policy cannot be used, or the spec needs Ray and it is not installed.
        InputRefused: A secret is missing, the home has no room, or the signature under the start does not hold.
    """
    loaded = load_spec(spec, dict(overrides or {}))
    build = Build(home, loaded, _with_block(loaded.spec, environ, secret_of), start)
    home.require_room()
    _check_ray(build.spec)
    _check_suite(build)
    load_policy(build.policy_path, build.spec)
    licence_table(build)
    _check_training(build)
    _check_lists(build)
    if build.spec.vault is not None:
        vault_keys(build.spec.vault, environ)
    if start is not None:
        check_start(start, roster_now(build.ledger()), model=build.spec.model, spec=build.loaded.digest)
    scrub_key(build)
    return build


def _with_block(spec: Spec, environ: Mapping[str, str], secret_of: Callable[[str], str] | None) -> Mapping[str, str]:
    """The environment, with the secret of the block that the spec names for scrubbing in its variable's place."""
    section = spec.scrubbing
    if section.key_block is None or not section.needs_key:
        return environ
    if secret_of is None:
        problem = "names a block, and there is no Prefect here to read it"
        raise InputRefused("scrubbing", "key_block", problem, "set scrubbing.key_env instead")
    return {**environ, section.key_env: secret_of(section.key_block)}


def _check_ray(spec: Spec) -> None:
    if spec.cluster is not None:
        require_ray("spec", "cluster", spec.cluster)
    if isinstance(spec.training.engine, RayEngine):
        require_ray("training.engine", "kind", spec.training.engine.kind)


def _check_suite(build: Build) -> None:
    section = build.spec.validation
    references = {name: build.loaded.resolve(path) for name, path in section.references.items()}
    columns = table_columns(build.spec)
    suite = suites.load_suite(build.suite_path, columns, as_of=section.as_of, references=references)
    holding.plan(suite, build.suite_path, columns)


def _check_training(build: Build) -> None:
    if build.spec.training.country is not None:
        from sluicegate.training.energy import check_country

        check_country(build.spec.training.country)
    read_pairs(pair_files(build))


def pair_files(build: Build) -> tuple[Path, ...]:
    """The files with terms to exchange that the spec names."""
    section = build.spec.training.fairness.counterfactual
    return tuple(build.loaded.resolve(path) for path in section.pairs) if section is not None else ()


def lists(build: Build) -> Lists:
    """The spec's own lists of terms, templates and behavioural tests."""
    section, resolve = build.spec.evidence, build.loaded.resolve
    of = {
        "terms": section.identity.terms,
        "templates": section.identity.templates,
        "behaviours": section.robustness.behaviours,
    }
    return Lists(**{name: tuple(resolve(path) for path in paths) for name, paths in of.items()})


def _check_lists(build: Build) -> None:
    if build.spec.training.task != "sequence-classification":
        return
    section, own = build.spec.evidence, lists(build)
    own.terms_of(section.languages, section.identity.attributes)
    own.templates_of(section.languages)
    own.behaviours_of(section.languages)
    positive = section.identity.positive
    if positive is not None and positive not in build.spec.data.labels:
        raise InputRefused(build.loaded.path, "evidence.identity.positive", f"{positive!r} is not one of data.labels")


def table_columns(spec: Spec) -> tuple[str, ...]:
    """Columns of the canonical table for this spec."""
    of = generated_columns if isinstance(spec.data.source, GeneratedSource) else canonical_columns
    return tuple(of(spec.data))


def licence_table(build: Build) -> dict[str, Terms]:
    """What licences allow: the table of Sluicegate, and over it the spec's own.

    Raises:
        SpecRefused: The spec's own cannot be read.
    """
    own = build.spec.licences
    return load_table(build.loaded.resolve(own) if own else None)


def scrub_key(build: Build) -> bytes | None:
    """The secret for keyed operators, or None where none is used.

    Raises:
        InputRefused: It is needed and not set, or too short.
    """
    section = build.spec.scrubbing
    value = build.environ.get(section.key_env)
    key = value.encode() if value else None
    check_key(section, key)
    return key if section.needs_key else None
