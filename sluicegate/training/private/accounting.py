"""What a private run spends: epsilon at a delta, by two accountants of Opacus, and the noise that meets a target.

Both give upper bounds, for one row added or left out. RDP: Mironov et al., Rényi Differential Privacy of the Sampled
Gaussian Mechanism (2019), converted by Balle et al., Hypothesis Testing Interpretations and Rényi Differential
Privacy (2020). PRV: Gopi et al., Numerical Composition of Differential Privacy (2021), mostly the tighter one.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from sluicegate.errors import InputRefused

SECTION = "training.privacy"
SMALLEST_EPSILON, LARGEST_EPSILON = 0.05, 50.0
"""Targets outside are refused: noise without end below; above, a bound on odds of e⁵⁰ that says nothing."""
LEAST_NOISE = 0.2
"""A smaller multiplier is refused: what it spends is past any target, and past the accountants' arithmetic."""
_LARGEST_ACCOUNT = 500.0
_MOST_NOISE = 1e6
_CLOSE_ENOUGH = 1.001
"""The noise found is at most this many times the least that would do."""
# Opacus's own orders end at 63, which is too low for an epsilon under 0.2.
_ORDERS = [1 + x / 10 for x in range(1, 100)] + list(range(12, 64)) + [64, 80, 96, 128, 192, 256, 384, 512, 768, 1024]
# The PRV accountant adds its own possible error to epsilon; a smaller one takes more time and memory.
_PRV_ERROR, _LEAST_PRV_ERROR = 1 / 100, 2e-3


@dataclass(frozen=True)
class PrivacyAccount:
    """What a run has spent, and the numbers from which it follows."""

    epsilon_rdp: float
    """Upper bound by Rényi differential privacy; 0 before the first step."""
    epsilon_prv: float
    """Upper bound by privacy loss random variables; 0 before the first step."""
    delta: float
    """Probability left over, in (0, 1)."""
    noise_multiplier: float
    """Standard deviation of the noise on the summed gradients, over `max_grad_norm`."""
    sampling_rate: float
    """Probability with which a row was in a step."""
    steps: int
    """Steps done, empty ones included."""
    max_grad_norm: float
    """Longest that one row's gradient was let be (Euclidean norm)."""

    def to_dict(self) -> dict[str, float | int]:
        """The same as plain values, for JSON."""
        return asdict(self)


def account(
    *, noise_multiplier: float, sampling_rate: float, steps: int, delta: float, rows: int, max_grad_norm: float
) -> PrivacyAccount:
    """What `steps` steps have spent.

    Args:
        noise_multiplier: Standard deviation of the noise, over `max_grad_norm`.
        sampling_rate: Probability with which each row is in a step, drawn by Poisson sampling.
        steps: Steps done.
        delta: Probability left over; under 1 / `rows`.
        rows: Training rows, which are taken to be public.
        max_grad_norm: Longest that one row's gradient may be.

    Raises:
        InputRefused: A value is out of its range, or too far out for the accountants' arithmetic.
    """
    _check_delta(delta, rows)
    _check_mechanism(sampling_rate, steps)
    if not LEAST_NOISE <= noise_multiplier <= _MOST_NOISE:
        problem = f"is {noise_multiplier:g}, not in [{LEAST_NOISE:g}, {_MOST_NOISE:g}]"
        raise InputRefused(SECTION, "noise_multiplier", problem)
    if not (max_grad_norm > 0 and math.isfinite(max_grad_norm)):
        raise InputRefused(SECTION, "max_grad_norm", f"is {max_grad_norm}, not a length above 0")
    epsilon_rdp = epsilon_prv = 0.0
    if steps:
        epsilon_rdp = _epsilon_rdp(noise_multiplier, sampling_rate, steps, delta)
        if epsilon_rdp > _LARGEST_ACCOUNT:
            problem = (
                f"is {noise_multiplier:g}: {steps} steps spend an epsilon of {epsilon_rdp:.0f}, which bounds nothing"
            )
            raise InputRefused(SECTION, "noise_multiplier", problem, "add noise, or draw fewer rows a step")
        epsilon_prv = _epsilon_prv(noise_multiplier, sampling_rate, steps, delta)
    return PrivacyAccount(epsilon_rdp, epsilon_prv, delta, noise_multiplier, sampling_rate, steps, max_grad_norm)


