"""Models for images of some thousand weights: from scratch and from a base, packed, and asked by their loader."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest
from sluicegate.spec import ImageScratch, Training
from sluicegate.spec.pixels import bytes_of, dump_pixels, pixels_of
from sluicegate.training.base_model import load_base
from sluicegate.training.batches import collate
from sluicegate.training.candidate import pack
from sluicegate.training.fine_tuning import fine_tune
from sluicegate.training.image_models import cast_inputs, make_processor, resized, scale_of
from sluicegate.training.image_rows import Scale
from sluicegate.training.recipes import recipe_for
from sluicegate.training.scratch import make_image_base

TASK = "image-classification"
LABELS = ("across", "down", "flat")
SIZE = {"layers": 1, "hidden": 32, "heads": 2, "image_size": 8, "patch_size": 4}


def stripes(label: str, seed: int) -> np.ndarray:
    """An image of one size or another, with lines across it, lines down it, or none."""
    draw = np.random.default_rng(seed)
    height, width = draw.integers(8, 20, 2)
    lines = {"across": np.arange(height)[:, None] // (height / 8), "down": np.arange(width) // (width / 8)}
    on_HW = np.zeros((height, width)) + (lines[label] % 2 if label in lines else 0.5)
    noisy_HWC = on_HW[:, :, None] * 160 + 40 + draw.normal(0, 10, (height, width, 3))
    return noisy_HWC.clip(0, 255).astype(np.uint8)


def write_rows(path: Path, count: int, seed: int) -> Path:
    rows = [
        {"id": str(i), "image": dump_pixels(stripes(LABELS[i % 3], 1000 * seed + i)), "label": LABELS[i % 3]}
        for i in range(count)
    ]
    pd.DataFrame(rows).to_parquet(path)
    return path


def training(**changes: Any) -> Training:
    return Training.model_validate(
        {
            "task": TASK, "base_model": {"scratch": SIZE}, "base_model_licence": "Apache-2.0", "epochs": 8,
            "micro_batch_size": 8, "batch_size": 16, "learning_rate": 0.005, "head_learning_rate": 0.005,
            "precision": "fp32", "patience": 99, "checkpoint_every_steps": 10, "evaluations_per_epoch": 1,
        } | changes
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("images")
    return {
        "train": write_rows(folder / "train.parquet", 150, seed=1),
        "validation": write_rows(folder / "validation.parquet", 30, seed=2),
    }


def trained(folder: Path, rows: dict[str, Path], base: Path | None = None, **changes: Any) -> dict[str, Any]:
    """The summary of a run into `folder`."""
    given = {"base_model": str(base)} if base else {}
    fine_tune(**rows, labels=LABELS, training=training(**given, **changes), base_model=base, folder=folder)
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def from_scratch(tmp_path_factory: pytest.TempPathFactory, rows: dict[str, Path]) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    trained(folder, rows)
    return folder


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory, from_scratch: Path) -> Path:
    folder = tmp_path_factory.mktemp("packed") / "candidate"
    pack(from_scratch / "model", folder, labels=LABELS, max_length_tokens=128, task=TASK)
    return folder


def served(candidate: Path) -> Any:
    from sluicegate.evidence.predictions import load_model

    return load_model(candidate)


def test_a_model_from_scratch_learns_what_stripes_are(from_scratch: Path, candidate: Path) -> None:
    summary = json.loads((from_scratch / "summary.json").read_text(encoding="utf-8"))
    assert summary["best_validation_macro_f1"] > 0.9
    assert summary["pixels"] == {"train": 150 * 64, "validation": 30 * 64}
    assert "tokens" not in summary
    asked = [(label, stripes(label, 77_000 + i)) for i in range(10) for label in LABELS]
    told = served(candidate).predict([Image.fromarray(image) for _, image in asked])
    right = sum(max(answer, key=answer.__getitem__) == label for (label, _), answer in zip(asked, told, strict=True))
    assert right > 25


def test_the_same_rows_and_seed_give_the_same_bytes(tmp_path: Path, rows: dict[str, Path], from_scratch: Path) -> None:
    trained(tmp_path, rows)
    assert Manifest.of_folder(tmp_path / "model") == Manifest.of_folder(from_scratch / "model")


def test_an_image_is_prepared_in_training_as_transformers_prepares_it(tmp_path: Path, rows: dict[str, Path]) -> None:
    from transformers import AutoImageProcessor

    processor = make_processor(8)
    processor.save_pretrained(tmp_path / "model")
    encoded = recipe_for(TASK).encode(rows["train"], LABELS, processor, 128, tmp_path / "rows")
    chosen_B = np.array([4, 0, 149])
    batch = collate(encoded, chosen_B, torch.device("cpu"))
    table = pd.read_parquet(rows["train"])
    theirs = AutoImageProcessor.from_pretrained(tmp_path / "model", local_files_only=True)
    images = [Image.fromarray(pixels_of(table["image"][row])) for row in chosen_B]
    wanted = theirs(images, return_tensors="pt")["pixel_values"]
    assert torch.allclose(batch.inputs["pixel_values"], wanted, atol=1e-6)
    assert batch.labels.tolist() == [1, 0, 2]


def test_pixels_become_numbers_as_worked_out_by_hand() -> None:
    scale = Scale(1 / 255, (0.5, 0.0, 0.25), (0.5, 1.0, 0.25))
    pixels_BCHW = np.array([[[[0]], [[51]], [[255]]]], np.uint8)
    assert np.allclose(scale(pixels_BCHW), [[[[-1.0]], [[0.2]], [[3.0]]]])


@pytest.mark.parametrize("shape", [(3, 3), (3, 40), (1, 1), (40, 3)])
def test_images_as_small_as_their_channels_are_many_keep_their_sides(shape: tuple[int, int]) -> None:
    image = np.zeros((*shape, 3), np.uint8)
    image[:, :, 1] = 200
    found = resized(make_processor(8), [image])
    assert found.shape == (1, 3, 8, 8)
    assert found[0, :, 0, 0].tolist() == [0, 200, 0]


@pytest.mark.parametrize("method", ["full", "frozen", {"lora": {"rank": 4, "alpha": 8}}])
def test_a_base_model_is_fine_tuned_in_every_way(
    tmp_path: Path, rows: dict[str, Path], from_scratch: Path, method: Any
) -> None:
    base = from_scratch / "model"
    summary = trained(tmp_path, rows, base, method=method, epochs=2)
    assert summary["best_validation_macro_f1"] > 0.8
    everything = summary["trained_parameters"] == summary["parameters"]
    assert everything == (method == "full")
    held = json.loads((tmp_path / "model" / "config.json").read_text(encoding="utf-8"))
    assert held["architectures"] == ["ViTForImageClassification"]
    pack(tmp_path / "model", tmp_path / "candidate", labels=LABELS, max_length_tokens=128, task=TASK)
    probabilities = served(tmp_path / "candidate").predict_proba([Image.fromarray(stripes("down", 5))])
    assert probabilities.sum() == pytest.approx(1)


def test_weights_count_by_class_and_labels_are_smoothed(tmp_path: Path, rows: dict[str, Path]) -> None:
    summary = trained(tmp_path, rows, class_weights="balanced", label_smoothing=0.1, epochs=4)
    assert summary["best_validation_macro_f1"] > 0.6


def test_a_model_in_bf16_takes_images_in_bf16(tmp_path: Path, rows: dict[str, Path]) -> None:
    summary = trained(tmp_path, rows, precision="bf16", epochs=8)
    assert summary["precision"] == "bf16"
    assert summary["best_validation_macro_f1"] > 0.8


def write_convolutions(folder: Path) -> Path:
    """A ConvNeXt, which resizes and crops, and has neither patches nor a token embedding."""
    from transformers import ConvNextConfig, ConvNextForImageClassification, ConvNextImageProcessorPil

    with torch.random.fork_rng():
        torch.manual_seed(3)
        config = ConvNextConfig(
            num_channels=3, patch_size=2, num_stages=2, hidden_sizes=[8, 16], depths=[1, 1], image_size=16
        )
        ConvNextForImageClassification(config).save_pretrained(folder)
    ConvNextImageProcessorPil(size={"shortest_edge": 16}, crop_pct=0.875).save_pretrained(folder)
    return folder


def test_any_model_that_sorts_images_is_fine_tuned(tmp_path: Path, rows: dict[str, Path]) -> None:
    base = write_convolutions(tmp_path / "base")
    summary = trained(tmp_path / "out", rows, base, epochs=6)
    assert summary["best_validation_macro_f1"] > 0.6
    pack(tmp_path / "out" / "model", tmp_path / "candidate", labels=LABELS, max_length_tokens=128, task=TASK)
    assert served(tmp_path / "candidate").predict_proba([Image.fromarray(stripes("flat", 5))]).shape == (1, 3)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param("no processor", "cannot be loaded", id="no processor"),
        pytest.param("other size", "reads no images of 12 × 12 pixels", id="another size than the model's"),
        pytest.param("shape kept", "does not bring images to one size", id="sizes differ"),
        pytest.param("a text model", "cannot be loaded", id="a model for texts"),
    ],
)
def test_a_base_that_cannot_read_images_is_refused(tmp_path: Path, change: str, line: str) -> None:
    torch.manual_seed(0)
    base = make_image_base(LABELS, ImageScratch.model_validate(SIZE))
    base.model.save_pretrained(tmp_path)
    processor = make_processor(12 if change == "other size" else 8)
    if change == "shape kept":
        processor.size = {"shortest_edge": 8}
    if change != "no processor":
        processor.save_pretrained(tmp_path)
    if change == "a text model":
        (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(InputRefused, match=line):
        load_base(tmp_path, LABELS, TASK)


def test_a_processor_that_does_more_is_refused(tmp_path: Path) -> None:
    torch.manual_seed(0)
    base = make_image_base(LABELS, ImageScratch.model_validate(SIZE))

    class Doubling:
        """Gives other numbers than its fields say."""

        def __init__(self) -> None:
            self.own = make_processor(8)
            self.do_rescale, self.do_normalize = True, True
            self.rescale_factor, self.image_mean, self.image_std = 1 / 255, [0.5] * 3, [0.5] * 3

        def __call__(self, images: Any, **how: Any) -> Any:
            found = self.own(images, **how)
            return found if "do_rescale" in how else {"pixel_values": 2 * found["pixel_values"]}

    assert "does more than resize" in recipe_for(TASK).flaw(base.model, Doubling())


def test_a_candidate_holds_what_serves_images_and_nothing_else(candidate: Path) -> None:
    assert sorted(path.name for path in candidate.iterdir()) == [
        "candidate.json", "config.json", "loader.py", "model.safetensors", "preprocessor_config.json",
        "requirements.txt",
    ]  # fmt: skip
    assert json.loads((candidate / "candidate.json").read_text()) == {"labels": list(LABELS), "task": TASK}
    assert "pillow==" in (candidate / "requirements.txt").read_text()
    prepared = json.loads((candidate / "preprocessor_config.json").read_text())
    assert prepared["size"] == {"height": 8, "width": 8}
    assert scale_of(make_processor(8)).mean == tuple(prepared["image_mean"])


def test_a_path_bytes_and_an_image_get_the_same_answer(tmp_path: Path, candidate: Path) -> None:
    image = Image.fromarray(stripes("down", 3))
    image.save(tmp_path / "a.png")
    asked = [tmp_path / "a.png", str(tmp_path / "a.png"), (tmp_path / "a.png").read_bytes(), image]
    model = served(candidate)
    # each by itself: in a batch, the last bits of a row depend on its place on some processors
    found = [model.predict_proba([one]) for one in asked]
    assert all(np.array_equal(one, found[0]) for one in found)
    assert np.allclose(model.predict_proba(asked), found[0], atol=1e-6)
    many = model.predict_proba([image] * 70)  # more than one batch
    assert np.allclose(many, found[0], atol=1e-6)


def test_a_photograph_is_served_as_it_was_learned(candidate: Path) -> None:
    from sluicegate.data.images.decoding import decode

    turned, file = Image.Exif(), io.BytesIO()
    turned[0x0112] = 8
    held = Image.fromarray(stripes("across", 3)).convert("RGBA")
    held.putalpha(
        Image.fromarray((stripes("flat", 4)[:1, :1, 0] * 0 + 130).repeat(held.height, 0).repeat(held.width, 1))
    )
    held.save(file, "PNG", exif=turned)
    learned = Image.fromarray(decode(file.getvalue(), 10_000).pixels_HWC)
    model = served(candidate)
    assert np.array_equal(model.predict_proba([file.getvalue()]), model.predict_proba([learned]))


@pytest.mark.parametrize("given", [b"no image", b"", 7, "nowhere.png"])
def test_what_is_no_image_is_named_by_its_place(candidate: Path, given: Any) -> None:
    good = Image.fromarray(stripes("down", 3))
    with pytest.raises(ValueError, match="image 1: cannot be read as an image"):
        served(candidate).predict([good, given])


def test_the_loader_refuses_an_image_that_claims_to_be_huge(candidate: Path) -> None:
    file = io.BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")
    assert len(file.getvalue()) < 100_000
    with pytest.raises(ValueError, match="image 0: has 9000 × 9000 pixels, more than"):
        served(candidate).predict([file.getvalue()])


def test_the_loader_refuses_what_reading_the_data_refuses(candidate: Path) -> None:
    moving, deep = io.BytesIO(), io.BytesIO()
    frames = [Image.fromarray(stripes(label, 1)).resize((9, 9)) for label in LABELS]
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:])
    Image.fromarray(np.full((9, 9), 40_000, np.uint16)).save(deep, "PNG")
    with pytest.raises(ValueError, match="image 0: holds several pictures"):
        served(candidate).predict([moving.getvalue()])
    with pytest.raises(ValueError, match="image 0: has more than eight bits a channel"):
        served(candidate).predict([deep.getvalue()])


@pytest.mark.slow
def test_as_an_mlflow_model_it_takes_base64_and_never_a_path(tmp_path: Path, candidate: Path) -> None:
    image = bytes_of(dump_pixels(stripes("down", 3)))
    (tmp_path / "a.png").write_bytes(image)
    script = f"""
