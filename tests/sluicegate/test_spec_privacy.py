from __future__ import annotations

from typing import Any

import pytest

from sluicegate.errors import SpecRefused
from sluicegate.spec import Training, parse

FIXED = {"base_model": "x", "base_model_licence": "MIT"}
PRIVACY = {"target_epsilon": 3, "delta": 1e-6}
SCRATCH = {"layers": 1, "hidden": 16, "heads": 2, "vocabulary": 500, "longest": 128}
CUT = {"criterion": "equalized-odds", "group": "shop", "limit": 0.1}
ADALORA = {"adalora": {"initial_rank": 4, "target_rank": 2, "alpha": 8}}


def test_a_section_says_what_may_be_spent() -> None:
    found = parse(Training, {**FIXED, "privacy": PRIVACY}, "spec.yaml").privacy

    assert found is not None
    assert (found.target_epsilon, found.delta, found.max_grad_norm) == (3, 1e-6, 1)
    assert parse(Training, FIXED, "spec.yaml").privacy is None


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        pytest.param({"target_epsilon": 3}, "privacy.delta: is missing", id="no delta"),
        pytest.param({"delta": 1e-6}, "privacy.target_epsilon: is missing", id="no epsilon"),
        pytest.param({**PRIVACY, "delta": 0}, "privacy.delta: .*greater than 0", id="delta of 0"),
        pytest.param({**PRIVACY, "delta": 1}, "privacy.delta: .*less than 1", id="delta of 1"),
        pytest.param({**PRIVACY, "target_epsilon": 0.01}, "target_epsilon: .*0.05", id="epsilon too small"),
        pytest.param({**PRIVACY, "target_epsilon": 51}, "target_epsilon: .*50", id="epsilon that bounds nothing"),
        pytest.param({**PRIVACY, "target_epsilon": float("nan")}, "target_epsilon: ", id="no epsilon at all"),
        pytest.param({**PRIVACY, "max_grad_norm": 0}, "max_grad_norm: .*greater than 0", id="norm of 0"),
        pytest.param({**PRIVACY, "max_grad_norm": float("inf")}, "max_grad_norm: .*finite", id="no norm"),
        pytest.param({**PRIVACY, "seed": 5}, "privacy.seed: ", id="a seed is secret"),
    ],
)
def test_a_section_that_cannot_be_is_refused_in_a_line(section: dict[str, Any], problem: str) -> None:
    with pytest.raises(SpecRefused, match=problem) as refused:
        parse(Training, {**FIXED, "privacy": section}, "spec.yaml")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        pytest.param({"base_model": {"scratch": SCRATCH}}, "base_model.scratch", id="vocabulary of the rows"),
        pytest.param({"task": "causal-lm"}, "task: causal-lm", id="causal-lm"),
        pytest.param({"task": "masked-lm"}, "task: masked-lm", id="masked-lm"),
        pytest.param({"class_weights": "balanced"}, "class_weights: balanced", id="counted weights"),
        pytest.param({"method": ADALORA}, "method.adalora", id="AdaLoRA"),
        pytest.param({"engine": {"kind": "torchrun", "processes": 2}}, "engine.kind: torchrun", id="processes"),
        pytest.param(
            {"robustness": {"adversarial": {"kind": "fgm", "radius": 0.1}}}, "robustness.adversarial", id="adversarial"
        ),
        pytest.param({"fairness": {"reweigh": ["shop"]}}, "fairness.reweigh", id="reweighing"),
        pytest.param({"fairness": {"counterfactual": True}}, "fairness.counterfactual", id="copies"),
        pytest.param({"fairness": {"thresholds": CUT}}, "fairness.thresholds", id="threshold"),
    ],
)
def test_what_privacy_does_not_cover_is_refused_with_it_and_taken_without(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(SpecRefused, match=f"`privacy` bounds what is learned of single.*`{named}`") as refused:
        parse(Training, {**FIXED, "privacy": PRIVACY, **changes}, "spec.yaml")
    assert "\n" not in str(refused.value)
    parse(Training, {**FIXED, **changes}, "spec.yaml")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"method": {"lora": {"rank": 2, "alpha": 4}}}, id="LoRA"),
        pytest.param({"method": "frozen"}, id="head alone"),
        pytest.param({"task": "token-classification"}, id="tags"),
        pytest.param({"soft_labels": True}, id="soft labels"),
        pytest.param({"class_weights": {"good": 2.0}}, id="given weights"),
        pytest.param({"robustness": {"noise": {"typos": 0.1}}}, id="noise in texts"),
    ],
)
def test_what_is_of_each_row_alone_goes_with_it(changes: dict[str, Any]) -> None:
    found = parse(Training, {**FIXED, "privacy": PRIVACY, **changes}, "spec.yaml")
    assert Training(**found.model_dump()) == found
