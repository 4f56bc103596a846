"""How much better the candidate gets when it may pass on the rows that it is least sure of.

Its confidence is the probability of the label that it gives. Coverage is the share of rows that it
answers, most confident first; the risk at a coverage is the share of wrong answers among those.
Rows of equal confidence cannot be put in order and count as one threshold.

Source: El-Yaniv & Wiener, On the Foundations of Noise-free Selective Classification (2010);
Geifman & El-Yaniv, Selective Classification for Deep Neural Networks (2017).

Shapes: R rounds, N rows, T thresholds (runs of equal confidence).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Behind, Estimate, Floats, Resampling
from sluicegate.evidence.selective_catalogue import COVERAGES
from sluicegate.evidence.usable import why_unusable

_CURVE = tuple(range(5, 101, 5))
_AREA = "risk_coverage_area"


def measure_selective(
    predictions: Predictions, resampling: Resampling, smallest: int
) -> tuple[list[Finding], dict[str, Any]]:
    """Area under the risk-coverage curve, accuracy at `COVERAGES`, and the curve as JSON.

    Args:
        predictions: The candidate's answers.
        resampling: Settings of the bootstrap over the same rows.
        smallest: Of fewer rows than that nothing is concluded.
    """
    of = {_AREA: resampling.rows} | {f"accuracy_at_{p}": resampling.rows * p // 100 for p in COVERAGES}
    if why := _why_not(predictions, smallest):
        findings = [not_evaluated(f"performance.{name}", why, n=rows) for name, rows in of.items()]
        return findings, {"status": "not_evaluated", "why": why, "rows": len(predictions.actual_N)}
    right_N = predictions.given_N == predictions.actual_N
    confidence_N = predictions.probabilities_NL.max(1)
    behind = {
        f"accuracy_at_{percent}": Behind((resampling.rows * percent // 100,), chosen=True) for percent in range(101)
    }
    estimates = resampling.estimates(lambda weights_RN: _statistics(weights_RN, right_N, confidence_N), behind)
    findings = [_finding(name, rows, estimates, resampling, smallest) for name, rows in of.items()]
    return findings, {
        "status": "measured",
        "rows": resampling.rows,
        "seed": resampling.seed,
        "confidence": resampling.confidence,
        _AREA: estimates[_AREA].to_json(),
        "curve": [
            {"coverage": percent / 100, "risk": _complement(estimates[f"accuracy_at_{percent}"])} for percent in _CURVE
        ],
    }


def _finding(name: str, rows: int, estimates: Mapping[str, Estimate], resampling: Resampling, smallest: int) -> Finding:
    """What is told of so many rows."""
    check = f"performance.{name}"
    if rows < smallest:
        return not_evaluated(check, f"{rows} rows are as confident, fewer than {smallest}", n=rows)
    return estimated(check, estimates[name], resampling, n=rows)


def risk_coverage_area(weights_RN: Floats, right_N: NDArray[np.bool_], confidence_N: Floats) -> Floats:
    """Mean over all rows of the risk at the coverage that just takes the row in, shape (R,).

    0 is without a mistake; the error rate is what confidences without meaning give. NaN without rows.
    """
    return _area(*_so_far(weights_RN, right_N, confidence_N))


def accuracy_at_coverage(
    weights_RN: Floats, right_N: NDArray[np.bool_], confidence_N: Floats, coverage: float
) -> Floats:
    """Share of right answers among the most confident `coverage` of the rows, shape (R,); NaN without rows.

    Where the border falls inside a run of equal confidence, the part of the run that is needed counts with
    the run's own share of right answers, which is what drawing that many of its rows gives on average.
    """
    return _accuracy_at(*_so_far(weights_RN, right_N, confidence_N), coverage)


def _statistics(weights_RN: Floats, right_N: NDArray[np.bool_], confidence_N: Floats) -> dict[str, Floats]:
    so_far = _so_far(weights_RN, right_N, confidence_N)
    return {
        _AREA: _area(*so_far),
        **{f"accuracy_at_{percent}": _accuracy_at(*so_far, percent / 100) for percent in _CURVE},
    }


def _so_far(weights_RN: Floats, right_N: NDArray[np.bool_], confidence_N: Floats) -> tuple[Floats, Floats]:
    """Weight of all rows, and of the right ones, down to each confidence from the highest; each of shape (R, T)."""
    order = np.argsort(-confidence_N, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(confidence_N[order]) != 0])
    drawn_RN = weights_RN[:, order]
    rows_RT: Floats = np.add.reduceat(drawn_RN, starts, axis=1).cumsum(1)
    hits_RT: Floats = np.add.reduceat(drawn_RN * right_N[order], starts, axis=1).cumsum(1)
    return rows_RT, hits_RT


def _area(rows_RT: Floats, hits_RT: Floats) -> Floats:
    risk_RT = 1 - np.divide(hits_RT, rows_RT, out=np.ones_like(rows_RT), where=rows_RT > 0)
    taken_in_RT = np.diff(rows_RT, axis=1, prepend=0)
    return _ratio((taken_in_RT * risk_RT).sum(1), rows_RT[:, -1])


def _accuracy_at(rows_RT: Floats, hits_RT: Floats, coverage: float) -> Floats:
    wanted_R = coverage * rows_RT[:, -1]
    border_R = (rows_RT >= wanted_R[:, None] * (1 - 1e-12)).argmax(1)  # the threshold in which the border falls
    each, inside_R = np.arange(len(border_R)), border_R > 0
    rows_before_R = np.where(inside_R, rows_RT[each, border_R - 1], 0)
    hits_before_R = np.where(inside_R, hits_RT[each, border_R - 1], 0)
    part_R = _ratio(wanted_R - rows_before_R, rows_RT[each, border_R] - rows_before_R)
    return _ratio(hits_before_R + part_R * (hits_RT[each, border_R] - hits_before_R), wanted_R)


def _ratio(part_R: Floats, whole_R: Floats) -> Floats:
    """`part_R` / `whole_R`, NaN where there is no whole."""
    ratio_R: Floats = np.divide(part_R, whole_R, out=np.full(len(whole_R), np.nan), where=whole_R > 0)
    return ratio_R


def _why_not(predictions: Predictions, smallest: int) -> str:
    if why := why_unusable(predictions, smallest):
        return why
    if np.ptp(predictions.probabilities_NL.max(1)) == 0:
        return "the model is equally sure of every row, so none goes to a person first"
    return ""


def _complement(accuracy: Estimate) -> dict[str, float | list[float] | None]:
    interval = accuracy.interval and (1 - accuracy.interval[1], 1 - accuracy.interval[0])
    return Estimate(1 - accuracy.value, interval).to_json()
