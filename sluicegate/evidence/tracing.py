"""From a number of a dossier to the file that it came from, and on to the bytes that this was computed from.

Every evidence file holds, beside its figures, the number of each finding that rests on it, under ``measured``:

    dossier.json       performance.accuracy = 0.81, from performance.json with SHA-256 4f…
    performance.json   measured → performance.accuracy → value = 0.81, made from predictions.parquet with SHA-256 9c…
    predictions.parquet

So a number that was changed in dossier.json alone is found out, and so is a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding
from sluicegate.manifest import Manifest, digest_of_file
from sluicegate.settings import Home

_CANDIDATE = "candidate"
_RELEASE = "live release "


@dataclass(frozen=True)
class Source:
    """Something that a file was computed from."""

    name: str
    sha256: str
    place: str
    """Where it lies; empty if it is not on this machine."""


@dataclass(frozen=True)
class Trace:
    """Where one finding comes from."""

    finding: Finding
    title: str
    definition: str
    source: str
    """Paper or library that the measure comes from."""
    better: str
    stands_at: tuple[str, ...]
    """The keys that lead to its number in the evidence file; none where there is no number."""
    made_from: tuple[Source, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON value with every field."""
        return asdict(self) | {"finding": self.finding.model_dump(mode="json")}


def numbers_of(findings: Iterable[Finding]) -> dict[str, dict[str, Any]]:
    """The number of every finding that has one, with its interval, as evidence files hold them."""
    return {_key(f): {"value": f.value, "interval": f.interval} for f in findings if f.status == "measured"}


def trace(dossier: Dossier, check: str, home: Home | None = None) -> list[Trace]:
    """Where the findings of a check come from, one for each group and each release that it was measured against.

    Args:
        dossier: Read from its folder, so that the digests of its files hold.
        check: A check's name; without its parameter, all that there are.
        home: Where to look for what is not in the dossier.

    Raises:
        InputRefused: There is no such finding.
        TamperingDetected: A number is not the one in its file, or what a file was computed from was changed.
    """
    found = [f for f in dossier.findings if check in (f.check, f.check.partition("[")[0])]
    if not found:
        area = [f.check for f in dossier.findings if f.check.partition(".")[0] == check.partition(".")[0]]
        known = ", ".join(dict.fromkeys(area or [f.check.partition(".")[0] for f in dossier.findings]))
        raise InputRefused("trace", "CHECK", f"the dossier has no finding {check!r}", f"it has {known}")
    faults = [fault for finding in found for fault in _number_faults(dossier, finding)]
    made_from = {f.evidence: sources(dossier, f.evidence or "", home) for f in found}
    faults += [fault for some in made_from.values() for source in some for fault in _source_faults(dossier, source)]
    if faults:
        raise TamperingDetected(f"dossier {dossier.candidate[:12]}", tuple(dict.fromkeys(faults)))
    return [_trace(finding, made_from[finding.evidence]) for finding in found]


def trace_all(dossier: Dossier, home: Home | None = None) -> dict[str, tuple[Source, ...]]:
    """File → what it was computed from, for every file that the dossier lists, all numbers and bytes checked.

    Raises:
        TamperingDetected: A number is not the one in its file, or what a file was computed from was changed.
    """
    made_from = {name: sources(dossier, name, home) for name in dossier.files}
    faults = [fault for finding in dossier.findings for fault in _number_faults(dossier, finding)]
    once = {source for some in made_from.values() for source in some}
    faults += [fault for source in once for fault in _source_faults(dossier, source)]
    if faults:
        raise TamperingDetected(f"dossier of candidate {dossier.candidate[:12]}", tuple(sorted(faults)))
    return made_from


def sources(dossier: Dossier, name: str, home: Home | None) -> tuple[Source, ...]:
    """What a file of the dossier was computed from."""
    found = dossier.sources.get(name, {})
    places = {source: _place(dossier, source, digest, home) for source, digest in found.items()}
    return tuple(Source(source, digest, str(places[source] or "")) for source, digest in found.items())


def _key(finding: Finding) -> str:
    of = f" of “{finding.group}”" if finding.group is not None else ""
    return f"{finding.check}{of} against {finding.against}" if finding.against else f"{finding.check}{of}"


def _trace(finding: Finding, made_from: tuple[Source, ...]) -> Trace:
    check = check_of(finding.check)
    stands_at = ("measured", _key(finding), "value") if finding.status == "measured" else ()
    return Trace(finding, check.title, check.definition, check.source, check.better, stands_at, made_from)


def _number_faults(dossier: Dossier, finding: Finding) -> list[str]:
    if finding.status != "measured" or finding.evidence is None or dossier.folder is None:
        return []
    held = json.loads((dossier.folder / finding.evidence).read_text(encoding="utf-8"))
    number: Mapping[str, Any] = held["measured"].get(_key(finding), {}) if isinstance(held, dict) else {}
    interval = list(finding.interval) if finding.interval else None
    same = number.get("value") == finding.value and number.get("interval") == interval
    return [] if same else [f"{finding.check} is not the number in {finding.evidence}"]


def _source_faults(dossier: Dossier, source: Source) -> list[str]:
    if not source.place:
        return []
    place = Path(source.place)
    digest = Manifest.of_folder(place).digest if place.is_dir() else digest_of_file(place)
    return [] if digest == source.sha256 else [f"{source.name} was changed ({place})"]


def _place(dossier: Dossier, name: str, digest: str, home: Home | None) -> Path | None:
    """Where a source lies: in the dossier, beside it in an exported release, in the home's steps and candidates."""
    folder, steps = dossier.folder, dossier.lineage.get("steps", {})
    if folder is not None and name in dossier.files:
        return folder / name
    if folder is not None and name == _CANDIDATE and (folder.parent / _CANDIDATE).is_dir():
        return folder.parent / _CANDIDATE
    if home is None:
        return None
    step, _, file = name.rpartition("/")
    places = [home.candidates / digest] if name.startswith((_CANDIDATE, _RELEASE)) else []
    places += [home.steps / str(steps.get(step or "parts")) / file] if file else []
    return next((place for place in places if place.exists()), None)
