"""Fine-tuning as a step that was killed, and goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from registry_fixtures import House

from sluicegate.errors import SpecRefused
from sluicegate.pipeline import Build, fetch_inputs, fine_tune, prepare
from sluicegate.progress import Progress, listen
from sluicegate.steps import Step

ENVIRON = {"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"}
STOPS_AFTER = 15


class Interrupted(Exception):
    """Stands for a kill."""


def build_on(house: House, small_world: Path, engine: dict[str, Any]) -> Build:
    changes = {"training.engine": engine, "training.precision": "fp32", "training.micro_batch_size": 8}
    return prepare(house.home, small_world / "spec.yaml", changes, ENVIRON)


def test_without_ray_a_spec_that_needs_it_is_refused_before_anything_is_read(
    house: House, small_world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(
        SpecRefused, match=r"training.engine: kind: 'ray' needs Ray \(pip install 'sluicegate\[cluster\]'"
    ):
        build_on(house, small_world, {"kind": "ray", "processes": 2})
    with pytest.raises(SpecRefused, match=r"spec: cluster: 'auto' needs Ray \(pip install 'sluicegate\[cluster\]'"):
        prepare(house.home, small_world / "spec.yaml", {"cluster": "auto"}, ENVIRON)


@pytest.fixture
def parts(tmp_path: Path) -> Step:
    for part, rows in (("train", 64), ("validation", 16)):
        texts = [f"{('lovely', 'dreary')[i % 2]} lamp {i}" for i in range(rows)]
        table = {
            "id": list(map(str, range(rows))),
            "text": texts,
            "label": [("good", "bad")[i % 2] for i in range(rows)],
        }
        pd.DataFrame(table).to_parquet(tmp_path / f"{part}.parquet")
    return Step("split", "", tmp_path, "", 0.0, reused=False)


@pytest.mark.slow
def test_a_killed_step_goes_on_with_another_engine_and_its_output_is_found_with_any(
    house: House, small_world: Path, parts: Step
) -> None:
    def interrupt(at: Progress) -> None:
        if at.stage == "fine-tune" and at.done > STOPS_AFTER:
            raise Interrupted

    build = build_on(house, small_world, {"kind": "local"})
    with pytest.raises(Interrupted), listen(interrupt):
        fine_tune(build, fetch_inputs(build), parts)

    seen: list[int] = []
    build = build_on(house, small_world, {"kind": "torchrun", "processes": 2})
    with listen(lambda at: seen.append(at.done)):
        trained = fine_tune(build, fetch_inputs(build), parts)
    summary = json.loads((trained.folder / "summary.json").read_text(encoding="utf-8"))

    assert min(seen) > 10  # from the checkpoint
    assert (summary["processes"], summary["settings"]["engine"]["kind"]) == (2, "torchrun")
    build = build_on(house, small_world, {"kind": "local"})
    again = fine_tune(build, fetch_inputs(build), parts)
    assert (again.key, again.output, again.reused) == (trained.key, trained.output, True)
