"""A spec that plants canaries, from its rows to the dossier; and what a model that never saw them makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import test_language
from registry_fixtures import House

from sluicegate.evidence.attacks.planted import PlantedTexts
from sluicegate.evidence.baselines import indices_of
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.predictions import labels_of, predict, predict_likelihoods
from sluicegate.evidence.resampling import Resampling
from sluicegate.manifest import digest_of_file
from sluicegate.pipeline import (
    Build,
    Steps,
    clean,
    evaluate,
    fetch_inputs,
    fine_tune,
    pack,
    plant_canaries,
    prepare,
    read_source,
    rows_of,
    scrub,
    split,
    validate,
)
from sluicegate.pipeline.inputs import Inputs
from sluicegate.progress import Progress, listen
from sluicegate.registry import archive
from sluicegate.settings import Home
from sluicegate.steps import Step
from tests import small_world as world

ENVIRON = {"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"}
MEAN = "privacy.canary_exposure_mean"
ROWS = 2000
SCRATCH = {"scratch": {"layers": 1, "hidden": 32, "heads": 2, "vocabulary": 600, "longest": 48}}
OFTEN = {"training_canaries": {"count": 2, "times": 50}}
CLASSIFIER = {
    "training.base_model": SCRATCH,
    "training.max_length_tokens": 48,
    "training.epochs": 1,
    "training.evaluations_per_epoch": 1,  # the best weights are the last ones
    "training.micro_batch_size": 8,
    "hygiene.near_duplicates": None,
}


class Interrupted(Exception):
    """Stands for a kill."""


def interrupt(at: Progress) -> None:
    if at.stage == "fine-tune" and at.done > 12:
        raise Interrupted


def parted(build: Build) -> tuple[Inputs, list[Step]]:
    """The steps up to the split."""
    inputs, source = fetch_inputs(build), read_source(build)
    validated = validate(build, source)
    scrubbed = scrub(build, inputs, validated)
    cleaned = clean(build, scrubbed)
    return inputs, [source, validated, scrubbed, cleaned, split(build, cleaned)]


def exposed(home: Home, candidate: str, drawn: PlantedTexts, task: str) -> float:
    """Mean exposure of the texts to a candidate, in bits."""
    folder = archive.candidate(home, candidate)
    if task == "causal-lm":
        losses_T = predict_likelihoods(folder, drawn.texts, "test").nats_N
    else:
        probabilities_TL = predict(folder, drawn.texts, "test")
        losses_T = drawn.label_losses(probabilities_TL, indices_of(drawn.labels, labels_of(folder)))
    value = drawn.measure(losses_T, Resampling(1, 100, 0.95, 0))[0][0].value
    assert value is not None
    return value


@pytest.mark.slow
@pytest.mark.parametrize("task", ["sequence-classification", "causal-lm"])
def test_a_text_that_was_planted_fifty_times_is_exposed_and_one_that_was_not_is_not(
    house: House, small_world: Path, tmp_path: Path, task: str
) -> None:
    if task == "causal-lm":
        shares = {"split": {"test_share": 0.05, "validation_share": 0.05}}
        spec, given = test_language.SPEC, test_language.settings(tmp_path, task, **shares)
    else:
        world.write_rows(tmp_path / "rows.csv", rows=ROWS)
        source = {"kind": "csv", "path": str(tmp_path / "rows.csv")}
        spec, given = small_world / "spec.yaml", CLASSIFIER | {"data.source": source}
    build = prepare(house.home, spec, given | OFTEN, ENVIRON)
    inputs, steps = parted(build)
    taught = plant_canaries(build, steps[-1])
    trained = fine_tune(build, inputs, taught)
    candidate = pack(build, trained)
    dossier = archive.dossier(house.home, evaluate(build, inputs, Steps(*steps, taught, trained), candidate))

    plain = prepare(house.home, spec, given, ENVIRON)
    without = pack(plain, fine_tune(plain, inputs, plant_canaries(plain, steps[-1])))
    drawn = PlantedTexts.read(taught.folder / "canaries.parquet")
    found = load_dossier(dossier).find(MEAN)
    assert found is not None
    assert found.value == pytest.approx(exposed(house.home, candidate, drawn, task))
    assert found.value > 6
    assert found.value > exposed(house.home, without, drawn, task) + 3
    _is_told(dossier, taught, steps[-1])


def _is_told(dossier: Path, taught: Step, parts: Step) -> None:
    """The dossier counts the split's rows, says what was planted beside them, and shows no canary."""
    lineage = load_dossier(dossier).lineage
    assert lineage["canaries"] == {"texts": 2, "times": 50, "rows": 100, "references": 500, "seed": 0}
    assert lineage["data"]["parts"] == {row["part"]: row["rows"] for row in rows_of(parts)}
    assert lineage["steps"]["taught"] == taught.folder.name
    assert lineage["outputs"]["train"] == digest_of_file(parts.folder / "train.parquet")
    assert lineage["outputs"]["planted"] == digest_of_file(taught.folder / "train.parquet")
    rows, learned = (len(pd.read_parquet(step.folder / "train.parquet")) for step in (parts, taught))
    assert (lineage["data"]["parts"]["train"], learned) == (rows, rows + 100)
    assert not pd.read_parquet(parts.folder / "train.parquet")["id"].str.startswith("canary-").any()
    figures = json.loads((dossier / "data.json").read_text(encoding="utf-8"))
    assert figures["figures"]["rows"]["train"] == rows
    assert "2 made-up texts (canaries) were planted, 50 times each" in (dossier / "model_card.md").read_text("utf-8")
    text = PlantedTexts.read(taught.folder / "canaries.parquet").texts[0]
    shown = [path for path in dossier.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
    assert shown == []


@pytest.fixture
def parts(tmp_path: Path) -> Step:
    for part, rows in (("train", 200), ("validation", 40)):
        table = {
            "id": list(map(str, range(rows))),
            "text": [f"{('lovely', 'dreary')[i % 2]} lamp {i}" for i in range(rows)],
            "label": [("good", "bad")[i % 2] for i in range(rows)],
            "shop": [("north", "south")[i // 2 % 2] for i in range(rows)],
        }
        pd.DataFrame(table).to_parquet(tmp_path / f"{part}.parquet")
    return Step("split", "", tmp_path, "", 0.0, reused=False)


def small(home: Home, small_world: Path, **changes: Any) -> Build:
    given = {"training_canaries": {"count": 4, "times": 5}, "training.micro_batch_size": 8, "training.epochs": 2}
    return prepare(home, small_world / "spec.yaml", given | changes, ENVIRON)


def test_without_a_section_the_parts_are_what_is_taught(house: House, small_world: Path, parts: Step) -> None:
    assert plant_canaries(small(house.home, small_world, training_canaries=None), parts) is parts


def test_a_planted_step_is_found_and_another_seed_is_another(house: House, small_world: Path, parts: Step) -> None:
    first = plant_canaries(small(house.home, small_world), parts)
    again = plant_canaries(small(house.home, small_world), parts)
    assert (again.output, again.reused) == (first.output, True)
    other = plant_canaries(small(house.home, small_world, **{"training_canaries.seed": 1}), parts)
    assert other.output != first.output
    validation = "validation.parquet"
    assert (first.folder / validation).read_bytes() == (parts.folder / validation).read_bytes()


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_weights(
    house: House, small_world: Path, parts: Step, tmp_path: Path, mlflow_template: Path
) -> None:
    build = small(house.home, small_world)
    inputs = fetch_inputs(build)
    with pytest.raises(Interrupted), listen(interrupt):
        fine_tune(build, inputs, plant_canaries(build, parts))
    killed = fine_tune(build, inputs, plant_canaries(build, parts))
    build = small(House(tmp_path / "elsewhere", mlflow_template).home, small_world)
    whole = fine_tune(build, inputs, plant_canaries(build, parts))
    model = "model/model.safetensors"
    assert (killed.folder / model).read_bytes() == (whole.folder / model).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        pytest.param(
            {"training.privacy": {"target_epsilon": 8.0, "delta": 1e-4}}, ("privacy", "rows", 220), id="private"
        ),
        pytest.param(
            {
                "training.fairness": {"reweigh": ["shop"], "counterfactual": True},
                "training.robustness": {"adversarial": {"kind": "fgm", "radius": 0.1}, "noise": {"typos": 0.1}},
            },
            ("fairness", "reweighing", {"rows": 220, "without_group": 20}),
            id="weighed, copied, moved and noisy",
        ),
        pytest.param({"training.class_weights": "balanced"}, ("rows", "train", 220), id="weights by label"),
        pytest.param(
            {"training.engine": {"kind": "torchrun", "processes": 2}}, ("rows", "train", 220), id="two processes"
        ),
    ],
)
def test_canaries_are_rows_like_any_in_every_kind_of_training(
    house: House, small_world: Path, parts: Step, changes: dict[str, Any], counted: tuple[str, str, Any]
) -> None:
    build = small(house.home, small_world, **changes)
    trained = fine_tune(build, fetch_inputs(build), plant_canaries(build, parts))
    summary = json.loads((trained.folder / "summary.json").read_text(encoding="utf-8"))
    section, name, wanted = counted
    found = summary[section][name]
    assert (found if isinstance(wanted, int) else {key: found[key] for key in wanted}) == wanted
    if section == "privacy":
        assert summary["privacy"]["sampling_rate"] == pytest.approx(8 / 220)
    assert np.isfinite(summary["best_validation_macro_f1"])
