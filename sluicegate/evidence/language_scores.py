"""Figures of a language model as functions of row weights, so that they can be resampled.

Shapes: R rounds, N rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.predictions import Likelihoods
from sluicegate.evidence.resampling import Behind, Estimate, Floats, Resampling


def bits_per_byte(weights_RN: Floats, nats_N: Floats, bytes_N: Floats) -> Floats:
    """Bits by which a byte of text is told, shape (R,); NaN without any byte."""
    return _ratio(weights_RN @ nats_N, weights_RN @ bytes_N) / math.log(2)


def figures(weights_RN: Floats, said: Likelihoods) -> dict[str, Floats]:
    """Name → figure of shape (R,)."""
    return {
        "bits_per_byte": bits_per_byte(weights_RN, said.nats_N, said.bytes_N),
        "perplexity": np.exp(_ratio(weights_RN @ said.told_N, weights_RN @ said.tokens_N)),
        "unknown_share": _ratio(weights_RN @ said.unknown_N, weights_RN @ said.bytes_N),
    }


def differences(
    said: Likelihoods,
    other_N: Floats,
    resampling: Resampling,
    groups: Mapping[str, NDArray[np.bool_]] | None = None,
) -> dict[str, Estimate]:
    """The candidate against another model, resampled together so that the pairing counts.

    Args:
        said: What the candidate says.
        other_N: The other model's negative log-likelihood of each text in nats.
        resampling: Settings of the bootstrap.
        groups: Groups in which the difference is wanted as well: which rows are in each, shape (N,).

    Returns:
        ``other`` (its bits per byte), ``bits_per_byte`` (the other's less the candidate's: above 0 the candidate is
        ahead), ``change`` (the same the other way round), ``less_likely`` (share of rows) and ``change[GROUP]``.
    """
    less_likely_N = (said.nats_N > other_N).astype(np.float64)

    def statistics(weights_RN: Floats) -> dict[str, Floats]:
        own, other = (bits_per_byte(weights_RN, nats_N, said.bytes_N) for nats_N in (said.nats_N, other_N))
        by_group = {
            f"change[{group}]": bits_per_byte(weights_RN[:, of], (said.nats_N - other_N)[of], said.bytes_N[of])
            for group, of in (groups or {}).items()
        }
        share = _ratio(weights_RN @ less_likely_N, weights_RN.sum(1))
        return {"other": other, "bits_per_byte": other - own, "change": own - other, "less_likely": share} | by_group

    return resampling.estimates(statistics, {"less_likely": Behind((resampling.rows,))})


def finding(check: str, estimate: Estimate, resampling: Resampling, against: str | None = None) -> Finding:
    """An estimate as a finding; one that is undefined was not evaluated."""
    unit = check_of(check).unit
    if not np.isfinite(estimate.value):
        return not_evaluated(check, "the texts hold nothing to be told", unit=unit, n=resampling.rows, against=against)
    return estimated(check, estimate, resampling, unit=unit, against=against)


def _ratio(part: Floats, whole: Floats) -> NDArray[np.float64]:
    ratio: Floats = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
    return ratio