def noise_multiplier_for(*, epsilon: float, delta: float, sampling_rate: float, steps: int, rows: int) -> float:
    """The least noise multiplier, within 0.1%, with which `steps` steps spend at most `epsilon` by both accountants.

    Raises:
        InputRefused: A value is out of its range, or no noise is enough.
    """
    if not SMALLEST_EPSILON <= epsilon <= LARGEST_EPSILON:
        problem = f"is {epsilon:g}, not in [{SMALLEST_EPSILON:g}, {LARGEST_EPSILON:g}]"
        raise InputRefused(SECTION, "target_epsilon", problem)
    _check_delta(delta, rows)
    _check_mechanism(sampling_rate, steps)
    if not steps:
        raise InputRefused(SECTION, "steps", "is 0, at least 1 step is needed")

    found = _least(lambda noise: _epsilon_rdp(noise, sampling_rate, steps, delta), epsilon, LEAST_NOISE)
    if _epsilon_prv(found, sampling_rate, steps, delta) <= epsilon:
        return found
    return _least(lambda noise: _epsilon_prv(noise, sampling_rate, steps, delta), epsilon, found)


def _check_delta(delta: float, rows: int) -> None:
    if not 0 < delta < 1 / max(rows, 1):
        problem = f"is {delta:g}, not above 0 and under 1 / {rows} training rows"
        raise InputRefused(SECTION, "delta", problem, "a larger one allows a row to be given away whole")


def _check_mechanism(sampling_rate: float, steps: int) -> None:
    if not 0 < sampling_rate <= 1:
        raise InputRefused(SECTION, "sampling_rate", f"is {sampling_rate:g}, not in (0, 1]")
    if steps < 0:
        raise InputRefused(SECTION, "steps", f"is {steps}, less than none")


def _least(epsilon_at: Callable[[float], float], target: float, start: float) -> float:
    """The least noise from `start` on at which epsilon, which falls with noise, is at most `target`."""
    low, high = start, start
    while epsilon_at(high) > target:
        low, high = high, 2 * high
        if high > _MOST_NOISE:
            raise InputRefused(
                SECTION, "target_epsilon", f"{target:g} is out of reach with any noise", "train fewer steps"
            )
    while high > low * _CLOSE_ENOUGH:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if epsilon_at(middle) <= target else (middle, high)
    return high


def _epsilon_rdp(noise_multiplier: float, sampling_rate: float, steps: int, delta: float) -> float:
    from opacus.accountants.analysis import rdp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the best order is the first or the last: still a bound
        spent = rdp.compute_rdp(q=sampling_rate, noise_multiplier=noise_multiplier, steps=steps, orders=_ORDERS)
        return max(0.0, float(rdp.get_privacy_spent(orders=_ORDERS, rdp=spent, delta=delta)[0]))


def _epsilon_prv(noise_multiplier: float, sampling_rate: float, steps: int, delta: float) -> float:
    from opacus.accountants import PRVAccountant

    error = max(_PRV_ERROR * _epsilon_rdp(noise_multiplier, sampling_rate, steps, delta), _LEAST_PRV_ERROR)
    accountant = PRVAccountant()
    accountant.history = [(noise_multiplier, sampling_rate, steps)]
    try:
        with np.errstate(divide="ignore", over="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about RDP's orders, which only bound its grid
            return max(0.0, float(accountant.get_epsilon(delta, eps_error=error)))
    except (ValueError, RuntimeError, MemoryError) as failed:
        problem = f"is {noise_multiplier:g}, where the PRV accountant fails at delta {delta:g} ({failed})"
        raise InputRefused(SECTION, "noise_multiplier", problem, "take a larger delta or more noise") from failed
