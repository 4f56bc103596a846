"""A dossier's folder made up by hand: every check of a task, with figures that nobody measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sluicegate.evidence.checks import checks_for
from sluicegate.evidence.dossier import Dossier, write_dossier, write_json
from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated
from sluicegate.evidence.use_form import measure_use_form
from sluicegate.spec.model import Task

LIVE = "ab" * 32
LINEAGE: dict[str, Any] = {
    "model": "reviews",
    "description": "Reads reviews as bad or good.",
    "intended_use": "Sorting reviews.",
    "use": {"known_harms": "Irony is misread.", "contact": "TODO"},
    "owner": "otto",
    "data": {
        "source": {"kind": "package", "archive": {"package": "reviews==1.0"}},
        "fingerprint": "fa" * 32,
        "licence": "CC-BY-4.0",
        "languages": ["en", "zh"],
    },
    "base_model": {"name": "tiny-bert==1.0", "licence": "Apache-2.0", "digest": "ba" * 32},
    "training": {"task": "sequence-classification", "epochs": 2, "fairness": {"reweigh": ["shop"]}, "engine": None},
}
ESTIMATE = {"value": 0.61234, "interval": [0.5, 0.7]}
FIGURES: dict[str, Any] = {
    "performance": {
        "labels": [
            {"label": label, "rows": 1200, "predicted": 9, "f1": ESTIMATE, "precision": ESTIMATE, "recall": ESTIMATE}
            for label in ("bad", "good")
        ]
    },
    "groups": [
        {
            "column": "shop",
            "groups": [
                {"group": "books", "rows": 800, "status": "measured", "macro_f1": ESTIMATE, "accuracy": ESTIMATE},
                {"group": "toys", "rows": 7, "status": "not_evaluated", "why": "fewer than 30 test rows"},
            ],
        }
    ],
    "data": {
        "rows": {"train": 6000, "validation": 400, "test": 1200},
        "scrubbing": {"by_entity": {"PERSON": {"found": 1234}}},
    },
}
SHEET = {
    "passages": [{"step": "clean", "rows_in": 7700, "rows_out": 7600, "dropped": {"duplicate": 100, "harmful": 0}}]
}
HARM = {
    "scored": 6000, "harmful": 12, "threshold": 0.5, "kind": "terms",
    "classifier": "lists of terms (Sluicegate's own)", "limits": "It finds words, not harm: it misses every threat.",
}  # fmt: skip


def write_folder(
    folder: Path,
    *,
    lineage: Mapping[str, Any] = LINEAGE,
    findings: Sequence[Finding] | None = None,
    figures: Mapping[str, Any] = FIGURES,
    harm: Mapping[str, Any] = HARM,
    labels: Sequence[str] = ("bad", "good"),
    task: Task = "sequence-classification",
) -> Path:
    """Writes the JSON files of a dossier, without any check that its numbers make sense."""
    folder.mkdir(parents=True, exist_ok=True)
    form, use = measure_use_form(lineage, {"harm": harm})
    for name, value in {**figures, "use": use}.items():
        write_json({"measured": {}, "figures": value}, folder / f"{name}.json")
    write_json(SHEET, folder / "data_sheet.json")
    checks = checks_for(labels, ["shop"], ["tfidf"], task)
    given = findings if findings is not None else [_made_up(place, name) for place, name in enumerate(checks)]
    dossier = Dossier(
        candidate="c1" * 32,
        findings=tuple([*(f for f in given if f.check != form[0].check), *form]),
        lineage=dict(lineage),
        labels=tuple(labels),
        groups=("shop",),
        settings={"confidence": 0.95, "bootstrap_rounds": 500, "seed": 3, "minimum_group_size": 30},
        live=({"stage": "internal", "candidate": LIVE},),
    )
    write_dossier(dossier, folder)
    return folder


def _made_up(place: int, name: str) -> Finding:
    """Every fifth was not evaluated, every seventh does not apply, the others have a number of their own."""
    from sluicegate.evidence.checks import check_of

    check = check_of(name)
    if place % 5 == 4:
        return not_evaluated(name, "3 of 4 groups have fewer than 30 test rows", unit=check.unit)
    if place % 7 == 6:
        return not_applicable(name, "nothing is live in any stage", unit=check.unit)
    whole = check.unit.startswith("yes") or check.unit == "rows"
    value = 1.0 + place * (check.unit == "rows") if whole else 0.123 + place / 1000
    ends = {"interval": (value - 0.05, value + 0.05), "confidence": 0.95, "seed": 3} if check.interval else {}
    against = LIVE if check.compared else None
    return measured(name, value, unit=check.unit, n=1200, against=against, **ends)  # type: ignore[arg-type]
