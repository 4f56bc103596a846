"""The energy of a run in several processes, each of which counts its own."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType

from sluicegate.training.energy import EnergyMeter, EnergyUse, not_counted
from sluicegate.training.engine.ranks import Ranks

UNKNOWN = "one of the processes could not count it"


class SharedMeter(AbstractContextManager["SharedMeter"]):
    """As an `EnergyMeter`, over all ranks; where it is read, all of them must read it.

    What a rank models is its own. A processor's counter and a graphics card's see the whole machine, so where there is
    one, the first rank of each machine counts alone. Processor and seconds are those of the rank that asks.

    Args:
        country: ISO 3166 code of three letters; empty for the world's average.
        ranks: This process among the others.
        before: What earlier tries of the run took, all ranks together.

    Raises:
        InputRefused: The country's carbon intensity is not known.
    """

    def __init__(self, country: str, ranks: Ranks, *, before: EnergyUse | None = None) -> None:
        self._ranks, self._before = ranks, before
        self._meter = EnergyMeter(country)

    def __enter__(self) -> SharedMeter:
        self._meter.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._meter.__exit__(kind, error, trace)

    def known(self) -> EnergyUse | None:
        """As `reading`, without waiting: what earlier tries took, if any did, until every rank knows its hardware."""
        own = self._meter.known()
        if self._ranks.total(float(own is None)) or own is None:
            return self._before
        return self._together(own)

    def reading(self) -> EnergyUse:
        """What all ranks have taken until now, or in the whole block once it is left; earlier tries included."""
        return self._together(self._meter.reading())

    def _together(self, own: EnergyUse) -> EnergyUse:
        use = self._summed(own)
        return use if self._before is None else self._before + use

    def _summed(self, own: EnergyUse) -> EnergyUse:
        if self._ranks.world_size == 1:
            return own
        if self._ranks.total(float(own.energy_kwh is None)) or own.energy_kwh is None or own.carbon_kg is None:
            return replace(not_counted(own.reason or UNKNOWN, own.seconds), country=own.country)
        counts = self._ranks.local_rank == 0 or not self._meter.sees_the_machine
        modelled = self._ranks.total(float(counts and own.source == "modelled")) > 0
        return replace(
            own,
            energy_kwh=self._ranks.total(own.energy_kwh * counts),
            carbon_kg=self._ranks.total(own.carbon_kg * counts),
            source="modelled" if modelled else own.source,
        )
