from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import fft, optimize
from scipy.stats import norm

from sluicegate.errors import InputRefused
from sluicegate.training.private.accounting import PrivacyAccount, account, noise_multiplier_for


def spent(noise: float, rate: float, steps: int, delta: float) -> PrivacyAccount:
    return account(noise_multiplier=noise, sampling_rate=rate, steps=steps, delta=delta, rows=100, max_grad_norm=1.0)


def gaussian_epsilon(noise: float, steps: int, delta: float) -> float:
    """Exact epsilon of the Gaussian mechanism `steps` times over: Balle and Wang, 2018, theorem 8."""
    mu = math.sqrt(steps) / noise

    def excess(epsilon: float) -> float:
        return norm.cdf(mu / 2 - epsilon / mu) - math.exp(epsilon) * norm.cdf(-mu / 2 - epsilon / mu) - delta

    return float(optimize.brentq(excess, 0, 200))


def subsampled_epsilon(noise: float, rate: float, steps: int, delta: float) -> float:
    """Epsilon of the Poisson-sampled Gaussian mechanism, losses rounded to a grid and convolved by FFT.

    Source: Koskela et al., Computing Tight Differential Privacy Guarantees Using FFT (2020). A row is left out: the
    losses are those of (1 − q) N(0, σ²) + q N(1, σ²) against N(0, σ²).
    """
    width, half = 2e-4, 40.0
    grid = np.arange(-half, half, width)
    with np.errstate(invalid="ignore", divide="ignore"):
        reached = noise**2 * np.log((np.exp(grid + width / 2) - 1 + rate) / rate) + 0.5
    reached = np.nan_to_num(reached, nan=-np.inf)
    below = (1 - rate) * norm.cdf(reached / noise) + rate * norm.cdf((reached - 1) / noise)
    mass = np.diff(below, prepend=0.0)
    size, zero = len(grid), len(grid) // 2
    composed = fft.irfft(fft.rfft(np.roll(mass, -zero)) ** steps, n=size)
    losses = np.roll(grid, -zero)

    def excess(epsilon: float) -> float:
        above = losses > epsilon
        return float((composed[above] * -np.expm1(epsilon - losses[above])).sum()) - delta

    return float(optimize.brentq(excess, 0, half / 2))


@pytest.mark.parametrize(
    ("noise", "steps", "delta"),
    [
        pytest.param(1.0, 1, 1e-5, id="one step"),
        pytest.param(4.0, 1, 1e-6, id="one quiet step"),
        pytest.param(100.0, 10_000, 1e-8, id="ten thousand, as in Microsoft's own test of PRV"),
    ],
)
def test_without_sampling_prv_is_the_analytic_gaussian_and_rdp_is_above_it(
    noise: float, steps: int, delta: float
) -> None:
    exact, found = gaussian_epsilon(noise, steps, delta), spent(noise, 1.0, steps, delta)

    assert exact <= found.epsilon_prv <= exact * 1.02 + 0.002
    assert exact <= found.epsilon_rdp <= exact * 1.15


def test_one_gaussian_step_by_rdp_worked_by_hand() -> None:
    # RDP of order a is a / (2 · 1²); epsilon is a/2 + log((a − 1)/a) − (log 1e-5 + log a)/(a − 1), least at a = 5.4
    a, delta = 5.4, 1e-5
    by_hand = a / 2 + math.log((a - 1) / a) - (math.log(delta) + math.log(a)) / (a - 1)

    assert by_hand == pytest.approx(4.7285, abs=1e-4)
    assert spent(1.0, 1.0, 1, delta).epsilon_rdp == pytest.approx(by_hand, abs=1e-4)


@pytest.mark.parametrize(
    ("noise", "rate", "steps", "delta"),
    [
        pytest.param(1.12, 256 / 60_000, 14_062, 1e-5, id="MNIST"),
        pytest.param(0.8, 5e-3, 1000, 1e-6, id="as in PRV's README"),
        pytest.param(1.0, 0.05, 200, 1e-5, id="small data"),
        pytest.param(2.0, 0.3, 50, 1e-4, id="high rate"),
    ],
)
def test_prv_agrees_with_an_independent_convolution(noise: float, rate: float, steps: int, delta: float) -> None:
    reference, found = subsampled_epsilon(noise, rate, steps, delta), spent(noise, rate, steps, delta)

    assert found.epsilon_prv == pytest.approx(reference, rel=0.03)
    assert found.epsilon_prv <= found.epsilon_rdp <= 1.5 * reference


def test_the_moments_accountant_published_more_for_mnist() -> None:
    # Bu et al., Deep Learning with Gaussian Differential Privacy (2020), figure 4: 256 of 60,000 rows, noise 1.3,
    # 20 epochs give (1.34, 1e-5) by the moments accountant, RDP under a looser conversion
    found = spent(1.3, 256 / 60_000, round(20 * 60_000 / 256), 1e-5)

    assert 0.75 * 1.34 < found.epsilon_prv < found.epsilon_rdp < 1.34


