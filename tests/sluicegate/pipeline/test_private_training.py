"""A spec with a private training, from its rows to the dossier, MLflow and the verdict."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from registry_fixtures import House

from sluicegate.errors import InputRefused
from sluicegate.evidence.dossier import load_dossier
from sluicegate.pipeline import (
    Build,
    Steps,
    clean,
    evaluate,
    fetch_inputs,
    fine_tune,
    judge_stage,
    pack,
    prepare,
    read_source,
    scrub,
    split,
    validate,
)
from sluicegate.pipeline.inputs import Inputs
from sluicegate.registry import archive, tracking
from sluicegate.steps import Step

PRIVACY = {"target_epsilon": 8.0, "delta": 1e-4}
LIMITS = [{"check": "privacy.epsilon_prv", "max": 8}, {"check": "privacy.delta", "max": 1e-5}]


def trained(house: House, world: Path, changes: dict[str, Any]) -> tuple[Build, Inputs, Steps]:
    build = prepare(house.home, world / "spec.yaml", changes, {"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"})
    inputs, source = fetch_inputs(build), read_source(build)
    validated = validate(build, source)
    scrubbed = scrub(build, inputs, validated)
    cleaned = clean(build, scrubbed)
    parts: Step = split(build, cleaned)
    return build, inputs, Steps(source, validated, scrubbed, cleaned, parts, parts, fine_tune(build, inputs, parts))


@pytest.mark.slow
def test_what_was_spent_is_in_the_dossier_and_in_mlflow_and_a_policy_holds_it(
    house: House, small_world: Path, tmp_path: Path
) -> None:
    world = shutil.copytree(small_world, tmp_path / "world")  # others use the small world too, with its own policy
    policy = world / "policy.yaml"
    limits = yaml.safe_load(policy.read_text(encoding="utf-8"))
    limits["stages"]["internal"] += LIMITS
    policy.write_text(yaml.safe_dump(limits), encoding="utf-8")
    build, inputs, steps = trained(house, world, {"training.epochs": 1, "training.privacy": PRIVACY})
    digest = evaluate(build, inputs, steps, pack(build, steps.trained))
    found = load_dossier(archive.dossier(house.home, digest))
    account = json.loads((steps.trained.folder / "summary.json").read_text(encoding="utf-8"))["privacy"]

    rdp, prv = found.find("privacy.epsilon_rdp"), found.find("privacy.epsilon_prv")
    assert rdp is not None
    assert prv is not None
    assert (rdp.value, prv.value) == (account["epsilon_rdp"], account["epsilon_prv"])
    assert 0 < prv.value <= 8
    assert prv.unit == "epsilon (delta 0.0001)"
    assert prv.evidence == "privacy.json"
    verdicts = {v.check: v.verdict for v in judge_stage(build, digest, "internal").verdicts}
    assert (verdicts["privacy.epsilon_prv"], verdicts["privacy.delta"]) == ("pass", "fail")
    page = (archive.dossier(house.home, digest) / "index.html").read_text(encoding="utf-8")
    assert f"{account['steps']:,} steps spent an epsilon of" in page

    client = tracking.connect(house.home)
    (run,) = client.search_runs([client.get_experiment_by_name("small-world-candidate").experiment_id])
    assert run.data.metrics["privacy_epsilon_prv"] == pytest.approx(prv.value)
    assert fine_tune(build, inputs, steps.parts).key == steps.trained.key  # found, and nothing spent again
    assert not list(house.home.steps.rglob("seed"))


@pytest.mark.slow
def test_a_delta_that_gives_rows_away_is_refused_when_the_rows_are_known(house: House, small_world: Path) -> None:
    with pytest.raises(
        InputRefused, match=r"training\.privacy: delta: is 0\.1, not above 0 and under 1 / \d+ training"
    ):
        trained(house, small_world, {"training.privacy": {**PRIVACY, "delta": 0.1}})
