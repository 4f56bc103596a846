"""Energy and carbon of a block of work.

In a virtual machine, and wherever a processor's counters cannot be read, energy is *modelled*: the processor's time
that the process took, times the power at full load that codecarbon has for the processor's name. A cloud's
virtual processor is a part of a chip whose name is often shortened, so such a figure can be wrong by a factor of
several; it tells a long run from a short one. The power that was assumed is given, so that a reader can judge.
Memory is modelled always. Carbon is energy times the yearly average of the country's grid.

Sources: Courty et al., codecarbon; Ember and Our World in Data for the grids; IEA for the world's average.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Literal

from sluicegate.errors import InputRefused

Origin = Literal["measured", "modelled", "absent"]


@dataclass(frozen=True)
class EnergyUse:
    """What a block of work took; all fields are JSON."""

    energy_kwh: float | None
    """Electricity of processor, memory and graphics cards, in kWh; None if it is absent."""
    carbon_kg: float | None
    """Its carbon, in kg CO2 equivalent."""
    seconds: float
    """How long the work took."""
    cpu_model: str
    """The processor's name; several with a comma between."""
    source: Origin
    """`measured` if the processor's own counter was read throughout, `modelled` if not, `absent` if nothing was."""
    country: str
    """ISO 3166 code of three letters; empty if it is not known, and the world's average was taken."""
    carbon_intensity: float | None
    """Carbon of the electricity, in kg CO2 equivalent a kWh."""
    processor_watts: float | None = None
    """Power at full load that the model assumes for the processor; None where it is measured."""
    reason: str = ""
    """Why it is absent."""

    def __add__(self, other: EnergyUse) -> EnergyUse:
        """Both together: the parts of a run that was resumed, or of several processes. With an absent part, absent."""
        energy, carbon = _sum(self.energy_kwh, other.energy_kwh), _sum(self.carbon_kg, other.carbon_kg)
        origins = {self.source, other.source}
        return EnergyUse(
            energy_kwh=energy,
            carbon_kg=carbon,
            seconds=self.seconds + other.seconds,
            cpu_model=_both(self.cpu_model, other.cpu_model),
            source=next(origin for origin in ("absent", "modelled", "measured") if origin in origins),
            country=_both(self.country, other.country),
            carbon_intensity=carbon / energy if energy and carbon is not None else self.carbon_intensity,
            processor_watts=self.processor_watts if self.processor_watts == other.processor_watts else None,
            reason=self.reason or other.reason,
        )

    def __str__(self) -> str:
        if self.energy_kwh is None or self.carbon_kg is None or self.carbon_intensity is None:
            return f"energy not known: {self.reason}"
        where = self.country or "the world's average, for want of a country"
        how = f", at {self.processor_watts:g} W" if self.processor_watts is not None else ""
        return (
            f"{self.energy_kwh:.3g} kWh ({self.source}{how}), {self.carbon_kg:.3g} kg CO2e "
            f"({self.carbon_intensity:.3g} kg a kWh: {where})"
        )


def not_counted(reason: str, seconds: float = 0.0) -> EnergyUse:
    """What is said of work that was not counted, for this reason."""
    return EnergyUse(None, None, seconds, "", "absent", "", None, reason=reason)


def check_country(country: str) -> None:
    """Whether the carbon of a country's electricity is known; ``""`` stands for the world.

    Raises:
        InputRefused: It is not.
    """
    from sluicegate.training.offline_tracker import intensity

    if intensity(country) is None:
        problem = f"{country!r} is no country of known carbon intensity"
        raise InputRefused("training", "country", problem, "give its ISO 3166 code of three letters, such as DEU")


class EnergyMeter(AbstractContextManager["EnergyMeter"]):
    """Counts the energy of the block that it is the context of.

    A look at the hardware, once a process, begins when the meter is made, runs beside the work, and is waited for at
    the end of the block. A thread of its own samples every 15 seconds. What goes wrong makes the figure absent, and
    nothing else.

    Args:
        country: ISO 3166 code of three letters; empty for the world's average.
        before: What earlier tries of the same run took; it is added.

    Raises:
        InputRefused: The country's carbon intensity is not known.
    """

    def __init__(self, country: str = "", *, before: EnergyUse | None = None) -> None:
        from sluicegate.training.offline_tracker import Tracker

        check_country(country)
        self._country, self._before = country, before
        self._tracker = Tracker()
        self._started = time.perf_counter()
        self._final: EnergyUse | None = None

    def __enter__(self) -> EnergyMeter:
        self._started = time.perf_counter()
        self._tracker.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._final = self.reading()
        self._tracker.end()

    def known(self) -> EnergyUse | None:
        """As `reading`, without waiting: what earlier tries took, if any did, until the hardware is known."""
        return self.reading() if self._tracker.has_looked else self._before

    def reading(self) -> EnergyUse:
        """What was taken until now, or in the whole block once it is left; earlier tries included."""
        if self._final is not None:
            return self._final
        now = self._now()
        return self._before + now if self._before is not None else now

    @property
    def sees_the_machine(self) -> bool:
        """Whether what it reads is of all that runs on the machine, not of this process alone."""
        return self._tracker.sees_the_machine

    def _now(self) -> EnergyUse:
        from sluicegate.training.offline_tracker import intensity

        seconds, tracker = time.perf_counter() - self._started, self._tracker
        energy = tracker.energy_kwh()
        if tracker.failure:
            return replace(not_counted(tracker.failure, seconds), country=self._country)
        carbon_intensity = intensity(self._country)
        assert carbon_intensity is not None
        return EnergyUse(
            energy_kwh=energy,
            carbon_kg=energy * carbon_intensity,
            seconds=seconds,
            cpu_model=tracker.cpu_model,
            source="measured" if tracker.is_measured else "modelled",
            country=self._country,
            carbon_intensity=carbon_intensity,
            processor_watts=tracker.processor_watts,
        )


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _both(a: str, b: str) -> str:
    """Each name once; the world, which has none, beside a country gives the country's name and the world's."""
    if a == b:
        return a
    return ", ".join(dict.fromkeys([*(a or "not known").split(", "), *(b or "not known").split(", ")]))
