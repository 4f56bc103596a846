"""The tagger's own spec, made small, from generated texts to an open gate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from registry_fixtures import House

from sluicegate.evidence.dossier import load_dossier
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
from sluicegate.registry import archive

SPEC = Path(__file__).resolve().parents[3] / "deployments" / "pii-tagger.yaml"
SMALL = {
    "data.source.texts": 1500,
    "split.test_share": 0.1,
    "split.validation_share": 0.1,
    "training.base_model": {"scratch": {"layers": 1, "hidden": 16, "heads": 2, "vocabulary": 1000, "longest": 64}},
    "training.max_length_tokens": 48,
    "training.evaluations_per_epoch": 1,
    "evidence.bootstrap_rounds": 100,
}


@pytest.mark.slow
def test_the_taggers_spec_comes_to_a_gate_like_any_model(house: House) -> None:
    build = prepare(house.home, SPEC, SMALL, {})
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
    gate = open_first_gate(build, candidate, dossier, registered)

    card = json.loads((archive.candidate(house.home, candidate) / "candidate.json").read_text(encoding="utf-8"))
    assert card["task"] == "token-classification"
    found = load_dossier(archive.dossier(house.home, dossier))
    assert found.lineage["base_model"]["name"].startswith("none: from scratch")
    assert {f.status for f in found.findings if f.check in ("data.scrub_residual", "data.canary_recall")} == {
        "not_applicable"
    }
    assert (gate.model, gate.stage, gate.state) == ("pii-tagger", "internal", "open")
    told = ModelCard.load(archive.dossier(house.home, dossier) / "model_card.md").data
    assert (told.pipeline_tag, told.language) == ("token-classification", ["en", "zh"])
    assert "原文）" not in (archive.dossier(house.home, dossier) / "model_card.zh.md").read_text(encoding="utf-8")
    verdicts = {one.check: one.verdict for one in judge_stage(build, dossier, "internal").verdicts}
    assert verdicts["data.leaked_share"] == "pass"
    assert verdicts["performance.character_recall"] == "fail"  # so small a model learns nothing
