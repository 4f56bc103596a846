"""What is measured of a tagger alone: its spans, against truth, groups, a simple tagger and live releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sluicegate.errors import InputRefused
from sluicegate.evidence.dossier import write_json
from sluicegate.evidence.finding import not_applicable
from sluicegate.evidence.lists import Lists
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.parts import spans_in
from sluicegate.evidence.plots import draw_groups, draw_types
from sluicegate.evidence.predictions import labels_of, load_model, predict_spans, spans_or_none
from sluicegate.evidence.span_baseline import measure_span_baseline
from sluicegate.evidence.span_comparison import compare_spans
from sluicegate.evidence.span_performance import measure_span_groups, measure_spans
from sluicegate.evidence.span_questions import SpanQuestions
from sluicegate.evidence.span_scores import Tagged
from sluicegate.spec.spans import dump_spans

Found = Measurement[Tagged]
FURTHER = "evaluate, further questions"
"""Name under which progress is reported."""
OF_LABELS = {
    "data.label_share_lowest": "a text holds spans of several types; the figures by type say how many there are",
    "data.conflicting_share": "a text has spans, and no one label that could conflict",
}
"""Checks of the data that say nothing about spans → why."""


def answer(candidate: Path, test: pd.DataFrame, labels: Sequence[str], stage: str) -> Tagged:
    """The spans that the candidate finds in the test rows.

    Raises:
        InputRefused: The candidate cannot be loaded, or finds what cannot be there.
    """
    own = labels_of(candidate)
    if sorted(own) != sorted(labels):
        problem = f"names {len(own)} entity types that are not the spec's"
        raise InputRefused(candidate / "candidate.json", "labels", problem)
    return Tagged(tuple(labels), spans_in(test), predict_spans(candidate, test["text"].tolist(), stage))


def performance(at: Found) -> None:
    """How well it does, by entities and by characters."""
    findings, at.figures["performance"] = measure_spans(at.answers, at.resampling, at.settings.minimum_group_size)
    at.findings += findings
    types = at.figures["performance"]["labels"]
    if any(kind[measure]["value"] is not None for kind in types for measure in ("recall", "precision")):
        draw_types(types, at.plot("performance", "types"))


def groups(at: Found) -> None:
    """How evenly it does across the groups of each column."""
    at.figures["groups"] = []
    for place, column in enumerate(at.groups):
        members = at.groups_of(column)
        findings, figures = measure_span_groups(
            at.answers, column, members, at.resampling, at.settings.minimum_group_size, at.known_groups(column)
        )
        at.findings += findings
        at.figures["groups"].append(figures)
        if any(group["status"] == "measured" for group in figures["groups"]):
            measures = ("character_f1", "character_recall")
            draw_groups(column, figures["groups"], at.plot("group", f"groups-{place}"), measures)


def baselines(at: Found) -> None:
    """Against the simple tagger."""
    at.figures["baselines"] = []
    train, test = at.parts["train"], at.parts["test"]
    for name in at.settings.baselines:
        findings, figures = measure_span_baseline(
            name,
            train["text"].tolist(),
            spans_in(train),
            test["text"].tolist(),
            at.answers,
            at.resampling,
            at.settings.minimum_group_size,
        )
        at.findings += findings
        at.figures["baselines"].append(figures)


def comparison(at: Found, lists: Lists) -> None:
    """Against the releases that are live; each group of a column by itself."""
    at.figures["comparison"] = []
    groupings = at.groupings("comparison.group_character_f1_change") if at.live else []
    at.compared_groups = {grouping.check: grouping.groups for grouping in groupings}
    for release in at.live:
        findings, figures = compare_spans(
            release, at.answers, at.parts["test"], groupings, at.resampling, at.settings.minimum_group_size
        )
        at.findings += findings
        at.figures["comparison"].append(figures)


def further(at: Found, lists: Lists) -> None:
    """What it finds in texts that nobody wrote, from one more pass over all of them; attacks are for other tasks."""
    questions, tagger = SpanQuestions.of(at, lists), load_model(at.candidate)
    asked = questions.ask()
    found = spans_or_none(at.candidate, asked, FURTHER, tagger)
    questions.measure(at, dict(zip(asked, found, strict=True)), tagger)


def without_labels(at: Found) -> None:
    """Says of checks of the data that are about labels that they do not apply."""
    at.findings = [finding for finding in at.findings if finding.check not in OF_LABELS]
    at.findings += [not_applicable(check, why) for check, why in OF_LABELS.items()]


def keep_answers(at: Found) -> None:
    """Writes predictions.parquet (id, groups, true and found spans; never a text) and classification_report.json."""
    test = at.parts["test"]
    kept = test[["id", *at.groups]].copy()
    kept["spans"] = [dump_spans(spans) for spans in at.answers.actual_N]
    kept["predicted"] = [dump_spans(spans) for spans in at.answers.given_N]
    kept.to_parquet(at.folder / "predictions.parquet", index=False)
    report = {
        row["label"]: {name: row[name]["value"] for name in ("precision", "recall", "f1", "entity_f1")}
        | {"support": row["rows"]}
        for row in at.figures["performance"]["labels"]
    }
    write_json(report, at.folder / "classification_report.json")
