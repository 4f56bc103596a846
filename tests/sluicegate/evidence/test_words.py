from __future__ import annotations

import pytest

from sluicegate.evidence.finding import measured
from sluicegate.evidence.words import amount, level


@pytest.mark.parametrize("label", ["weight_gain", "price_drop", "loss_excess"])
def test_a_label_does_not_make_its_figure_a_change(label: str) -> None:
    assert amount(measured(f"performance.f1[{label}]", 0.812)) == amount(measured("performance.f1[other]", 0.812))
    assert amount(measured(f"baseline.macro_f1_gain[{label}]", 0.1)).startswith("+")


def test_a_level_keeps_its_digits() -> None:
    assert [level(confidence) for confidence in (0.95, 0.975, 0.995, 0.9999)] == ["95 %", "97.5 %", "99.5 %", "99.99 %"]
