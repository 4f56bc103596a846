"""The shipped spec for images, made small, from a table with paths to an open gate; and the table that it ships."""

from __future__ import annotations

import importlib.util
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from huggingface_hub import ModelCard
from PIL import Image
from registry_fixtures import House

from sluicegate.errors import InputRefused
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
from sluicegate.pipeline.build import Build
from sluicegate.registry import archive, tracking
from sluicegate.settings import Home

DEPLOYMENTS = Path(__file__).resolve().parents[3] / "deployments"
SPEC = DEPLOYMENTS / "digits.yaml"
SMALL = {
    "training.base_model": {"scratch": {"layers": 1, "hidden": 32, "heads": 2, "image_size": 8, "patch_size": 4}},
    "hygiene.near_images": {"action": "cluster", "distance": 0},
    "training.epochs": 2,
    "evidence.bootstrap_rounds": 100,
}
SECRET = b"12 Example Street"


def write_images(folder: Path) -> Path:
    """A thousand digits as files of several kinds beside a CSV, every tenth a photograph with metadata."""
    table = pd.read_parquet(DEPLOYMENTS / "digits.parquet").head(1000)
    (folder / "images").mkdir()
    names, noted = [], Image.Exif()
    noted[0x013B] = SECRET.decode()
    for number, content in enumerate(table["image"]):
        with Image.open(io.BytesIO(content)) as image:
            larger = image.resize((16, 16))
            name = f"images/{number}.{'jpg' if number % 10 == 0 else 'png'}"
            larger.save(folder / name, **({"exif": noted, "quality": 95} if number % 10 == 0 else {}))
        names.append(name)
    table.assign(image=names).to_csv(folder / "digits.csv", index=False)
    return folder / "digits.csv"


def built(home: Home, given: dict[str, Any]) -> tuple[Build, Steps, str, str, Any]:
    """The build, its steps, the digests of candidate and dossier, and the gate."""
    build = prepare(home, SPEC, given, {})
    inputs = fetch_inputs(build)
    source = read_source(build)
    validated = validate(build, source)
    scrubbed = scrub(build, inputs, validated)
    cleaned = clean(build, scrubbed)
    parts = split(build, cleaned)
    steps = Steps(source, validated, scrubbed, cleaned, parts, parts, fine_tune(build, inputs, parts))
    candidate = pack(build, steps.trained)
    dossier = evaluate(build, inputs, steps, candidate)
    registered = register(build, steps, candidate, dossier)
    return build, steps, candidate, dossier, open_first_gate(build, candidate, dossier, registered)


@pytest.mark.slow
def test_files_beside_a_table_come_to_a_gate_like_any_rows(house: House, tmp_path: Path) -> None:
    source = {"kind": "csv", "path": str(write_images(tmp_path))}
    build, steps, candidate, dossier, gate = built(house.home, SMALL | {"data.source": source})

    assert (gate.model, gate.stage, gate.state) == ("digits", "internal", "open")
    card = json.loads((archive.candidate(house.home, candidate) / "candidate.json").read_text(encoding="utf-8"))
    assert card == {"labels": [str(digit) for digit in range(10)], "task": "image-classification"}
    report = json.loads((steps.scrubbed.folder / "scrubbing.json").read_text(encoding="utf-8"))
    assert (report["images"], report["with_metadata"], report["metadata"]) == (1000, 100, {"exif": 100})
    for step in (steps.scrubbed, steps.cleaned, steps.parts):
        assert not [path for path in step.folder.glob("*.parquet") if SECRET in path.read_bytes()]
    found = load_dossier(archive.dossier(house.home, dossier))
    assert found.lineage["base_model"]["name"] == (
        "none: from scratch, 1 layers, 32 wide, images of 8 pixels in patches of 4"
    )
    told = ModelCard.load(archive.dossier(house.home, dossier) / "model_card.md").data
    assert (told.pipeline_tag, told.language) == ("image-classification", None)
    assert "原文）" not in (archive.dossier(house.home, dossier) / "model_card.zh.md").read_text(encoding="utf-8")
    verdicts = {one.check: one.verdict for one in judge_stage(build, dossier, "internal").verdicts}
    assert verdicts["data.image_metadata_residual"] == "pass"
    assert verdicts["data.leaked_share"] == "pass"
    assert verdicts["data.test_rows"] == "fail"  # the world is small
    assert "not_evaluated" not in verdicts.values()
    client = tracking.connect(house.home)
    [version] = client.search_model_versions("name = 'digits-candidate'")
    assert "validation_macro_f1" in client.get_run(version.run_id).data.metrics


def test_a_bad_image_ends_the_build_in_one_line(house: House, tmp_path: Path) -> None:
    path = write_images(tmp_path)
    (tmp_path / "images" / "7.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    build = prepare(house.home, SPEC, SMALL | {"data.source": {"kind": "csv", "path": str(path)}}, {})
    with pytest.raises(InputRefused, match=r"line 9, column 'image': is (a damaged|no) image") as refused:
        read_source(build)
    assert "\n" not in str(refused.value)


def test_an_image_that_changed_is_read_again(house: House, tmp_path: Path) -> None:
    path = write_images(tmp_path)
    build = prepare(house.home, SPEC, SMALL | {"data.source": {"kind": "csv", "path": str(path)}}, {})
    first = read_source(build)
    assert read_source(build).folder == first.folder
    (tmp_path / "images" / "7.png").write_bytes((tmp_path / "images" / "8.png").read_bytes())
    assert read_source(build).folder != first.folder


def test_the_shipped_table_is_what_its_script_writes() -> None:
    found = importlib.util.spec_from_file_location("digits", DEPLOYMENTS / "digits.py")
    assert found is not None
    assert found.loader is not None
    script = importlib.util.module_from_spec(found)
    found.loader.exec_module(script)
    assert pq.read_table(DEPLOYMENTS / "digits.parquet").equals(script.digits())
