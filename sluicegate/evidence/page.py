"""The dossier's page: one HTML file that needs nothing beside it, readable on a phone.

It shows measurements by area, in the catalogue's order, and holds no limit and no verdict. Pictures are
inside it; the links lead to the longer reports in the same folder.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sluicegate.evidence import language_words, question_words, span_words, words
from sluicegate.evidence.check import AREAS
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.digits import percent
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.drawn_names import places_told
from sluicegate.evidence.explanations.showing import marked
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.first_look import MOST, first_look, groups_that_lose
from sluicegate.evidence.model_card import CARDS
from sluicegate.evidence.page_tables import IN_TABLES, changes_of, is_single_change, missing_of, tables_of
from sluicegate.evidence.use_form import NOT_FILLED_IN, use_form_in_words
from sluicegate.spec.model import Task

_SENTENCES = {
    "performance": words.performance,
    "group": words.group,
    "identity": question_words.identity,
    "robustness": question_words.robustness,
    "explanation": question_words.explanation,
    "baseline": words.baseline,
    "comparison": words.comparison,
    "drift": words.drift,
    "data": words.data,
    "transparency": lambda _, figures: use_form_in_words(figures["use"]),
    "privacy": words.privacy,
    "footprint": words.footprint,
}
_Sentences = dict[str, Callable[[Dossier, Mapping[str, Any]], list[str]]]
_LANGUAGE: _Sentences = {
    "performance": language_words.performance,
    "group": language_words.group,
    "comparison": language_words.comparison,
}
_SENTENCES_OF: dict[Task, _Sentences] = {
    "sequence-classification": {},
    "token-classification": {
        "performance": span_words.performance,
        "group": span_words.group,
        "identity": span_words.identity,
        "robustness": span_words.robustness,
    },
    "causal-lm": _LANGUAGE,
    "masked-lm": _LANGUAGE | {"performance": language_words.pseudo_performance},
    "image-classification": {},
}
"""Task → area → what says it otherwise."""
_REPORTS = {
    "classification": "Evidently: the answers",
    "drift-train-test": "Evidently: test rows against training rows",
}
TILES = (
    "performance.macro_f1",
    "performance.accuracy",
    "performance.roc_auc",
    "performance.character_recall",
    "performance.character_precision",
    "performance.entity_f1",
    "performance.bits_per_byte",
    "performance.perplexity",
    "data.test_rows",
)
_OF_GROUPS: dict[Task, tuple[tuple[str, str], ...]] = {
    "sequence-classification": (("macro_f1", "macro-F1"), ("accuracy", "accuracy")),
    "token-classification": (("character_f1", "character F1"), ("character_recall", "character recall")),
    "causal-lm": (("bits_per_byte", "bits per byte"),),
    "masked-lm": (("bits_per_byte", "bits per byte"),),
    "image-classification": (("macro_f1", "macro-F1"), ("accuracy", "accuracy")),
}
"""Task → the figures of a group, with their headings."""


def write_page(
    dossier: Dossier,
    figures: Mapping[str, Any],
    plots: Mapping[str, list[str]],
    folder: Path,
    *,
    sheet: Mapping[str, Any] | None = None,
    task: Task = "sequence-classification",
) -> None:
    """Writes index.html.

    Args:
        dossier: The findings.
        figures: Name of an evidence file, without its ending → what it holds.
        plots: Area → paths of its pictures in the folder.
        folder: The dossier's folder, all other files written.
        sheet: The data sheet.
        task: What the candidate does.
    """
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("sluicegate.evidence", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"of_measure": words.of_measure, "percent": percent}
    spans = task == "token-classification"
    sentences = _SENTENCES | _SENTENCES_OF[task]
    areas = [
        {
            "name": area,
            "heading": heading,
            "sentences": sentences[area](dossier, figures),
            "drawn": _drawn(area, figures),
            "plots": [_inline(folder / path) for path in plots.get(area, [])],
            "tables": tables_of(dossier.findings, area),
            "cards": [_card(f) for f in dossier.findings if _is_card(f, area)],
            "evidence": _evidence_of(dossier, area),
        }
        for area, heading in AREAS.items()
        if any(check_of(f.check).area == area for f in dossier.findings)
    ]
    page = environment.get_template("dossier.html").render(
        title=dossier.lineage.get("model") or "Candidate",
        description=dossier.lineage.get("description") or "",
        candidate=dossier.candidate,
        tiles=[_card(f) for name in TILES if (f := dossier.find(name)) is not None],
        first=[_card(f) | {"area": check_of(f.check).area} for f in first_look(dossier.findings)],
        losing=_losing(dossier.findings),
        changes=changes_of(dossier.findings),
        missing=missing_of(dossier.findings),
        not_measured=sum(f.status == "not_evaluated" for f in dossier.findings),
        areas=areas,
        labels=figures["performance"]["labels"],
        spans=spans,
        columns=figures["groups"],
        of_groups=_OF_GROUPS[task],
        sheet=_flat(sheet or {}),
        use=figures["use"],
        not_filled_in=NOT_FILLED_IN,
        drifts=_drift_tables(figures["drift"]),
        lineage=_flat(dossier.lineage),
        settings=_flat(dossier.settings),
        cards=[name for name in CARDS if (folder / name).is_file()],
        explanations=marked(figures.get("explanations", {}).get("shown", [])),
        reports=[
            (p.relative_to(folder).as_posix(), _report_name(p)) for p in sorted((folder / "reports").glob("*.html"))
        ],
        files=sorted(dossier.files.items()),
    )
    (folder / "index.html").write_text(page, encoding="utf-8")


def _evidence_of(dossier: Dossier, area: str) -> dict[str, Any]:
    """The file that the area's numbers come from: its name, its SHA-256, and names of what it was computed from."""
    file, digest = next((f.evidence, f.evidence_sha256) for f in dossier.findings if check_of(f.check).area == area)
    return {"file": file, "sha256": digest, "made_from": list(dossier.sources.get(file or "", {}))}