import sys, types, base64
import mlflow.pyfunc, pandas as pd
sys.path.insert(0, {str(candidate)!r}); sys.dont_write_bytecode = True
import loader
one = loader.Candidate()
one.load_context(types.SimpleNamespace(artifacts={{"candidate": {str(candidate)!r}}}))
print(one.predict(None, pd.DataFrame({{"image": [{base64.b64encode(image).decode()!r}]}})).to_json())
try:
    one.predict(None, pd.DataFrame({{"image": [{str(tmp_path / "a.png")!r}]}}))
except ValueError as error:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
    answer, refused = done.stdout.splitlines()[-2:]
    columns = json.loads(answer)
    assert list(columns) == ["label", *LABELS]
    assert columns["down"]["0"] == pytest.approx(served(candidate).predict([image])[0]["down"], abs=1e-6)
    assert refused == "refused"


def test_inputs_follow_the_format_of_the_weights() -> None:
    torch.manual_seed(0)
    model = make_image_base(LABELS, ImageScratch.model_validate(SIZE)).model.to(torch.bfloat16)
    cast_inputs(model)
    assert model(pixel_values=torch.zeros(1, 3, 8, 8)).logits.dtype == torch.bfloat16


@pytest.mark.parametrize("value", ["no base64!", "aGVsbG8=", None])
def test_a_row_without_an_image_is_refused_by_its_number(tmp_path: Path, value: str | None) -> None:
    good = dump_pixels(stripes("down", 1))
    pd.DataFrame({"image": [good, value], "label": ["down", "flat"]}).to_parquet(tmp_path / "r.parquet")
    with pytest.raises(InputRefused, match="image of row 2: is no PNG in base64"):
        recipe_for(TASK).encode(tmp_path / "r.parquet", LABELS, make_processor(8), 128, tmp_path / "rows")


@pytest.mark.slow
def test_two_processes_train_on_the_same_rows_as_one(tmp_path: Path, rows: dict[str, Path], from_scratch: Path) -> None:
    engine = {"kind": "torchrun", "processes": 2, "strategy": "ddp"}
    summary = trained(tmp_path, rows, engine=engine)
    assert summary["processes"] == 2
    one, two = (
        [json.loads(line) for line in (folder / "curve.jsonl").read_text().splitlines()]
        for folder in (from_scratch, tmp_path)
    )
    losses = [[p["validation_loss"] for p in curve if "validation_loss" in p] for curve in (one, two)]
    assert np.allclose(losses[0][:4], losses[1][:4], rtol=1e-2)
