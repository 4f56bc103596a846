from __future__ import annotations

from pathlib import Path

import pytest

from sluicegate.errors import InputRefused
from sluicegate.spec import Training
from sluicegate.training.divergence import check_loss
from sluicegate.training.fine_tuning import fine_tune
from tests.sluicegate.training.conftest import LABELS


@pytest.mark.parametrize(
    ("first", "most"),
    [pytest.param(1.1, 3.2, id="a new head"), pytest.param(0.02, 1.04, id="a base model that knows its task")],
)
def test_twice_the_first_loss_and_a_nat_is_the_most(first: float, most: float) -> None:
    check_loss(most - 1e-9, first, step=20, learning_rate=0.1)
    with pytest.raises(InputRefused, match=r"training: learning_rate: the loss diverges: .* at step 20 with a rate of"):
        check_loss(most + 1e-9, first, step=20, learning_rate=0.1)


@pytest.mark.parametrize("evaluations_per_epoch", [1, 6])
def test_a_run_that_diverges_is_refused_and_leaves_no_model(
    base_model: Path, rows: dict[str, Path], tmp_path: Path, evaluations_per_epoch: int
) -> None:
    training = Training(
        base_model="tiny", base_model_licence="MIT", epochs=4, micro_batch_size=8, max_length_tokens=32,
        precision="fp32", learning_rate=5.0, head_learning_rate=500.0, warmup_share=0.5,
        evaluations_per_epoch=evaluations_per_epoch, patience=99,
    )  # fmt: skip
    with pytest.raises(InputRefused, match=r"the loss diverges: .* at step \d+ with a rate of 5.0, .* at first"):
        fine_tune(
            train=rows["train"],
            validation=rows["validation"],
            labels=LABELS,
            base_model=base_model,
            training=training,
            folder=tmp_path,
        )
    assert not (tmp_path / "model").exists()
    assert not (tmp_path / "summary.json").exists()
