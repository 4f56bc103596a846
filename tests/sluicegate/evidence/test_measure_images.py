"""A stub that sorts images by their mean colour, measured from end to end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sluicegate.evidence.baselines import majority, measure_baseline, pixels
from sluicegate.evidence.checks import checks_for
from sluicegate.evidence.comparison import LiveRelease
from sluicegate.evidence.data_quality import measure_data
from sluicegate.evidence.dossier import Dossier, load_dossier
from sluicegate.evidence.drift import measure_drift
from sluicegate.evidence.images import describe_images, features
from sluicegate.evidence.predictions import columns_of, input_of, labels_of
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.tracing import trace_all
from sluicegate.manifest import Manifest
from sluicegate.spec import Evidence
from sluicegate.spec.pixels import dump_pixels
from tests.sluicegate.evidence.conftest import DATA_REPORTS, Measure
from tests.sluicegate.evidence.made_up import answers

TASK = "image-classification"
LABELS = ("blue", "green", "red")
REPORTS = DATA_REPORTS | {
    "scrubbing": {"images": 480, "with_metadata": 7, "residual_metadata": 0, "metadata": {"exif": 7, "xmp": 2}}
}
LOADER = """
import io, json
from pathlib import Path
import numpy as np
from PIL import Image

class Classifier:
    "Sure of the strongest channel, as sure as the file says."
    def __init__(self, order, sure):
        self.order, self.sure = order, sure

    def predict_proba(self, images):
        means = np.array([np.asarray(Image.open(io.BytesIO(image))).mean((0, 1)) for image in images])
        powers = np.exp(self.sure * means[:, self.order] / 255)
        return powers / powers.sum(1, keepdims=True)

def load(folder):
    return Classifier(**json.loads((Path(folder) / "channels.json").read_text()))
"""


def write_model(folder: Path, sure: float = 8.0, order: tuple[int, ...] = (2, 1, 0)) -> Path:
    folder.mkdir(parents=True)
    (folder / "loader.py").write_text(LOADER)
    (folder / "channels.json").write_text(json.dumps({"order": list(order), "sure": sure}))
    (folder / "config.json").write_text(json.dumps({"id2label": dict(enumerate(LABELS))}))
    (folder / "candidate.json").write_text(json.dumps({"task": TASK, "labels": list(LABELS)}))
    return folder


def table(count: int, seed: int) -> pd.DataFrame:
    """Noise with a little more of the channel that the label names; one row in ten of another."""
    draw, rows = np.random.default_rng(seed), []
    for number in range(count):
        label = number % 3
        told = label if draw.random() < 0.9 else int(draw.integers(3))
        pixels_HWC = draw.integers(0, 160, (draw.integers(5, 12), 8, 3), dtype=np.uint8)
        pixels_HWC[:, :, 2 - told] += 90
        place = ("shop", "street")[draw.random() < 0.4]
        rows.append(
            {"id": f"{seed}-{number}", "image": dump_pixels(pixels_HWC), "label": LABELS[label], "place": place}
        )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``candidate``, ``older`` (mixes two channels up) and ``split``."""
    folder = tmp_path_factory.mktemp("images")
    write_model(folder / "candidate")
    write_model(folder / "older", order=(1, 2, 0))
    (folder / "split").mkdir()
    for part, count, seed in (("train", 240, 1), ("validation", 30, 2), ("test", 150, 3)):
        table(count, seed).to_parquet(folder / "split" / f"{part}.parquet")
    return folder


@pytest.fixture(scope="module")
def dossier(shown: Path, run_measure: Measure) -> tuple[Dossier, Path]:
    older = LiveRelease("internal", Manifest.of_folder(shown / "older").digest, shown / "older", shown / "split")
    folder = run_measure(
        candidate=shown / "candidate",
        candidate_digest=Manifest.of_folder(shown / "candidate").digest,
        split=shown / "split",
        spec_evidence=Evidence(baselines=["majority", "pixels"], bootstrap_rounds=100, minimum_group_size=10),
        labels=LABELS,
        live=[older, replace(older, stage="restricted")],
        data_reports=REPORTS,
        task=TASK,
    )
    return load_dossier(folder), folder


