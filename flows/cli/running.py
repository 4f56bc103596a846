"""`sluicegate run`: from a spec to a gate, and on a terminal through it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from flows.cli.console import AsJson, print_json, showing_progress
from flows.cli.keys import KeyFile, signing_key
from sluicegate.errors import SpecRefused

if TYPE_CHECKING:
    from sluicegate.pipeline import Build


def add_to(app: typer.Typer) -> None:
    """Adds this file's command."""
    app.command()(run)


def run(
    spec: Annotated[Path, typer.Argument(help="The release spec, YAML.")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change a setting for this run: `--set training.epochs=1`."),
    ] = None,
    as_: Annotated[
        str | None, typer.Option("--as", metavar="ID", help="Sign the start: you answer for what is built.")
    ] = None,
    key: KeyFile = None,
    json_: AsJson = False,
) -> None:
    """Builds a candidate and stops at its gate.

    Finished work is found, not redone; a run that was killed goes on when it is started again. On a
    terminal the gate's brief is shown and the decision asked for; elsewhere the command ends with
    "awaiting review" and exit code 0.
    """
    from sluicegate import pipeline
    from sluicegate.settings import Home

    overrides = parse_overrides(set_ or [])
    home = Home.from_environment()
    prepared = pipeline.prepare(home, spec, overrides, os.environ)
    start = _signed_start(prepared, as_, key) if as_ else None
    _warn_of_gates_nobody_could_pass(replace(prepared, start=start))
    gate = _build(home, spec, overrides, start, quiet=json_)
    if json_:
        from sluicegate import releasing

        print_json(releasing.brief(home, gate).to_json())
        return
    from flows.cli.deciding import review

    review(home, gate, ask=sys.stdin.isatty() and sys.stdout.isatty())


def _signed_start(prepared: Build, by: str, key: Path | None) -> dict[str, Any]:
    from sluicegate.gates.roster import roster_now
    from sluicegate.gates.starts import check_start, sign_start

    said = {"model": prepared.spec.model, "spec": prepared.loaded.digest}
    start = sign_start(by, signing_key(by, key), **said)
    check_start(start, roster_now(prepared.ledger()), **said)
    return start


def _warn_of_gates_nobody_could_pass(prepared: Build) -> None:
    """One line for each, before hours of training; where nobody is on the roster yet, the brief says so."""
    from sluicegate.gates.roster import EMPTY, roster_now
    from sluicegate.gates.satisfiable import unsatisfiable
    from sluicegate.policy import load_policy

    roster, spec = roster_now(prepared.ledger()), prepared.spec
    if roster == EMPTY:
        return
    policy = load_policy(prepared.policy_path, spec)
    for line in unsatisfiable(policy, spec.stages, roster, prepared.accountable, spec.reviewers):
        print(f"sluicegate: {line}", file=sys.stderr)


def _build(home: Any, spec: Path, overrides: dict[str, Any], start: dict[str, Any] | None, *, quiet: bool) -> str:
    from contextlib import nullcontext

    from flows.cli.server import prefect_api

    with prefect_api(home) as served:
        from flows.build import build
        from flows.release import release

        with nullcontext() if quiet else showing_progress():
            gate = build(str(spec.absolute()), overrides or None, start)
        if not served:
            release(gate, return_state=True)
    return gate


def parse_overrides(settings: list[str]) -> dict[str, Any]:
    """``["training.epochs=1"]`` as ``{"training.epochs": 1}``; values are read as YAML.

    Raises:
        SpecRefused: A setting is not PATH=VALUE, or its value is not a YAML scalar.
    """
    overrides: dict[str, Any] = {}
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals or not path:
            raise SpecRefused("--set", "", f"{setting!r} is not PATH=VALUE", "for example --set training.epochs=1")
        try:
            overrides[path] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise SpecRefused("--set", path, f"{value!r} is not a YAML value") from None
        if isinstance(overrides[path], dict | list):
            raise SpecRefused("--set", path, "takes a single value, not a list or a mapping", "edit the spec instead")
    return overrides
