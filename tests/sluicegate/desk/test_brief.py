"""The page from which a person decides."""

from __future__ import annotations

import json
from functools import partial

import pytest

from sluicegate.desk.brief import Previous
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import measured
from sluicegate.policy import Limit, Policy, StageLimits
from tests.sluicegate.desk import pages
from tests.sluicegate.desk.pages import DOSSIER, HOLDS, LINEAGE, on_terminal, verdict

BEFORE = "77ab" * 16


@pytest.fixture
def page(founded, opened):
    def page_(*verdicts, gate=None, **more):
        return pages.page(founded, gate or opened(), *verdicts, **more)

    return page_


def test_it_begins_with_the_question_and_says_that_all_hold(page):
    brief = page(*HOLDS)
    assert brief.question == "May candidate c1c1c1c1c1c1 enter internal of reviews?"
    assert brief.recommendation == "All 4 checks hold."
    assert not brief.blocked
    assert on_terminal(brief).index("May candidate") < on_terminal(brief).index("All 4 checks hold.")


def test_what_blocks_is_named_and_approving_is_not_offered(page):
    brief = page(*HOLDS, verdict("drift.share", "fail", margin=-0.2), verdict("data.leaked_share", "not_evaluated"))
    assert brief.recommendation == (
        "2 of 6 checks block: drift.share, data.leaked_share. Approval is refused while that is so."
    )
    assert brief.blocked
    assert not any("approve" in command for command in brief.commands)


def test_verdicts_of_nothing_are_not_a_page_that_can_be_approved(page):
    brief = page()
    assert brief.blocked
    assert "No check was judged" in brief.recommendation


def test_the_three_worst_come_first_failed_then_not_evaluated_then_the_smallest_margin(page):
    brief = page(
        *HOLDS,
        verdict("data.leaked_share", "not_evaluated", why="was not measured"),
        verdict("drift.share", "fail", margin=-0.2),
    )
    assert [line.check for line in brief.first] == ["drift.share", "data.leaked_share", "performance.macro_f1"]
    assert brief.first[1].sentence.endswith("limit ≥ 0.6: was not measured")


def test_without_a_failure_the_smallest_margins_come_first(page):
    assert [line.check for line in page(*HOLDS).first] == [
        "performance.macro_f1",
        "performance.pr_auc",
        "performance.roc_auc",
    ]


def test_all_that_blocks_and_all_that_is_near_its_limit_is_shown_first_with_its_interval(page):
    blocking = [verdict(f"performance.f1[{n}]", "fail", value=0.5, margin=-0.1, interval=(0.4, 0.55)) for n in range(4)]
    wide = verdict("performance.balanced_accuracy", margin=0.1, interval=(0.58, 0.81))
    thin = verdict("drift.text_auc", value=1.0, margin=0.04, unit="")
    brief = page(*HOLDS, *blocking, wide, thin)
    assert [line.check for line in brief.first] == [
        *(f"performance.f1[{n}]" for n in range(4)),
        "drift.text_auc",
        "performance.balanced_accuracy",
    ]
    shown = " ".join(on_terminal(brief, width=200).split())
    title, why = "Right answers, each label counting alike", "the limit lies inside its interval"
    assert f"≈ {title}: 0.700 (0.580 to 0.810), limit ≥ 0.6: {why}" in shown
    assert "its margin is under 5 % of its value" in shown
    assert "F1 of “0”: 0.500 (0.400 to 0.550), limit ≥ 0.6" in shown
    assert "≈ pass, near" in shown


def test_a_check_that_nobody_may_waive_says_so_where_it_blocks(page):
    fixed = verdict("data.leaked_share", "fail", margin=-0.1, waivable=False)
    brief = page(*HOLDS, fixed)
    assert brief.first[0].sentence.endswith("; nobody may waive it")
    assert not any(command.startswith("sluicegate waive") for command in brief.commands)


def test_margins_are_compared_against_the_value_and_not_across_units(page):
    rows = verdict("data.test_rows", value=1350.0, margin=350.0)  # a quarter of the value
    close = verdict("performance.accuracy", value=0.7, margin=0.06)
    assert next(line.check for line in page(rows, close).first) == "performance.accuracy"


