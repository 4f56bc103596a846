"""A build: a spec read, and refused if it could not come to a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sluicegate.data import suites
from sluicegate.data.operators import check_key
from sluicegate.errors import SpecRefused
from sluicegate.gates.ledger import Ledger
from sluicegate.policy import load_policy
from sluicegate.settings import Home
from sluicegate.spec import LoadedSpec, Spec, load_spec


@dataclass(frozen=True)
class Build:
    """One build of one spec in one home."""

    home: Home
    loaded: LoadedSpec
    environ: Mapping[str, str] = field(repr=False, default_factory=dict)
    """Secrets are looked up here under the names that the spec gives; never shown."""

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
        return Ledger(self.home.ledger_url)


def prepare(home: Home, spec: Path | str, overrides: Mapping[str, Any] | None, environ: Mapping[str, str]) -> Build:
    """Reads the spec, its suite and its policy, and refuses what could not come to a decision.

    Raises:
        SpecRefused: The spec, the suite or the policy cannot be used.
        InputRefused: A secret is missing, or the home has no room.
    """
    build = Build(home, load_spec(spec, dict(overrides or {})), environ)
    home.require_room()
    suites.load_suite(build.suite_path, table_columns(build.spec))
    load_policy(build.policy_path, build.spec)
    for stage in build.spec.stages:
        if not any(stage in reviewer.stages for reviewer in build.spec.reviewers):
            raise SpecRefused(
                build.loaded.path,
                "reviewers",
                f"nobody may decide at stage {stage!r}, so its gate could never be passed",
            )
    scrub_key(build)
    return build


def table_columns(spec: Spec) -> tuple[str, ...]:
    """Columns of the canonical table for this spec."""
    return ("id", "text", "label", *spec.data.groups)


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
