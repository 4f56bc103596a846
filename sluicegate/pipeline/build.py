"""A build: a spec read, and refused if it could not come to a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sluicegate.data.scrubbing.operators import check_key
from sluicegate.data.validation import suites
from sluicegate.gates.roster import roster_now
from sluicegate.gates.starts import check_start
from sluicegate.ledger.ledger import Ledger, open_ledger
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
) -> Build:
    """Reads the spec, its suite and its policy, and refuses what could not come to a decision.

    Args:
        home: The installation.
        spec: Path of the release spec.
        overrides: Path in the spec → value.
        environ: Where secrets are looked up.
        start: Statement and signature of whoever starts the build, if they signed.

    Raises:
        SpecRefused: The spec, the suite or the policy cannot be used.
        InputRefused: A secret is missing, the home has no room, or the signature under the start does not hold.
    """
    build = Build(home, load_spec(spec, dict(overrides or {})), environ, start)
    home.require_room()
    suites.load_suite(build.suite_path, table_columns(build.spec))
    load_policy(build.policy_path, build.spec)
    if start is not None:
        check_start(start, roster_now(build.ledger()), model=build.spec.model, spec=build.loaded.digest)
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