def test_a_value_that_cannot_be_better_is_not_near_its_limit(page):
    none_leaked = verdict("data.leaked_share", value=0.0, margin=0.0)
    limits = (Limit(check="data.leaked_share", max=0), Limit(check="performance.accuracy", min=0.5))
    policy = Policy(stages=(StageLimits(stage="internal", limits=limits, gate={}),))
    brief = page(none_leaked, verdict("performance.accuracy", margin=0.2), policy=policy)
    assert [line.check for line in brief.first] == ["performance.accuracy", "data.leaked_share"]
    assert [line.near for line in brief.first] == ["", ""]


def test_what_fails_without_blocking_stands_behind_what_blocks_and_before_what_holds(page):
    soft = verdict("drift.share", "fail", margin=-0.4, blocking=False)
    brief = page(*HOLDS, soft, verdict("data.leaked_share", "not_evaluated"))
    assert [line.check for line in brief.first][:2] == ["data.leaked_share", "drift.share"]
    assert page(*HOLDS, soft).recommendation == "Nothing blocks: 4 of 5 checks hold; the rest: fail."


def test_what_cannot_apply_and_is_allowed_not_to_is_not_looked_at_first(page):
    allowed = verdict("comparison.macro_f1_change", "not_applicable", not_applicable="allow")
    brief = page(verdict("performance.accuracy"), allowed)
    assert [line.check for line in brief.first] == ["performance.accuracy"]
    assert not brief.blocked


def test_it_says_what_was_trained_on_what_from_where_under_which_licence(page, opened):
    facts = {
        "spec": "deployments/reviews.yaml",
        "registered": {"model_name": "reviews-candidate", "version": 3, "run_id": "ab12"},
    }
    told = dict(page(*HOLDS, gate=opened(facts=facts)).provenance)
    assert told["what it does"] == "Reads reviews as negative or positive."
    assert told["base model"] == "tiny-bert==1.0 (licence Apache-2.0)"
    assert told["base model digest"] == "ba" * 32
    assert told["trained on"] == "reviews.csv (licence CC-BY-4.0)"
    assert told["data digest"] == "fa" * 32
    assert told["rows"] == "6,750 train, 900 validation, 1,350 test; 3 set aside"
    assert told["spec"] == "deployments/reviews.yaml"
    assert told["registered"] == "reviews-candidate, version 3, run ab12"
    assert told["accountable"] == "otto"
    assert told["candidate"] == "c1" * 32


def test_a_lineage_that_says_nothing_leaves_lines_out_and_breaks_nothing(page, opened):
    bare = Dossier(candidate="c1" * 32, findings=(), lineage={})
    told = dict(page(*HOLDS, dossier=bare, gate=opened(facts={}, accountable="")).provenance)
    assert not {"base model", "data digest", "registered", "spec"} & set(told)
    assert told["accountable"] == "nobody is named"


def test_a_first_release_says_that_there_is_nothing_to_compare_with(page):
    brief = page(*HOLDS)
    assert (brief.since, brief.changes) == ("", ())
    for drawn in (on_terminal(brief), brief.to_markdown(), brief.to_html()):
        assert "this would be the first release" in drawn


def test_it_says_what_changed_since_the_live_release(page):
    older = LINEAGE | {"training": {"epochs": 1, "learning_rate": 0.0001}}
    before = Dossier(candidate=BEFORE, findings=(measured("performance.macro_f1", 0.68),), lineage=older)
    compared = measured("comparison.macro_f1_change", 0.012, interval=(-0.004, 0.028), confidence=0.95, against=BEFORE)
    stale = measured("comparison.disagreement", 0.3, against="88" * 32)
    now = DOSSIER.model_copy(update={"findings": (*DOSSIER.findings, compared, stale)})
    brief = page(*HOLDS, dossier=now, previous=Previous(BEFORE, before, "2026-10-02T10:00:00Z"))
    assert brief.since == "release 77ab77ab77ab 2026-10-02"
    assert [(c.what, c.before, c.now, c.detail) for c in brief.changes] == [
        ("Change in macro-F1", "", "+0.012", "interval -0.004 to 0.028"),
        ("Macro-F1", "0.680", "0.700", "+0.020"),
        ("training.epochs", "1", "2", ""),
    ]
    assert any("in the place of 77ab77ab77ab" in consequence for consequence in brief.consequences)
    for drawn in (on_terminal(brief), brief.to_markdown(), brief.to_html()):
        assert "training.epochs" in drawn


