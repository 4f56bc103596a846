"""Energy and carbon of a block of work."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from sluicegate.errors import InputRefused
from sluicegate.training.energy import EnergyMeter, EnergyUse, check_country
from sluicegate.training.offline_tracker import Tracker, intensity


def work(seconds: float) -> int:
    """Keeps one processor busy."""
    end, count = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        count += 1
    return count


def use(energy: float | None, **other: Any) -> EnergyUse:
    carbon = None if energy is None else 0.5 * energy
    fields: dict[str, Any] = {"seconds": 10.0, "cpu_model": "One", "source": "modelled", "country": "", **other}
    return EnergyUse(energy_kwh=energy, carbon_kg=carbon, carbon_intensity=0.5, **fields)


def test_a_busy_block_takes_energy_twice_in_one_process() -> None:
    for _ in range(2):
        with EnergyMeter() as meter:
            work(0.4)
        found = meter.reading()
        assert found.energy_kwh is not None
        assert found.carbon_kg is not None
        assert 0 < found.energy_kwh < 1e-3
        assert found.carbon_kg == pytest.approx(0.475 * found.energy_kwh)
        assert found.seconds >= 0.4
        assert found.source in ("measured", "modelled")
        assert found.cpu_model
        assert meter.reading() == found
        assert EnergyUse(**json.loads(json.dumps(asdict(found)))) == found


def test_a_modelled_figure_is_the_processors_share_of_its_power_and_that_of_memory() -> None:
    for _ in range(3):  # the share is sampled, and others that take the processor away make one sample stray
        before = time.process_time()
        with EnergyMeter() as meter:
            work(1.0)
            tracker = meter._tracker
        busy = time.process_time() - before
        found = meter.reading()
        assert tracker is not None
        if tracker.is_measured:
            pytest.skip("the processor's counter can be read here")
        assert found.processor_watts
        processor = found.processor_watts * busy / psutil.cpu_count() / 3.6e6  # watt-seconds to kWh
        if tracker._total_cpu_energy.kWh == pytest.approx(processor, rel=0.3):
            break
    assert tracker._total_cpu_energy.kWh == pytest.approx(processor, rel=0.3)
    assert found.energy_kwh == pytest.approx(
        tracker._total_cpu_energy.kWh + tracker._total_ram_energy.kWh + tracker._total_gpu_energy.kWh
    )


def test_readings_grow_and_those_of_earlier_tries_are_added() -> None:
    with EnergyMeter() as first:
        work(0.2)
        early = first.reading()
        work(0.2)
    late = first.reading()
    assert early.energy_kwh is not None
    assert late.energy_kwh is not None
    assert 0 < early.energy_kwh < late.energy_kwh
    with EnergyMeter(before=late) as second:
        work(0.2)
    both = second.reading()
    assert both.energy_kwh is not None
    assert late.energy_kwh < both.energy_kwh
    assert both.seconds > late.seconds + 0.2


def test_it_leaves_no_file_no_line_no_thread_and_asks_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not even where settings of codecarbon's ask for it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CODECARBON_ELECTRICITYMAPS_API_TOKEN", "secret")
    monkeypatch.setenv("CODECARBON_CO2_SIGNAL_API_TOKEN", "secret")
    monkeypatch.setenv("CODECARBON_EMISSIONS_ENDPOINT", "http://192.0.2.1/")
    monkeypatch.setenv("CODECARBON_OUTPUT_METHODS", "csv,api")
    monkeypatch.setenv("CODECARBON_COUNTRY_ISO_CODE", "POL")
    monkeypatch.setenv("CODECARBON_FORCE_CPU_POWER", "100000")
    (tmp_path / ".codecarbon.config").write_text("[codecarbon]\nsave_to_file = true\ncountry_iso_code = POL\n")

    def refuse(*args: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    with EnergyMeter() as meter:
        work(0.1)
    found = meter.reading()
    assert (found.country, found.carbon_intensity, found.reason) == ("", pytest.approx(0.475), "")
    assert found.processor_watts is None or found.processor_watts < 2000
    assert [path.name for path in tmp_path.iterdir()] == [".codecarbon.config"]
    assert capfd.readouterr() == ("", "")
    time.sleep(0.05)
    assert "energy" not in {thread.name for thread in threading.enumerate()}


def test_what_fails_makes_the_figure_absent_and_the_block_goes_on(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("no /proc here")

    done = False
    with monkeypatch.context() as broken:
        broken.setattr(psutil.Process, "cpu_times", fail)
        broken.setattr(psutil, "cpu_times", fail)
        broken.setattr(psutil, "virtual_memory", fail)
        with EnergyMeter("DEU", before=use(0.2)) as meter:
            done = True
    found = meter.reading()
    assert done
    assert (found.energy_kwh, found.carbon_kg, found.source) == (None, None, "absent")
    assert found.reason == "OSError: no /proc here"
    assert str(found) == "energy not known: OSError: no /proc here"
    assert capfd.readouterr() == ("", "")


def test_a_block_that_raises_is_counted_and_raises() -> None:
    meter = EnergyMeter()
    with pytest.raises(KeyError), meter:
        raise KeyError
    assert meter.reading().source != "absent"


def test_countries_are_those_of_known_intensity() -> None:
    assert intensity("") == pytest.approx(0.475)
    assert 0.2 < (intensity("DEU") or 0) < 0.6
    assert (intensity("SWE") or 1) < 0.1
    check_country("FRA")
    for country in ("XXX", "de", "Germany"):
        with pytest.raises(InputRefused, match=f"country: '{country}' is no country"):
            EnergyMeter(country)


def test_sums_by_hand() -> None:
    both = use(0.2, country="DEU") + use(0.1, country="FRA", cpu_model="Two", source="measured", processor_watts=5.0)
    assert both.energy_kwh == pytest.approx(0.3)
    assert both.carbon_kg == pytest.approx(0.15)
    assert both.carbon_intensity == pytest.approx(0.5)
    assert (both.seconds, both.cpu_model, both.source) == (20.0, "One, Two", "modelled")
    assert (both.country, both.processor_watts) == ("DEU, FRA", None)
    three = both + use(0.1, country="FRA") + use(0.1)
    assert (three.country, three.energy_kwh) == ("DEU, FRA, not known", pytest.approx(0.5))
    absent = use(0.2) + use(None, source="absent", reason="it broke")
    assert (absent.energy_kwh, absent.source, absent.reason) == (None, "absent", "it broke")


def test_it_says_what_it_is() -> None:
    assert str(use(0.25, processor_watts=8.0)) == (
        "0.25 kWh (modelled, at 8 W), 0.125 kg CO2e (0.5 kg a kWh: the world's average, for want of a country)"
    )
    assert str(use(0.25, source="measured", country="DEU")) == "0.25 kWh (measured), 0.125 kg CO2e (0.5 kg a kWh: DEU)"


def test_a_sample_costs_next_to_nothing() -> None:
    tracker = Tracker()
    tracker.begin()
    started = time.thread_time()
    for _ in range(20):
        tracker._sample()
    tracker.end()
    assert not tracker.failure
    assert (time.thread_time() - started) / 20 < 0.075  # of every 15 s: half a percent at most


BESIDE = """
import threading, time
from sluicegate.training.energy import EnergyMeter
from tests.sluicegate.training.test_energy import work

