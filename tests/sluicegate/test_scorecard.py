"""The scorecard: worked by hand, in bounds, and never stronger than a limit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.errors import SpecRefused
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated
from sluicegate.policy import Limit, Objective, Policy, StageLimits, judge, load_policy, score
from sluicegate.policy.objectives import LARGEST, Scale
from sluicegate.spec import load_spec

ROOT = Path(__file__).parents[2]
F1, CALIBRATION, GAP = "performance.macro_f1", "performance.calibration_error", "group.accuracy_gap[domain]"
CHANGE = "comparison.macro_f1_change"
CANDIDATE, OTHER = "c1" * 32, "77" * 32


def objective(name: str, weight: float, **scales: tuple[float, float]) -> Objective:
    findings = [{"check": check, "worst": worst, "best": best} for check, (worst, best) in scales.items()]
    return Objective.model_validate({"name": name, "weight": weight, "findings": findings})


def dossier(*findings: Finding) -> Dossier:
    return Dossier(candidate=CANDIDATE, findings=findings, lineage={})


OBJECTIVES = (
    objective("performance", 2.0, **{F1: (0.5, 0.8), CALIBRATION: (0.2, 0.0)}),
    objective("fairness", 1.0, **{GAP: (0.3, 0.0)}),
    objective("safety", 1.0, **{"data.harmful_share": (0.1, 0.0), "data.leaked_share": (0.1, 0.0)}),
    objective("progress", 5.0, **{CHANGE: (-0.1, 0.1)}),
)
FOUND = dossier(
    measured(F1, 0.65),  # half the way: 0.5
    measured(CALIBRATION, 0.05),  # three quarters: 0.75
    measured(GAP, 0.4),  # beyond the worst: 0
    not_evaluated("data.harmful_share", "no check ran"),  # 0
    measured("data.leaked_share", 0.0),  # the best: 1
)


# --- by hand --------------------------------------------------------------------------------------


def test_a_total_worked_by_hand() -> None:
    card = score(FOUND, OBJECTIVES, live=None)
    assert card is not None
    assert {each.objective: each.score for each in card.objectives} == {
        "performance": pytest.approx((0.5 + 0.75) / 2), "fairness": 0.0, "safety": 0.5, "progress": None
    }  # fmt: skip
    assert card.total == pytest.approx((2 * 0.625 + 1 * 0 + 1 * 0.5) / 4)  # progress is left out, weight and all


def test_what_was_not_evaluated_counts_0_and_what_does_not_apply_is_left_out_and_both_say_why() -> None:
    card = score(FOUND, OBJECTIVES, live=None)
    assert card is not None
    told = {found.check: (found.status, found.score, found.why) for each in card.objectives for found in each.findings}
    assert told["data.harmful_share"] == ("not_evaluated", 0.0, "no check ran")
    assert told[CHANGE] == ("not_applicable", None, "nothing is live in this stage")


def test_what_the_dossier_lacks_counts_0() -> None:
    card = score(dossier(), OBJECTIVES[:2], live=None)
    assert card is not None
    assert card.total == 0
    assert {found.why for each in card.objectives for found in each.findings} == {"the dossier does not hold it"}


@pytest.mark.parametrize(
    ("live", "worth"),
    [
        pytest.param(OTHER, 0.75, id="with what is live"),
        pytest.param("88" * 32, 0.0, id="with what was live"),
        pytest.param(CANDIDATE, None, id="with itself"),
    ],
)
def test_a_comparison_counts_with_what_is_live_now(live: str, worth: float | None) -> None:
    card = score(dossier(measured(CHANGE, 0.05, against=OTHER)), OBJECTIVES[3:], live=live)
    assert card is not None
    assert card.total == (None if worth is None else pytest.approx(worth))


def test_a_dossier_to_which_nothing_applies_has_no_total() -> None:
    card = score(dossier(not_applicable(GAP, "there are no groups")), OBJECTIVES[1:2], live=None)
    assert card is not None
    assert (card.total, card.objectives[0].score) == (None, None)


def test_a_policy_without_objectives_has_no_scorecard() -> None:
    assert score(FOUND, (), live=None) is None


# --- properties -----------------------------------------------------------------------------------

NUMBERS = st.floats(-LARGEST, LARGEST)
VALUES = st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS, NUMBERS, VALUES, VALUES)
def test_a_scale_stays_from_0_to_1_and_rises_toward_the_best(worst: float, best: float, a: float, b: float) -> None:
    if worst == best:
        return
    scale = Scale(check=F1, worst=worst, best=best)
    assert (scale.of(worst), scale.of(best)) == (0, 1)
    nearer, farther = (max(a, b), min(a, b)) if best > worst else (min(a, b), max(a, b))
    assert 0 <= scale.of(farther) <= scale.of(nearer) <= 1


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1e-6, 1e6)), min_size=1, max_size=8))
def test_the_total_lies_between_the_lowest_and_the_highest_objective(drawn: list[tuple[float, float]]) -> None:
    checks = [f"performance.f1[{place}]" for place in range(len(drawn))]
    objectives = [objective(c, weight, **{c: (0.0, 1.0)}) for c, (_, weight) in zip(checks, drawn, strict=True)]
    values = [value for value, _ in drawn]
    card = score(dossier(*(measured(c, v) for c, v in zip(checks, values, strict=True))), objectives, live=None)
    assert card is not None
    assert card.total is not None
    assert min(values) - 1e-9 <= card.total <= max(values) + 1e-9
    assert card.total <= 1


# --- beside the limits ----------------------------------------------------------------------------


def test_a_blocked_stage_stays_blocked_at_100_points() -> None:
    limits = (Limit(check=F1, min=0.9), Limit(check="drift.share", max=0.5))
    policy = Policy(
        stages=(StageLimits(stage="internal", limits=limits, gate={}),),  # type: ignore[arg-type]
        scorecard=(objective("performance", 1.0, **{F1: (0.0, 0.5)}),),
    )
    judgement = judge(dossier(measured(F1, 0.8)), policy, "internal", live=None)
    assert judgement.scorecard is not None
    assert judgement.scorecard.total == 1
    assert {verdict.check for verdict in judgement.blockers} == {"drift.share", F1}
    without = judge(dossier(measured(F1, 0.8)), policy.model_copy(update={"scorecard": ()}), "internal", live=None)
    assert without.verdicts == judgement.verdicts


def test_a_judgement_is_json_with_every_number_of_the_scorecard() -> None:
    policy = Policy(stages=(), scorecard=OBJECTIVES)
    held = score(FOUND, policy.scorecard, live=None)
    assert held is not None
    value = held.model_dump(mode="json")
    assert value["total"] == 0.4375
    assert value["objectives"][0]["findings"][0] == {
        "check": F1, "status": "measured", "value": 0.65, "unit": "share", "worst": 0.5, "best": 0.8,
        "score": pytest.approx(0.5), "why": "",
    }  # fmt: skip


def test_a_policy_with_a_scorecard_is_read_back_and_one_without_keeps_its_form() -> None:
    policy = Policy(stages=(), scorecard=OBJECTIVES)
    assert Policy.from_json(policy.to_json()) == policy
    assert Policy.from_json(policy.to_json()).digest == policy.digest
    assert Policy(stages=()).to_json() == {"description": "", "stages": []}  # as before there were scorecards


# --- bad policies ---------------------------------------------------------------------------------

SPEC = load_spec(ROOT / "deployments" / "reviews-en.yaml").spec
GOOD = {"check": F1, "worst": 0.5, "best": 0.8}


def load(folder: Path, scorecard: Any) -> Policy:
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump({"stages": {"internal": [{"check": F1, "min": 0.6}]}, "scorecard": scorecard}))
    return load_policy(path, SPEC)


def test_a_scorecard_is_read_in_its_order_with_names_of_any_language(tmp_path: Path) -> None:
    written = {"公平性": {"weight": 2, "findings": [{"check": GAP, "worst": 0.3, "best": 0}]},
               "how well": {"weight": 0.5, "findings": [GOOD]}}  # fmt: skip
    assert {each.name: each.weight for each in load(tmp_path, written).scorecard} == {"公平性": 2, "how well": 0.5}


@pytest.mark.parametrize(
    ("aim", "says"),
    [
        pytest.param({"weight": -1, "findings": [GOOD]}, r"quality\.weight: .*greater than 0, not -1", id="negative"),
        pytest.param({"weight": 0, "findings": [GOOD]}, r"quality\.weight: .*greater than 0, not 0", id="zero"),
        pytest.param({"weight": float("nan"), "findings": [GOOD]}, r"quality\.weight: .*finite.*, not nan", id="NaN"),
        pytest.param({"weight": float("inf"), "findings": [GOOD]}, r"quality\.weight: .*finite.*, not inf", id="inf"),
        pytest.param({"weight": True, "findings": [GOOD]}, r"quality\.weight: .*number, not True", id="yes"),
        pytest.param({"findings": [GOOD]}, r"quality\.weight: is missing", id="no weight"),
        pytest.param({"weight": 1, "findings": []}, r"quality\.findings: .*at least 1 item", id="empty objective"),
        pytest.param({"weight": 1}, r"quality\.findings: is missing", id="no findings"),
        pytest.param(
            {"weight": 1, "findings": [GOOD | {"best": 0.5}]},
            r"quality\.findings\.0: `worst` and `best` are both 0\.5",
            id="best is worst",
        ),
        pytest.param(
            {"weight": 1, "findings": [GOOD | {"best": float("nan")}]}, r"findings\.0\.best: .*finite", id="best is NaN"
        ),
        pytest.param(
            {"weight": 1, "findings": [GOOD, GOOD | {"check": "performance.macrof1"}]},
            r"quality\.findings\.1\.check: 'performance\.macrof1' is no check .* did you mean performance\.macro_f1",
            id="unknown finding",
        ),
        pytest.param(
            {"weight": 1, "findings": [GOOD | {"worst": 0.8, "best": 0.5}]},
            r"higher is better, so `best` is above `worst`; here `worst` is 0\.8 and `best` 0\.5",
            id="the wrong way round",
        ),
        pytest.param(
            {"weight": 1, "findings": [{"check": GAP, "worst": 0, "best": 0.3}]},
            r"lower is better, so `best` is below `worst`",
            id="the wrong way round, lower",
        ),
        pytest.param({"weight": 1, "findings": [GOOD, GOOD]}, r"named twice in this objective", id="twice"),
        pytest.param({"weight": 1, "findings": [GOOD], "colour": "red"}, r"colour: is not a key", id="unknown key"),
    ],
)
def test_a_bad_scorecard_is_refused_in_one_line(tmp_path: Path, aim: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecRefused, match=says) as refused:
        load(tmp_path, {"quality": aim})
    assert str(refused.value).startswith(f"{tmp_path / 'policy.yaml'}: scorecard.quality")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("scorecard", [{}, [], {" ": {"weight": 1, "findings": [GOOD]}}], ids=["none", "list", "blank"])
def test_a_scorecard_without_an_objective_that_has_a_name_is_refused(tmp_path: Path, scorecard: Any) -> None:
    with pytest.raises(SpecRefused, match="scorecard"):
        load(tmp_path, scorecard)


@pytest.mark.parametrize("name", ["reviews-en", "reviews-zh", "digits", "pii-tagger", "pretrain-en"])
def test_every_example_has_a_scorecard_that_its_spec_can_fill(name: str) -> None:
    loaded = load_spec(ROOT / "deployments" / f"{name}.yaml")
    policy = load_policy(loaded.resolve(loaded.spec.policy), loaded.spec)
    assert len(policy.scorecard) >= 3
    assert "transparency" in {each.name for each in policy.scorecard}
