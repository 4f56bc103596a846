from __future__ import annotations

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.first_look import _LOOKED_AT, first_look


def found(**values: float) -> list[Finding]:
    return [measured(check.replace("__", "."), value, n=10) for check, value in values.items()]


def test_the_furthest_from_ideal_of_each_area_come_first() -> None:
    findings = [
        measured("performance.f1[no]", 0.9, n=10),
        measured("performance.f1[yes]", 0.4, n=10),  # 0.6 away
        measured("group.accuracy_gap[shop]", 0.1, n=10),
        *found(
            robustness__accuracy_kept_lowest=0.5,
            robustness__failure_share_highest=0.9,  # 0.9 away
            privacy__membership_auc=0.85,  # 0.7 away: 0.5 is ideal
            data__leaked_share=0.0,
        ),
    ]

    assert [finding.check for finding in first_look(findings)] == [
        "robustness.failure_share_highest",
        "privacy.membership_auc",
        "performance.f1[yes]",
    ]


def test_what_is_ideal_or_was_not_measured_is_not_looked_at() -> None:
    assert first_look([*found(data__leaked_share=0.0), not_evaluated("data.scrub_residual", "nothing ran")]) == []


def test_an_attack_that_is_worse_than_guessing_is_as_far_as_one_that_is_better() -> None:
    worse = found(privacy__membership_auc=0.1, drift__share=0.5)
    assert [finding.check for finding in first_look(worse)] == ["privacy.membership_auc", "drift.share"]


def test_a_word_that_turns_more_answers_than_sense_explains_comes_first() -> None:
    planted = found(robustness__trigger_flips=1.0, robustness__failure_share_highest=0.9)
    assert [finding.check for finding in first_look(planted)] == ["robustness.trigger_flips"]
    natural = found(robustness__trigger_flips=0.74, robustness__failure_share_highest=0.2)
    assert [finding.check for finding in first_look(natural)] == ["robustness.failure_share_highest"]


def test_every_figure_that_is_looked_at_is_in_a_catalogue_and_a_share() -> None:
    for name in _LOOKED_AT:
        parameter = {"performance": "[x]", "group": "[x]", "identity": "[x]"}.get(name.partition(".")[0], "")
        assert check_of(name + parameter).unit == "share"
