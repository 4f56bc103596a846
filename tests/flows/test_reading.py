"""`status`, `inbox`, `history`: what is printed of a ledger and an archive that are really there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from sluicegate.evidence.dossier import Dossier, write_dossier
from sluicegate.evidence.finding import measured
from sluicegate.gates.decisions import Grounds, decide
from sluicegate.gates.gate import open_gate
from sluicegate.gates.releases import record_recall
from sluicegate.gates.state import Gate
from sluicegate.ledger.ledger import Ledger, open_ledger
from sluicegate.policy import Judgement, Limit, Policy, StageLimits, Verdict
from sluicegate.registry import archive
from sluicegate.settings import Home
from tests import people
from tests.people import Person, person
from tests.sluicegate.desk.pages import promoted

POLICY = Policy(
    stages=(
        StageLimits(
            stage="internal",
            limits=(Limit(check="performance.accuracy", min=0.6), Limit(check="performance.macro_f1", min=0.69)),
            gate={},  # type: ignore[arg-type]
        ),
    )
)
HOLDS = Judgement(
    verdicts=(Verdict(check="performance.accuracy", verdict="pass", limit="≥ 0.6", value=0.7, margin=0.1),),
    stage="internal",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("SLUICEGATE_LEDGER_URL", "SLUICEGATE_LEDGERD", "MLFLOW_TRACKING_URI", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SLUICEGATE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("flows.cli.reading.console.width", 240)
    return Home.from_environment()


@pytest.fixture
def ledger(home: Home) -> Ledger:
    return open_ledger(home)


@pytest.fixture
def team(ledger: Ledger) -> dict[str, Person]:
    found = {one.id: one for one in (person("ada", "administrator", "responder"), person("rita"), person("otto"))}
    people.found(ledger, *found.values())
    return found


@pytest.fixture
def opened(home: Home, ledger: Ledger, team: dict[str, Person], tmp_path: Path) -> Callable[..., Gate]:
    """Opens a gate whose candidate, dossier and policy lie in the archive."""

    def open_(model: str = "reviews") -> Gate:
        (candidate := tmp_path / model / "candidate").mkdir(parents=True)
        (dossier := tmp_path / model / "dossier").mkdir()
        (candidate / "weights").write_text(model)
        kept = archive.keep(candidate, home.candidates).name
        findings = (
            measured("performance.accuracy", 0.55),
            measured("performance.macro_f1", 0.7, interval=(0.68, 0.72), confidence=0.95),
        )
        write_dossier(Dossier(candidate=kept, findings=findings, lineage={"model": model}), dossier)
        archive.keep_value(POLICY.to_json(), home.policies)
        return open_gate(
            ledger,
            model=model,
            stage="internal",
            candidate=kept,
            dossier=archive.keep(dossier, home.dossiers).name,
            policy=POLICY.digest,
            rule=POLICY.rule("internal"),
            accountable="otto",
            facts={"stages": ["internal"]},
        )

    return open_


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def of(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def put(ledger: Ledger, gate: Gate, letter: Any) -> None:
    decide(ledger, gate.id, letter, grounds=Grounds(HOLDS), via="command-line")


def test_the_inbox_says_what_blocks_what_is_near_and_who_may_decide(opened: Callable[..., Gate]) -> None:
    gate = opened()
    (row,) = of("inbox")
    assert (row["id"], row["eligible"], row["state"]) == (gate.id, ["ada", "rita"], "open")
    assert (row["blocking"], row["near"]) == (["performance.accuracy"], ["performance.macro_f1"])
    shown = run("inbox")
    for part in (gate.id[:12], "internal of reviews", "13 days left", "ada, rita: one more approval", "1 block"):
        assert part in shown
    assert f"sluicegate brief {gate.id[:12]}" in shown


def test_a_dossier_that_is_gone_does_not_break_the_inbox(opened: Callable[..., Gate], home: Home) -> None:
    opened("tweets")
    gate = opened()
    (home.dossiers / gate.dossier / "dossier.json").write_text("{}")
    rows = {row["model"]: row for row in of("inbox")}
    assert gate.dossier[:12] in rows["reviews"]["unseen"]
    assert (rows["tweets"]["unseen"], rows["tweets"]["blocking"]) == ("", ["performance.accuracy"])
    assert "cannot be looked at" in run("inbox")


def test_the_history_tells_who_decided_how_and_the_changes_of_the_roster(
    opened: Callable[..., Gate], ledger: Ledger, team: dict[str, Person]
) -> None:
    gate = opened()
    opened("tweets")
    put(ledger, gate, team["rita"].rejects(gate, "One group is left behind."))
    assert [entry["kind"] for entry in of("history", "reviews")] == [
        "ledger_opened",
        "roster_changed",
        "gate_opened",
        "decision",
    ]
    shown = run("history", "reviews")
    for part in ("roster changed: found ada", "decision: reject", "signed", "rita", "One group is left behind."):
        assert part in shown
    assert "Fault" not in shown


def test_the_history_of_an_unknown_model_is_refused_though_the_ledger_has_entries_about_all(
    opened: Callable[..., Gate],
) -> None:
    opened()
    done = CliRunner().invoke(app, ["history", "nonesuch"])
    assert done.exception is not None
    assert "it knows reviews)" in str(done.exception)


def test_a_decision_that_does_not_count_is_named_under_the_history(
    opened: Callable[..., Gate], ledger: Ledger, team: dict[str, Person]
) -> None:
    gate = opened()
    letter = team["rita"].approves(gate)
    forged = dict(letter.statement) | {"reviewer": "ada", "via": "file", "grade": "signed", "verdicts": {}}
    ledger.append("decision", "reviews", forged | {"signature": letter.signatures[0].signature})
    shown = run("history", "reviews")
    assert "Fault: entry 4 (decision) does not count: the signature of ada does not hold" in shown
    assert any("signature of ada" in fault for fault in of("status")["faults"])


def test_what_people_wrote_is_shown_and_does_nothing(opened: Callable[..., Gate], ledger: Ledger) -> None:
    opened()
    nasty = "\x1b[2J\x1b]0;owned\x07 [bold red]x[/] [link=http://evil]y[/link] {{ 7*7 }}"
    ledger.append("decision_refused", "reviews", {"gate": "ab" * 32, "decision": nasty, "why": [nasty]})
    shown = run("history", "reviews")
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "·[2J·]0;owned· [bold red]x[/] [link=http://evil]y[/link] {{ 7*7 }}" in shown


def test_the_status_of_a_new_home_says_what_founds_the_roster(home: Home) -> None:
    assert "Nobody is on the roster yet: sluicegate init-ledger" in run("status")
    assert of("status")["reviewers"] == []
    assert of("inbox") == []
    assert "No gate is open." in run("inbox")


def test_the_status_shows_what_is_live_and_what_was_taken_back(
    opened: Callable[..., Gate], ledger: Ledger, team: dict[str, Person]
) -> None:
    gates = [opened("reviews"), opened("tweets")]
    for gate in gates:
        put(ledger, gate, team["rita"].approves(gate))
        promoted(ledger, gate)
    recalled = gates[0].candidate
    record_recall(ledger, team["ada"].orders("recall", model="reviews", candidate=recalled, stages="internal"))
    status = of("status")
    assert [(release["model"], release["standing"]) for release in status["live"]] == [("tweets", "good")]
    assert [(release["model"], release["standing"]) for release in status["taken_back"]] == [("reviews", "recalled")]
    assert status["empty_stages"] == [{"model": "reviews", "stage": "internal"}]
    shown = run("status")
    assert "Nothing is live in reviews/internal since a recall: sluicegate rollback reviews internal" in shown
    assert "Taken back" in shown
    told = run("history", "reviews")
    assert f"release recalled: {recalled[:12]}" in told
    assert "It misleads people." in told
