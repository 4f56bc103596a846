"""Everything that is measured about a candidate, from one pass over the test rows.

The test rows go through the candidate once and through each live release once; what a classifier is asked besides goes
through it in one pass more, but for odd inputs and explanations. The same candidate, rows and settings give the same
dossier, byte for byte.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from sluicegate.errors import InputRefused
from sluicegate.evidence import measure_labels, measure_language, measure_spans
from sluicegate.evidence.attacks.planted import PlantedTexts
from sluicegate.evidence.checks import Check, check_of, checks_for
from sluicegate.evidence.comparison import LiveRelease, compare_data
from sluicegate.evidence.data_quality import measure_data
from sluicegate.evidence.dossier import Dossier, write_dossier, write_json
from sluicegate.evidence.drift import drift_findings, measure_drift
from sluicegate.evidence.embedding_drift import measure_embedding_drift
from sluicegate.evidence.evidence_file import held_of
from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated
from sluicegate.evidence.latency import latency_findings
from sluicegate.evidence.lists import SHIPPED_ALONE, Lists
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.model_card import write_cards
from sluicegate.evidence.page import write_page
from sluicegate.evidence.parts import read_part
from sluicegate.evidence.predictions import task_of
from sluicegate.evidence.privacy import privacy_findings
from sluicegate.evidence.sources import EVIDENCE, known_digests, sources_of
from sluicegate.evidence.training_cost import training_cost
from sluicegate.evidence.use_form import measure_use_form
from sluicegate.manifest import Manifest, verify_folder
from sluicegate.progress import report
from sluicegate.spec import Evidence
from sluicegate.spec.model import Task

__all__ = ["LiveRelease", "measure"]

STAGE = "evaluate"
_OF_TASK: dict[Task, ModuleType] = {
    "sequence-classification": measure_labels,
    "token-classification": measure_spans,
    "causal-lm": measure_language,
    "masked-lm": measure_language,
    "image-classification": measure_labels,
}
"""Task → what is measured of it alone."""


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
    data_reports: Mapping[str, Mapping[str, Any]],
    folder: Path,
    task: Task = "sequence-classification",
    base_model: Path | None = None,
    lists: Lists = SHIPPED_ALONE,
    canaries: Path | None = None,
) -> None:
    """Measures a candidate and fills `folder` with its dossier.

    Args:
        candidate: The candidate's folder.
        candidate_digest: Its digest; the bytes are verified before anything is measured.
        split: Folder with train.parquet, validation.parquet and test.parquet.
        spec_evidence: The spec's `evidence` section.
        labels: The labels, or entity types, in the spec's order.
        groups: The group columns.
        live: Releases that are live now, of any stage.
        lineage: Where the candidate comes from, a JSON value that is kept as it is.
        data_reports: What the steps of the data half wrote, by step (`measure_data` reads them); ``sheet``, the
            data sheet, which is kept as it is; ``training``, of which ``energy`` and ``privacy`` are read; and
            ``latency``, what `time_candidate` gave.
        folder: An existing folder; what it holds is thrown away.
        task: What the candidate does.
        base_model: The folder of what it was trained from; None from scratch.
        lists: The spec's own lists of terms, templates and behavioural tests.
        canaries: The texts that were planted among the training rows, and those that might have been, Parquet with
            columns text, label and times; None if none were.

    Raises:
        TamperingDetected: The candidate's bytes, or a live release's, are not those of the digest.
        InputRefused: The candidate cannot be loaded, does another task, or its answers are none of the labels; or a
            list cannot be read.
        Unavailable: A part of the split, or the file of canaries, is missing.
    """
    _empty(folder)
    manifest = verify_folder(candidate, candidate_digest, f"candidate {candidate_digest[:12]}…")
    parts = {name: read_part(split / f"{name}.parquet") for name in ("train", "validation", "test")}
    of = _OF_TASK[task]
    # one candidate may be live in several stages; it is measured against once
    releases = list({release.candidate_digest: release for release in reversed(live)}.values())[::-1]
    if (does := task_of(candidate)) != task:
        raise InputRefused(candidate / "candidate.json", "task", f"is {does}, not {task}")
    answers = of.answer(candidate, parts["test"], labels, STAGE)
    planted = PlantedTexts.read(canaries, (lineage.get("canaries") or {}).get("seed"))
    at: Measurement[Any] = Measurement(
        candidate, answers, parts, spec_evidence, groups, releases, folder, base_model, planted
    )
    steps = [
        ("performance", of.performance),
        ("groups", of.groups),
        ("baselines", of.baselines),
        ("comparison", lambda at: of.comparison(at, lists)),
        ("drift", _drift),
        ("data", lambda at: _data(at, labels, data_reports)),
        ("labels", of.without_labels),
        ("use", lambda at: _use(at, lineage, data_reports.get("hygiene", {}))),
        ("privacy", lambda at: _privacy(at, data_reports.get("training", {}).get("privacy") or {})),
        ("further questions", lambda at: of.further(at, lists)),
        ("footprint", lambda at: _footprint(at, manifest, data_reports)),
    ]
    for done, (name, step) in enumerate(steps):
        report(STAGE, done, len(steps) + 1, "parts", name)
        step(at)
    of.keep_answers(at)
    write_json(dict(data_reports.get("sheet", {})), folder / "data_sheet.json")
    checks = checks_for(labels, groups, spec_evidence.baselines, task, spec_evidence.identity.attributes)
    findings = _write_evidence(at, _in_order(_complete(at, checks), checks))
    dossier = Dossier(
        candidate=candidate_digest,
        findings=findings,
        lineage=lineage,
        labels=tuple(labels),
        groups=tuple(groups),
        settings=_without_folders(spec_evidence),
        live=tuple({"stage": release.stage, "candidate": release.candidate_digest} for release in live),
        compared_groups=at.compared_groups,
        files={entry.path: entry.sha256 for entry in Manifest.of_folder(folder).files},
        sources=sources_of(at, known_digests(at, candidate_digest, split, lineage, lists, canaries)),
    )
    write_dossier(dossier, folder)
    write_cards(folder)
    write_page(dossier, at.figures, at.plots, folder, sheet=data_reports.get("sheet", {}), task=task)
    report(STAGE, len(steps) + 1, len(steps) + 1, "parts", "dossier")


def _without_folders(settings: Evidence) -> dict[str, Any]:
    """The settings, with lists by the names of their files alone: a dossier travels."""
    dumped = settings.model_dump(mode="json")
    for section, names in (("identity", ("terms", "templates")), ("robustness", ("behaviours",))):
        dumped[section] |= {name: [Path(path).name for path in dumped[section][name]] for name in names}
    return dumped


def _empty(folder: Path) -> None:
    """Clears what a killed try left, and makes the folders inside."""
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    (folder / "plots").mkdir()
    (folder / "reports").mkdir()


def _drift(at: Measurement[Any]) -> None:
    train, test, reports, seed = at.parts["train"], at.parts["test"], at.folder / "reports", at.settings.seed
    here = measure_drift(train, test, at.groups, seed, reports / "drift-train-test.html")
    of_embeddings, here["embeddings"] = measure_embedding_drift(at.features, train, test, seed)
    at.findings += [*drift_findings(here, len(test), seed), *of_embeddings]
    at.figures["drift"] = {"train_test": here, "previous": []}
    for release in at.live:
        html = reports / f"drift-live-{release.candidate_digest[:12]}.html"
        findings, figures = compare_data(release, train, at.groups, seed, html, at.features)
        at.findings += findings
        at.figures["drift"]["previous"].append(figures)


def _data(at: Measurement[Any], labels: Sequence[str], data_reports: Mapping[str, Mapping[str, Any]]) -> None:
    of_rows = {str(label) for table in at.parts.values() if "label" in table for label in table["label"]}
    # rows of spans have labels that are not the spec's, but say whether there are any spans; others have none at all
    shown = list(labels) if of_rows <= set(labels) else sorted(of_rows)
    findings, figures = measure_data(at.parts, shown, data_reports)
    at.findings += findings
    at.figures["data"] = figures


def _use(at: Measurement[Any], lineage: Mapping[str, Any], hygiene: Mapping[str, Any]) -> None:
    findings, at.figures["use"] = measure_use_form(lineage, hygiene)
    at.findings += findings


def _privacy(at: Measurement[Any], account: Mapping[str, Any]) -> None:
    at.figures["privacy"] = {"account": dict(account)}
    at.findings += privacy_findings(account)


def _footprint(at: Measurement[Any], manifest: Manifest, reports: Mapping[str, Mapping[str, Any]]) -> None:
    energy, latency = reports.get("training", {}).get("energy") or {}, reports.get("latency", {})
    files = {entry.path: entry.size for entry in manifest.files}
    size_mb = sum(files.values()) / 1e6
    at.figures["footprint"] = {
        "size_mb": size_mb, "files": files, "training": dict(energy), "latency": dict(latency)
    }  # fmt: skip
    at.findings.append(measured("footprint.size", size_mb, unit=check_of("footprint.size").unit))
    at.findings += [*training_cost(energy), *latency_findings(latency, at.settings.confidence)]


def _complete(at: Measurement[Any], checks: Mapping[str, Check]) -> list[Finding]:
    """All findings, with one that says so for every check that nothing was found for."""
    found = {finding.check for finding in at.findings}
    missing = [
        not_applicable(name, "nothing is live in any stage", unit=check.unit)
        if check.compared and not at.live
        else not_evaluated(name, "it was not measured", unit=check.unit)
        for name, check in checks.items()
        if name not in found
    ]
    return [*at.findings, *missing]


def _in_order(findings: Sequence[Finding], checks: Mapping[str, Check]) -> list[Finding]:
    """The findings in the catalogue's order."""
    place = {name: index for index, name in enumerate(checks)}
    return sorted(findings, key=lambda finding: place[finding.check])


def _write_evidence(at: Measurement[Any], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Writes the evidence files, each with what is said of its findings and the figures behind them.

    Returns:
        The findings, each saying which file it rests on.
    """
    written: dict[str, tuple[str, str]] = {}
    for area, name in EVIDENCE.items():
        if name in at.figures:
            of_area = [finding for finding in findings if check_of(finding.check).area == area]
            held = {**held_of(of_area), "figures": at.figures[name]}
            written[area] = (f"{name}.json", write_json(held, at.folder / f"{name}.json"))
    return tuple(finding.resting_on(*written[check_of(finding.check).area]) for finding in findings)
