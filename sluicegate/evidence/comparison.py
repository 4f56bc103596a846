"""The candidate against each release that is live, on the same rows, and its data against theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.evidence.base_features import BaseFeatures
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.drift import apart_by, drift_findings, measure_drift
from sluicegate.evidence.embedding_drift import CHECKS as OF_EMBEDDINGS
from sluicegate.evidence.embedding_drift import measure_embedding_drift
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.group_changes import Grouping
from sluicegate.evidence.paired import differences
from sluicegate.evidence.parts import read_part, sameness, subjects
from sluicegate.evidence.predictions import Predictions, arrange, labels_of, predict, task_of
from sluicegate.evidence.resampling import UNDEFINED, Estimate, Floats, Resampling
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.usable import why_incomplete, why_too_little
from sluicegate.manifest import verify_folder

OTHER_LABELS = "the live release knows other labels"
_OVERALL = {
    "macro_f1_change": "macro_f1",
    "accuracy_change": "accuracy",
    "disagreement": "disagreement",
    "regressed_share": "regressed",
}


@dataclass(frozen=True)
class LiveRelease:
    """A release that is live in a stage."""

    stage: str
    candidate_digest: str
    candidate: Path
    """Its candidate's folder."""
    split: Path | None
    """The folder with the rows it learned from; None if they are gone."""


def compare(
    live: LiveRelease,
    given_N: Indices | None,
    predictions: Predictions,
    test: pd.DataFrame,
    groupings: Sequence[Grouping],
    resampling: Resampling,
    smallest: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `comparison` against one live release, and its figures as JSON.

    Args:
        live: The release.
        given_N: Index of the label that it gives each test row; None if it knows other labels.
        predictions: The candidate's answers.
        test: The test rows.
        groupings: Groups of which each is compared by itself.
        resampling: Settings of the bootstrap over the test rows.
        smallest: A label with fewer rows is not compared by itself.
    """
    digest = live.candidate_digest
    about = {"against": digest, "stage": live.stage}
    seen = seen_share(live, test)
    why = OTHER_LABELS if given_N is None else why_too_little(predictions, smallest)
    if given_N is None or why:
        names = [*_OVERALL, *(f"f1_change[{label}]" for label in predictions.labels)]
        findings = [not_evaluated(f"comparison.{name}", why, against=digest) for name in names]
        findings += [grouping.not_compared(why, digest) for grouping in groupings]
        return [*findings, seen], {**about, "status": "not_evaluated", "why": why}
    named = {key: of for grouping in groupings for key, of in grouping.named.items()}
    estimates = differences(predictions, given_N, resampling, named)
    findings = [
        estimated(f"comparison.{name}", estimates[key], resampling, against=digest) for name, key in _OVERALL.items()
    ]
    if why := why_incomplete(predictions, smallest):
        findings[0] = not_evaluated(findings[0].check, why, n=len(test), against=digest)
        estimates |= dict.fromkeys(("macro_f1", "other_macro_f1"), UNDEFINED)
    findings += _of_labels(predictions, estimates, resampling, smallest, digest)
    findings += [f for grouping in groupings for f in grouping.findings("macro_f1", estimates, resampling, digest)]
    figures = {key: estimate.to_json() for key, estimate in estimates.items()}
    return [*findings, seen], {**about, "status": "measured", "estimates": figures}


def compare_data(
    live: LiveRelease,
    train: pd.DataFrame,
    groups: Sequence[str],
    seed: int,
    html: Path,
    features: BaseFeatures,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of drift between a live release's training rows and these, and the figures as JSON."""
    digest = live.candidate_digest
    about = {"against": digest, "stage": live.stage}
    apart = apart_by(train)
    every = ("drift.share_previous", f"drift.{apart}_previous", *(f"{check}_previous" for check in OF_EMBEDDINGS))
    if live.split is None:
        why = "the live release's data is no longer kept"
        return _not_compared(every, why, digest), {**about, "why": why}
    previous = read_part(live.split / "train.parquet")
    subject = "text" if apart == "text_auc" else "image"
    if missing := [column for column in (subject, *groups) if column not in previous.columns]:
        why = f"the live release's data has no column {', '.join(missing)}"
        return _not_compared(every, why, digest), {**about, "why": why}
    figures = measure_drift(previous, train, groups, seed, html)
    of_embeddings, figures["embeddings"] = measure_embedding_drift(features, previous, train, seed, digest)
    return [*drift_findings(figures, len(train), seed, digest), *of_embeddings], {**about, **figures}


def _not_compared(names: Sequence[str], why: str, digest: str) -> list[Finding]:
    return [not_evaluated(name, why, unit=check_of(name).unit, against=digest) for name in names]


def answers_of(live: LiveRelease, labels: Sequence[str], test: pd.DataFrame) -> Indices | None:
    """Index of the label that the live release gives each row; None if it knows other labels.

    Raises:
        TamperingDetected: The live release's bytes are not those of its digest.
    """
    digest = live.candidate_digest
    verify_folder(live.candidate, digest, f"candidate {digest[:12]}… live in stage {live.stage}")
    if task_of(live.candidate) != ("sequence-classification" if "text" in test.columns else "image-classification"):
        return None
    found = answers_to(live, labels, subjects(test))
    return None if found is None else found.argmax(1).astype(np.int64)


def answers_to(
    live: LiveRelease, labels: Sequence[str], asked: list[Any], *, keep_improper: bool = False
) -> Floats | None:
    """Probabilities by a live release of the same task for each text, or image, shape (N, L); None if it has others.

    Args:
        live: The release.
        labels: The labels, in the order that is wanted.
        asked: The texts, or the bytes of images.
        keep_improper: As `predict` has it.
    """
    if sorted(labels_of(live.candidate)) != sorted(labels):
        return None
    stage = f"live release {live.candidate_digest[:8]}"
    found = predict(live.candidate, asked, stage, keep_improper=keep_improper)
    return arrange(found, labels_of(live.candidate), labels)


def seen_share(live: LiveRelease, test: pd.DataFrame) -> Finding:
    """The finding that says how many of the test rows the live release learned from."""
    name, digest = "comparison.seen_share", live.candidate_digest
    if live.split is None:
        return not_evaluated(name, "the live release's data is no longer kept", against=digest)
    learned = read_part(live.split / "train.parquet")
    if ("text" in learned.columns) != ("text" in test.columns):
        return not_evaluated(name, "the live release learned from something else", against=digest)
    return measured(name, sameness(test).isin(set(sameness(learned))).mean(), n=len(test), against=digest)


def _of_labels(
    predictions: Predictions, estimates: Mapping[str, Estimate], resampling: Resampling, smallest: int, digest: str
) -> list[Finding]:
    """The change in F1 of each label."""
    found = []
    for index, label in enumerate(predictions.labels):
        name, rows = f"comparison.f1_change[{label}]", int((predictions.actual_N == index).sum())
        if rows < smallest:
            found.append(not_evaluated(name, f"{rows} rows, fewer than {smallest}", n=rows, against=digest))
        else:
            found.append(estimated(name, estimates[f"f1[{label}]"], resampling, n=rows, against=digest))
    return found
