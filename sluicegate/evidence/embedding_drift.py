"""Whether two sets of rows lie apart in the features of the base model, by a test that knows what chance does.

The distance is the maximum mean discrepancy (MMD) with a Gaussian kernel as wide as the median squared distance of
all rows. How far chance alone takes two such sets apart is told by sharing the same rows out anew, again and again.
At most `MOST_ROWS` rows of each set are looked at, so time and memory stay as they are however many there are.

Sources: Gretton et al., A Kernel Two-Sample Test (2012), for the distance; Rabanser et al., Failing Loudly (2019), for
taking it on features of a model; Phipson & Smyth, Permutation P-values Should Never Be Zero (2010), for the p-value.

Shapes: M reference rows, N = M + current rows, D features, P permutations.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sluicegate.evidence.base_features import BaseFeatures
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.drift_rows import why_too_few
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.sampling import sample_rows

CHECKS = ("drift.embedding_distance", "drift.embedding_p_value")
MOST_ROWS = 1000
PERMUTATIONS = 1000
_A_STEP = 250
_ROUNDING = 1e-12


def measure_embedding_drift(
    features: BaseFeatures,
    reference: pd.DataFrame,
    current: pd.DataFrame,
    seed: int,
    against: str | None = None,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of distance and p-value, and the figures as JSON.

    Args:
        features: Where features of rows come from.
        reference: Rows with texts or images.
        current: Rows of the same kind.
        seed: Of the samples, which are the same as others draw by it, and of the permutations.
        against: The live release whose rows the reference ones are; its checks are those of previous data.
    """
    names = CHECKS if against is None else tuple(f"{check}_previous" for check in CHECKS)
    sampled = [table.iloc[sample_rows(len(table), seed, MOST_ROWS)] for table in (reference, current)]
    rows = {"reference": len(sampled[0]), "current": len(sampled[1])}
    both = pd.concat(sampled, ignore_index=True)
    few = why_too_few(len(reference), len(current))
    found = few or _apart(features.of(both), rows["reference"], seed)
    about = {"of": features.named(both), "rows": rows, "seed": seed, "permutations": PERMUTATIONS}
    if isinstance(found, str):
        return [not_evaluated(name, found, unit=check_of(name).unit, n=len(both), against=against) for name in names], {
            **about,
            "why": found,
        }
    findings = [
        measured(name, value, unit=check_of(name).unit, n=len(both), seed=seed, against=against)
        for name, value in zip(names, (found["distance"], found["p_value"]), strict=True)
    ]
    return findings, {**about, **found}


def _apart(features_ND: Floats, references: int, seed: int) -> dict[str, float] | str:
    """Figures, or why there are none."""
    if undefined := int((~np.isfinite(features_ND)).any(1).sum()):
        return f"the features of {undefined} of {len(features_ND)} rows are no finite numbers"
    kernel_NN = gaussian_kernel(features_ND)
    if kernel_NN is None:
        return "most rows have the same features"
    distance, by_chance_P = permutation_test(kernel_NN, references, seed, PERMUTATIONS)
    as_far = int((by_chance_P >= distance - _ROUNDING).sum())
    return {
        "distance": round(distance, 9),
        "p_value": round((1 + as_far) / (1 + PERMUTATIONS), 9),
        "by_chance_95": round(float(np.quantile(by_chance_P, 0.95)), 9),
    }


def gaussian_kernel(features_ND: Floats) -> Floats | None:
    """exp(−d² / median d²) of every two rows, shape (N, N), its diagonal 0; None if the median is 0."""
    centred_ND = features_ND - features_ND.mean(0)
    lengths_N = (centred_ND**2).sum(1)
    squares_NN: Floats = centred_ND @ centred_ND.T
    squares_NN *= -2
    squares_NN += lengths_N[:, None]
    squares_NN += lengths_N
    median = float(np.median(squares_NN[np.triu_indices(len(features_ND), 1)]))
    if median <= _ROUNDING * max(1.0, float(lengths_N.max())):
        return None
    squares_NN /= -median
    kernel_NN = np.exp(np.minimum(squares_NN, 0, out=squares_NN), out=squares_NN)
    np.fill_diagonal(kernel_NN, 0)
    return kernel_NN


def permutation_test(kernel_NN: Floats, references: int, seed: int, permutations: int) -> tuple[float, Floats]:
    """The squared MMD of the first rows and the rest, without bias, and of the rows shared out anew, shape (P,)."""
    random, rows = np.random.default_rng(seed), len(kernel_NN)
    actual_N1 = (np.arange(rows) < references).astype(np.float64)[:, None]
    by_chance = []
    for start in range(0, permutations, _A_STEP):
        shared_out = np.tile(actual_N1, min(_A_STEP, permutations - start))
        by_chance.append(_squared_mmd(kernel_NN, random.permuted(shared_out, axis=0)))
    return float(_squared_mmd(kernel_NN, actual_N1)[0]), np.concatenate(by_chance)


def _squared_mmd(kernel_NN: Floats, references_NP: Floats) -> Floats:
    """The squared MMD of each way to share the rows out, shape (P,), from a kernel without its diagonal."""
    of_rows_N = kernel_NN.sum(1)
    rows, size = len(kernel_NN), references_NP[:, 0].sum()
    within_P = (references_NP * (kernel_NN @ references_NP)).sum(0)
    across_P = of_rows_N @ references_NP - within_P
    beyond_P = of_rows_N.sum() - within_P - 2 * across_P
    others = rows - size
    squared: Floats = (
        within_P / (size * (size - 1)) + beyond_P / (others * (others - 1)) - 2 * across_P / (size * others)
    )
    return squared
