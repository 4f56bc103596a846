"""What is done again, and what is found, when a spec is run again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from registry_fixtures import House

from sluicegate.evidence.dossier import load_dossier
from sluicegate.pipeline import (
    Steps,
    clean,
    evaluate,
    fetch_inputs,
    fine_tune,
    judge_stage,
    pack,
    plant_canaries,
    prepare,
    read_source,
    scrub,
    split,
    validate,
)
from sluicegate.registry import archive
from tests import small_world as small


def run(house: House, spec: Path) -> tuple[str, str, Steps]:
    """Digest of the dossier, verdict of the first limit, and all steps."""
    build = prepare(house.home, spec, {"training.epochs": 1}, {"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"})
    inputs, source = fetch_inputs(build), read_source(build)
    validated = validate(build, source)
    scrubbed = scrub(build, inputs, validated)
    cleaned = clean(build, scrubbed)
    parts = split(build, cleaned)
    taught = plant_canaries(build, parts)
    steps = Steps(source, validated, scrubbed, cleaned, parts, taught, fine_tune(build, inputs, taught))
    dossier = evaluate(build, inputs, steps, pack(build, steps.trained))
    return dossier, judge_stage(build, dossier, "internal").verdicts[0].verdict, steps


def written(store: Path) -> dict[str, tuple[int, int, int]]:
    """Every file and folder of the steps: inode, time of its last change, size; locks are taken anew each time."""
    found = {path.relative_to(store).as_posix(): path.stat() for path in store.rglob("*") if path.suffix != ".lock"}
    return {name: (stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in found.items()}


@pytest.mark.slow
def test_another_policy_gives_another_verdict_and_no_step_is_done_again(
    house: House, small_world: Path, tmp_path: Path
) -> None:
    world = shutil.copytree(small_world, tmp_path / "world")  # others use the small world too, with its own policy
    spec, store = world / "spec.yaml", house.home.steps
    dossier, verdict, _ = run(house, spec)
    before = written(store)
    assert {name.rpartition("-")[0] for name in before if "/" not in name} >= {"fine-tune", "latency", "evaluate"}

    policy = small.policy() | {"stages": {"internal": [{"check": "data.test_rows", "min": 1e6}]}}
    (world / "policy.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    again, stricter, steps = run(house, spec)

    assert (verdict, stricter) == ("pass", "fail")
    assert again == dossier
    assert all(step.reused for step in vars(steps).values())
    assert written(store) == before

    # measured anew from the same steps, it is the same dossier: times were taken once
    (evaluated,) = store.glob("evaluate-*")
    shutil.rmtree(evaluated)
    assert run(house, spec)[0] == dossier
    latency = load_dossier(archive.dossier(house.home, dossier)).find("footprint.latency")
    assert latency is not None
    assert latency.value is not None
    assert latency.value > 0
