"""Everything that is measured about a candidate, from one pass over the test rows.

The test rows go through the candidate once and through each live release once; all figures are made
from those answers. The same candidate, rows and settings give the same dossier, byte for byte.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.evidence.baselines import measure_baseline
from sluicegate.evidence.checks import check_of, checks_for
from sluicegate.evidence.comparison import LiveRelease, compare, compare_data, nothing_is_live
from sluicegate.evidence.data_quality import measure_data
from sluicegate.evidence.dossier import Dossier, write_dossier, write_json
from sluicegate.evidence.drift import measure_drift
from sluicegate.evidence.evidently_report import write_classification_report
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.groups import measure_groups
from sluicegate.evidence.page import write_page
from sluicegate.evidence.performance import classification_report, measure_performance
from sluicegate.evidence.plots import draw_calibration, draw_confusion, draw_curves, draw_groups
from sluicegate.evidence.predictions import Predictions, arrange, labels_of, predict, write_predictions
from sluicegate.evidence.resampling import Resampling
from sluicegate.manifest import Manifest, verify_folder
from sluicegate.progress import report
from sluicegate.spec import Evidence

__all__ = ["LiveRelease", "measure"]

STAGE = "evaluate"
_FILES = {
    "performance": "performance",
    "group": "groups",
    "baseline": "baselines",
    "comparison": "comparison",
    "drift": "drift",
    "data": "data",
    "footprint": "footprint",
}
"""Area → the evidence file that its findings come from, without ending."""


@dataclass
class _Measurement:
    """What the parts of one measurement share, and what they have found so far."""

    predictions: Predictions
    parts: dict[str, pd.DataFrame]
    settings: Evidence
    groups: Sequence[str]
    live: Sequence[LiveRelease]
    folder: Path
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    plots: dict[str, list[str]] = field(default_factory=dict)

    @property
    def resampling(self) -> Resampling:
        settings = self.settings
        return Resampling(len(self.parts["test"]), settings.bootstrap_rounds, settings.confidence, settings.seed)

    def plot(self, area: str, name: str) -> Path:
        """Where to draw a picture, which the page will show under `area`."""
        self.plots.setdefault(area, []).append(f"plots/{name}.png")
        return self.folder / "plots" / f"{name}.png"


def measure(
    *,
    candidate: Path,
    candidate_digest: str,
    split: Path,
    spec_evidence: Evidence,
    labels: Sequence[str],
    groups: Sequence[str],
    live: Sequence[LiveRelease],
    lineage: dict[str, Any],
    validation_report: dict[str, Any],
    scrub_report: dict[str, Any],
    folder: Path,
) -> None:
    """Measures a candidate and fills `folder` with its dossier.

    Args:
        candidate: The candidate's folder.
        candidate_digest: Its digest; the bytes are verified before anything is measured.
        split: Folder with train.parquet, validation.parquet and test.parquet.
        spec_evidence: The spec's `evidence` section.
        labels: The labels, in the spec's order.
        groups: The group columns.
        live: Releases that are live now, of any stage.
        lineage: Where the candidate comes from, a JSON value that is kept as it is.
        validation_report: ``success``, and ``rows`` and ``quarantined_rows`` as counts in ``statistics``.
        scrub_report: ``texts`` and ``residual_texts`` as counts, ``by_entity`` and ``residual`` by entity type.
        folder: An existing folder; what it holds is thrown away.

    Raises:
        TamperingDetected: The candidate's bytes, or a live release's, are not those of the digest.
        InputRefused: The candidate cannot be loaded, or its answers are no probabilities of the labels.
        Unavailable: A part of the split is missing.
    """
    _empty(folder)
    manifest = verify_folder(candidate, candidate_digest, f"candidate {candidate_digest[:12]}…")
    parts = {name: _read(split / f"{name}.parquet") for name in ("train", "validation", "test")}
    predictions = _predict(candidate, parts["test"], labels)
    # one candidate may be live in several stages; it is measured against once
    releases = list({release.candidate_digest: release for release in reversed(live)}.values())[::-1]
    at = _Measurement(predictions, parts, spec_evidence, groups, releases, folder)
    steps: list[tuple[str, Callable[[], None]]] = [
        ("performance", lambda: _performance(at)),
        ("groups", lambda: _groups(at)),
        ("baselines", lambda: _baselines(at)),
        ("comparison", lambda: _comparison(at)),
        ("drift", lambda: _drift(at)),
        ("data", lambda: _data(at, validation_report, scrub_report)),
        ("footprint", lambda: _footprint(at, manifest)),
    ]
    for done, (name, step) in enumerate(steps):
        report(STAGE, done, len(steps) + 1, "parts", name)
        step()
    dossier = Dossier(
        candidate=candidate_digest,
        findings=_in_order(_complete(at, labels), labels, groups, spec_evidence.baselines, _write_evidence(at)),
        lineage=lineage,
        labels=tuple(labels),
        groups=tuple(groups),
        settings=spec_evidence.model_dump(mode="json"),
        live=tuple({"stage": release.stage, "candidate": release.candidate_digest} for release in live),
    )
    write_predictions(parts["test"], predictions, groups, folder / "predictions.parquet")
    write_json(classification_report(predictions), folder / "classification_report.json")
    write_dossier(dossier, folder)
    write_page(dossier, at.figures, at.plots, folder)
    report(STAGE, len(steps) + 1, len(steps) + 1, "parts", "dossier")


def _empty(folder: Path) -> None:
    """Clears what a killed try left, and makes the folders inside."""
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    (folder / "plots").mkdir()
    (folder / "reports").mkdir()


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise Unavailable(f"{path}: there is no such file; run the split again") from None


def _predict(candidate: Path, test: pd.DataFrame, labels: Sequence[str]) -> Predictions:
    place = {label: index for index, label in enumerate(labels)}
    own = labels_of(candidate)
    arranged = arrange(predict(candidate, test["text"].tolist(), STAGE), own, labels)
    if arranged is None:
        raise InputRefused(candidate / "config.json", "id2label", f"names {len(own)} labels that are not the spec's")
    actual_N = np.array([place[label] for label in test["label"]], dtype=np.int64)
    return Predictions(tuple(labels), actual_N, arranged)


def _performance(at: _Measurement) -> None:
    findings, at.figures["performance"] = measure_performance(at.predictions, at.resampling)
    at.findings += findings
    draw_confusion(at.predictions, at.plot("performance", "confusion"))
    draw_curves(at.predictions, at.plot("performance", "roc"), at.plot("performance", "pr"))
    draw_calibration(at.predictions, at.plot("performance", "calibration"))
    write_classification_report(at.predictions, at.folder / "reports" / "classification.html")


def _groups(at: _Measurement) -> None:
    at.figures["groups"] = []
    for place, column in enumerate(at.groups):
        members = at.parts["test"][column].astype(str).tolist()
        findings, figures = measure_groups(
            at.predictions, column, members, at.resampling, at.settings.minimum_group_size
        )
        at.findings += findings
        at.figures["groups"].append(figures)
        if any(group["status"] == "measured" for group in figures["groups"]):
            draw_groups(column, figures["groups"], at.plot("group", f"groups-{place}"))


def _baselines(at: _Measurement) -> None:
    at.figures["baselines"] = []
    for name in at.settings.baselines:
        train, test = at.parts["train"], at.parts["test"]
        findings, figures = measure_baseline(name, train, test, at.predictions, at.resampling)
        at.findings += findings
        at.figures["baselines"].append(figures)


def _comparison(at: _Measurement) -> None:
    at.figures["comparison"] = []
    for release in at.live:
        findings, figures = compare(
            release, at.predictions, at.parts["test"], at.groups, at.resampling, at.settings.minimum_group_size
        )
        at.findings += findings
        at.figures["comparison"].append(figures)


def _drift(at: _Measurement) -> None:
    train, test, reports = at.parts["train"], at.parts["test"], at.folder / "reports"
    here = measure_drift(train, test, at.groups, at.settings.seed, reports / "drift-train-test.html")
    at.findings += [
        measured("drift.share", here["share"], n=len(test)),
        measured("drift.text_auc", here["text_auc"], n=len(test)),
    ]
    at.figures["drift"] = {"train_test": here, "previous": []}
    for release in at.live:
        html = reports / f"drift-live-{release.candidate_digest[:12]}.html"
        findings, figures = compare_data(release, train, at.groups, at.settings.seed, html)
        at.findings += findings
        at.figures["drift"]["previous"].append(figures)


def _data(at: _Measurement, validation_report: dict[str, Any], scrub_report: dict[str, Any]) -> None:
    findings, figures = measure_data(at.parts, at.predictions.labels, validation_report, scrub_report)
    at.findings += findings
    at.figures["data"] = figures


def _footprint(at: _Measurement, manifest: Manifest) -> None:
    files = {entry.path: entry.size for entry in manifest.files}
    size_mb = sum(files.values()) / 1e6
    at.figures["footprint"] = {"size_mb": size_mb, "files": files}
    at.findings.append(measured("footprint.size", size_mb, unit=check_of("footprint.size").unit))


def _complete(at: _Measurement, labels: Sequence[str]) -> list[Finding]:
    """All findings, with one that says so for every check that nothing was found for."""
    findings = at.findings if at.live else [*at.findings, *nothing_is_live(at.groups)]
    found = {finding.check for finding in findings}
    checks = checks_for(labels, at.groups, at.settings.baselines)
    missing = [
        not_evaluated(name, "it was not measured", unit=c.unit) for name, c in checks.items() if name not in found
    ]
    return [*findings, *missing]


def _write_evidence(at: _Measurement) -> dict[str, tuple[str, str]]:
    """Writes the evidence files; area → path in the dossier and SHA-256."""
    return {
        area: (f"{name}.json", write_json(at.figures[name], at.folder / f"{name}.json"))
        for area, name in _FILES.items()
    }


def _in_order(
    findings: Sequence[Finding],
    labels: Sequence[str],
    groups: Sequence[str],
    baselines: Sequence[str],
    evidence: dict[str, tuple[str, str]],
) -> tuple[Finding, ...]:
    """The findings in the catalogue's order, each saying which file it rests on."""
    place = {name: index for index, name in enumerate(checks_for(labels, groups, baselines))}
    ordered = sorted(findings, key=lambda finding: place[finding.check])
    return tuple(finding.resting_on(*evidence[check_of(finding.check).area]) for finding in ordered)
