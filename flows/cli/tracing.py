"""`trace`: from a number of a dossier to the file that it came from."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from flows.cli.console import AsJson, print_json, say
from sluicegate.errors import InputRefused, TamperingDetected

if TYPE_CHECKING:
    from sluicegate.evidence.dossier import Dossier
    from sluicegate.evidence.tracing import Source, Trace
    from sluicegate.settings import Home

T = TypeVar("T")


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    app.command()(trace)


def trace(
    dossier: Annotated[
        str,
        typer.Argument(
            metavar="DOSSIER",
            help="The folder of a dossier or of an exported release; or the first characters of a dossier's digest.",
        ),
    ],
    check: Annotated[str, typer.Argument(metavar="[CHECK]", help="A finding, for example performance.accuracy.")] = "",
    json_: AsJson = False,
) -> None:
    """Shows which file a number of a dossier came from, what that was computed from, and that no digest is broken.

    Without CHECK: every file of the dossier, and all numbers and digests checked.
    """
    from sluicegate.evidence.dossier import load_dossier
    from sluicegate.evidence.tracing import older_files, trace_all
    from sluicegate.evidence.tracing import trace as trace_check

    home = _home()
    folder = _folder(dossier, home)
    found = _whole(lambda: load_dossier(folder))
    if check:
        traces = _whole(lambda: trace_check(found, check, home))
        if json_:
            print_json([one.to_json() for one in traces])
        for one in () if json_ else traces:
            _say_finding(one, found)
        return
    made_from, older = _whole(lambda: trace_all(found, home)), older_files(found)
    if json_:
        names = {name: {source.name: source.sha256 for source in some} for name, some in made_from.items()}
        print_json({"dossier": found.digest, "files": found.files, "sources": names, "older": older})
    else:
        _say_files(found, made_from, older)


def _whole(read: Callable[[], T]) -> T:
    """What `read` gives; where something was changed, each fault on a line of its own, and the end."""
    try:
        return read()
    except TamperingDetected as refusal:
        print(f"sluicegate: {refusal.what}: {len(refusal.faults)} differences", file=sys.stderr)
        for fault in refusal.faults:
            print(f"  {fault}", file=sys.stderr)
        raise typer.Exit(refusal.exit_code) from None


def _home() -> Home | None:
    """The home, if there is one; a machine without one can trace too."""
    from sluicegate.settings import Home

    root = Path(os.environ.get("SLUICEGATE_HOME") or "~/.sluicegate").expanduser()
    return Home.from_environment() if root.is_dir() else None


def _folder(named: str, home: Home | None) -> Path:
    folder = Path(named)
    if folder.is_dir():
        return folder / "dossier" if (folder / "dossier" / "dossier.json").is_file() else folder
    there = sorted(home.dossiers.glob("[0-9a-f]*")) if home is not None else []
    found = [place for place in there if place.name.startswith(named.lower())]
    if len(found) != 1:
        problem = "is no folder, and no dossier here has a digest that begins so"
        raise InputRefused("trace", "DOSSIER", problem if not found else "begins more than one digest")
    return found[0]


def _say_finding(one: Trace, dossier: Dossier) -> None:
    finding = one.finding
    say(f"{finding.check}: {one.title}" + _if(", of “{}”", finding.group))
    say(f"  means      {one.definition} {one.better.capitalize()} is better." + _if(" Source: {}.", one.source))
    if finding.status == "measured":
        low, high = finding.interval or (None, None)
        interval = "no interval" if low is None else f"{finding.confidence:.0%} interval {low!r} to {high!r}"
        bound = f", holds with {finding.confidence:.0%}" if low is None and finding.confidence else ""
        say(f"  value      {finding.value!r}, {interval}{bound}, unit {finding.unit}")
        against = _if(", against release {}", finding.against)
        say(f"  measured   n {_or_none(finding.n)}, seed {_or_none(finding.seed)}{against}")
    else:
        say(f"  no value   {finding.status}: {finding.why}")
    say(f"  from       {finding.evidence}" + _if(" at {}", " → ".join(one.stands_at)))
    say(f"             sha256 {finding.evidence_sha256}")
    for place, source in enumerate(one.made_from):
        say(f"  {'' if place else 'made from':<10} {_source(source, dossier)}")
        say(f"             sha256 {source.sha256}")
    what = "Its number stands in that file" if finding.status == "measured" else "That file says so too"
    say(f"  {what}, and every digest of what is here holds.")
    if one.not_compared:
        say(f"  Not compared: {', '.join(one.not_compared)}. The file is older and does not hold them.")


def _say_files(dossier: Dossier, made_from: dict[str, tuple[Source, ...]], older: tuple[str, ...]) -> None:
    counts = [finding.evidence for finding in dossier.findings]
    for name, digest in sorted(dossier.files.items()):
        say(f"{digest}  {name}" + _if("  ({} findings)", counts.count(name) or None))
        for source in made_from[name]:
            say(f"    made from {_source(source, dossier)}")
    say(f"Dossier {dossier.digest}")
    say(f"{len(counts)} findings from {len(dossier.files)} files: every number stands in its file, every digest holds.")
    if older:
        say(f"Of {', '.join(older)} only value and interval were compared: older files hold no more.")


def _source(source: Source, dossier: Dossier) -> str:
    if source.name in dossier.files:
        return source.name
    return f"{source.name} ({source.place or 'not found here'})"


def _if(form: str, value: object) -> str:
    return form.format(value) if value not in (None, "") else ""


def _or_none(value: object) -> str:
    return "none" if value is None else str(value)
