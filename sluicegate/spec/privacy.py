"""A bound on what the trained weights tell about any one training row."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sluicegate.spec.section import Section


class Privacy(Section):
    """DP-SGD: rows are drawn by Poisson sampling, each one's gradient is shortened, and noise is added to the sum.

    Source: Abadi et al., Deep Learning with Differential Privacy (2016).
    """

    target_epsilon: Annotated[float, Field(ge=0.05, le=50)]
    """What all steps together may spend, by both accountants; the noise follows from it."""
    delta: Annotated[float, Field(gt=0, lt=1)]
    """Probability with which epsilon may fail to hold; less than 1 / training rows."""
    max_grad_norm: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """Longest that one row's gradient may be (Euclidean norm)."""
