"""Planted texts and those that they are ranked among, as the dossier has them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sluicegate.errors import Unavailable
from sluicegate.evidence.attacks.planted import PlantedTexts
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.resampling import Resampling
from tests.sluicegate.evidence.conftest import Measure

RESAMPLING = Resampling(1, 100, 0.95, 0)
CHECKS = ("privacy.canary_exposure_mean", "privacy.canary_exposure_largest")


def write_texts(path: Path, times: list[int]) -> Path:
    """Texts of which the stub candidate knows a word where they were planted, and none elsewhere."""
    rows = [
        (f"zzplanted{n} {'lovely' if count else 'endless'}", "positive", str(count)) for n, count in enumerate(times)
    ]
    pd.DataFrame(rows, columns=["text", "label", "times"]).to_parquet(path, index=False)
    return path


def test_those_that_were_planted_are_ranked_among_the_others(tmp_path: Path) -> None:
    found = PlantedTexts.read(write_texts(tmp_path / "texts.parquet", [3, 0, 3, *[0] * 126]))
    losses = np.concatenate([[0.5, 9.0, 200.0], np.arange(1.0, 127)])
    (mean, largest), figures = found.measure(losses, RESAMPLING)
    # by hand: the first of 128 has 7 bits, the last none
    assert mean.value == pytest.approx(3.5)
    assert largest.value == pytest.approx(7)
    assert figures["exposures"] == [{"times": 3, "bits": 7.0}, {"times": 3, "bits": 0.0}]
    assert (figures["canaries"], figures["references"]) == (2, 127)


def test_a_label_is_held_against_what_the_same_label_gets_elsewhere() -> None:
    found = PlantedTexts(["a", "b", "c", "d"], ["x", "y", "x", "y"], np.array([1, 1, 0, 0]))
    probabilities_TL = np.array([[0.9, 0.1], [0.5, 0.5], [0.8, 0.2], [0.8, 0.2]])
    losses = found.label_losses(probabilities_TL, np.array([0, 1, 0, 1]))
    # by hand: odds of x are 9 and 4 where not planted; odds of y are 1, and ¼ where not planted
    assert losses == pytest.approx([math.log(4 / 9), math.log(1 / 4), 0, 0])


def test_without_a_file_nothing_was_planted_and_without_its_file_nothing_can_be_said(tmp_path: Path) -> None:
    findings, _ = PlantedTexts.read(None).measure(np.array([]), RESAMPLING)
    assert {(f.check, f.status) for f in findings} == {(check, "not_applicable") for check in CHECKS}
    with pytest.raises(Unavailable, match="run the step that plants canaries again"):
        PlantedTexts.read(tmp_path / "texts.parquet")


def test_the_dossier_says_how_far_they_show_and_not_what_they_are(run_measure: Measure, tmp_path: Path) -> None:
    texts = write_texts(tmp_path / "texts.parquet", [2] * 5 + [0] * 150)
    lineage = {"model": "stub", "canaries": {"texts": 5, "times": 2, "rows": 10, "references": 150, "seed": 17}}
    folder = run_measure(canaries=texts, lineage=lineage)
    dossier = load_dossier(folder)

    mean, largest = (dossier.find(check) for check in CHECKS)
    assert mean is not None
    assert largest is not None
    assert mean.value == largest.value == pytest.approx(math.log2(151))  # all of them come first
    assert (mean.n, mean.unit, mean.evidence) == (5, "bits", "privacy.json")
    assert (mean.seed, largest.seed, mean.interval) == (17, 17, None), "of the draw of the texts; too few to resample"
    kept = json.loads((folder / "privacy.json").read_text(encoding="utf-8"))["figures"]["canaries"]
    assert (kept["canaries"], kept["references"], kept["most_bits"]) == (5, 150, pytest.approx(math.log2(151)))
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "5 texts that were planted 2 times each are exposed by" in page
    card = (folder / "model_card.md").read_text(encoding="utf-8")
    assert "Beside these, 5 made-up texts (canaries) were planted, 2 times each, 10 rows in all" in card
    assert "此外植入了 5 段编造的文本（金丝雀），每段 2 次，共 10 条" in (folder / "model_card.zh.md").read_text(
        "utf-8"
    )
    for path in folder.rglob("*"):
        assert not path.is_file() or b"zzplanted" not in path.read_bytes()


def test_a_dossier_without_them_says_so(first_dossier: Path) -> None:
    dossier = load_dossier(first_dossier)
    assert {dossier.find(check).status for check in CHECKS} == {"not_applicable"}  # type: ignore[union-attr]
    page = (first_dossier / "index.html").read_text(encoding="utf-8")
    assert "Planted canaries: no canaries were planted in the training rows." in page
    assert "(canaries) were planted" not in (first_dossier / "model_card.md").read_text(encoding="utf-8")
