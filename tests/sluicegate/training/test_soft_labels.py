from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn import functional

from sluicegate.errors import InputRefused
from sluicegate.spec import Training
from sluicegate.training.base_model import load_base
from sluicegate.training.batches import collate
from sluicegate.training.fine_tuning import fine_tune
from sluicegate.training.objective import Objective, class_weights
from sluicegate.training.recipes.soft_labels import SoftLabels
from sluicegate.training.rows import Rows

LABELS = ("bad", "fair", "good")
SHARES_BL = np.array([[1, 0, 0], [0.25, 0.75, 0], [0, 0.5, 0.5], [0.2, 0.3, 0.5]], dtype=np.float32)


def encoded(tmp_path: Path, base_model: Path, shares: list[str | None]) -> Rows:
    rows = {"text": ["dull", "plain old film", "lovely soup", "quite bright"][: len(shares)], "label_shares": shares}
    pd.DataFrame({**rows, "label": ["bad", "fair", "good", "good"][: len(shares)]}).to_parquet(tmp_path / "a.parquet")
    tokenizer = load_base(base_model, LABELS).tokenizer
    return SoftLabels().encode(tmp_path / "a.parquet", LABELS, tokenizer, 16, tmp_path / "rows")


def test_rows_hold_the_shares_and_one_without_them_its_own_label(tmp_path: Path, base_model: Path) -> None:
    rows = encoded(tmp_path, base_model, ['{"bad": 1.0}', None, '{"fair": 0.5, "good": 0.5}'])

    batch = collate(rows, np.array([2, 1, 0]), torch.device("cpu"))

    assert batch.labels.tolist() == [[0, 0.5, 0.5], [0, 1, 0], [1, 0, 0]]
    assert batch.labels.dtype == torch.float32
    assert batch.ids_BT.shape == (3, 5)


@pytest.mark.parametrize(
    "shares",
    [
        pytest.param("{", id="no JSON"),
        pytest.param("[1, 0, 0]", id="no object"),
        pytest.param('{"bad": 0.5, "best": 0.5}', id="an unknown label"),
        pytest.param('{"bad": 0.5}', id="half of it is missing"),
        pytest.param('{"bad": 1.5, "good": -0.5}', id="less than none"),
        pytest.param('{"bad": "all"}', id="no number"),
        pytest.param('{"bad": NaN}', id="not a number"),
    ],
)
def test_shares_that_are_none_are_refused_with_their_row(tmp_path: Path, base_model: Path, shares: str) -> None:
    with pytest.raises(InputRefused, match=r"a\.parquet: label_shares of row 2: is no JSON object with shares"):
        encoded(tmp_path, base_model, ['{"bad": 1.0}', shares])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, [0.5, 1.0, 4.0]])
def test_shares_that_are_all_of_one_label_weigh_as_that_label(smoothing: float, weights: list[float] | None) -> None:
    logits_BL, labels_B = torch.randn(12, 3, generator=torch.Generator().manual_seed(0)), torch.arange(12) % 3
    objective = Objective(None if weights is None else torch.tensor(weights), smoothing)
    shares_BL = functional.one_hot(labels_B, 3).float()

    torch.testing.assert_close(objective.loss_sum(logits_BL, shares_BL), objective.loss_sum(logits_BL, labels_B))
    assert objective.weight(shares_BL.numpy()) == pytest.approx(objective.weight(labels_B.numpy()))


def test_the_loss_of_a_soft_label_is_the_mean_over_those_who_were_asked() -> None:
    # ten people of whom two say bad, three fair, five good: as much as ten rows with one label each
    logits_BL = torch.randn(4, 3, generator=torch.Generator().manual_seed(1))
    weights_L = torch.tensor([0.5, 1.0, 4.0])
    objective = Objective(weights_L)
    labels_10 = torch.tensor([0] * 2 + [1] * 3 + [2] * 5)

    soft = objective.loss_sum(logits_BL[3:], torch.from_numpy(SHARES_BL[3:])) / objective.weight(SHARES_BL[3:])

    hard = functional.cross_entropy(logits_BL[3:].expand(10, 3), labels_10, weight=weights_L)
    assert soft.item() == pytest.approx(hard.item(), rel=1e-5)


def test_balanced_weights_count_shares_of_rows() -> None:
    weights = class_weights("balanced", SHARES_BL, LABELS)

    assert weights is not None
    assert weights.tolist() == pytest.approx([4 / (3 * 1.45), 4 / (3 * 1.55), 4 / (3 * 1.0)])


def test_a_model_learns_how_sure_people_are_and_is_scored_by_the_label(
    rows: dict[str, Path], base_model: Path, training: Training, tmp_path: Path
) -> None:
    # two thirds give the label: the loss cannot fall below the entropy of that, and the labels are found all the same
    table = pd.read_parquet(rows["train"])
    others = {label: [other for other in LABELS if other != label] for label in LABELS}
    shares = [{label: 2 / 3} | dict.fromkeys(others[label], 1 / 6) for label in table["label"]]
    table["label_shares"] = [json.dumps(share) for share in shares]
    table.to_parquet(tmp_path / "train.parquet")
    section = training.model_copy(update={"soft_labels": True, "patience": 9, "learning_rate": 0.02})

    fine_tune(
        train=tmp_path / "train.parquet", validation=rows["validation"], labels=LABELS, training=section,
        base_model=base_model, folder=tmp_path / "run",
    )  # fmt: skip

    lines: list[dict[str, Any]] = [json.loads(line) for line in (tmp_path / "run" / "curve.jsonl").open()]
    entropy = -(2 / 3 * np.log(2 / 3) + 2 / 6 * np.log(1 / 6))
    assert min(line["loss"] for line in lines if "loss" in line) == pytest.approx(entropy, abs=0.1)
    assert max(line["validation_macro_f1"] for line in lines if "validation_macro_f1" in line) > 0.9
