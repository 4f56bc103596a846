"""From a number of a dossier to the file that it came from, and on to the bytes that this was computed from.

Every evidence file holds, beside its figures, what is said of each finding that rests on it (`evidence_file`):

    dossier.json       performance.accuracy = 0.81, from performance.json with SHA-256 4f…
    performance.json   measured → performance.accuracy → value = 0.81, made from predictions.parquet with SHA-256 9c…
    predictions.parquet

So a number that was changed in dossier.json alone is found out, as are its interval, confidence, n, seed or unit, a
finding that was taken out, put in or said not to apply, and a changed file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sluicegate.errors import InputRefused, TamperingDetected, Unavailable
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.dossier import DOSSIER, Dossier
from sluicegate.evidence.evidence_file import NOT_HELD_BEFORE, EvidenceFile, is_of, key_of
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.sources import EVIDENCE
from sluicegate.manifest import Manifest, digest_of_file
from sluicegate.settings import Home

_CANDIDATE = "candidate"
_RELEASE = "live release "
_MADE_LAST = {DOSSIER, "index.html", "model_card.md", "model_card.zh.md"}
"""Made of all the others, so listed by none of them."""
_OF_REPORTS = {"data_sheet.json", "use.json"}
"""Made of steps' reports, of which there may be none."""


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
    not_compared: tuple[str, ...] = ()
    """What the evidence file, being an older one, does not hold of it."""

    def to_json(self) -> dict[str, Any]:
        """A JSON value with every field."""
        return asdict(self) | {"finding": self.finding.model_dump(mode="json")}


def trace(dossier: Dossier, check: str, home: Home | None = None) -> list[Trace]:
    """Where the findings of a check come from, one for each group and each release that it was measured against.

    Args:
        dossier: Read from its folder, so that the digests of its files hold.
        check: A check's name; without its parameter, all that there are.
        home: Where to look for what is not in the dossier.

    Raises:
        InputRefused: There is no such finding.
        TamperingDetected: A finding is not the one in its file, or what a file was computed from was changed.
    """
    found = [f for f in dossier.findings if is_of(f.check, check)]
    area = EVIDENCE.get(check.partition(".")[0], "")
    files, faults = _evidence_files(dossier, {f.evidence for f in found if f.evidence} | {f"{area}.json"})
    faults += [line for key, line in _differences(dossier, files) if is_of(key, check)]
    if not found and not faults:
        raise InputRefused(
            "trace", "CHECK", f"the dossier has no finding {check!r}", f"it has {_beside(dossier, check)}"
        )
    faults += [f"{key_of(finding)} names no evidence" for finding in found if not finding.evidence]
    faults += _without_sources(dossier, files)
    made_from = {f.evidence: sources(dossier, f.evidence or "", home) for f in found}
    faults += [fault for some in made_from.values() for source in some for fault in _source_faults(dossier, source)]
    if faults:
        raise TamperingDetected(f"dossier {dossier.candidate[:12]}", tuple(dict.fromkeys(faults)))
    return [_trace(finding, made_from[finding.evidence], files[finding.evidence or ""]) for finding in found]


def trace_all(dossier: Dossier, home: Home | None = None) -> dict[str, tuple[Source, ...]]:
    """File → what it was computed from, for every file that the dossier lists, all findings and bytes checked.

    Raises:
        TamperingDetected: A finding is not the one in its file, or what a file was computed from was changed.
    """
    made_from = {name: sources(dossier, name, home) for name in dossier.files}
    files, faults = _evidence_files(dossier)
    faults += [line for _, line in _differences(dossier, files)]
    faults += [f"{key_of(finding)} names no evidence" for finding in dossier.findings if not finding.evidence]
    faults += [*_unlisted(dossier), *_without_sources(dossier, dossier.files)]
    once = {source for some in made_from.values() for source in some}
    faults += [fault for source in once for fault in _source_faults(dossier, source)]
    if faults:
        raise TamperingDetected(f"dossier of candidate {dossier.candidate[:12]}", tuple(sorted(set(faults))))
    return made_from


def older_files(dossier: Dossier) -> tuple[str, ...]:
    """Evidence files that were written before they held more than value and interval, so no more was compared."""
    files, _ = _evidence_files(dossier)
    return tuple(sorted(name for name, file in files.items() if file.is_older))


def sources(dossier: Dossier, name: str, home: Home | None) -> tuple[Source, ...]:
    """What a file of the dossier was computed from."""
    found = dossier.sources.get(name, {})
    places = {source: _place(dossier, source, digest, home) for source, digest in found.items()}
    return tuple(Source(source, digest, str(places[source] or "")) for source, digest in found.items())


def _trace(finding: Finding, made_from: tuple[Source, ...], file: EvidenceFile) -> Trace:
    check, held = check_of(finding.check), finding.status == "measured"
    stands_at = ("measured", key_of(finding), "value") if held else ()
    not_compared = (NOT_HELD_BEFORE if held else ("status", "why")) if file.is_older else ()
    return Trace(finding, check.title, check.definition, check.source, check.better, stands_at, made_from, not_compared)


def _beside(dossier: Dossier, check: str) -> str:
    """The checks of the same area, or else the areas."""
    area = [f.check for f in dossier.findings if f.check.partition(".")[0] == check.partition(".")[0]]
    return ", ".join(dict.fromkeys(area or [f.check.partition(".")[0] for f in dossier.findings]))


def _evidence_files(dossier: Dossier, wanted: Set[str] | None = None) -> tuple[dict[str, EvidenceFile], list[str]]:
    """Those that findings name or the folder has, by name, of those that are wanted; and those that cannot be read."""
    if dossier.folder is None:
        raise Unavailable("this dossier was not read from a folder, so there is nothing to hold its findings against")
    named = {finding.evidence for finding in dossier.findings if finding.evidence}
    named |= {name for area in EVIDENCE.values() if (dossier.folder / (name := f"{area}.json")).is_file()}
    files, faults = {}, list[str]()
    for name in sorted(named if wanted is None else named & wanted):
        try:
            files[name] = EvidenceFile.read(dossier.folder, name)
        except TamperingDetected as refusal:
            faults += refusal.faults
    return files, faults


def _differences(dossier: Dossier, files: Mapping[str, EvidenceFile]) -> list[tuple[str, str]]:
    """Keys of findings, and how dossier.json differs from their files."""
    return [
        (key, line)
        for name, file in files.items()
        for key, line in file.differences(f for f in dossier.findings if f.evidence == name).items()
    ]


def _unlisted(dossier: Dossier) -> list[str]:
    assert dossier.folder is not None
    there = {entry.path for entry in Manifest.of_folder(dossier.folder).files}
    return [
        f"{name} is in the folder, but not among the files of {DOSSIER}"
        for name in there - dossier.files.keys() - _MADE_LAST
    ]


def _without_sources(dossier: Dossier, names: Iterable[str]) -> list[str]:
    told = {name for name, made_from in dossier.sources.items() if made_from or name in _OF_REPORTS}
    return [f"{DOSSIER} does not say what {name} was made from" for name in names if name not in told]


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
