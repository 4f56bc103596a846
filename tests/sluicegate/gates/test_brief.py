"""The page from which a person decides."""

from __future__ import annotations

import io
import json

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import measured
from sluicegate.gates.brief import Previous, compose
from sluicegate.gates.gate import find_gate, withdraw
from sluicegate.policy import Judgement, Verdict

BEFORE = "77ab" * 16
LINEAGE = {
    "description": "Reads reviews as negative or positive.",
    "intended_use": "Sorting mail, not judging people.",
    "owner": "otto",
    "data": {
        "source": {"kind": "csv", "path": "reviews.csv"},
        "licence": "CC-BY-4.0",
        "parts": {"train": 6750, "validation": 900, "test": 1350},
        "quarantined": 3,
        "labels": ["negative", "positive"],
        "groups": ["domain"],
    },
    "base_model": {"name": "tiny-bert==1.0", "licence": "Apache-2.0"},
    "training": {"epochs": 2, "learning_rate": 0.0001},
    "outputs": {"test": "ab" * 32},
}


def verdict(check, outcome="pass", value=0.7, margin=0.1, **more):
    if outcome in ("not_evaluated", "not_applicable"):
        value = margin = None
    return Verdict(check=check, verdict=outcome, limit="≥ 0.6", value=value, margin=margin, unit="share", **more)


HOLDS = (
    verdict("performance.accuracy", margin=0.3),
    verdict("performance.macro_f1", margin=0.01, interval=(0.65, 0.75)),
    verdict("performance.roc_auc", margin=0.2),
    verdict("performance.pr_auc", margin=0.15),
)


@pytest.fixture
def dossier():
    findings = (measured("performance.macro_f1", 0.7, interval=(0.65, 0.75), confidence=0.95, n=1350),)
    return Dossier(candidate="c1" * 32, findings=findings, lineage=LINEAGE, settings={"confidence": 0.95})


@pytest.fixture
def page(opened, dossier):
    def page_(*verdicts, gate=None, **more):
        judgement = Judgement(verdicts=verdicts, stage="internal")
        return compose(gate or opened(), more.pop("dossier", dossier), judgement, **({"reviewers": ["rita"]} | more))

    return page_


def on_terminal(brief, width=100, **options):
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, **options)
    brief.to_terminal(console)
    return console.file.getvalue()


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
    assert brief.commands[0].startswith("sluicegate reject")
    assert not any("approve" in command for command in brief.commands)
    assert brief.commands[1] == "sluicegate run deployments/reviews.yaml"


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


def test_without_a_failure_the_smallest_margins_come_first(page):
    assert [line.check for line in page(*HOLDS).first] == [
        "performance.macro_f1",
        "performance.pr_auc",
        "performance.roc_auc",
    ]


def test_margins_are_compared_against_the_value_and_not_across_units(page):
    rows = verdict("data.test_rows", value=1350.0, margin=350.0)  # a quarter of the value
    close = verdict("performance.accuracy", value=0.7, margin=0.01)
    assert next(line.check for line in page(rows, close).first) == "performance.accuracy"


def test_a_value_that_cannot_be_better_is_not_near_its_limit(page):
    none_leaked = verdict("data.leaked_share", value=0.0, margin=0.0)
    assert page(none_leaked, verdict("performance.accuracy", margin=0.2)).first[0].check == "performance.accuracy"


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


def test_it_says_what_was_trained_on_what_under_which_licence(page):
    told = dict(page(*HOLDS).provenance)
    assert told["what it does"] == "Reads reviews as negative or positive."
    assert told["base model"] == "tiny-bert==1.0 (licence Apache-2.0)"
    assert told["trained on"] == "reviews.csv (licence CC-BY-4.0)"
    assert told["rows"] == "6,750 train, 900 validation, 1,350 test; 3 set aside"
    assert told["accountable"] == "otto"
    assert told["candidate"] == "c1" * 32


