"""What each file of a dossier was computed from, by digest, so that a number leads on to the bytes behind it.

    predictions.parquet                     the candidate's answers to the test rows, in the dossier's folder
    train.parquet … test.parquet            the rows, in the folder of the step that split them
    candidate                               the digest of the candidate
    base model                              the digest of what it was trained from
    STEP/FILE.json                          what a step reported; the lineage's `steps` name the step's folder
    taught/canaries.parquet                 texts that were planted among the training rows, and those like them
    list NAME                               a list of terms, templates or tests that is the spec's own
    live release DIGEST, … train.parquet    a release that it was compared with, and the rows that it learned from

What is shipped with Sluicegate (lists, the code itself) is part of its version and not listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sluicegate.evidence.lists import Lists
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.span_scores import Tagged
from sluicegate.manifest import digest_of_file

ANSWERS = "predictions.parquet"
EVIDENCE = {
    "performance": "performance",
    "group": "groups",
    "identity": "identity",
    "robustness": "robustness",
    "explanation": "explanations",
    "baseline": "baselines",
    "comparison": "comparison",
    "drift": "drift",
    "data": "data",
    "transparency": "use",
    "privacy": "privacy",
    "footprint": "footprint",
}
"""Area → the evidence file that its findings come from, without ending."""
_CLEANED = "cleaned/hygiene.json"
_PLANTED = "taught/canaries.parquet"
_STEPS = ("source", "validated", "scrubbed", "cleaned", "parts")
_SPLIT = ("train.parquet", "validation.parquet", "test.parquet")
_READ = {
    "performance": (ANSWERS,),
    "groups": (ANSWERS,),
    "identity": (ANSWERS, "candidate", "test.parquet", "list", "live release"),
    "robustness": (ANSWERS, "candidate", "train.parquet", "test.parquet", "list"),
    "explanations": (ANSWERS, "candidate", "test.parquet"),
    "baselines": (ANSWERS, "train.parquet", "test.parquet", "base model"),
    "comparison": (ANSWERS, "test.parquet", "list", "live release"),
    "drift": (ANSWERS, "candidate", "train.parquet", "test.parquet", "base model", "live release"),
    "data": (*_SPLIT, "source/source.json", "validated/validation.json", "scrubbed/scrubbing.json", _CLEANED),
    "use": (_CLEANED,),
    "privacy": (ANSWERS, "candidate", "train.parquet", "test.parquet", "base model", "trained/summary.json", _PLANTED),
    "footprint": ("candidate", "trained/summary.json", "latency/latency.json"),
}
"""Evidence file, without ending → what it is computed from; `list` and `live release` stand for all of them."""
_READ_OF_TAGGERS = {
    "identity": (ANSWERS, "candidate", "test.parquet", "list"),
    "robustness": (ANSWERS, "candidate", "test.parquet"),
}
"""Those of taggers that differ."""
_BESIDE = {
    ANSWERS: ("candidate", "test.parquet"),
    "classification_report.json": (ANSWERS,),
    "data_sheet.json": tuple(f"{step}/passage.json" for step in _STEPS),
    "reports/classification.html": (ANSWERS,),
    "reports/drift-train-test.html": ("train.parquet", "test.parquet"),
}
"""The other files → the same. A plot is drawn from what its area's evidence is computed from."""


def known_digests(
    at: Measurement[Any],
    candidate: str,
    split: Path,
    lineage: Mapping[str, Any],
    lists: Lists,
    canaries: Path | None = None,
) -> dict[str, str]:
    """Name → SHA-256 of all that was read, the answers among them."""
    base = lineage.get("base_model") if at.base_model else None
    known = {
        ANSWERS: digest_of_file(at.folder / ANSWERS),
        "candidate": candidate,
        **{part: digest_of_file(split / part) for part in _SPLIT},
        **({_PLANTED: digest_of_file(canaries)} if canaries else {}),
        **({"base model": str(base["digest"])} if base and base.get("digest") else {}),
        **{f"list {path.name}": digest_of_file(path) for paths in vars(lists).values() for path in paths},
        **{str(name): str(digest) for name, digest in lineage.get("reports", {}).items()},
    }
    for release in at.live:
        name = f"live release {release.candidate_digest[:12]}"
        known[name] = release.candidate_digest
        if release.split is not None and (rows := release.split / "train.parquet").is_file():
            known[f"{name} train.parquet"] = digest_of_file(rows)
    return known


def sources_of(at: Measurement[Any], known: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """File of the dossier → name → SHA-256 of what it was computed from."""
    read = _READ | (_READ_OF_TAGGERS if isinstance(at.answers, Tagged) else {})
    found = {f"{name}.json": _among(read[name], known) for name in read if name in at.figures}
    found |= {name: _among(of, known) for name, of in _BESIDE.items() if (at.folder / name).is_file()}
    for area, plots in at.plots.items():
        found |= {plot: found[f"{EVIDENCE[area]}.json"] for plot in plots}
    for report in sorted((at.folder / "reports").glob("drift-live-*.html")):
        release = f"live release {report.stem.rpartition('-')[2]} train.parquet"
        found[f"reports/{report.name}"] = _among(("train.parquet", release), known)
    return found


def _among(read: tuple[str, ...], known: Mapping[str, str]) -> dict[str, str]:
    wanted = tuple(f"{name} " for name in read)
    return {name: digest for name, digest in known.items() if f"{name} ".startswith(wanted)}