def value(dossier: Dossier, check: str, against: str | None = None) -> float:
    found = dossier.find(check, against)
    assert found is not None, check
    assert found.status == "measured", found
    assert found.value is not None
    return found.value


def test_every_check_of_images_is_there_and_none_of_texts(dossier: tuple[Dossier, Path]) -> None:
    names = list(checks_for(LABELS, ["place"], ["majority", "pixels"], TASK))
    assert list(dict.fromkeys(finding.check for finding in dossier[0].findings)) == names
    assert not [name for name in names if "text" in name or "canary" in name or "scrub" in name]
    left = {f.check for f in dossier[0].findings if f.status == "not_evaluated"}
    assert {name for name in left if not name.endswith("tpr_at_0_1_percent")} == {"data.image_content_residual"}


def test_answers_are_measured_as_those_of_a_text_classifier(dossier: tuple[Dossier, Path], shown: Path) -> None:
    found = dossier[0]
    assert 0.85 < value(found, "performance.macro_f1") < 1
    assert value(found, "baseline.macro_f1[majority]") == pytest.approx(
        0.5 / 3, abs=0.01
    )  # a third right, by one label
    assert value(found, "baseline.macro_f1[pixels]") > 0.7
    older = Manifest.of_folder(shown / "older").digest
    assert value(found, "comparison.macro_f1_change", older) > 0.4
    assert value(found, "comparison.seen_share", older) == 0
    assert value(found, "drift.image_auc_previous", older) < 0.7
    assert value(found, "group.evaluated_share[place]") == 1
    finding = found.find("performance.macro_f1")
    assert finding is not None
    assert finding.interval is not None


def test_what_was_not_looked_for_is_not_evaluated_and_metadata_is(dossier: tuple[Dossier, Path]) -> None:
    content = dossier[0].find("data.image_content_residual")
    assert content is not None
    assert (content.status, content.value) == ("not_evaluated", None)
    assert content.why == "nothing looks for faces or writing in the pixels"
    assert value(dossier[0], "data.image_metadata_residual") == 0


def test_the_page_says_what_became_of_metadata_and_shows_no_image(dossier: tuple[Dossier, Path], shown: Path) -> None:
    page = (dossier[1] / "index.html").read_text(encoding="utf-8")
    assert "Metadata was taken out of 7 images (exif 7, xmp 2). Faces and writing were not looked for." in page
    assert "By their pixels they can be told apart" in page
    images = pd.read_parquet(shown / "split" / "test.parquet")["image"].tolist()
    for path in dossier[1].rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [image for image in images if image.encode() in content], path
    assert "image" not in pd.read_parquet(dossier[1] / "predictions.parquet").columns


def test_repeats_leaks_and_conflicts_are_found_by_image() -> None:
    one, other, third = table(3, 5)["image"]
    train = pd.DataFrame({"image": [one, one, other], "label": ["red", "blue", "red"]})
    test = pd.DataFrame({"image": [one, third, third, other], "label": ["red"] * 4})
    parts = {"train": train, "validation": train[:0], "test": test}
    found = {f.check: f.value for f in measure_data(parts, ["blue", "red"], REPORTS)[0]}
    assert found["data.duplicate_share"] == pytest.approx(1 / 3)
    assert found["data.leaked_share"] == 0.5
    assert found["data.conflicting_share"] == pytest.approx(2 / 3)


def test_images_are_described_as_worked_out_by_hand() -> None:
    pixels_HWC = np.zeros((2, 4, 3), np.uint8)
    pixels_HWC[0] = 255
    pixels_HWC[1, :, 0] = 51
    rows = pd.DataFrame({"image": [dump_pixels(pixels_HWC)], "label": ["red"], "place": ["shop"]})
    found = describe_images(rows, ["place"]).iloc[0]
    assert found["label"] == "red"
    assert found["group: place"] == "shop"
    assert (found["width"], found["height"]) == (4, 2)
    assert found["brightness"] == pytest.approx((1 + 0.2 / 3) / 2)
    assert found["contrast"] == pytest.approx((1 - 0.2 / 3) / 2)
    assert found["colourfulness"] == pytest.approx(0.1)