@settings(max_examples=6)
@given(noise=st.floats(0.6, 5), rate=st.floats(0.001, 0.2), steps=st.integers(1, 300), exponent=st.floats(-7, -3))
def test_epsilon_falls_with_noise_and_delta_and_rises_with_rate_and_steps(
    noise: float, rate: float, steps: int, exponent: float
) -> None:
    delta = 10**exponent

    def epsilons(*given: Any) -> np.ndarray:
        found = spent(*given)
        return np.array([found.epsilon_rdp, found.epsilon_prv])

    # PRV's is an upper bound within 1% of itself or 0.002
    here = epsilons(noise, rate, steps, delta) * 1.03 + 0.004
    assert (epsilons(noise * 1.5, rate, steps, delta) <= here).all()
    assert (epsilons(noise, rate / 2, steps, delta) <= here).all()
    assert (epsilons(noise, rate, max(1, steps // 2), delta) <= here).all()
    assert (epsilons(noise, rate, steps, delta * 5) <= here).all()


@settings(max_examples=4)
@given(epsilon=st.floats(0.05, 20), rate=st.floats(0.005, 0.3), steps=st.integers(1, 500))
def test_the_noise_found_meets_the_target_by_both_accountants_and_hardly_less_would(
    epsilon: float, rate: float, steps: int
) -> None:
    delta = 1e-5
    noise = noise_multiplier_for(epsilon=epsilon, delta=delta, sampling_rate=rate, steps=steps, rows=1000)
    found = spent(noise, rate, steps, delta)

    assert max(found.epsilon_rdp, found.epsilon_prv) <= epsilon
    if noise > 0.21:
        less = spent(noise * 0.99, rate, steps, delta)
        assert max(less.epsilon_rdp, less.epsilon_prv) > epsilon


def test_opacus_finds_the_same_noise() -> None:
    from opacus.accountants.utils import get_noise_multiplier

    theirs = get_noise_multiplier(
        target_epsilon=3.0, target_delta=1e-5, sample_rate=0.02, steps=500, accountant="rdp", epsilon_tolerance=1e-3
    )

    assert noise_multiplier_for(epsilon=3.0, delta=1e-5, sampling_rate=0.02, steps=500, rows=9000) == pytest.approx(
        theirs, rel=2e-3
    )


def test_no_step_spends_nothing() -> None:
    assert (spent(1.0, 0.1, 0, 1e-5).epsilon_rdp, spent(1.0, 0.1, 0, 1e-5).epsilon_prv) == (0.0, 0.0)


def test_an_account_goes_through_json() -> None:
    found = spent(1.0, 0.1, 10, 1e-5)

    assert PrivacyAccount(**json.loads(json.dumps(found.to_dict()))) == found


@pytest.mark.parametrize(
    ("field", "changed", "said"),
    [
        pytest.param("target_epsilon", {"epsilon": 0.0}, "is 0, not in [0.05, 50]", id="epsilon of 0"),
        pytest.param("target_epsilon", {"epsilon": 51.0}, "is 51, not in", id="epsilon too large"),
        pytest.param("target_epsilon", {"epsilon": float("nan")}, "is nan, not in", id="no epsilon"),
        pytest.param("delta", {"delta": 0.0}, "is 0, not above 0", id="delta of 0"),
        pytest.param("delta", {"delta": 0.001}, "under 1 / 1000 training rows", id="delta of one row"),
        pytest.param("delta", {"delta": float("nan")}, "is nan, not above 0", id="no delta"),
        pytest.param("sampling_rate", {"sampling_rate": 1.1}, "is 1.1, not in (0, 1]", id="rate"),
        pytest.param("sampling_rate", {"sampling_rate": 0.0}, "is 0, not in (0, 1]", id="rate of 0"),
        pytest.param("steps", {"steps": 0}, "at least 1 step", id="no steps"),
        pytest.param("steps", {"steps": -1}, "is -1, less than none", id="steps below 0"),
    ],
)
def test_a_target_out_of_range_is_refused_in_one_line(field: str, changed: dict[str, float], said: str) -> None:
    numbers: dict[str, Any] = {"epsilon": 3.0, "delta": 1e-5, "sampling_rate": 0.1, "steps": 10, "rows": 1000}
    with pytest.raises(InputRefused) as refused:
        noise_multiplier_for(**(numbers | changed))

    assert str(refused.value).startswith(f"training.privacy: {field}: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("field", "changed", "said"),
    [
        pytest.param("noise_multiplier", {"noise_multiplier": 0.0}, "is 0, not in", id="no noise"),
        pytest.param("noise_multiplier", {"noise_multiplier": 0.2, "steps": 9999}, "bounds nothing", id="too little"),
        pytest.param("max_grad_norm", {"max_grad_norm": 0.0}, "not a length above 0", id="clip norm of 0"),
        pytest.param("max_grad_norm", {"max_grad_norm": float("inf")}, "not a length above 0", id="no clipping"),
        pytest.param("delta", {"delta": 1e-2}, "under 1 / 1000", id="delta"),
    ],
)
def test_an_account_of_what_bounds_nothing_is_refused(field: str, changed: dict[str, float], said: str) -> None:
    numbers: dict[str, Any] = {
        "noise_multiplier": 1.0, "delta": 1e-5, "sampling_rate": 0.5, "steps": 10, "rows": 1000, "max_grad_norm": 1.0
    }  # fmt: skip
    with pytest.raises(InputRefused) as refused:
        account(**(numbers | changed))

    assert str(refused.value).startswith(f"training.privacy: {field}: ")
    assert said in str(refused.value)
