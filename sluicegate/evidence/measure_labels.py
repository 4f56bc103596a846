"""What is measured of a classifier alone: its labels, against truth, groups, simple models and live releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.errors import InputRefused
from sluicegate.evidence.attacks.on_classifier import attack_classifier
from sluicegate.evidence.baselines import indices_of, measure_baseline
from sluicegate.evidence.comparison import OTHER_LABELS, answers_of, compare
from sluicegate.evidence.dossier import write_json
from sluicegate.evidence.evidently_report import write_classification_report
from sluicegate.evidence.finding import not_evaluated
from sluicegate.evidence.group_changes import Grouping, of_attribute
from sluicegate.evidence.groups import measure_groups
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.lists import Lists
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.parts import subjects
from sluicegate.evidence.performance import classification_report, measure_performance
from sluicegate.evidence.plots import draw_calibration, draw_confusion, draw_curves, draw_groups
from sluicegate.evidence.prediction_drift import from_release, from_training
from sluicegate.evidence.predictions import Predictions, arrange, labels_of, load_model, predict, write_predictions
from sluicegate.evidence.questions import Questions
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.sampling import sample_rows
from sluicegate.evidence.selective import measure_selective
from sluicegate.evidence.text_questions import TextQuestions
from sluicegate.evidence.usable import why_incomplete

Classified = Measurement[Predictions]
_SCANNED = 2000
"""Training rows that are looked through for mentions of groups; all of a large set would take longer than the rest."""
FURTHER = "evaluate, further questions"
"""Name under which progress is reported."""
_ABOUT_ATTACKS = ("members", "others", "shadows", "delta", "claimed")
"""Of an attack's figures those that tell what was attacked, and nothing of what it found."""


def answer(candidate: Path, test: pd.DataFrame, labels: Sequence[str], stage: str) -> Predictions:
    """The candidate's probabilities for the test rows.

    Raises:
        InputRefused: The candidate cannot be loaded, its answers are no probabilities of the labels, or test rows have
            no label.
    """
    rows = sum(label not in labels for label in test["label"]) if "label" in test.columns else len(test)
    if rows:
        raise InputRefused("test.parquet", "label", f"{rows} of {len(test)} rows have none of the spec's labels")
    arranged = _arranged(candidate, predict(candidate, subjects(test), stage), labels)
    return Predictions(tuple(labels), indices_of(test["label"], labels), arranged)


def _arranged(candidate: Path, probabilities_NL: Floats, labels: Sequence[str]) -> Floats:
    own = labels_of(candidate)
    arranged = arrange(probabilities_NL, own, labels)
    if arranged is None:
        raise InputRefused(candidate / "config.json", "id2label", f"names {len(own)} labels that are not the spec's")
    return arranged


def performance(at: Classified) -> None:
    """How well it does."""
    findings, at.figures["performance"] = measure_performance(at.answers, at.resampling, at.settings.minimum_group_size)
    at.findings += findings
    selective, at.figures["performance"]["selective"] = measure_selective(
        at.answers, at.resampling, at.settings.minimum_group_size
    )
    at.findings += selective
    draw_confusion(at.answers, at.plot("performance", "confusion"))
    draw_curves(at.answers, at.plot("performance", "roc"), at.plot("performance", "pr"))
    draw_calibration(at.answers, at.plot("performance", "calibration"))
    write_classification_report(at.answers, at.folder / "reports" / "classification.html")


def groups(at: Classified) -> None:
    """How evenly it does across the groups of each column."""
    at.figures["groups"] = []
    for place, column in enumerate(at.groups):
        members = at.groups_of(column)
        findings, figures = measure_groups(
            at.answers, column, members, at.resampling, at.settings.minimum_group_size, at.known_groups(column)
        )
        at.findings += findings
        at.figures["groups"].append(figures)
        if any(group["status"] == "measured" for group in figures["groups"]):
            draw_groups(column, figures["groups"], at.plot("group", f"groups-{place}"))


def baselines(at: Classified) -> None:
    """Against simple models."""
    at.figures["baselines"] = []
    for name in at.settings.baselines:
        train, test = at.parts["train"], at.parts["test"]
        findings, figures = measure_baseline(
            name, train, test, at.answers, at.resampling, at.settings.minimum_group_size, at.features
        )
        at.findings += findings
        at.figures["baselines"].append(figures)


def comparison(at: Classified, lists: Lists) -> None:
    """Against the releases that are live; each label, and each group of a column or that texts mention, by itself."""
    at.figures["comparison"], test = [], at.parts["test"]
    groupings = _groupings(at, lists) if at.live else []
    at.compared_groups = {grouping.check: grouping.groups for grouping in groupings}
    for release in at.live:
        given_N = at.of_live[release.candidate_digest] = answers_of(release, at.answers.labels, test)
        findings, figures = compare(
            release, given_N, at.answers, test, groupings, at.resampling, at.settings.minimum_group_size
        )
        at.findings += findings
        at.figures["comparison"].append(figures)