def test_images_without_a_group_are_described_as_such() -> None:
    rows = table(3, 1).assign(place=None)
    assert describe_images(rows, ["place"])["group: place"].tolist() == ["(not given)"] * 3


def test_other_images_are_told_apart_and_drift(tmp_path: Path) -> None:
    one, other = table(90, 1), table(90, 2)
    alike = measure_drift(one, other, ["place"], 0, tmp_path / "a.html")
    assert 0.3 < alike["image_auc"] < 0.7
    brighter = other.assign(image=[dump_pixels(np.full((9, 9, 3), 200 + i % 50, np.uint8)) for i in range(90)])
    moved = measure_drift(one, brighter, ["place"], 0, tmp_path / "b.html")
    assert moved["image_auc"] > 0.95
    drifted = {column["column"] for column in moved["columns"] if column["drifted"]}
    assert {"brightness", "contrast", "colourfulness"} <= drifted
    assert "text_auc" not in moved


def test_simple_models_give_what_they_learned() -> None:
    train, test = table(120, 1), table(30, 2)
    told = majority(train.assign(label=["red"] * 61 + ["blue"] * 59), 4, LABELS)
    assert told.tolist() == [2, 2, 2, 2]
    tied = majority(pd.DataFrame({"label": ["red", "green"]}), 1, LABELS)
    assert tied.tolist() == [1]
    right = (pixels(train, test, LABELS) == [LABELS.index(label) for label in test["label"]]).mean()
    assert right > 0.7
    assert features(train["image"]).shape == (120, 16 * 16 * 3)


def test_majority_is_measured_for_texts_too() -> None:
    texts = pd.DataFrame({"text": ["a", "b", "c", "d"], "label": ["no", "yes", "no", "no"]})
    given = answers([0, 1, 0, 0], [0, 1, 0, 0], labels=("no", "yes"))
    findings, figures = measure_baseline("majority", texts, texts, given, Resampling(4, 100, 0.95, 0))
    assert figures["status"] == "measured"
    assert {f.check: f.value for f in findings}["baseline.accuracy_gain[majority]"] == pytest.approx(0.25)


def test_a_candidate_for_images_says_what_it_takes_and_gives(shown: Path) -> None:
    assert input_of(shown / "candidate") == "image"
    assert labels_of(shown / "candidate") == LABELS
    assert columns_of(shown / "candidate") == {"label": "string", "blue": "double", "green": "double", "red": "double"}


def test_a_release_that_read_texts_is_not_compared_with(shown: Path, run_measure: Measure, tmp_path: Path) -> None:
    older = write_model(tmp_path / "texts")
    (older / "candidate.json").write_text(json.dumps({"task": "sequence-classification", "labels": list(LABELS)}))
    (tmp_path / "split").mkdir()
    table(9, 1).rename(columns={"image": "text"}).to_parquet(tmp_path / "split" / "train.parquet")
    live = LiveRelease("internal", Manifest.of_folder(older).digest, older, tmp_path / "split")
    folder = run_measure(
        candidate=shown / "candidate",
        candidate_digest=Manifest.of_folder(shown / "candidate").digest,
        split=shown / "split",
        spec_evidence=Evidence(baselines=["majority"], bootstrap_rounds=100),
        labels=LABELS,
        live=[live],
        data_reports=REPORTS,
        task=TASK,
    )
    found = load_dossier(folder)
    for name in ("comparison.macro_f1_change", "comparison.seen_share", "drift.image_auc_previous"):
        finding = found.find(name, live.candidate_digest)
        assert finding is not None
        assert finding.status == "not_evaluated", name


def test_it_traces_whole(dossier: tuple[Dossier, Path]) -> None:
    found, _ = dossier
    assert trace_all(found).keys() == found.files.keys()
