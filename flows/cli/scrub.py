"""`scrub`: personal data taken out of a file, outside any run; without a home, without Prefect."""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.console import say, showing_progress
from flows.cli.stopping import all_or_nothing
from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    from sluicegate.data.scrubbing.pool import Setup
    from sluicegate.data.scrubbing.report import ScrubReport
    from sluicegate.spec import Scrubbing

_OPERATORS = ("replace", "mask", "redact", "hash", "pseudonym", "encrypt")


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    app.command()(scrub)


def scrub(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, TSV, JSON Lines, Parquet, or text with one text a line.")
    ],
    out: Annotated[
        Path | None, typer.Argument(metavar="[OUT]", help="Where the result goes; standard output without it.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A column with texts; may be given again. Else `text`, or the only one."),
    ] = None,
    spec: Annotated[
        Path | None, typer.Option(metavar="SPEC", help="Take the settings of this spec's `scrubbing` section.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(metavar="LANGUAGE", help="Language of the texts: en, zh; may be given again.")
    ] = None,
    operator: Annotated[
        str, typer.Option(metavar="OPERATOR", help=f"What is done with every type: {', '.join(_OPERATORS)}.")
    ] = "",
    key_env: Annotated[
        str, typer.Option(metavar="NAME", help="Environment variable with the secret for hash, pseudonym and encrypt.")
    ] = "",
    spans: Annotated[
        bool, typer.Option("--spans", help="Write where there is personal data instead, one JSON object a text.")
    ] = False,
    restore: Annotated[
        bool, typer.Option("--restore", help="Put back what `encrypt` took out; needs the same secret.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the counts there, as JSON; they hold no personal value.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT, and the report, where they are.")] = False,
) -> None:
    """Finds personal data in a file's texts and puts names of types, pseudonyms or nothing in its place.

    A few made-up values are planted in copies of the texts to tell how much is found.
    """
    from sluicegate.data.scrubbing.files import scrubbing as files

    if spans and restore:
        raise InputRefused("scrub", "--restore", "cannot go with --spans")
    if restore and (operator or language):
        option = "--operator" if operator else "--language"
        raise InputRefused("scrub", option, "cannot go with --restore, which takes what is encrypted as it stands")
    if report is not None:
        _check_report(report, [path for path in (file, out, spec) if path is not None], force)
    section = _section(spec, language or [], operator, key_env)
    wanted = {"columns": column or (), "force": force}
    with all_or_nothing(), showing_progress() if out is not None else nullcontext():
        if restore:
            restored = files.restore_file(file, out, _restoring_key(section), **wanted)
            told = f"{restored.opened:,} finds restored; {restored.closed:,} do not open with this secret"
            counts: dict[str, Any] = {"restored": restored.opened, "not_restored": restored.closed}
        elif spans:
            found = files.find_in_file(file, out, _setup(section, spec, None), **wanted)
            told, counts = _told(found), found.to_json()
        else:
            scrubbed = files.scrub_file(
                file, out, _setup(section, spec, _secret(section) if section.needs_key else None), **wanted
            )
            told, counts = _told(scrubbed), scrubbed.to_json()
    if report is not None:
        _write(report, counts)
    if out is not None:
        say(told)
    elif not spans:
        print(told, file=sys.stderr)


def _check_report(report: Path, others: list[Path], force: bool) -> None:
    """Refuses, before anything is read, a report that could not be written or would replace another file."""
    for other in others:
        if report.resolve() == other.resolve():
            raise InputRefused(report, "--report", "is a file that is read or written already", "name another file")
    if report.is_dir():
        raise InputRefused(report, "--report", "is a folder")
    if not report.absolute().parent.is_dir():
        raise InputRefused(report, "--report", "is in a folder that is not there")
    if report.exists() and not force:
        raise InputRefused(report, "", "is there already", "name another file, or replace it with --force")


def _section(spec: Path | None, languages: list[str], operator: str, key_env: str) -> Scrubbing:
    from sluicegate.spec.reading import parse, read_yaml
    from sluicegate.spec.scrubbing import Scrubbing

    value: Any = (read_yaml(spec).get("scrubbing") or {}) if spec is not None else {}
    if not isinstance(value, dict):
        raise InputRefused(str(spec), "scrubbing", "is not a mapping")
    changed: dict[str, Any] = {}
    if languages:
        changed["languages"] = languages
    if operator and operator not in _OPERATORS:
        raise InputRefused("scrub", "--operator", f"is {operator!r}, none of {', '.join(_OPERATORS)}")
    if operator:
        changed |= {"default": {"operator": operator}, "entities": {}}
    if key_env:
        changed |= {"key_env": key_env, "key_block": None}
    return parse(Scrubbing, value | changed, str(spec or "scrub"))


def _setup(section: Scrubbing, spec: Path | None, key: bytes | None) -> Setup:
    from sluicegate.data.scrubbing.pool import Setup

    folder = spec.expanduser().absolute().parent if spec is not None else Path.cwd()
    recognizers = folder / Path(section.recognizers).expanduser() if section.recognizers else None
    return Setup(section, _model(section, folder), recognizers, key)


def _model(section: Scrubbing, folder: Path) -> str | None:
    named = section.named_entity_model
    if named is None:
        return None
    if isinstance(named, str):
        inside = folder / Path(named).expanduser()
        return str(inside) if inside.is_dir() else named
    from sluicegate.data.sources.packages import unpack
    from sluicegate.settings import Home

    return str(unpack(named, Home.from_environment().inputs))


def _secret(section: Scrubbing) -> bytes | None:
    value = _from_block(section.key_block) if section.key_block else os.environ.get(section.key_env)
    return os.fsencode(value) if value else None


def _restoring_key(section: Scrubbing) -> bytes:
    key = _secret(section)
    if key is None:
        where, name = ("Prefect block", section.key_block) if section.key_block else ("environment", section.key_env)
        raise InputRefused(where, name, "is not set, and what was encrypted opens with its secret only")
    return key


def _from_block(name: str) -> str:
    """The value of a Prefect Secret block."""
    from flows.cli.server import prefect_api
    from sluicegate.settings import Home

    with prefect_api(Home.from_environment()):
        from tasks.secret import secret_of

        return secret_of(name)


def _told(report: ScrubReport) -> str:
    counts = report.to_json()
    found = ", ".join(f"{kind} {entry['found']:,}" for kind, entry in counts["by_entity"].items() if entry["found"])
    told = [f"{counts['changed_texts']:,} of {counts['texts']:,} texts hold personal data: {found or 'nothing found'}"]
    if (canaries := counts["canaries"])["planted"]:
        told.append(f"{canaries['found']} of {canaries['planted']} planted values found")
        told.append(f"{counts['residual_texts']:,} texts with something left at a second look")
    return "; ".join(told)


def _write(path: Path, counts: dict[str, Any]) -> None:
    from sluicegate.data.refusing import refusing

    with refusing(path):
        path.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
