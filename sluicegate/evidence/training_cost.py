"""What the training took, as the training itself reported it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.evidence.finding import Finding, measured, not_evaluated

Energy = Mapping[str, Any]
"""Fields ``energy_kwh``, ``carbon_kg``, ``source`` (measured, modelled, absent), ``country``, ``carbon_intensity``,
``processor_watts`` and ``reason``; empty where nothing was reported."""
_UNITS = {"footprint.training_energy": ("energy_kwh", "kWh"), "footprint.training_carbon": ("carbon_kg", "kg CO2e")}


def training_cost(energy: Energy) -> list[Finding]:
    """Energy and carbon; the unit says whether the figure is measured or modelled."""
    found = []
    for check, (field, unit) in _UNITS.items():
        if energy.get(field) is None:
            why = energy.get("reason") or "the training reported none"
            found.append(not_evaluated(check, str(why), unit=unit))
        else:
            found.append(measured(check, energy[field], unit=f"{unit} ({energy['source']})"))
    return found


def training_cost_in_words(energy: Energy) -> str:
    """A sentence with both figures and what they rest on."""
    if energy.get("energy_kwh") is None or energy.get("carbon_kg") is None:
        return f"What its training took is not known: {energy.get('reason') or 'the training reported nothing'}."
    watts = energy.get("processor_watts")
    assumed = f", at {watts:g} W" if watts is not None else ""
    where = energy.get("country") or "the world's average"
    return (
        f"Its training took {energy['energy_kwh']:.3g} kWh ({energy['source']}{assumed}), "
        f"{energy['carbon_kg']:.3g} kg CO2e at {energy['carbon_intensity']:.3g} kg a kWh ({where})."
    )
