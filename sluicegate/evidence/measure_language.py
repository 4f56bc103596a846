"""What is measured of a language model alone: how well it tells texts, by group, against counts and live releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sluicegate.evidence.attacks.on_language_model import attack_likelihoods, extract, not_generating
from sluicegate.evidence.finding import not_applicable
from sluicegate.evidence.language_baselines import measure_language_baseline
from sluicegate.evidence.language_comparison import compare_likelihoods
from sluicegate.evidence.language_performance import measure_language, measure_language_groups
from sluicegate.evidence.lists import Lists
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.plots import draw_bits, draw_groups
from sluicegate.evidence.predictions import Likelihoods, predict_likelihoods, task_of
from sluicegate.evidence.sampling import sample_rows

Told = Measurement[Likelihoods]
OF_LABELS = ("data.label_share_lowest", "data.conflicting_share")
"""Checks of the data that are about labels."""


def answer(candidate: Path, test: pd.DataFrame, labels: Sequence[str], stage: str) -> Likelihoods:
    """How likely the candidate finds the test rows.

    Raises:
        InputRefused: The candidate cannot be loaded, or what it says are no likelihoods.
    """
    return predict_likelihoods(candidate, test["text"].tolist(), stage)


def performance(at: Told) -> None:
    """How well it does."""
    findings, at.figures["performance"] = measure_language(at.answers, at.resampling, at.settings.minimum_group_size)
    at.findings += findings
    draw_bits(at.answers, at.plot("performance", "bits"))


def groups(at: Told) -> None:
    """How evenly it does across the groups of each column."""
    at.figures["groups"] = []
    for place, column in enumerate(at.groups):
        members = at.groups_of(column)
        findings, figures = measure_language_groups(
            at.answers, column, members, at.resampling, at.settings.minimum_group_size, at.known_groups(column)
        )
        at.findings += findings
        at.figures["groups"].append(figures)
        if any(group["status"] == "measured" for group in figures["groups"]):
            draw_groups(column, figures["groups"], at.plot("group", f"groups-{place}"), ("bits_per_byte",))


def baselines(at: Told) -> None:
    """Against simple models, and the base model before training."""
    at.figures["baselines"] = []
    for name in at.settings.baselines:
        findings, figures = measure_language_baseline(name, at)
        at.findings += findings
        at.figures["baselines"].append(figures)


def comparison(at: Told, lists: Lists) -> None:
    """Against the releases that are live; each group of a column by itself."""
    at.figures["comparison"] = []
    groupings = at.groupings("comparison.group_bits_per_byte_change") if at.live else []
    at.compared_groups = {grouping.check: grouping.groups for grouping in groupings}
    for release in at.live:
        findings, figures = compare_likelihoods(
            release,
            task_of(at.candidate),
            at.answers,
            at.parts["test"],
            groupings,
            at.resampling,
            at.settings.minimum_group_size,
        )
        at.findings += findings
        at.figures["comparison"].append(figures)


def further(at: Told, lists: Lists) -> None:
    """What it says of training rows, and whether it writes them down."""
    train, test, seed, most = at.parts["train"], at.parts["test"], at.settings.seed, at.settings.attacks.rows
    members = train["text"].iloc[sample_rows(len(train), seed, most)].tolist()
    asked = predict_likelihoods(at.candidate, [*members, *at.canaries.texts], "evaluate, training texts")
    told, nats_T = asked.first(len(members)), asked.nats_N[len(members) :]
    account = at.figures["privacy"]["account"]
    findings, figures = attack_likelihoods(told, at.answers, account, at.resampling)
    if task_of(at.candidate) == "causal-lm":
        extracted, counts = extract(at.candidate, train["text"].tolist(), test["text"].tolist(), at.resampling, most)
    else:
        extracted, counts = not_generating()
    exposed, exposures = at.canaries.measure(nats_T, at.resampling)
    at.findings += [*findings, *exposed, *extracted]
    at.figures["privacy"] |= {**figures, "canaries": exposures, "extraction": counts}


def without_labels(at: Told) -> None:
    """Says of checks of the data that are about labels that they do not apply."""
    at.findings += [not_applicable(check, "the model learns from texts alone") for check in OF_LABELS]


def keep_answers(at: Told) -> None:
    """Writes predictions.parquet: id, groups, and of each text nats, tokens, bytes and unknown bytes; never a text."""
    kept = at.parts["test"][["id", *at.groups]].copy()
    for name, column_N in vars(at.answers).items():
        kept[name.removesuffix("_N")] = column_N
    kept.to_parquet(at.folder / "predictions.parquet", index=False)