def _is_card(finding: Finding, area: str) -> bool:
    """Whether the finding is shown by itself: figures by label, or of many kinds, stand in a table instead."""
    check = check_of(finding.check)
    in_table = check.parameter == "label" or check.parameter in IN_TABLES or is_single_change(finding)
    return check.area == area and not in_table and finding.status != "not_applicable"


def _card(finding: Finding) -> dict[str, Any]:
    check = check_of(finding.check)
    low, high = finding.interval or (finding.value or 0.0, finding.value or 0.0)
    drawn = finding.unit == "share" and finding.value is not None and 0 <= low <= high <= 1 and not check.compared
    return {
        "check": finding.check,
        "title": check.title,
        "definition": check.definition,
        "source": check.source,
        "better": check.better,
        "amount": words.amount(finding),
        "span": words.span(finding),
        "confidence": words.level(finding.confidence) if finding.confidence else "",
        "n": finding.n,
        "why": finding.why,
        "against": (finding.against or "")[:12],
        "bar": {"left": 100 * low, "width": 100 * (high - low), "at": 100 * (finding.value or 0)} if drawn else None,
    }


def _losing(findings: Sequence[Finding]) -> dict[str, Any]:
    """The groups that lost most since a live release, how many lost, and how many would by chance."""
    measured = [finding for finding in findings if finding.group is not None and finding.interval is not None]
    lost = groups_that_lose(measured)
    return {
        "worst": [_card(finding) | {"group": finding.group} for finding in lost[:MOST]],
        "lost": len(lost),
        "measured": len(measured),
        "by_chance": sum((1 - (finding.confidence or 1)) / 2 for finding in measured),
    }


def _drawn(area: str, figures: Mapping[str, Any]) -> list[str]:
    """Which names the numbers in an area's pictures stand for."""
    if area == "performance":
        told = {"": places_told([str(of["label"]) for of in figures["performance"]["labels"]])}
    elif area == "group":
        told = {
            f" by “{of['column']}”": places_told([str(group["group"]) for group in of["groups"]])
            for of in figures["groups"]
        }
    else:
        told = {}
    return [f"In the pictures{of} {line}." for of, line in told.items() if line]


def _inline(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")


def _drift_tables(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    tables = [{"name": "Test rows against training rows", **held["train_test"]}]
    for previous in held["previous"]:
        if "columns" in previous:
            tables.append({"name": f"Against the data of the release live in {previous['stage']}", **previous})
    return [table for table in tables if table["columns"]]


def _report_name(path: Path) -> str:
    digest = path.stem.removeprefix("drift-live-")
    return _REPORTS.get(path.stem, f"Evidently: training rows against those of live release {digest}…")


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """A nested JSON value as rows of dotted name and text."""
    if isinstance(value, Mapping):
        return [row for key, inner in value.items() for row in _flat(inner, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list | tuple) and any(isinstance(item, Mapping | list | tuple) for item in value):
        return [row for place, inner in enumerate(value) for row in _flat(inner, f"{name}.{place}")]
    shown = ", ".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)
    return [(name, "" if value is None else shown)]
