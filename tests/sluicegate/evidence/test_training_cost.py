from __future__ import annotations

from typing import Any

import pytest

from sluicegate.evidence.fairness_words import fairness_in_words
from sluicegate.evidence.training_cost import training_cost, training_cost_in_words

ENERGY = {
    "energy_kwh": 0.25, "carbon_kg": 0.1, "source": "modelled", "country": "", "carbon_intensity": 0.4,
    "processor_watts": 85.0, "reason": "",
}  # fmt: skip
CUT = {
    "label": "good", "criterion": "equalized-odds", "group": "shop", "limit": 0.1, "met": True, "applied": True,
    "disparity_before": 0.5, "disparity": 0.0625, "balanced_accuracy_before": 0.875, "balanced_accuracy": 0.9,
}  # fmt: skip


def test_energy_and_carbon_say_in_their_unit_how_they_came_about() -> None:
    energy, carbon = training_cost(ENERGY)

    assert (energy.check, energy.value, energy.unit) == ("footprint.training_energy", 0.25, "kWh (modelled)")
    assert (carbon.check, carbon.value, carbon.unit) == ("footprint.training_carbon", 0.1, "kg CO2e (modelled)")
    assert training_cost_in_words(ENERGY) == (
        "Its training took 0.25 kWh (modelled, at 85 W), 0.1 kg CO2e at 0.4 kg a kWh (the world's average)."
    )


@pytest.mark.parametrize(
    ("energy", "why"),
    [
        pytest.param({}, "the training reported none", id="nothing reported"),
        pytest.param(
            {"energy_kwh": None, "carbon_kg": None, "source": "absent", "reason": "OSError: no"}, "OSError: no", id="no"
        ),
    ],
)
def test_what_is_not_known_is_not_evaluated_and_says_why(energy: dict[str, Any], why: str) -> None:
    assert [(f.status, f.why) for f in training_cost(energy)] == [("not_evaluated", why)] * 2
    assert training_cost_in_words(energy).startswith("What its training took is not known: ")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, "went from 0.500 to 0.062 by a threshold", id="applied"),
        pytest.param({"applied": False, "disparity_before": 0.05}, "was 0.050, within 0.1, so", id="not needed"),
        pytest.param({"met": False, "applied": False}, "was 0.500; no threshold kept it to 0.1", id="not met"),
    ],
)
def test_the_threshold_is_told_with_before_and_after(changes: dict[str, Any], said: str) -> None:
    (sentence,) = fairness_in_words({"thresholds": {**CUT, **changes}})
    assert "groups of shop (equalized-odds, “good”)" in sentence
    assert said in sentence


def test_weights_and_copies_are_told() -> None:
    weighed = {
        "groups": ["shop"],
        "weights": {"north": {"good": 0.5, "bad": 1.75}},
        "label_share_gap": {"before": 0.375, "after": 0.125},
        "absent_cells": 1,
    }
    said = fairness_in_words({"reweighing": weighed, "counterfactual": {"rows": 2000, "copies": 1200}})

    assert "by shop and label, from 0.50 to 1.75" in said[0]
    assert "in a label's share went from 0.375 to 0.125." in said[0]
    assert "1 pairs of group and label have no row" in said[0]
    assert said[1] == "1,200 copies of 2,000 training rows had terms exchanged."
    assert fairness_in_words({}) == []
