from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.errors import SpecRefused
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated
from sluicegate.policy import Approvals, GateRule, Judgement, Limit, Policy, Verdict, default_rule, judge, load_policy
from sluicegate.spec import Spec, load_spec

ROOT = Path(__file__).parents[2]
F1 = "performance.macro_f1"
CHANGE = "comparison.macro_f1_change"
OF_GROUPS = "comparison.group_macro_f1_change[shop]"


@pytest.fixture
def spec() -> Spec:
    return Spec.model_validate(
        {
            "model": "stub",
            "description": "Made up.",
            "owner": "ann",
            "data": {
                "source": {"kind": "csv", "path": "rows.csv"}, "label": "label", "labels": ["no", "yes"],
                "groups": ["shop"], "licence": "CC0-1.0",
            },
            "validation": {"suite": "suite.json"},
            "scrubbing": {"named_entity_model": "ner", "entities": {"PERSON": {"operator": "replace"}}},
            "training": {"base_model": "base", "base_model_licence": "CC0-1.0"},
            "policy": "policy.yaml",
        }
    )  # fmt: skip


def write(folder: Path, stages: dict[str, list[dict[str, Any]]], **more: Any) -> Path:
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump({"stages": stages, **more}))
    return path


def one(
    limit: dict[str, Any],
    *findings: Finding,
    live: str | None = None,
    waived: tuple[str, ...] = (),
    groups: tuple[str, ...] | None = None,
) -> Verdict:
    """What a policy of one limit makes of a dossier; which names these groups, or those of the findings."""
    policy = Policy.from_json({"stages": [{"stage": "internal", "limits": [limit]}]})
    named = tuple(finding.group for finding in findings if finding.group) if groups is None else groups
    compared = {OF_GROUPS: named} if named else {}
    dossier = Dossier(candidate="c" * 64, findings=findings, lineage={}, compared_groups=compared)
    (verdict,) = judge(dossier, policy, "internal", live=live, waived=waived).verdicts
    return verdict


# --- reading --------------------------------------------------------------------------------------


def test_a_stage_holds_the_limits_of_the_stages_before_it(tmp_path: Path, spec: Spec) -> None:
    path = write(
        tmp_path,
        {
            "internal": [{"check": F1, "min": 0.6}],
            "public": [{"check": F1, "min": 0.7}, {"check": "drift.share", "max": 0.5}],
        },
    )
    policy = load_policy(path, spec)
    assert [limit.text for limit in policy.limits("internal")] == ["≥ 0.6"]
    assert policy.limits("restricted") == policy.limits("internal")
    assert {limit.check: limit.text for limit in policy.limits("public")} == {F1: "≥ 0.7", "drift.share": "≤ 0.5"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            f"stages:\n  internal:\n    - {{check: {F1}, min: 0.6}}\n  internal: []\n",
            "policy.yaml: line 4: the key 'internal' stands in line 2 already",
            id="a stage",
        ),
        pytest.param(
            f"stages:\n  internal:\n    - {{check: {F1}, min: 0.6, min: 0.1}}\n",
            "policy.yaml: line 3: the key 'min' stands in line 3 already",
            id="a bound",
        ),
        pytest.param(
            f"gates: {{internal: {{approvals: 3}}}}\nstages:\n  internal: [{{check: {F1}, min: 0.6}}]\ngates: {{}}\n",
            "policy.yaml: line 4: the key 'gates' stands in line 1 already",
            id="gates",
        ),
    ],
)
def test_a_key_that_stands_twice_drops_nothing_unsaid(tmp_path: Path, spec: Spec, text: str, says: str) -> None:
    (tmp_path / "policy.yaml").write_text(text)
    with pytest.raises(SpecRefused, match=says):
        load_policy(tmp_path / "policy.yaml", spec)


def test_a_limit_may_lie_at_the_end_of_what_a_value_can_be(tmp_path: Path, spec: Spec) -> None:
    limits = [(F1, "min", 0), (CHANGE, "min", -1), ("drift.share", "max", 1), ("data.leaked_share", "max", 0)]
    free = [("explanation.completeness_error", "max", 1.5), ("footprint.latency", "max", 250)]
    write(tmp_path, {"internal": [{"check": check, side: bound} for check, side, bound in limits + free]})
    assert len(load_policy(tmp_path / "policy.yaml", spec).limits("internal")) == 6