def test_a_lineage_that_says_nothing_leaves_lines_out_and_breaks_nothing(page):
    bare = Dossier(candidate="c1" * 32, findings=(), lineage={})
    told = dict(page(*HOLDS, dossier=bare).provenance)
    assert "base model" not in told
    assert told["accountable"] == "otto"


def test_a_first_release_says_that_there_is_nothing_to_compare_with(page):
    brief = page(*HOLDS)
    assert (brief.since, brief.changes) == ("", ())
    assert "this would be the first release" in on_terminal(brief)
    assert "this would be the first release" in brief.to_markdown()


def test_it_says_what_changed_since_the_live_release(page, dossier):
    older = LINEAGE | {"training": {"epochs": 1, "learning_rate": 0.0001}}
    before = Dossier(candidate=BEFORE, findings=(measured("performance.macro_f1", 0.68),), lineage=older)
    compared = measured("comparison.macro_f1_change", 0.012, interval=(-0.004, 0.028), confidence=0.95, against=BEFORE)
    stale = measured("comparison.disagreement", 0.3, against="88" * 32)
    now = dossier.model_copy(update={"findings": (*dossier.findings, compared, stale)})
    brief = page(*HOLDS, dossier=now, previous=Previous(BEFORE, before, "2026-10-02T10:00:00Z"))
    assert brief.since == "release 77ab77ab77ab 2026-10-02"
    assert [(c.what, c.before, c.now, c.detail) for c in brief.changes] == [
        ("Change in macro-F1", "", "+0.012", "interval -0.004 to 0.028"),
        ("Macro-F1", "0.680", "0.700", "+0.020"),
        ("training.epochs", "1", "2", ""),
    ]
    assert "in the place of 77ab77ab77ab" in brief.consequences[1]


def test_figures_from_other_test_rows_say_so(page, dossier):
    older = LINEAGE | {"outputs": {"test": "cd" * 32}}
    before = Dossier(candidate=BEFORE, findings=(measured("performance.macro_f1", 0.68),), lineage=older)
    (change,) = page(*HOLDS, previous=Previous(BEFORE, before)).changes
    assert change.detail == "+0.020, on other test rows"


def test_many_changed_settings_are_counted_and_not_all_listed(page):
    older = LINEAGE | {"training": {f"setting_{number}": number for number in range(20)}}
    changed = page(*HOLDS, previous=Previous(BEFORE, Dossier(candidate=BEFORE, findings=(), lineage=older))).changes
    assert len(changed) == 13
    assert changed[-1].what == "and 10 more settings"


def test_it_says_what_approving_will_do_and_what_to_type(page, opened):
    brief = page(*HOLDS)
    short = opened().id[:12]
    assert "registered model reviews-internal" in brief.consequences[0]
    assert brief.consequences[2] == "The gate of restricted opens next."
    assert brief.commands == (
        f'sluicegate approve {short} --as rita --reason "…"',
        f'sluicegate reject {short} --as rita --reason "…"',
    )
    assert page(*HOLDS, gate=opened(stage="public")).consequences[2] == "It is the last stage: no gate follows."


def test_several_reviewers_put_in_their_own_id(page):
    assert "--as YOUR-ID" in page(*HOLDS, reviewers=["rita", "ravi"]).commands[0]


def test_a_stage_that_nobody_may_decide_is_said(page):
    assert page(*HOLDS, reviewers=[]).notices == ("Nobody on the roster may decide stage internal.",)


def test_a_path_with_a_space_can_be_copied_into_a_shell(page, opened):
    gate = opened(facts={"spec": "my specs/it's.yaml"})
    brief = page(verdict("drift.share", "fail", margin=-1), gate=gate)
    assert brief.commands[1] == "sluicegate run 'my specs/it'\"'\"'s.yaml'"


def test_a_gate_that_has_ended_says_so_first_and_offers_to_ask_again(page, opened, decided, ledger):
    gate = opened()
    decided(gate, decision="reject", reason="The labels of editorials are wrong.")
    brief = page(*HOLDS, gate=find_gate(ledger, gate.id))
    assert brief.notices[0].startswith("This gate was rejected by rita on ")
    assert brief.notices[0].endswith("The labels of editorials are wrong.")
    assert brief.commands == (f"sluicegate reopen {gate.id[:12]}",)
    withdrawn = withdraw(ledger, opened(candidate="c2" * 32).id)
    assert "withdrawn" in page(*HOLDS, gate=withdrawn).notices[0]


