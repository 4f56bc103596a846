from __future__ import annotations

from typing import Any

import pytest

from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import measured
from sluicegate.evidence.words import amount, data, level, of_measure, span


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


def test_a_share_next_to_nothing_or_to_the_whole_is_told_as_neither() -> None:
    leaked = measured("data.leaked_share", 4 / 9000, n=9000, interval=(0.0001, 0.0011), confidence=0.95)
    caught = measured("data.canary_recall", 8997 / 9000, n=9000, interval=(0.9988, 0.9998), confidence=0.95)
    assert (amount(leaked), span(leaked)) == ("<0.001", "<0.001 to 0.001")
    assert (amount(caught), span(caught)) == (">0.999", "0.999 to >0.999")
    assert amount(measured("robustness.macro_f1_drop[swap]", 0.0004)) == "<+0.001"


def test_bits_per_byte_are_no_share() -> None:
    assert of_measure(0.9998, "bits_per_byte") == "1.000"
    assert of_measure(0.9998, "macro_f1") == ">0.999"
