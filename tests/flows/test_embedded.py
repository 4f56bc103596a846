"""A user's first hour, embedded: build, look, be refused, approve, reject, export, back up, clean."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from sluicegate.ledger.ledger import open_ledger
from sluicegate.manifest import Manifest
from sluicegate.settings import Home
from tests.flows.conftest import Cli, Done, Team

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("embedded")]


@pytest.fixture(scope="module")
def first_run(small_world: Path, module_home: Path, team: Team) -> Done:
    from tests.flows.conftest import run

    team.found(module_home)
    done = run("run", str(small_world / "spec.yaml"), home=module_home)
    assert done.code == 0, done.err
    return done


@pytest.fixture(scope="module")
def gate(first_run: Done, module_home: Path) -> str:
    from tests.flows.conftest import run

    (waiting,) = run("inbox", "--json", home=module_home).json
    return str(waiting["id"])


def test_a_run_ends_awaiting_review_with_the_commands_that_go_on(first_run: Done, gate: str) -> None:
    assert "Awaiting review" in first_run.out
    assert f"sluicegate approve {gate[:12]} --as" in first_run.out
    assert "May candidate" in first_run.out
    assert first_run.err == ""


def test_progress_names_every_stage(first_run: Done) -> None:
    stages = [
        "inputs",
        "source",
        "validate",
        "scrub",
        "clean",
        "split",
        "canaries",
        "fine-tune",
        "evaluate",
        "judge",
        "register",
        "open gate",
    ]
    assert [line.split(":")[0] for line in first_run.out.splitlines() if line.endswith(": begins")] == stages


def test_a_second_run_finds_all_finished_work_and_the_same_gate(
    sluicegate: Cli, small_world: Path, module_home: Path, gate: str
) -> None:
    before = {p.name: p.stat().st_mtime_ns for p in (module_home / "steps").glob("*/step.json")}
    done = sluicegate("run", str(small_world / "spec.yaml"), "--json", home=module_home)
    assert done.json["gate"] == gate
    assert {p.name: p.stat().st_mtime_ns for p in (module_home / "steps").glob("*/step.json")} == before
    versions = _versions(module_home, "small-world-candidate")
    assert len(versions) == 1


def test_the_candidate_is_what_another_home_makes_of_the_same_spec(
    sluicegate: Cli, small_world: Path, module_home: Path, gate: str, tmp_path: Path
) -> None:
    sluicegate("run", str(small_world / "spec.yaml"), home=tmp_path)
    assert {p.name for p in (tmp_path / "candidates").iterdir()} == {
        p.name for p in (module_home / "candidates").iterdir()
    }


def test_every_number_of_the_dossier_is_traced_to_what_the_steps_left(
    sluicegate: Cli, module_home: Path, gate: str
) -> None:
    (dossier,) = (module_home / "dossiers").iterdir()
    done = sluicegate("trace", dossier.name[:8], home=module_home)
    assert done.code == 0, done.err
    assert "every number stands in its file, every digest holds" in done.out
    missing = {line for line in done.out.splitlines() if "not found here" in line}
    assert missing == {"    made from base model (not found here)"}
    one = sluicegate("trace", str(dossier), "data.canary_recall", home=module_home)
    assert "scrubbed/scrubbing.json" in one.out
    held = sluicegate("trace", str(dossier), "data.canary_recall", "--json", home=module_home).json
    places = {source["name"]: source["place"] for source in held[0]["made_from"]}
    assert Path(places["scrubbed/scrubbing.json"]).parent.parent == module_home / "steps"
    assert sluicegate("trace", "feed", home=module_home).code == 2


@pytest.mark.parametrize(
    ("who", "key", "line"),
    [
        pytest.param("zed", "bo", "not a reviewer", id="unknown reviewer"),
        pytest.param("ann", "bo", "signature of ann does not hold", id="somebody else's key"),
        pytest.param("owner", "bo", "not a reviewer", id="accountable"),
    ],
)
def test_a_decision_that_does_not_hold_is_refused_and_recorded(
    sluicegate: Cli, module_home: Path, gate: str, team: Team, who: str, key: str, line: str
) -> None:
    before = len(_entries(module_home, "decision_refused"))
    by = ("--as", who, *team.by(key)[2:])
    done = sluicegate("approve", gate[:12], *by, "--reason", "looks good", home=module_home)
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert line in done.err
    assert len(_entries(module_home, "decision_refused")) == before + 1


@pytest.mark.parametrize(
    ("changed", "more", "line"),
    [
        pytest.param({"--reason": " "}, {}, "reason of at least 3", id="empty reason"),
        pytest.param({"--reason": "ask joe@example.org"}, {}, "an e-mail address", id="personal data"),
        pytest.param({"--key": "/nowhere/ann.key"}, {}, "no such file", id="no key"),
        pytest.param({"--key": "."}, {}, "is a folder", id="a folder"),
        pytest.param({"--key": __file__}, {}, "test_embedded.py", id="no private key"),
        pytest.param({}, {"SLUICEGATE_PASSPHRASE_FILE": __file__}, "wrong passphrase", id="wrong passphrase"),
        pytest.param({}, {"SLUICEGATE_PASSPHRASE_FILE": ""}, "nobody can be asked", id="no passphrase"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(
    sluicegate: Cli, module_home: Path, gate: str, team: Team, changed: dict[str, str], more: dict[str, str], line: str
) -> None:
    before = len(open_ledger(Home.at(module_home)).entries())
    options = dict(zip(("--as", "--key"), team.by("ann")[1::2], strict=True)) | {"--reason": "looks good"} | changed
    arguments = [part for option in options.items() for part in option]
    done = sluicegate("approve", gate[:12], *arguments, home=module_home, **more)
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert line in done.err
    assert "joe@" not in done.err
    assert len(open_ledger(Home.at(module_home)).entries()) == before


def test_an_unknown_gate_is_one_clear_line(sluicegate: Cli, module_home: Path, gate: str) -> None:
    done = sluicegate("approve", "feedfeed", "--as", "ann", "--reason", "looks good", home=module_home)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "feedfeed" in done.err


def test_approval_promotes_exactly_these_bytes_and_opens_the_next_gate(
    sluicegate: Cli, module_home: Path, gate: str, team: Team
) -> None:
    done = sluicegate("approve", gate, *team.by("ann"), "--reason", "the figures hold", "--json", home=module_home)
    assert done.code == 0, done.err
    assert done.json["state"] == "released"
    (version,) = _versions(module_home, "small-world-internal")
    assert version.aliases == ["live"]
    (following,) = sluicegate("inbox", "--json", home=module_home).json
    assert (following["stage"], following["candidate"]) == ("restricted", done.json["candidate"])


def test_a_backup_holds_no_raw_rows_even_while_a_gate_waits(
    sluicegate: Cli, module_home: Path, gate: str, tmp_path: Path
) -> None:
    assert sluicegate("backup", str(tmp_path / "b.tar"), home=module_home).code == 0
    with tarfile.open(tmp_path / "b.tar") as archive:
        names = archive.getnames()
    steps = {name.split("/")[1].rpartition("-")[0] for name in names if name.startswith("steps/")}
    assert steps == {"split"}


def test_a_rejection_ends_the_gate_and_reopening_is_a_new_round(
    sluicegate: Cli, module_home: Path, gate: str, team: Team
) -> None:
    (waiting,) = sluicegate("inbox", "--json", home=module_home).json
    done = sluicegate(
        "reject", waiting["id"], *team.by("bo"), "--reason", "wait for the audit", "--json", home=module_home
    )
    assert done.json["state"] == "rejected"
    late = sluicegate("approve", waiting["id"], *team.by("ann"), "--reason", "looks good", home=module_home)
    assert late.code == 3
    again = sluicegate("reopen", waiting["id"], "--as", "bo", "--reason", "audit is done", "--json", home=module_home)
    assert (again.json["round"], again.json["state"]) == (2, "open")
    assert again.json["id"] != waiting["id"]


def test_a_newer_candidate_supersedes_the_older_one_s_open_gates(
    sluicegate: Cli, small_world: Path, module_home: Path, gate: str
) -> None:
    (older,) = sluicegate("inbox", "--json", home=module_home).json
    done = sluicegate("run", str(small_world / "spec.yaml"), "--set", "training.seed=1", "--json", home=module_home)
    assert done.code == 0, done.err
    (newer,) = sluicegate("inbox", "--json", home=module_home).json
    assert (newer["stage"], newer["id"]) == ("internal", done.json["gate"])
    assert newer["candidate"] != older["candidate"]
    assert any(e.body.get("gate") == older["id"] for e in _entries(module_home, "gate_superseded"))
    assert any("comparison" in line["check"] for line in done.json["checks"]) or done.json["changes"]


def test_withdrawing_ends_a_gate(sluicegate: Cli, module_home: Path, gate: str) -> None:
    (waiting,) = sluicegate("inbox", "--json", home=module_home).json
    assert sluicegate("withdraw", waiting["id"], "--json", home=module_home).json["state"] == "withdrawn"
    assert sluicegate("inbox", "--json", home=module_home).json == []


def test_history_tells_everything_in_order(sluicegate: Cli, module_home: Path, gate: str) -> None:
    kinds = [entry["kind"] for entry in sluicegate("history", "small-world", "--json", home=module_home).json]
    assert kinds[:3] == ["ledger_opened", "roster_changed", "gate_opened"]
    wanted = [
        "decision",
        "promotion_intended",
        "promotion_committed",
        "gate_opened",
        "decision",
        "gate_opened",
        "gate_withdrawn",
    ]
    position = iter(kinds)
    assert all(kind in position for kind in wanted), kinds


def test_what_is_exported_can_be_checked_by_somebody_else(
    sluicegate: Cli, module_home: Path, gate: str, tmp_path: Path
) -> None:
    done = sluicegate("export", "small-world/internal", str(tmp_path / "out"), home=module_home)
    assert done.code == 0, done.err
    (release,) = sluicegate("status", "--json", home=module_home).json["live"]
    assert Manifest.of_folder(tmp_path / "out" / "candidate").digest == release["candidate"]
    assert Manifest.of_folder(tmp_path / "out" / "dossier").digest == release["dossier"]


def test_a_backup_restored_elsewhere_knows_the_same(
    sluicegate: Cli, module_home: Path, gate: str, tmp_path: Path
) -> None:
    assert sluicegate("backup", str(tmp_path / "b.tar"), home=module_home).code == 0
    done = sluicegate("restore", str(tmp_path / "b.tar"), home=tmp_path / "elsewhere")
    assert done.code == 0, done.err
    here = sluicegate("history", "small-world", "--json", home=module_home).json
    assert sluicegate("history", "small-world", "--json", home=tmp_path / "elsewhere").json == here


def test_cleaning_asks_and_keeps_what_a_release_needs(
    sluicegate: Cli, module_home: Path, gate: str, tmp_path: Path
) -> None:
    refused = sluicegate("clean", home=module_home)
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert sluicegate("clean", "--yes", home=module_home).code == 0
    assert sluicegate("export", "small-world/internal", str(tmp_path / "out"), home=module_home).code == 0


def test_no_text_of_the_data_is_left_outside_the_steps_folder(module_home: Path, gate: str) -> None:
    found = subprocess.run(
        ["grep", "-rlaE", "someone[0-9]+@example.org|Ada Quill|Bram Oster", str(module_home)],
        capture_output=True,
        text=True,
        check=False,
    )
    outside = [line for line in found.stdout.splitlines() if not line.startswith(str(module_home / "steps"))]
    assert outside == []


def test_doctor_finds_nothing_wrong(sluicegate: Cli, module_home: Path, gate: str) -> None:
    done = sluicegate("doctor", "--json", home=module_home)
    assert [d for d in done.json if not d["ok"]] == []


def _entries(home: Path, kind: str) -> list:
    return list(open_ledger(Home.at(home)).entries(kinds=(kind,)))


def _versions(home: Path, model: str) -> list:
    from sluicegate.registry import tracking

    client = tracking.connect(Home.at(home))
    return [client.get_model_version(model, v.version) for v in client.search_model_versions(f"name='{model}'")]