def test_an_approved_gate_offers_nothing_more_to_decide(page, opened, decided, ledger):
    gate = opened()
    decided(gate)
    assert page(*HOLDS, gate=find_gate(ledger, gate.id)).commands == ()


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_figure_is_lost_in_a_terminal_of_any_width(page, width):
    checks = (
        verdict("baseline.macro_f1_gain[tfidf]", value=0.123, interval=(0.051, 0.132)),
        verdict("comparison.macro_f1_change", "fail", value=0.456, margin=-0.2).model_copy(
            update={"limit": "interval ≥ -0.987"}
        ),
    )
    shown = on_terminal(page(*checks), width=width).split("Checks")[1].split("What changed")[0]
    for figure in ("0.123", "0.051", "0.132", "0.456", "-0.987"):
        assert figure in shown
    assert max(map(len, shown.splitlines())) <= width


def test_it_is_json(page):
    value = json.loads(json.dumps(page(*HOLDS).to_json(), allow_nan=False))
    assert value["recommendation"] == "All 4 checks hold."
    assert value["checks"][0]["check"] == "performance.macro_f1"


NASTY = "\x1b[2J\x1b]0;owned\x07 [bold red]x[/] <script>alert(1)</script> [y](javascript:z) | {{ 7*7 }} `c`\u202e"


@pytest.fixture
def nasty(page, opened):
    """A brief with hostile text wherever people write."""
    lineage = LINEAGE | {"description": NASTY, "data": LINEAGE["data"] | {"labels": [NASTY], "licence": NASTY}}
    before = Dossier(candidate=BEFORE, findings=(), lineage={"training": {NASTY: NASTY}})
    return page(
        verdict(f"performance.f1[{NASTY}]", "not_evaluated", why=NASTY),
        gate=opened(owner=NASTY, facts={"spec": NASTY}),
        dossier=Dossier(candidate="c1" * 32, findings=(), lineage=lineage),
        previous=Previous(BEFORE, before),
        links={NASTY: NASTY, "web": f"http://a/{NASTY}"},
        notices=[NASTY],
    )


def test_a_terminal_shows_hostile_text_and_does_nothing_of_it(nasty):
    shown = on_terminal(nasty, width=2000)
    plain = io.StringIO()
    console = Console(file=plain, width=2000, force_terminal=False)
    nasty.to_terminal(console)
    assert "\x1b]0;" not in shown
    assert "\x1b[2J" not in shown
    for character in "\x1b\x07\u202e":
        assert character not in plain.getvalue()
    assert "[bold red]x[/]" in plain.getvalue()
    assert "·[2J" in plain.getvalue()


def test_markdown_shows_hostile_text_and_does_nothing_of_it(nasty):
    source = nasty.to_markdown()
    renderer = MarkdownIt("commonmark", {"html": True}).enable("table")
    types = {t.type for token in renderer.parse(source) for t in [token, *(token.children or [])]}
    assert not types & {"html_block", "html_inline", "image", "code_inline"}
    links = [t for token in renderer.parse(source) for t in token.children or [] if t.type == "link_open"]
    assert links == []
    assert "{{" not in source.split("```")[0]
    html = renderer.render(source)
    assert "<script" not in html
    for character in "\x1b\x07\u202e":
        assert character not in source


def test_every_row_of_every_table_keeps_its_cells(nasty):
    renderer = MarkdownIt("commonmark").enable("table")
    rows, cells = [], 0
    for token in renderer.parse(nasty.to_markdown()):
        cells = 0 if token.type == "tr_open" else cells + (token.type in ("td_open", "th_open"))
        if token.type == "tr_close":
            rows.append(cells)
    assert set(rows) == {2, 4, 6}
