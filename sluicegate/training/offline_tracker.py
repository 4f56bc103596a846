"""codecarbon's offline tracker, kept to itself: no file, no network, no line in a log, no settings from elsewhere.

As it comes, it reads ``~/.codecarbon.config``, ``.codecarbon.config`` and variables ``CODECARBON_…``, one of which may
hold a token for an online service; it logs to the terminal; it swallows what goes wrong; and it samples by a chain
of timers, every second, that can outlive it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import cpuinfo
from codecarbon import OfflineEmissionsTracker
from codecarbon.core.emissions import Emissions
from codecarbon.core.units import Energy
from codecarbon.core.util import detect_cpu_model
from codecarbon.external.geography import GeoMetadata
from codecarbon.external.hardware import MODE_CPU_LOAD
from codecarbon.input import DataSource

SAMPLED_EVERY_S = 15.0
_USED_BY_THE_LOOK = ("codecarbon.core.resource_tracker", "pandas")
_PROCESSORS = Path("/proc/cpuinfo")
_COUNTED = frozenset({"intel_rapl", "intel_power_gadget", "windows_emi"})


@dataclass(frozen=True)
class _Moment:
    """When counting began, and what the process had taken until then."""

    clock_s: float = field(default_factory=time.time)
    counter_s: float = field(default_factory=time.perf_counter)
    processor_s: float = field(default_factory=lambda: sum(os.times()[:2]))


class Tracker(OfflineEmissionsTracker):
    """The energy of this process and its children since `begin`; never raises, but says what failed.

    A processor's own counter, where there is one that can be read, counts all that runs on it. A graphics card's
    does too. The look at the hardware runs beside the work. If the work begins before
    it ends, what is modelled is counted from the beginning, and what has a counter from the end of the look on.
    """

    failure: str = ""
    """What went wrong first; empty if nothing did."""

    def __init__(self) -> None:
        self._turn = threading.RLock()
        self._since: _Moment | None = None
        self.has_looked, self._is_over, self._is_starting = False, False, False
        with self._noting():
            for name in _USED_BY_THE_LOOK:
                import_module(name)  # not in the look's thread, beside the imports of others
            super().__init__(
                tracking_mode="process",
                output_methods=[],
                measure_power_secs=SAMPLED_EVERY_S,
                allow_multiple_runs=True,
                log_level=logging.WARNING,  # seen by `silence` alone
            )
        self._look = threading.Thread(target=self._look_at_hardware, name="energy look", daemon=True)
        self._look.start()

    def begin(self) -> None:
        """Starts to count."""
        with self._turn:
            self._since = _Moment()
            if self.has_looked:
                self._count_from(self._since)

    def energy_kwh(self) -> float:
        """Energy counted so far, in kWh; waits for the look at the hardware."""
        self._look.join()
        with self._noting():
            self._measure_power_and_energy_if_stale()
        return 0.0 if self.failure else float(self._total_energy.kWh)

    def end(self) -> None:
        """Counts no more."""
        with self._turn:
            self._is_over = True
            for scheduler in (self._scheduler, self._scheduler_monitor_power):
                if scheduler is not None:
                    scheduler.stop()  # type: ignore[no-untyped-call]

    @property
    def cpu_model(self) -> str:
        """The processor's name."""
        return str(self._conf.get("cpu_model") or "") if not self.failure else ""

    @property
    def is_measured(self) -> bool:
        """Whether the processor's energy comes from a counter; that of graphics cards does, that of memory never."""
        kinds = {getattr(part, "_mode", type(part).__name__) for part in self._hardware}
        return bool(kinds & {*_COUNTED, "AppleSiliconChip", "Raspberry"})

    @property
    def sees_the_machine(self) -> bool:
        """Whether a counter is read, of the processor or of a graphics card, which counts for every process."""
        return self.is_measured or any(type(part).__name__ == "GPU" for part in self._hardware)

    @property
    def processor_watts(self) -> float | None:
        """The processor's power at full load that is assumed; None where it is measured."""
        found = [part._tdp for part in self._hardware if getattr(part, "_tdp", None) is not None]
        return float(found[0]) if found and not self.is_measured else None

    def _look_at_hardware(self) -> None:
        with self._noting():
            _tell_the_processors_name()
            self._ensure_hardware_ready()
        with self._turn:
            self.has_looked = True
            if self._since is not None and not self._is_over:
                self._count_from(self._since)

    def _count_from(self, since: _Moment) -> None:
        with self._noting():
            self._is_starting = True
            self.start()
            self._is_starting = False
            self._last_measured_time = since.counter_s
            for part in self._hardware:
                if getattr(part, "_mode", "") == MODE_CPU_LOAD:
                    part._last_measurement_time = since.clock_s
                    part._last_cpu_times = {os.getpid(): since.processor_s}

    def _set_from_conf(self, *args: Any, **kwargs: Any) -> Any:
        self._external_conf: dict[str, str] = {}
        return super()._set_from_conf(*args, **kwargs)  # type: ignore[no-untyped-call]

    def _initialize_scheduler_state(self) -> None:
        self._scheduler = _Ticker(self._sample)  # type: ignore[assignment]
        self._scheduler_monitor_power = _Ticker(None)  # type: ignore[assignment]

    def _sample(self) -> None:
        with self._noting():
            self._measure_power_and_energy()

    def _measure_power_and_energy(self) -> None:
        with self._turn:
            if not self._is_starting:  # what the start itself measures is counted again from `since`
                super()._measure_power_and_energy()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Keeps the first failure, one that codecarbon has swallowed and logged included."""
        with silence() as swallowed:
            try:
                yield
            except Exception as error:  # whatever it is, a run does not end for want of this figure
                swallowed.append(error)
        if swallowed and not self.failure:
            self.failure = " ".join(f"{type(swallowed[0]).__name__}: {swallowed[0]}".split())[:200]


def _tell_the_processors_name() -> None:
    """Gives codecarbon the processor's name, where Linux tells it.

    It would have it from a program of py-cpuinfo's, which sleeps for a second, and for half a minute on a busy machine.
    """
    try:
        lines = _PROCESSORS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    if named:
        asks, cpuinfo.get_cpu_info = cpuinfo.get_cpu_info, lambda: {"brand_raw": named[0]}
        try:
            detect_cpu_model()  # keeps the answer
        finally:
            cpuinfo.get_cpu_info = asks


class _Ticker:
    """Calls a function every so often from one thread, until it is stopped; without a function, does nothing."""

    def __init__(self, function: Callable[[], None] | None) -> None:
        self._function, self._end = function, threading.Event()
        self._stopped = True

    def start(self) -> None:
        if self._function is not None:
            self._stopped = False
            threading.Thread(target=self._run, name="energy", daemon=True).start()

    def stop(self) -> None:
        self._stopped = True
        self._end.set()

    def _run(self) -> None:
        assert self._function is not None
        while not self._end.wait(SAMPLED_EVERY_S):
            self._function()


@contextmanager
def silence() -> Iterator[list[BaseException]]:
    """Inside the block codecarbon logs nothing; the list holds the errors that it would have logged."""
    logger, swallowed = logging.getLogger("codecarbon"), list[BaseException]()

    def keep(record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            swallowed.append(record.exc_info[1])
        return False

    logger.addFilter(keep)
    try:
        yield swallowed
    finally:
        logger.removeFilter(keep)


def intensity(country: str) -> float | None:
    """Carbon of a country's electricity in kg CO2 equivalent a kWh; the world's average for ``""``.

    None for a country of which codecarbon has no figure.
    """
    source = DataSource()  # type: ignore[no-untyped-call]
    if country and country not in source.get_global_energy_mix_data():
        return None
    place = GeoMetadata(country_iso_code=country or "WORLD")  # codecarbon takes the average for what it does not know
    with silence():
        return float(Emissions(source).get_country_emissions(Energy.from_energy(kWh=1.0), place))
