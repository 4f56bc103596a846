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
from sluicegate.evidence.drift import apart_by, measure_drift
from sluicegate.evidence.embedding_drift import CHECKS as OF_EMBEDDINGS
from sluicegate.evidence.embedding_drift import measure_embedding_drift
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.paired import Members, differences
from sluicegate.evidence.parts import read_part, sameness, subjects
from sluicegate.evidence.predictions import Predictions, arrange, labels_of, predict, task_of
from sluicegate.evidence.resampling import Estimate, Resampling
from sluicegate.evidence.scores import Indices
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
    groups: Sequence[str],
    resampling: Resampling,
    smallest: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `comparison` against one live release, and its figures as JSON.

    Args:
        live: The release.
        given_N: Index of the label that it gives each test row; None if it knows other labels.
        predictions: The candidate's answers.
        test: The test rows.
        groups: The group columns.
        resampling: Settings of the bootstrap over the test rows.
        smallest: A group with fewer rows keeps the lowest change of its column from being told.
    """
    digest = live.candidate_digest
    about = {"against": digest, "stage": live.stage}
    seen = seen_share(live, test)
    if given_N is None:
        why = OTHER_LABELS
        names = [*_OVERALL, *(f"group_macro_f1_change_lowest[{column}]" for column in groups)]
        findings = [not_evaluated(f"comparison.{name}", why, against=digest) for name in names]
        return [*findings, seen], {**about, "status": "not_evaluated", "why": why}
    members = {column: _members(test[column].astype(str), smallest) for column in groups}
    named = {f"{column}={name}": of for column, (groups_of, _) in members.items() for name, of in groups_of.items()}
    estimates = differences(predictions, given_N, resampling, named)
    findings = [
        estimated(f"comparison.{name}", estimates[key], resampling, against=digest) for name, key in _OVERALL.items()
    ]
    findings += [
        _lowest_of_group(column, groups_of, why, estimates, resampling, digest)
        for column, (groups_of, why) in members.items()
    ]
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
    names = ("drift.share_previous", f"drift.{apart}_previous")
    every = (*names, *(f"{check}_previous" for check in OF_EMBEDDINGS))
    if live.split is None:
        why = "the live release's data is no longer kept"
        return _not_compared(every, why, digest), {**about, "why": why}
    previous = read_part(live.split / "train.parquet")
    subject = "text" if apart == "text_auc" else "image"
    if missing := [column for column in (subject, *groups) if column not in previous.columns]:
        why = f"the live release's data has no column {', '.join(missing)}"
        return _not_compared(every, why, digest), {**about, "why": why}
    figures = measure_drift(previous, train, groups, seed, html)
    values = (figures["share"], figures[apart])
    findings = [measured(name, value, n=len(train), against=digest) for name, value in zip(names, values, strict=True)]
    of_embeddings, figures["embeddings"] = measure_embedding_drift(features, previous, train, seed, digest)
    return [*findings, *of_embeddings], {**about, **figures}


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
    return answers_to(live, labels, subjects(test))


def answers_to(live: LiveRelease, labels: Sequence[str], asked: list[Any]) -> Indices | None:
    """Index of the label that a live release of the same task gives each text, or image; None if it has others."""
    if sorted(labels_of(live.candidate)) != sorted(labels):
        return None
    found = predict(live.candidate, asked, f"live release {live.candidate_digest[:8]}")
    arranged = arrange(found, labels_of(live.candidate), labels)
    return None if arranged is None else arranged.argmax(1).astype(np.int64)


def seen_share(live: LiveRelease, test: pd.DataFrame) -> Finding:
    """The finding that says how many of the test rows the live release learned from."""
    name, digest = "comparison.seen_share", live.candidate_digest
    if live.split is None:
        return not_evaluated(name, "the live release's data is no longer kept", against=digest)
    learned = read_part(live.split / "train.parquet")
    if ("text" in learned.columns) != ("text" in test.columns):
        return not_evaluated(name, "the live release learned from something else", against=digest)
    return measured(name, sameness(test).isin(set(sameness(learned))).mean(), n=len(test), against=digest)


def _members(groups_N: pd.Series[str], smallest: int) -> tuple[Members, str]:
    """Rows of each group that is large enough, and why the others keep the lowest from being told."""
    sizes = groups_N.value_counts()
    large = {str(name): (groups_N == name).to_numpy() for name in sorted(sizes.index) if sizes[name] >= smallest}
    small = len(sizes) - len(large)
    return large, f"{small} of {len(sizes)} groups have fewer than {smallest} test rows" if small else ""


def _lowest_of_group(
    column: str,
    members: Members,
    why: str,
    estimates: Mapping[str, Estimate],
    resampling: Resampling,
    digest: str,
) -> Finding:
    """The lowest change of any group, with that group's own interval."""
    name = f"comparison.group_macro_f1_change_lowest[{column}]"
    if why:
        return not_evaluated(name, why, against=digest)
    lowest = min((estimates[f"macro_f1[{column}={group}]"] for group in members), key=lambda estimate: estimate.value)
    return estimated(name, lowest, resampling, against=digest)
