from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sluicegate.errors import InputRefused, SpecRefused
from sluicegate.pipeline import prepare
from sluicegate.settings import Home
from sluicegate.spec import Spec, Training, parse
from tests import small_world as world

CUT = {"criterion": "equalized-odds", "group": "shop", "limit": 0.1}
FIXED = {"base_model": "x", "base_model_licence": "MIT"}


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        pytest.param({"robustness": {"adversarial": {"kind": "frelb"}}}, "adversarial.kind: input", id="kind"),
        pytest.param(
            {"robustness": {"adversarial": {"kind": "fgm", "steps": 3}}},
            "`fgm` takes one step",
            id="fgm",
        ),
        pytest.param({"robustness": {"adversarial": {"kind": "pgd", "radius": 0}}}, "radius: .*greater than 0", id="0"),
        pytest.param({"robustness": {"noise": {}}}, "`typos` and `dropped_words` are both 0", id="no noise"),
        pytest.param({"robustness": {"noise": {"typos": 1}}}, "typos: .*less than 1", id="all noise"),
        pytest.param(
            {"task": "masked-lm", "robustness": {"noise": {"typos": 0.1}}},
            "`robustness.noise` changes texts one by one",
            id="noise in texts that are read as one",
        ),
        pytest.param({"fairness": {"reweigh": []}}, "reweigh: .*at least 1", id="no group"),
        pytest.param({"fairness": {"counterfactual": "yes"}}, "counterfactual: .*, not 'yes'", id="copies"),
        pytest.param({"fairness": {"thresholds": {**CUT, "limit": 2}}}, "limit: .*less than or equal to 1", id="limit"),
        pytest.param(
            {"fairness": {"reweigh": ["shop"]}, "task": "token-classification"},
            "`fairness.reweigh` needs `task: sequence-classification`",
            id="weights of spans",
        ),
        pytest.param({"country": "Germany"}, "country: .*not 'Germany'", id="country"),
    ],
)
def test_a_section_that_cannot_be_is_refused_in_a_line(section: dict[str, Any], problem: str) -> None:
    with pytest.raises(SpecRefused, match=problem) as refused:
        parse(Training, {**FIXED, **section}, "spec.yaml")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("fairness", "problem"),
    [
        pytest.param({"reweigh": ["town"]}, r"fairness\.reweigh` names 'town', none of `data\.groups`", id="weights"),
        pytest.param({"thresholds": {**CUT, "group": "town"}}, r"thresholds\.group` names 'town', none of", id="group"),
        pytest.param({"thresholds": {**CUT, "label": "fair"}}, r"label` is 'fair', none of bad, good", id="label"),
    ],
)
def test_fairness_is_about_groups_and_labels_of_the_data(fairness: dict[str, Any], problem: str) -> None:
    spec: dict[str, Any] = world.spec()
    spec["training"] = {**spec["training"], "fairness": fairness}
    with pytest.raises(SpecRefused, match=problem):
        parse(Spec, spec, "spec.yaml")


def test_of_three_labels_one_must_be_named() -> None:
    spec: dict[str, Any] = world.spec()
    spec["data"] = {**spec["data"], "labels": ["bad", "fair", "good"]}
    spec["training"] = {**spec["training"], "fairness": {"thresholds": CUT}}
    with pytest.raises(SpecRefused, match=r"thresholds\.label` is missing: which of bad, fair, good\?"):
        parse(Spec, spec, "spec.yaml")


def test_copies_are_switched_on_and_off_and_a_section_comes_back_as_it_was() -> None:
    on = parse(Training, {**FIXED, "fairness": {"counterfactual": True}}, "spec.yaml")
    off = parse(Training, {**FIXED, "fairness": {"counterfactual": False}}, "spec.yaml")
    fgm = parse(Training, {**FIXED, "robustness": {"adversarial": {"kind": "fgm"}}}, "spec.yaml")

    assert on.fairness.counterfactual is not None
    assert off.fairness.counterfactual is None
    assert [Training(**each.model_dump()) for each in (on, off, fgm)] == [on, off, fgm]


def test_a_build_finds_faults_of_pairs_and_country_before_it_begins(tmp_path: Path) -> None:
    folder = world.make(tmp_path)
    environ = {"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"}
    pairs = {"training.fairness": {"counterfactual": {"pairs": ["own.tsv"]}}}
    with pytest.raises(InputRefused, match=r"own\.tsv: there is no such file"):
        prepare(Home.at(tmp_path / "home"), folder / "spec.yaml", pairs, environ)
    with pytest.raises(InputRefused, match="'XXX' is no country of known carbon intensity"):
        prepare(Home.at(tmp_path / "home"), folder / "spec.yaml", {"training.country": "XXX"}, environ)