def _groupings(at: Classified, lists: Lists) -> list[Grouping]:
    settings, test = at.settings, at.parts["test"]
    found = at.groupings("comparison.group_macro_f1_change")
    if "text" in test.columns:
        terms = lists.terms_of(settings.languages, settings.identity.attributes)
        texts, check = test["text"].tolist(), "comparison.mentioned_macro_f1_change"
        train = at.parts["train"]["text"]
        learned = train.iloc[sample_rows(len(train), settings.seed, _SCANNED)].tolist()
        found += [
            of_attribute(check, Lexicon(terms, attribute), texts, settings.minimum_group_size, learned)
            for attribute in settings.identity.attributes
        ]
    return [grouping.of_several_labels(at.answers.actual_N) for grouping in found]


def further(at: Classified, lists: Lists) -> None:
    """What it says of training rows, and of texts that nobody wrote, from one more pass over all of them."""
    asked, members = Questions(), _members(at)
    asked.add("members", subjects(members))
    texts = TextQuestions.of(at, lists) if "text" in members.columns else None
    if texts is not None:
        texts.add_to(asked, at)
        asked.add("canaries", at.canaries.texts)
    from sluicegate.evidence.looking_inside import measure_inside  # it needs torch

    model = load_model(at.candidate)

    def answer(questions: list[Any]) -> Floats:
        found = predict(at.candidate, questions, FURTHER, model, keep_improper=True)
        return _arranged(at.candidate, found, at.answers.labels)

    answers = asked.answered(answer)
    if texts is not None:
        texts.measure_robustness(at, answers, lambda asked: np.asarray(model.predict_proba(asked), np.float64))
        texts.measure_identity(at, answers)
        texts.compare_identity(at, answers)
        measure_inside(at, answer)
        _measure_canaries(at, answers["canaries"])
    _drift_of_predictions(at, answers["members"])
    _attack(at, members, answers["members"])


def _members(at: Classified) -> pd.DataFrame:
    """The training rows that are attacked."""
    train = at.parts["train"]
    return train.iloc[sample_rows(len(train), at.settings.seed, at.settings.attacks.rows)]


def _attack(at: Classified, members: pd.DataFrame, probabilities_ML: Floats) -> None:
    settings, test, labels = at.settings, at.parts["test"], at.answers.labels
    beside_O = sample_rows(len(test), settings.seed, 2 * settings.attacks.rows)
    both = pd.concat([members, test.iloc[beside_O]])
    findings, figures = attack_classifier(
        Predictions(labels, indices_of(members["label"], labels), probabilities_ML),
        at.answers,
        at.features.of(both),
        beside_O,
        at.figures["privacy"]["account"],
        at.resampling,
        settings.attacks.shadows,
    )
    if why := why_incomplete(at.answers, 1):
        why = f"{why}, so that labels alone tell training rows apart"
        findings = [not_evaluated(f.check, why, unit=f.unit, n=f.n) if f.status == "measured" else f for f in findings]
        figures = {
            attack: {name: held[name] for name in _ABOUT_ATTACKS if name in held}
            | {"status": "not_evaluated", "why": held.get("why", why)}
            for attack, held in figures.items()
        }
    at.findings += findings
    at.figures["privacy"] |= figures


def _drift_of_predictions(at: Classified, probabilities_ML: Floats) -> None:
    labels, given_N = at.answers.labels, at.answers.given_N
    finding, here = from_training(probabilities_ML, given_N, labels, at.resampling)
    at.findings.append(finding)
    at.figures["drift"]["predictions"] = {"train_test": here, "previous": []}
    for release in at.live:
        digest = release.candidate_digest
        finding, figures = from_release(given_N, at.of_live[digest], labels, at.resampling, digest, OTHER_LABELS)
        at.findings.append(finding)
        at.figures["drift"]["predictions"]["previous"].append(figures)


def _measure_canaries(at: Classified, probabilities_TL: Floats) -> None:
    losses_T = at.canaries.label_losses(probabilities_TL, indices_of(at.canaries.labels, at.answers.labels))
    findings, at.figures["privacy"]["canaries"] = at.canaries.measure(losses_T, at.resampling)
    at.findings += findings


def without_labels(at: Classified) -> None:
    """Nothing: every check of the data applies to texts with labels."""


def keep_answers(at: Classified) -> None:
    """Writes predictions.parquet and classification_report.json."""
    write_predictions(at.parts["test"], at.answers, at.groups, at.folder / "predictions.parquet")
    write_json(classification_report(at.answers), at.folder / "classification_report.json")
