"""The shipped spec for learning from texts alone, made small, from texts to an open gate."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from huggingface_hub import ModelCard
from registry_fixtures import House

from sluicegate.errors import SpecRefused
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.model_card.front_matter import PIPELINES
from sluicegate.pipeline import (
    Steps,
    clean,
    evaluate,
    fetch_inputs,
    fine_tune,
    judge_stage,
    open_first_gate,
    pack,
    prepare,
    read_source,
    register,
    scrub,
    split,
    validate,
)
from sluicegate.pipeline.build import Build
from sluicegate.registry import archive, tracking
from sluicegate.settings import Home

SPEC = Path(__file__).resolve().parents[3] / "deployments" / "pretrain-en.yaml"
DOMAINS = ("editorials", "movies", "products", "tweets")
SIZE = {"layers": 1, "hidden": 32, "heads": 2, "vocabulary": 500, "longest": 64}
SMALL = {
    "split": {"test_share": 0.1, "validation_share": 0.05},
    "hygiene.near_duplicates": None,  # texts of one grammar resemble each other
    "training.base_model": {"scratch": SIZE},
    "training.max_length_tokens": 48,
    "training.epochs": 4,
    "training.micro_batch_size": 8,
    "training.learning_rate": 0.005,
    "training.head_learning_rate": 0.005,
    "evidence.bootstrap_rounds": 100,
    "evidence.minimum_group_size": 10,
}


def write_texts(path: Path) -> Path:
    draw, rows = random.Random(0), []
    for number in range(1200):
        one, other = (draw.choice(("kettle", "film", "song", "walk", "lamp", "coat")) for _ in range(2))
        words = f"the {one} was {draw.choice(('warm', 'dull', 'clever'))} and the {other} of {number} was not"
        rows.append({"text": words, "domain": DOMAINS[number % 4]})
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def settings(folder: Path, task: str, **changes: Any) -> dict[str, Any]:
    source = {"kind": "csv", "path": str(write_texts(folder / "texts.csv"))}
    return SMALL | {"data.source": source, "training.task": task} | changes


def built(home: Home, given: dict[str, Any]) -> tuple[Build, str, str, Any]:
    """The build, the digests of candidate and dossier, and the gate."""
    build = prepare(home, SPEC, given, {})
    inputs = fetch_inputs(build)
    source = read_source(build)
    validated = validate(build, source)
    scrubbed = scrub(build, inputs, validated)
    cleaned = clean(build, scrubbed)
    parts = split(build, cleaned)
    trained = fine_tune(build, inputs, parts)
    steps = Steps(source, validated, scrubbed, cleaned, parts, parts, trained)
    candidate = pack(build, trained)
    dossier = evaluate(build, inputs, steps, candidate)
    registered = register(build, steps, candidate, dossier)
    return build, candidate, dossier, open_first_gate(build, candidate, dossier, registered)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["masked-lm", "causal-lm"])
def test_texts_alone_come_to_a_gate_like_any_model(house: House, tmp_path: Path, task: str) -> None:
    build, candidate, dossier, gate = built(house.home, settings(tmp_path, task))

    card = json.loads((archive.candidate(house.home, candidate) / "candidate.json").read_text(encoding="utf-8"))
    assert card == {"labels": [], "max_length_tokens": 48, "task": task}
    found = load_dossier(archive.dossier(house.home, dossier))
    assert found.lineage["base_model"]["name"].startswith("none: from scratch")
    assert found.find("data.label_share_lowest").status == "not_applicable"
    assert (gate.model, gate.stage, gate.state) == ("pretrain-en", "internal", "open")
    told = ModelCard.load(archive.dossier(house.home, dossier) / "model_card.md").data
    assert (told.pipeline_tag, told.language) == (PIPELINES[task], ["en"])
    assert "原文）" not in (archive.dossier(house.home, dossier) / "model_card.zh.md").read_text(encoding="utf-8")
    judged = judge_stage(build, dossier, "internal").verdicts
    verdicts = {one.check: one.verdict for one in judged}
    assert verdicts["data.leaked_share"] == "pass"
    assert verdicts["data.test_rows"] == "fail"  # the world is small
    assert verdicts["comparison.bits_per_byte_change"] == "not_applicable"
    assert "not_evaluated" not in verdicts.values()
    if task == "masked-lm":
        over_counts = [one for one in judged if one.check.startswith("baseline.bits_per_byte_gain")]
        assert {(one.verdict, one.blocks) for one in over_counts} == {("not_applicable", False)}
    if task == "causal-lm":
        assert verdicts["baseline.bits_per_byte_gain[unigram]"] == "pass"
    client = tracking.connect(house.home)
    [version] = client.search_model_versions("name = 'pretrain-en-candidate'")
    assert "validation_perplexity" in client.get_run(version.run_id).data.metrics


@pytest.mark.slow
def test_a_candidate_is_trained_further_and_held_against_what_it_came_from(house: House, tmp_path: Path) -> None:
    given = settings(tmp_path, "causal-lm")
    _, candidate, _, _ = built(house.home, given)
    further = {
        "training.base_model": str(archive.candidate(house.home, candidate)),
        "training.epochs": 1,
        "training.learning_rate": 0.0005,
        "evidence.baselines": ["unigram", "trigram", "untuned"],
    }
    _, _, dossier, gate = built(house.home, given | further)
    found = load_dossier(archive.dossier(house.home, dossier))

    gain = found.find("baseline.bits_per_byte_gain[untuned]")
    assert gain.status == "measured"
    assert -0.1 < gain.value < 0.5
    assert gain.interval is not None
    assert gate.state == "open"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param({"data.labels": ["a", "b"], "data.label": "domain"}, "learns from texts alone", id="labels"),
        pytest.param({"training.task": "sequence-classification"}, "`data.labels` is missing", id="no labels"),
        pytest.param({"training.class_weights": "balanced"}, "has none", id="class weights"),
        pytest.param({"data.label": "domain"}, "`labels` must name every label", id="a label without labels"),
    ],
)
def test_labels_and_task_must_fit(house: House, tmp_path: Path, changes: dict[str, Any], line: str) -> None:
    with pytest.raises(SpecRefused, match=line):
        prepare(house.home, SPEC, settings(tmp_path, "masked-lm") | changes, {})
