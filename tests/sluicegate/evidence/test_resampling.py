from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.evidence import resampling
from sluicegate.evidence.resampling import Behind, Resampled, Resampling


@given(rows=st.integers(1, 40), rounds=st.integers(1, 30), seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_every_round_draws_as_many_rows_as_there_are(rows: int, rounds: int, seed: int) -> None:
    weights = np.concatenate(list(Resampling(rows, rounds, 0.95, seed).weights_RN()))
    assert weights.shape == (rounds, rows)
    assert (weights.sum(1) == rows).all()


def test_the_draw_does_not_depend_on_how_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(Resampling(7, 20, 0.95, 5).weights_RN()))
    monkeypatch.setattr(resampling, "_NUMBERS_AT_ONCE", 21)
    assert (np.concatenate(list(Resampling(7, 20, 0.95, 5).weights_RN())) == whole).all()


def test_the_interval_of_a_share_is_the_one_that_theory_gives() -> None:
    right = np.r_[np.ones(700), np.zeros(300)]
    found = Resampling(1000, 4000, 0.95, 0).estimates(lambda w: {"share": w @ right / w.sum(1)})["share"]
    half = 1.96 * math.sqrt(0.7 * 0.3 / 1000)  # the normal approximation: 0.0284
    assert found.value == pytest.approx(0.7)
    assert found.interval == pytest.approx((0.7 - half, 0.7 + half), abs=0.003)


def test_a_figure_that_many_rounds_leave_undefined_has_no_interval() -> None:
    found = Resampling(3, 200, 0.95, 0).estimates(lambda w: {"first": np.where(w[:, 0] > 0, 1.0, np.nan)})["first"]
    assert found.value == 1.0
    assert found.interval is None  # the first of three rows is missing in 8 of 27 rounds


ALL_BUT_A_FEW = np.r_[np.ones(995), np.full(5, 0.9)]


@pytest.mark.parametrize(
    ("behind", "interval"),
    [
        pytest.param(None, None, id="nothing behind it"),
        pytest.param(Behind((50,)), (0.025 ** (1 / 50), 1.0), id="50 units"),
        pytest.param(Behind((0,)), None, id="no unit"),
    ],
)
def test_a_few_rounds_that_differ_do_not_make_an_interval_of_no_width(
    behind: Behind | None, interval: tuple[float, float] | None
) -> None:
    found = Resampled(1.0, ALL_BUT_A_FEW, behind).estimate(0.95).interval
    assert found == (None if interval is None else pytest.approx(interval))


def test_only_a_figure_of_chosen_units_at_its_end_is_widened() -> None:
    rounds = np.r_[np.ones(900), np.full(100, 0.99)]
    chosen = Behind((50,), chosen=True)
    assert Resampled(1.0, rounds, chosen).estimate(0.95).interval == pytest.approx((0.025 ** (1 / 50), 1.0))
    assert Resampled(0.995, rounds, chosen).estimate(0.95).interval == (0.99, 1.0)
    assert Resampled(1.0, rounds, Behind((50,))).estimate(0.95).interval == (0.99, 1.0)
    assert Resampled(1.0, np.r_[np.ones(500), np.full(500, 0.8)], chosen).estimate(0.95).interval == (0.8, 1.0)
