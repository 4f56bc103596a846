from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sluicegate.errors import SpecRefused
from sluicegate.spec import TrainingCanaries, load_spec, parse

DEPLOYMENTS = Path(__file__).resolve().parents[2] / "deployments"


def test_a_section_says_how_many_are_planted_and_how_often() -> None:
    assert parse(TrainingCanaries, {}, "spec.yaml") == TrainingCanaries(count=20, times=1, seed=0)
    found = load_spec(DEPLOYMENTS / "pretrain-en.yaml", {"training_canaries": {"count": 5, "times": 10}}).spec
    assert found.training_canaries == TrainingCanaries(count=5, times=10)
    assert load_spec(DEPLOYMENTS / "pretrain-en.yaml").spec.training_canaries is None


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        pytest.param({"count": 0}, "training_canaries.count: .*greater than 0", id="none"),
        pytest.param({"count": 1001}, "training_canaries.count: .*1000", id="too many"),
        pytest.param({"times": 0}, "training_canaries.times: .*greater than 0", id="never"),
        pytest.param({"times": 1001}, "training_canaries.times: .*1000", id="too often"),
        pytest.param({"seed": -1}, "training_canaries.seed: .*greater than or equal to 0", id="seed below 0"),
        pytest.param({"texts": ["mine"]}, "training_canaries.texts: ", id="texts of one's own"),
        pytest.param(20, "training_canaries: ", id="no section"),
    ],
)
def test_a_section_that_cannot_be_is_refused_in_a_line(section: Any, problem: str) -> None:
    with pytest.raises(SpecRefused, match=problem) as refused:
        load_spec(DEPLOYMENTS / "pretrain-en.yaml", {"training_canaries": section})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("spec", "learns"),
    [
        pytest.param("digits.yaml", "image-classification` learns from images", id="images"),
        pytest.param("pii-tagger.yaml", "token-classification` learns from spans in texts", id="a tagger"),
    ],
)
def test_images_and_taggers_have_none(spec: str, learns: str) -> None:
    with pytest.raises(SpecRefused, match=f"`training_canaries` are texts with .*{learns}: leave it out") as refused:
        load_spec(DEPLOYMENTS / spec, {"training_canaries": {}})
    assert "\n" not in str(refused.value)