def test_figures_from_other_test_rows_say_so(page):
    older = LINEAGE | {"outputs": {"test": "cd" * 32}}
    before = Dossier(candidate=BEFORE, findings=(measured("performance.macro_f1", 0.68),), lineage=older)
    (change,) = page(*HOLDS, previous=Previous(BEFORE, before)).changes
    assert change.detail == "+0.020, on other test rows"


def test_figures_of_different_units_are_told_apart_before_all_others_and_not_compared(page):
    def found(epsilon, delta, energy, source):
        return (
            measured("privacy.epsilon_prv", epsilon, unit=f"epsilon (delta {delta:g})"),
            measured("footprint.training_energy", energy, unit=f"kWh ({source})"),
            measured("footprint.size", energy, unit="MB"),
        )

    before = Dossier(candidate=BEFORE, findings=found(8.0, 1e-6, 0.5, "modelled"), lineage=LINEAGE)
    now = DOSSIER.model_copy(update={"findings": found(6.0, 1e-3, 0.5, "measured")})
    checks = [verdict(f.check, unit=f.unit) for f in now.findings]
    brief = page(*checks, dossier=now, previous=Previous(BEFORE, before))
    apart = "they do not compare: the units differ"
    assert [(c.before, c.now, c.detail) for c in brief.changes] == [
        ("8 epsilon (delta 1e-06)", "6 epsilon (delta 0.001)", apart),
        ("0.5 kWh (modelled)", "0.5 kWh (measured)", apart),
    ]


def test_many_changed_settings_are_counted_and_not_all_listed(page):
    older = LINEAGE | {"training": {f"setting_{number}": number for number in range(20)}}
    changed = page(*HOLDS, previous=Previous(BEFORE, Dossier(candidate=BEFORE, findings=(), lineage=older))).changes
    assert len(changed) == 13
    assert changed[-1].what == "and 10 more settings"


def test_what_is_said_besides_stands_with_what_the_ledger_says(page):
    assert page(*HOLDS, notices=["The dossier of the live release is gone."]).notices == (
        "The dossier of the live release is gone.",
    )


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_figure_is_lost_in_a_terminal_of_any_width(page, width):
    checks = (
        verdict("baseline.macro_f1_gain[tfidf]", value=0.123, interval=(0.051, 0.132)),
        verdict("comparison.macro_f1_change", "fail", value=0.456, margin=-0.2, limit="interval ≥ -0.987"),
    )
    shown = on_terminal(page(*checks), width=width).split("Checks")[1].split("What changed")[0]
    for figure in ("0.123", "0.051", "0.132", "0.456", "-0.987"):
        assert figure in shown
    assert max(map(len, shown.splitlines())) <= width


def test_it_is_json(page):
    value = json.loads(json.dumps(page(*HOLDS).to_json(), allow_nan=False))
    assert value["recommendation"] == "All 4 checks hold."
    assert value["checks"][0]["check"] == "performance.macro_f1"


def test_the_same_page_comes_out_of_the_same_ledger(page, opened):
    gate, now = opened(), "2026-10-02T10:00:00Z"
    draw = partial(page, *HOLDS, gate=gate, now=now)
    assert draw() == draw()
    assert draw().to_html() == draw().to_html()


def test_a_group_that_lost_is_named_among_the_first_things_to_look_at(page):
    check, among = "comparison.group_macro_f1_change[domain]", "of 9 groups: 1 fail, 8 pass"
    brief = page(*HOLDS, verdict(check, "fail", value=-0.2, margin=-0.15, group="books", among=among))
    assert brief.first[0].title == f"Change in macro-F1, groups of domain: “books” ({among})"
    assert among in " ".join(on_terminal(brief, width=200).split())


def test_of_groups_only_those_that_lost_are_listed_among_the_changes(page):
    check = "comparison.group_macro_f1_change[domain]"
    lost = measured(check, -0.2, interval=(-0.3, -0.1), confidence=0.95, against=BEFORE, group="books")
    unsure = measured(check, -0.2, interval=(-0.5, 0.1), confidence=0.95, against=BEFORE, group="toys")
    now = DOSSIER.model_copy(update={"findings": (*DOSSIER.findings, lost, unsure)})
    brief = page(*HOLDS, dossier=now, previous=Previous(BEFORE, DOSSIER))
    assert [c.what for c in brief.changes if "groups" in c.what] == ["Change in macro-F1, groups of domain: “books”"]
