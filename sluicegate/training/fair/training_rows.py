"""The training rows as the spec's fairness section wants them: with copies, and with weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.errors import InputRefused
from sluicegate.spec.fairness import Fairness
from sluicegate.terms.term_pairs import SHIPPED_NAMES, SHIPPED_WORDS, read_pairs
from sluicegate.training.fair.augmentation import write_augmented
from sluicegate.training.fair.counterfactual import Exchange
from sluicegate.training.fair.reweighing import Reweighing, reweigh, weights_of


@dataclass(frozen=True)
class FairRows:
    """Rows to train on."""

    path: Path
    """Parquet, with the copies."""
    weights_N: NDArray[np.float32] | None
    """Weight of each row, in the file's order; None where all weigh alike."""
    report: dict[str, Any] = field(default_factory=dict)
    """What was done, as JSON; no text."""


def fair_rows(train: Path, section: Fairness, pairs: Sequence[Path], folder: Path) -> FairRows:
    """Adds the copies, then weighs all rows; without either, the rows are as they were.

    Args:
        train: The training rows, Parquet.
        section: The spec's section.
        pairs: The files of `section.counterfactual.pairs`.
        folder: Where the rows with their copies go.

    Raises:
        InputRefused: A file cannot be read or is broken, lacks a column, or no two rows differ in their group.
    """
    path, weights_N, report = train, None, dict[str, Any]()
    if section.counterfactual is not None:
        if len(pairs) != (named := len(section.counterfactual.pairs)):
            problem = f"names {named} files, and {len(pairs)} are here"
            raise InputRefused("training", "fairness.counterfactual.pairs", problem)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "augmented.parquet"
        exchange = Exchange(read_pairs([*pairs, *SHIPPED_WORDS, *SHIPPED_NAMES]))
        report["counterfactual"] = asdict(write_augmented(train, path, exchange))
    if section.reweigh is not None:
        found = reweigh(path, section.reweigh)
        weights_N = weights_of(path, section.reweigh, found)
        report["reweighing"] = _as_json(section.reweigh, found)
    return FairRows(path, weights_N, report)


def _as_json(groups: Sequence[str], found: Reweighing) -> dict[str, Any]:
    weights: dict[str, dict[str, float]] = {}
    for (group, label), weight in sorted(found.weights.items()):
        weights.setdefault(" & ".join(group), {})[label] = round(weight, 6)
    return {
        "groups": list(groups),
        "label_share_gap": {"before": found.gap_before, "after": found.gap_after},
        "weights": weights,
        "rows": found.rows,
        "without_group": found.without_group,
        "absent_cells": found.absent_cells,
    }
