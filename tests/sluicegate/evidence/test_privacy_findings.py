from __future__ import annotations

from sluicegate.evidence.check import Check
from sluicegate.evidence.checks import check_of, checks_for
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.privacy import privacy_findings, privacy_in_words
from sluicegate.policy import Policy, judge

ACCOUNT = {
    "target_epsilon": 3.0, "rows": 12_000, "epsilon_rdp": 2.99, "epsilon_prv": 2.5, "delta": 1e-6,
    "noise_multiplier": 1.25, "sampling_rate": 0.02, "steps": 1500, "max_grad_norm": 0.5, "frozen_parameters": [],
}  # fmt: skip
LIMITS = [
    {"check": "privacy.epsilon_prv", "max": 2.75},
    {"check": "privacy.epsilon_rdp", "max": 2.75},
    {"check": "privacy.delta", "max": 1e-6},
]


def test_epsilon_by_both_accountants_says_at_which_delta_it_holds() -> None:
    rdp, prv, delta = privacy_findings(ACCOUNT)

    assert (rdp.check, rdp.value, rdp.unit, rdp.n) == ("privacy.epsilon_rdp", 2.99, "epsilon (delta 1e-06)", 12_000)
    assert (prv.check, prv.value, prv.unit) == ("privacy.epsilon_prv", 2.5, "epsilon (delta 1e-06)")
    assert (delta.check, delta.value, delta.unit) == ("privacy.delta", 1e-6, "probability")
    said = privacy_in_words(ACCOUNT)
    assert "1,500 steps spent an epsilon of 2.5 (PRV) or 2.99 (RDP) at delta 1e-06, of 3 allowed" in said
    assert "each of 12,000 training rows was in a step with probability 0.02, its gradient no longer than 0.5" in said


def test_of_a_training_that_was_not_private_nothing_is_promised() -> None:
    found = privacy_findings({})

    assert [f.status for f in found] == ["not_evaluated"] * 3
    assert {f.why for f in found} == {"the training was not private (training.privacy)"}
    assert {f.check: f.unit for f in found} == {f.check: check_of(f.check).unit for f in found}
    assert privacy_in_words({}).endswith("is not bounded.")


def test_a_policy_limits_what_may_be_spent() -> None:
    policy = Policy.from_json({"stages": [{"stage": "internal", "limits": LIMITS}]})

    def verdicts(account: dict[str, object]) -> dict[str, str]:
        dossier = Dossier(candidate="c" * 64, findings=tuple(privacy_findings(account)), lineage={})
        return {v.check: v.verdict for v in judge(dossier, policy, "internal", live=None).verdicts}

    assert verdicts(ACCOUNT) == {
        "privacy.epsilon_prv": "pass", "privacy.epsilon_rdp": "fail", "privacy.delta": "pass"
    }  # fmt: skip
    assert set(verdicts({}).values()) == {"not_evaluated"}


def test_every_task_has_them_with_their_sources() -> None:
    def of(task: str) -> dict[str, Check]:
        names = ("privacy.epsilon_rdp", "privacy.epsilon_prv", "privacy.delta")
        return {n: c for n, c in checks_for(["a"], [], [], task).items() if n in names}  # type: ignore[arg-type]

    found = of("sequence-classification")
    assert list(found) == ["privacy.epsilon_rdp", "privacy.epsilon_prv", "privacy.delta"]
    assert all("Abadi" in check.source and check.better == "lower" for check in found.values())
    assert of("token-classification") == of("causal-lm") == found