meter = EnergyMeter()
with meter:
    cpu, early = time.process_time(), meter.known()
    work(0.5)
    cpu = time.process_time() - cpu
found = meter.reading()
names = {thread.name for thread in threading.enumerate()}
counted = meter._tracker._total_cpu_energy.kWh
print(early, found.source, found.processor_watts, counted, cpu, "energy look" in names, meter.known() == found)
"""
NAMED = """
import cpuinfo
from sluicegate.training.energy import EnergyMeter

def ask():
    raise AssertionError("py-cpuinfo was asked")

cpuinfo.get_cpu_info = ask
with EnergyMeter() as meter:
    pass
assert cpuinfo.get_cpu_info is ask
print(meter.reading().cpu_model)
"""


def test_the_look_at_the_hardware_runs_beside_work_which_counts_from_its_beginning(tmp_path: Path) -> None:
    slow = tmp_path / "lscpu"  # codecarbon runs it
    slow.write_text("#!/bin/sh\nsleep 1.5\necho 'Socket(s): 1'\n")
    slow.chmod(0o755)
    path = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [sys.executable, "-P", "-c", BESIDE]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=path)
    early, source, watts, counted, cpu, looks, known = done.stdout.split()
    assert (early, looks, known) == ("None", "False", "True")
    if source == "measured":
        pytest.skip("the processor's counter can be read here")
    assert float(counted) > 0.9 * float(watts) * float(cpu) / psutil.cpu_count() / 3.6e6


def test_the_processors_name_is_not_asked_of_a_slow_program_where_linux_tells_it() -> None:
    names = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    if not names:
        pytest.skip("Linux does not tell it here")
    done = subprocess.run([sys.executable, "-P", "-c", NAMED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == names[0].strip()