INTERNAL = {"internal": [{"check": F1, "min": 0.6}]}


@pytest.mark.parametrize(
    ("stages", "says"),
    [
        pytest.param({**INTERNAL, "beta": []}, "stages.beta: is not a stage of the spec", id="unknown stage"),
        pytest.param(
            {"internal": [{"check": "performance.macrof1", "min": 0.6}]}, f"did you mean {F1}", id="unknown check"
        ),
        pytest.param(
            {"internal": [{"check": "performance.f1[maybe]", "min": 0.6}]},
            "no check that is measured",
            id="unknown label",
        ),
        pytest.param(
            {"internal": [{"check": "group.macro_f1_gap[town]", "max": 0.6}]},
            "no check that is measured",
            id="unknown group",
        ),
        pytest.param(
            {"internal": [{"check": "baseline.macro_f1_gain[vader]", "min": 0}]},
            "no check that is measured",
            id="baseline that the spec does not name",
        ),
        pytest.param({"internal": [{"check": F1}]}, "name either `min` or `max`", id="no bound"),
        pytest.param(
            {"internal": [{"check": F1, "min": 0.1, "max": 0.9}]}, "name either `min` or `max`", id="two bounds"
        ),
        pytest.param({"internal": [{"check": F1, "max": 0.6}]}, "its limit is a `min`, not a `max`", id="wrong side"),
        pytest.param(
            {"internal": [{"check": "drift.share", "min": 0.6}]},
            "its limit is a `max`, not a `min`",
            id="wrong side, lower",
        ),
        pytest.param(
            {"internal": [{"check": "drift.share", "max": 0.6, "hold": "interval"}]},
            "has no interval",
            id="interval that is never there",
        ),
        pytest.param(
            {"internal": [{"check": F1, "min": 0.6}, {"check": F1, "min": 0.7}]},
            "named twice in this stage",
            id="twice",
        ),
        pytest.param(
            {"internal": [{"check": F1, "min": 0.6, "blokcing": False}]},
            "blokcing: is not a key that is known here",
            id="unknown key",
        ),
        pytest.param({"internal": [{"check": F1, "min": "high"}]}, "should be a valid number", id="no number"),
        pytest.param(
            {"internal": [{"check": F1, "min": True}]}, "internal.0.min: must be a number, not true", id="a truth value"
        ),
        pytest.param(
            {"internal": [{"check": "drift.share", "max": 50}]},
            "policy.yaml: stages.internal.0.check: 'drift.share' can only be from 0 to 1, so `max: 50` is no limit; "
            "for 50 % write 0.5",
            id="percent",
        ),
        pytest.param({"internal": [{"check": F1, "min": -5}]}, "from 0 to 1, so `min: -5` is no limit", id="below 0"),
        pytest.param(
            {"internal": [{"check": CHANGE, "min": -5}]},
            "from -1 to 1, so `min: -5` is no limit; for -5 %",
            id="percent less",
        ),
        pytest.param({"internal": [{"check": "privacy.delta", "max": 1.5}]}, "from 0 to 1", id="probability"),
        pytest.param({"internal": [{"check": "data.licence_reach", "min": 4}]}, "from 0 to 3", id="reach"),
        pytest.param(
            {"internal": [{"check": F1, "min": float("nan")}]}, "should be a finite number", id="not a finite number"
        ),
        pytest.param({"internal": []}, "without one everything would enter", id="empty first stage"),
        pytest.param(
            {"public": [{"check": F1, "min": 0.6}]}, "stages.internal: must hold a limit", id="no first stage"
        ),
        pytest.param(
            {**INTERNAL, "public": [{"check": F1, "min": 0.5}]},
            "looser than in an earlier stage: min 0.5 is below 0.6",
            id="lower min",
        ),
        pytest.param(
            {**INTERNAL, "public": [{"check": F1, "min": 0.6, "blocking": False}]},
            "it no longer blocks",
            id="no longer blocking",
        ),
        pytest.param(
            {**INTERNAL, "public": [{"check": F1, "min": 0.6, "not_applicable": "allow"}]},
            "allows not_applicable",
            id="allows not applicable",
        ),
        pytest.param(
            {"internal": [{"check": F1, "min": 0.6, "waivable": False}], "public": [{"check": F1, "min": 0.7}]},
            "it may now be waived",
            id="waivable again",
        ),
        pytest.param(
            {"internal": [{"check": F1, "min": 0.6, "hold": "interval"}], "public": [{"check": F1, "min": 0.6}]},
            "no longer to the interval",
            id="value for interval",
        ),
        pytest.param(
            {"internal": [{"check": "drift.share", "max": 0.4}], "public": [{"check": "drift.share", "max": 0.5}]},
            "max 0.5 is above 0.4",
            id="higher max",
        ),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused(tmp_path: Path, spec: Spec, stages: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecRefused) as refused:
        load_policy(write(tmp_path, stages), spec)
    assert says in str(refused.value)
    assert "policy.yaml" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_policy_loosened_past_a_stage_that_says_nothing_is_still_refused(tmp_path: Path, spec: Spec) -> None:
    stages = {
        "internal": [{"check": F1, "min": 0.6}],
        "restricted": [{"check": F1, "min": 0.7}],
        "public": [{"check": F1, "min": 0.65}],
    }
    with pytest.raises(SpecRefused, match=r"stages\.public\.0: .* is looser"):
        load_policy(write(tmp_path, stages), spec)


def test_every_fault_is_named_at_once(tmp_path: Path, spec: Spec) -> None:
    stages = {
        "internal": [{"check": "a.b", "min": 0.6}, {"check": F1, "max": 0.6}],
        "beta": [{"check": F1, "min": 0.1}],
    }
    with pytest.raises(SpecRefused) as refused:
        load_policy(write(tmp_path, stages), spec)
    assert all(part in str(refused.value) for part in ("'a.b'", "not a `max`", "stages.beta"))


def test_a_missing_policy_is_named(tmp_path: Path, spec: Spec) -> None:
    with pytest.raises(SpecRefused, match="there is no such file"):
        load_policy(tmp_path / "policy.yaml", spec)


def test_the_digest_depends_on_what_holds_and_not_on_the_order_of_the_file(tmp_path: Path, spec: Spec) -> None:
    limits = [{"check": F1, "min": 0.6}, {"check": "drift.share", "max": 0.5}]
    policy = load_policy(write(tmp_path, {"internal": limits}), spec)
    turned = load_policy(write(tmp_path, {"internal": limits[::-1]}), spec)
    tighter = load_policy(write(tmp_path, {"internal": [limits[0], {"check": "drift.share", "max": 0.4}]}), spec)
    assert policy.digest == turned.digest != tighter.digest
    assert Policy.from_json(policy.to_json()) == policy


def test_what_is_no_policy_is_refused_when_it_is_read_back() -> None:
    with pytest.raises(SpecRefused, match="policy: stages: is missing"):
        Policy.from_json({})


def test_the_demos_policy_fits_the_demos_spec() -> None:
    spec = load_spec(ROOT / "deployments" / "reviews-en.yaml").spec
    policy = load_policy(ROOT / "expectations" / "release-policy.yaml", spec)
    assert [entry.stage for entry in policy.stages] == list(spec.stages)
    assert len(policy.limits("internal")) < len(policy.limits("restricted")) < len(policy.limits("public"))


# --- gates ----------------------------------------------------------------------------------------


def test_what_a_policy_does_not_say_of_a_gate_has_its_default(tmp_path: Path, spec: Spec) -> None:
    policy = load_policy(write(tmp_path, INTERNAL), spec)
    by_hand = {
        "approvals": [{"count": 1, "roles": []}],
        "accountable_may_approve": False,
        "open_for_days": 14,
        "remind_after_hours": 24,
        "escalate_after_hours": 72,
        "signature": True,
        "waivers": True,
    }
    assert policy.rule("public").to_json() == policy.rule("restricted").to_json() == by_hand
    assert policy.rule("internal").to_json() == by_hand | {"signature": False}


def test_a_rule_that_says_one_thing_keeps_its_stage_s_other_defaults(tmp_path: Path, spec: Spec) -> None:
    gates = {"internal": {"approvals": 2}, "public": {"open_for_days": 0.5}}
    policy = load_policy(write(tmp_path, INTERNAL, gates=gates), spec)
    assert policy.rule("internal") == GateRule(approvals=(Approvals(count=2),), signature=False)
    assert policy.rule("public") == GateRule(open_for_days=0.5)
    asks = load_policy(write(tmp_path, INTERNAL, gates={"internal": {"signature": True}}), spec)
    assert asks.rule("internal").signature


@pytest.mark.parametrize(
    ("approvals", "means"),
    [
        pytest.param(2, [(2, ())], id="a number"),
        pytest.param([{"roles": ["legal"]}], [(1, ("legal",))], id="a count of one need not be said"),
        pytest.param([{"count": 1}, {"count": 2}], [(3, ())], id="counted in two lines"),
        pytest.param(
            [{"count": 1}, {"count": 1, "roles": ["security", "legal", "legal"]}, {"roles": ["legal", "security"]}],
            [(2, ("legal", "security")), (1, ())],
            id="in any order",
        ),
    ],
)
def test_approvals_are_a_number_or_a_list_of_counts_and_roles(approvals: Any, means: list[Any]) -> None:
    rule = GateRule.from_json({"approvals": approvals})
    assert [(part.count, part.roles) for part in rule.approvals] == means
    assert rule.people == sum(count for count, _ in means)
    assert GateRule.from_json(rule.to_json()) == rule


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        pytest.param({"approvals": 0}, "approvals.0.count: .* greater than or equal to 1, not 0", id="none"),
        pytest.param({"approvals": -1}, "approvals.0.count", id="below none"),
        pytest.param({"approvals": []}, "must be a number of approvals, or a list", id="empty list"),
        pytest.param({"approvals": True}, "must be a number of approvals, or a list", id="yes is not one"),
        pytest.param({"approvals": 1.5}, "must be a number of approvals, or a list", id="half a person"),
        pytest.param({"approvals": "two"}, "must be a number of approvals, or a list .*not 'two'", id="a word"),
        pytest.param({"approvals": [{"count": "1"}]}, "approvals.0.count: .*integer", id="a word for a count"),
        pytest.param({"approvals": 101}, "approvals.0.count: .*100, not 101", id="too many"),
        pytest.param(
            {"approvals": [{"count": 60}, {"count": 60, "roles": ["legal"]}]},
            "120 people, more than 100",
            id="together",
        ),
        pytest.param({"approvals": [{"roles": ["Legal Team"]}]}, "roles.0: .*not 'Legal Team'", id="role name"),
        pytest.param(
            {"approvals": [{"role": "legal"}]}, "approvals.0.role: is not a key", id="unknown key of approvals"
        ),
        pytest.param({"open_for_days": 0}, "open_for_days: .*greater than 0", id="closed at once"),
        pytest.param({"open_for_days": float("inf")}, "open_for_days: .*finite", id="open for ever"),
        pytest.param({"open_for_days": 10**9}, "open_for_days: .*3650", id="beyond the calendar"),
        pytest.param({"remind_after_hours": float("nan")}, "remind_after_hours: .*finite", id="no number"),
        pytest.param({"remind_after_hours": -1}, "remind_after_hours: .*greater than 0", id="reminded before"),
        pytest.param({"escalate_after_hours": True}, "escalate_after_hours: .*valid number", id="yes is no time"),
        pytest.param({"quorum": 2}, "gates.public.quorum: is not a key", id="unknown key"),
        pytest.param(None, "gates.public: ", id="nothing after the colon"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_by_name(tmp_path: Path, spec: Spec, rule: Any, says: str) -> None:
    path = write(tmp_path, INTERNAL, gates={"public": rule})
    with pytest.raises(SpecRefused, match=says) as refused:
        load_policy(path, spec)
    assert "policy.yaml: gates.public" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_gate_of_a_stage_that_the_spec_does_not_have_is_refused_by_name(tmp_path: Path, spec: Spec) -> None:
    with pytest.raises(SpecRefused, match=r"gates\.beta: is not a stage of the spec"):
        load_policy(write(tmp_path, INTERNAL, gates={"beta": {"approvals": 1}}), spec)


def test_the_digest_depends_on_the_rules_and_not_on_how_they_are_written(tmp_path: Path, spec: Spec) -> None:
    def digest(gates: dict[str, Any]) -> str:
        policy = load_policy(write(tmp_path, INTERNAL, gates=gates), spec)
        assert Policy.from_json(policy.to_json()) == policy
        return policy.digest

    assert digest({}) == digest({"internal": {"signature": False}, "public": {"approvals": [{"count": 1}]}})
    changed = [
        {"approvals": 2}, {"approvals": [{"roles": ["legal"]}]}, {"accountable_may_approve": True},
        {"open_for_days": 13}, {"remind_after_hours": 25}, {"escalate_after_hours": 73}, {"signature": False},
        {"waivers": False},
    ]  # fmt: skip
    assert len({digest({})} | {digest({"public": rule}) for rule in changed}) == len(changed) + 1


def test_a_stage_without_a_rule_in_json_has_its_default() -> None:
    policy = Policy.from_json({"stages": [{"stage": "internal", "limits": []}, {"stage": "public", "limits": []}]})
    assert (policy.rule("internal"), policy.rule("public")) == (default_rule("internal"), default_rule("public"))
    assert (policy.rule("internal").signature, policy.rule("public").signature) == (False, True)


def test_the_rule_of_a_stage_that_the_policy_does_not_know_is_refused() -> None:
    policy = Policy.from_json({"stages": [{"stage": "internal", "limits": []}]})
    with pytest.raises(SpecRefused, match="knows no stage 'public'"):
        policy.rule("public")


def test_the_demos_gates_ask_for_more_toward_the_public() -> None:
    spec = load_spec(ROOT / "deployments" / "reviews-en.yaml").spec
    policy = load_policy(ROOT / "expectations" / "release-policy.yaml", spec)
    internal, restricted, public = (policy.rule(stage) for stage in spec.stages)
    assert [rule.signature for rule in (internal, restricted, public)] == [False, True, True]
    assert [rule.people for rule in (internal, restricted, public)] == [1, 1, 2]
    assert public.approvals == (Approvals(count=1, roles=("release-manager",)), Approvals(count=1))


# --- judging --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "value", "interval", "verdict", "margin"),
    [
        pytest.param({"check": F1, "min": 0.5}, 0.5, (0.4, 0.6), "pass", 0.0, id="equal to a min holds"),
        pytest.param({"check": F1, "min": 0.5}, 0.4375, (0.4, 0.6), "fail", -0.0625, id="below a min"),
        pytest.param(
            {"check": F1, "min": 0.5, "hold": "interval"}, 0.75, (0.5, 0.9), "pass", 0.0, id="lower end holds"
        ),
        pytest.param(
            {"check": F1, "min": 0.5, "hold": "interval"}, 0.75, (0.25, 0.9), "fail", -0.25, id="lower end does not"
        ),
        pytest.param(
            {"check": "performance.log_loss", "max": 0.5}, 0.5, (0.4, 0.9), "pass", 0.0, id="equal to a max holds"
        ),
        pytest.param({"check": "performance.log_loss", "max": 0.5}, 0.75, (0.4, 0.9), "fail", -0.25, id="above a max"),
        pytest.param(
            {"check": "performance.log_loss", "max": 0.5, "hold": "interval"},
            0.25,
            (0.1, 0.75),
            "fail",
            -0.25,
            id="upper end does not",
        ),
        pytest.param({"check": "performance.log_loss", "max": 0}, 0.0, (0.0, 0.0), "pass", 0.0, id="a max of zero"),
    ],
)
def test_a_value_is_held_to_its_limit(
    limit: dict[str, Any], value: float, interval: tuple[float, float], verdict: str, margin: float
) -> None:
    found = one(limit, measured(limit["check"], value, interval=interval, confidence=0.95))
    assert (found.verdict, found.margin) == (verdict, margin)
    assert found.blocks == (verdict == "fail")
    assert bool(found.why) == (verdict == "fail")


@pytest.mark.parametrize(
    ("limit", "value", "unit", "verdict", "why"),
    [
        pytest.param({"max": 0.1}, 0.8 - 0.7, "share", "pass", "", id="a difference that equals its max"),
        pytest.param({"min": -0.01}, 0.80 - 0.81, "share", "pass", "", id="a difference that equals its min"),
        pytest.param({"max": 250}, 250 + 2e-7, "ms", "pass", "", id="rounding in proportion"),
        pytest.param({"max": 0.1}, 0.1 + 2e-9, "share", "fail", "0.100000002 is not ≤ 0.1", id="beyond rounding"),
        pytest.param({"min": 0.6}, 0.5999996, "share", "fail", "0.5999996 is not ≥ 0.6", id="told apart"),
        pytest.param({"min": 0.61234567}, 0.6123456, "share", "fail", "0.6123456 is not ≥ 0.61234567", id="long limit"),
        pytest.param({"max": 1234567}, 1234568, "rows", "fail", "1234568 is not ≤ 1234567", id="large limit"),
        pytest.param({"max": 1e-10}, 2e-10, "probability", "fail", "2e-10 is not ≤ 1e-10", id="small probability"),
        pytest.param({"max": 0}, 1e-6, "share", "fail", "1e-06 is not ≤ 0", id="none"),
    ],
)
def test_only_what_is_beyond_its_limit_fails_and_reads_so(
    limit: dict[str, Any], value: float, unit: str, verdict: str, why: str
) -> None:
    found = one({"check": F1, **limit}, measured(F1, value, unit=unit))
    assert (found.verdict, found.why) == (verdict, why)
    assert found.margin is not None
    assert (found.margin >= 0) == (verdict == "pass")


def test_the_worse_end_of_an_interval_that_equals_its_limit_holds() -> None:
    limit = {"check": F1, "max": 0.1, "hold": "interval"}
    for high, verdict in ((0.8 - 0.7, "pass"), (0.1 + 4e-8, "fail")):
        found = one(limit, measured(F1, 0.05, interval=(0.01, high), confidence=0.95))
        assert found.verdict == verdict
    assert found.why == "the interval 0.01 to 0.10000004 is not ≤ 0.1"


def test_no_number_holds_no_limit() -> None:
    nothing = Finding.model_construct(check=F1, status="measured", value=float("nan"), unit="share")
    for limit in (Limit(check=F1, min=0), Limit(check=F1, max=1)):
        margin = limit.margin(nothing)
        assert margin is not None
        assert not margin >= 0
    with pytest.raises(ValueError, match="finite"):
        one({"check": F1, "max": 1}, nothing)


def test_what_the_dossier_lacks_is_not_evaluated_and_blocks() -> None:
    found = one({"check": F1, "min": 0.6})
    assert (found.verdict, found.why, found.blocks, found.margin) == (
        "not_evaluated",
        "the dossier does not hold it",
        True,
        None,
    )


def test_what_was_not_measured_blocks_and_says_why() -> None:
    found = one({"check": F1, "min": 0.6}, not_evaluated(F1, "too few rows"))
    assert (found.verdict, found.why, found.blocks) == ("not_evaluated", "too few rows", True)


def test_a_limit_on_an_interval_is_not_met_by_a_value_without_one() -> None:
    found = one({"check": F1, "min": 0.6, "hold": "interval"}, measured(F1, 0.9))
    assert (found.verdict, found.blocks) == ("not_evaluated", True)


@pytest.mark.parametrize(("allowed", "blocks"), [("allow", False), ("block", True)])
def test_what_does_not_apply_blocks_unless_it_is_allowed(allowed: str, blocks: bool) -> None:
    limit = {"check": CHANGE, "min": 0, "not_applicable": allowed}
    found = one(limit, not_applicable(CHANGE, "nothing is live in any stage"))
    assert (found.verdict, found.why, found.blocks) == ("not_applicable", "nothing is live in this stage", blocks)


def test_allowing_what_does_not_apply_lets_nothing_else_through() -> None:
    assert one({"check": CHANGE, "min": 0, "not_applicable": "allow"}, live="a").blocks
    assert one(
        {"check": CHANGE, "min": 0, "not_applicable": "allow"}, not_evaluated(CHANGE, "late", against="a"), live="a"
    ).blocks


def test_a_check_that_does_not_block_is_shown_all_the_same() -> None:
    found = one({"check": F1, "min": 0.6, "blocking": False}, measured(F1, 0.1))
    assert (found.verdict, found.blocks) == ("fail", False)


def test_a_comparison_counts_only_against_the_release_that_is_live() -> None:
    findings = (measured(CHANGE, 0.25, against="a"), measured(CHANGE, -0.25, against="b"))
    limit = {"check": CHANGE, "min": 0}
    assert one(limit, *findings, live="a").verdict == "pass"
    assert one(limit, *findings, live="b").verdict == "fail"
    stale = one(limit, *findings, live="d")
    assert (stale.verdict, stale.value, stale.blocks) == ("not_evaluated", None, True)
    assert stale.why.startswith("stale")


def of_groups(**changes: float | None) -> tuple[Finding, ...]:
    """The change of each group against release `a`; None was not evaluated."""
    return tuple(
        not_evaluated(OF_GROUPS, "fewer than 30 test rows", against="a", group=group)
        if change is None
        else measured(
            OF_GROUPS, change, interval=(change - 0.25, change + 0.25), confidence=0.95, against="a", group=group
        )
        for group, change in changes.items()
    )


@pytest.mark.parametrize(
    ("changes", "verdict", "group", "among"),
    [
        pytest.param({"x": 0.5, "y": 0.25}, "pass", "y", "of 2 groups: 2 pass", id="all hold"),
        pytest.param({"x": 0.5, "y": -0.5}, "fail", "y", "of 2 groups: 1 fail, 1 pass", id="one lost"),
        pytest.param({"x": -0.25, "y": -0.5, "z": 0.5}, "fail", "y", "of 3 groups: 2 fail, 1 pass", id="the worst"),
        pytest.param({"x": 0.5, "y": None}, "not_evaluated", "y", "of 2 groups: 1 not evaluated, 1 pass", id="small"),
        pytest.param({"x": -0.5, "y": None}, "fail", "x", "of 2 groups: 1 fail, 1 not evaluated", id="both"),
    ],
)
def test_a_limit_holds_for_every_group(changes: dict[str, float | None], verdict: str, group: str, among: str) -> None:
    found = one({"check": OF_GROUPS, "min": 0}, *of_groups(**changes), live="a")
    assert (found.verdict, found.group, found.among) == (verdict, group, among)
    assert found.blocks == (verdict != "pass")
    assert found.value == changes[group]


def test_a_group_without_its_finding_does_not_pass() -> None:
    limit = {"check": OF_GROUPS, "min": 0, "not_applicable": "allow"}
    found = one(limit, *of_groups(x=0.5, z=0.5), live="a", groups=("x", "y", "z"))
    assert (found.verdict, found.group, found.among) == ("not_evaluated", "y", "of 3 groups: 1 not evaluated, 2 pass")
    assert found.why == "the dossier names the group and does not hold its finding"
    assert found.blocks


def test_groups_whose_only_finding_says_that_there_are_none_do_not_pass() -> None:
    limit = {"check": OF_GROUPS, "min": 0, "not_applicable": "allow"}
    nobody = not_applicable(OF_GROUPS, "no test row mentions a group of it", against="a")
    assert one(limit, nobody, live="a", groups=("x",)).verdict == "not_evaluated"


def test_one_reason_for_all_groups_is_told_once() -> None:
    why = "the live release knows other labels"
    found = one({"check": OF_GROUPS, "min": 0}, not_evaluated(OF_GROUPS, why, against="a"), live="a", groups=("x", "y"))
    assert (found.verdict, found.group, found.among, found.why) == ("not_evaluated", None, "", why)


def test_a_dossier_that_names_no_groups_passes_none() -> None:
    found = one({"check": OF_GROUPS, "min": 0}, *of_groups(x=0.5), live="a", groups=())
    assert (found.verdict, found.why) == ("not_evaluated", "the dossier does not say which groups it has to have")


def test_every_groups_interval_is_held_to_a_limit_on_intervals() -> None:
    limit = {"check": OF_GROUPS, "min": 0, "hold": "interval"}
    found = one(limit, *of_groups(x=0.5, y=0.125), live="a")
    assert (found.verdict, found.group, found.margin) == ("fail", "y", -0.125)


def test_changes_of_groups_against_another_release_are_stale() -> None:
    found = one({"check": OF_GROUPS, "min": 0}, *of_groups(x=0.5, y=0.5), live="b")
    assert (found.verdict, found.group, found.blocks) == ("not_evaluated", None, True)
    assert found.why.startswith("stale")


def test_a_policy_names_all_groups_of_a_column_at_once(tmp_path: Path, spec: Spec) -> None:
    policy = load_policy(write(tmp_path, {"internal": [{"check": OF_GROUPS, "min": -0.05}]}), spec)
    assert [limit.check for limit in policy.limits("internal")] == [OF_GROUPS]
    with pytest.raises(SpecRefused, match="no check that is measured"):
        load_policy(write(tmp_path, {"internal": [{"check": f"{OF_GROUPS[:-1]}=x]", "min": -0.05}]}), spec)


def test_a_comparison_that_was_made_does_not_count_when_nothing_is_live() -> None:
    found = one({"check": CHANGE, "min": 0}, measured(CHANGE, 0.25, against="a"), live=None)
    assert (found.verdict, found.value, found.margin) == ("not_applicable", None, None)


def test_a_candidate_is_not_compared_with_itself() -> None:
    found = one({"check": CHANGE, "min": 0, "not_applicable": "allow"}, live="c" * 64)
    assert (found.verdict, found.why, found.blocks) == (
        "not_applicable",
        "this very candidate is live in this stage",
        False,
    )


def test_a_waiver_lets_one_check_through_and_says_what_it_would_have_been() -> None:
    found = one({"check": F1, "min": 0.6}, measured(F1, 0.5), waived=(F1,))
    assert (found.verdict, found.blocks, found.value) == ("waived", False, 0.5)
    assert "fail" in found.why
    assert one({"check": F1, "min": 0.6}, measured(F1, 0.5), waived=("drift.share",)).blocks


def test_a_waiver_of_a_check_that_holds_changes_nothing() -> None:
    assert one({"check": F1, "min": 0.6}, measured(F1, 0.7), waived=(F1,)).verdict == "pass"


def test_a_waiver_of_a_check_that_may_not_be_waived_changes_nothing() -> None:
    limit = {"check": F1, "min": 0.6, "waivable": False}
    found = one(limit, measured(F1, 0.5), waived=(F1,))
    assert (found.verdict, found.blocks, found.waivable) == ("fail", True, False)
    assert one(limit, measured(F1, 0.7)).verdict == "pass"


def test_no_waiver_counts_at_a_gate_without_waivers() -> None:
    stage = {"stage": "public", "limits": [{"check": F1, "min": 0.6}]}
    dossier = Dossier(candidate="c" * 64, findings=(measured(F1, 0.5),), lineage={})
    for waivers, verdict in ((True, "waived"), (False, "fail")):
        policy = Policy.from_json({"stages": [stage | {"gate": {"waivers": waivers}}]})
        (found,) = judge(dossier, policy, "public", live=None, waived=(F1,)).verdicts
        assert (found.verdict, found.waivable) == (verdict, waivers)


def test_a_stage_that_the_policy_does_not_know_is_refused() -> None:
    policy = Policy.from_json({"stages": [{"stage": "internal", "limits": []}]})
    with pytest.raises(SpecRefused, match="knows no stage 'public'"):
        judge(Dossier(candidate="c", findings=(), lineage={}), policy, "public", live=None)


def test_blockers_are_the_verdicts_that_block() -> None:
    holds = Verdict(check=F1, verdict="pass", limit="≥ 0.6")
    fails = Verdict(check="drift.share", verdict="fail", limit="≤ 0.5")
    assert Judgement(verdicts=(holds, fails)).blockers == (fails,)


@given(
    bound=st.floats(-1, 1), value=st.floats(-1, 1), spread=st.floats(0, 0.5), tighter=st.floats(0, 0.5),
    hold=st.sampled_from(["value", "interval"]),
)  # fmt: skip
def test_what_holds_under_a_tighter_limit_holds_under_a_looser_one(
    bound: float, value: float, spread: float, tighter: float, hold: str
) -> None:
    finding = measured(F1, value, interval=(value - spread, value + spread), confidence=0.95)
    loose, tight = Limit(check=F1, min=bound), Limit(check=F1, min=bound + tighter, hold=hold)
    assert tight.looser_than(loose) is None
    held = one(tight.model_dump(), finding).verdict == "pass"
    assert not held or one(loose.model_dump(), finding).verdict == "pass"


def test_the_models_are_frozen() -> None:
    assert not dataclasses.is_dataclass(Limit)
    with pytest.raises(ValueError, match="frozen"):
        Limit(check=F1, min=0.5).min = 0.1  # type: ignore[misc]


def test_a_check_that_the_catalogue_no_longer_has_blocks_instead_of_failing() -> None:
    verdict = one({"check": "performance.of_long_ago", "min": 0.5})
    assert (verdict.verdict, verdict.blocks) == ("not_evaluated", True)


def test_a_verdict_on_energy_says_whether_it_was_modelled() -> None:
    found = measured("footprint.training_energy", 0.25, unit="kWh (modelled)")
    verdict = one({"check": "footprint.training_energy", "max": 1}, found)
    assert (verdict.verdict, verdict.value, verdict.unit) == ("pass", 0.25, "kWh (modelled)")
