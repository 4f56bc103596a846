"""A spec with all of robustness and fairness, from its rows to the dossier and MLflow."""

from __future__ import annotations

from pathlib import Path

import pytest
from registry_fixtures import House

from sluicegate.evidence.dossier import load_dossier
from sluicegate.pipeline import (
    Steps,
    clean,
    evaluate,
    fetch_inputs,
    fine_tune,
    pack,
    prepare,
    read_source,
    scrub,
    split,
    validate,
)
from sluicegate.registry import archive, tracking

CHANGES = {
    "training.epochs": 1,
    "training.country": "FRA",
    "training.robustness": {"adversarial": {"kind": "fgm", "radius": 0.1}, "noise": {"typos": 0.05}},
    "training.fairness": {
        "reweigh": ["shop"],
        "counterfactual": {"pairs": ["own.tsv"]},
        "thresholds": {"criterion": "demographic-parity", "group": "shop", "limit": 0.5, "minimum_group_size": 5},
    },
}


@pytest.mark.slow
def test_what_was_done_and_what_it_took_is_in_the_dossier_and_in_mlflow(house: House, small_world: Path) -> None:
    own = small_world / "own.tsv"
    own.write_text("film\tbook\n", encoding="utf-8")
    build = prepare(house.home, small_world / "spec.yaml", CHANGES, {"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"})
    inputs, source = fetch_inputs(build), read_source(build)
    validated = validate(build, source)
    scrubbed = scrub(build, inputs, validated)
    cleaned = clean(build, scrubbed)
    parts = split(build, cleaned)
    trained = fine_tune(build, inputs, parts)
    steps = Steps(source, validated, scrubbed, cleaned, parts, parts, trained)
    dossier = archive.dossier(house.home, evaluate(build, inputs, steps, pack(build, trained)))
    found = load_dossier(dossier)

    energy, carbon = found.find("footprint.training_energy"), found.find("footprint.training_carbon")
    assert energy is not None
    assert carbon is not None
    assert energy.status == carbon.status == "measured"
    assert energy.unit in ("kWh (modelled)", "kWh (measured)")
    fairness = found.lineage["fairness"]
    assert fairness["counterfactual"]["copies"] > 0
    assert set(fairness["thresholds"]["before"]["groups"]) == {"north", "south"}
    page = (dossier / "index.html").read_text(encoding="utf-8")
    assert "Training rows were weighed by shop and label" in page
    assert "On the validation rows, the difference between groups of shop (demographic-parity, “good”)" in page
    assert "Its training took " in page

    client = tracking.connect(house.home)
    (run,) = client.search_runs([client.get_experiment_by_name("small-world-candidate").experiment_id])
    assert run.data.metrics["validation_disparity"] == pytest.approx(fairness["thresholds"]["disparity"])
    of = energy.unit.split("(")[1].rstrip(")")
    assert run.data.metrics[f"training_energy_kwh_{of}"] == pytest.approx(energy.value)
    assert run.data.params["country"] == "FRA"

    own.write_text("film\tsong\n", encoding="utf-8")
    assert fine_tune(build, inputs, parts).key != trained.key  # other pairs, another training
