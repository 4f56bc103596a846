from __future__ import annotations

from typing import Any

import pytest

from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import measured
from sluicegate.evidence.words import amount, data, level


@pytest.mark.parametrize("label", ["weight_gain", "price_drop", "loss_excess"])
def test_a_label_does_not_make_its_figure_a_change(label: str) -> None:
    assert amount(measured(f"performance.f1[{label}]", 0.812)) == amount(measured("performance.f1[other]", 0.812))
    assert amount(measured(f"baseline.macro_f1_gain[{label}]", 0.1)).startswith("+")


def test_a_level_keeps_its_digits() -> None:
    assert [level(confidence) for confidence in (0.95, 0.975, 0.995, 0.9999)] == ["95 %", "97.5 %", "99.5 %", "99.99 %"]


@pytest.mark.parametrize(
    ("near", "said"),
    [
        pytest.param({"pairs_not_compared": 12345}, True, id="some"),
        pytest.param({"pairs_not_compared": 0}, False, id="none"),
        pytest.param({}, False, id="none looked for"),
    ],
)
def test_pairs_that_were_not_compared_are_told(near: dict[str, int], said: bool) -> None:
    figures: dict[str, Any] = {
        "rows": {"train": 3, "validation": 1, "test": 1},
        "labels": {"train": {}},
        "scrubbing": {},
        "hygiene": {"near": near},
        "licences": {},
    }
    sentences = " ".join(data(Dossier.model_construct(), {"data": figures}))
    assert ("12,345 pairs" in sentences) == said
