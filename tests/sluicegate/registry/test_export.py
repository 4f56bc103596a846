"""What an exported release holds, and that it can be checked with nothing of ours."""

import ast
import json
import re
import shutil
import sqlite3
import subprocess
import sys

import pytest

from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected, Unavailable
from sluicegate.gates.releases import record_recall, record_rollback_commit, record_rollback_intent
from sluicegate.ledger.checkpoint import Checkpoint, checkpoint_faults
from sluicegate.ledger.ledger import Ledger
from sluicegate.ledger.records import Excerpt
from sluicegate.manifest import digest_of_file
from sluicegate.registry.export import export, find_release

SSH_KEYGEN = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen")


@pytest.fixture
def released(house):
    return house.released()


@pytest.fixture
def out(house, released, tmp_path):
    export(house.home, house.ledger, "reviews/internal", tmp_path / "out")
    return tmp_path / "out"


def commands(out, program):
    """The commands that the README names, each with what follows it on the next line."""
    lines = (out / "README.txt").read_text("utf-8").splitlines()
    return [(a.strip(), b.strip()) for a, b in zip(lines, lines[1:], strict=False) if a.strip().startswith(program)]


def test_an_export_can_be_checked_with_sha256sum_alone(out):
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=out, check=True)
    listed = {line.split("  ")[1] for line in (out / "SHA256SUMS").read_text().splitlines()}
    found = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert found - listed == {"SHA256SUMS"}


def test_everything_with_an_id_is_exported_in_the_form_that_the_id_is_the_sha256_of(house, released, out):
    assert digest_of_file(out / "candidate.manifest.json") == released.candidate
    assert digest_of_file(out / "dossier.manifest.json") == released.dossier
    assert digest_of_file(out / "policy.json") == released.policy
    assert digest_of_file(out / "roster.json") == released.roster
    assert digest_of_file(out / "gate.json") == released.gate
    for file in json.loads((out / "candidate.manifest.json").read_text())["files"]:
        assert digest_of_file(out / "candidate" / file["path"]) == file["sha256"]


def test_the_digests_in_the_readme_are_those_of_the_files(out):
    promised = re.findall(r"sha256sum (\S+) +gives +([0-9a-f]{64})", (out / "README.txt").read_text())
    assert len(promised) == 5
    for name, digest in promised:
        assert digest_of_file(out / name) == digest


@SSH_KEYGEN
def test_ssh_keygen_verifies_each_approval_by_the_readmes_own_command(out):
    [(command, what)] = commands(out, "ssh-keygen -Y verify")
    assert what == "the approval by ada"
    done = subprocess.run(command, shell=True, cwd=out, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert 'Good "sluicegate-decision" signature for ada' in done.stdout


@SSH_KEYGEN
def test_ssh_keygen_does_not_verify_an_approval_that_was_changed(out):
    [(command, _)] = commands(out, "ssh-keygen -Y verify")
    path = out / "decisions" / "01.json"
    path.write_text(path.read_text().replace("measured and read", "measured and seen"))
    done = subprocess.run(command, shell=True, cwd=out, capture_output=True, text=True, check=False)
    assert done.returncode != 0


def test_what_the_readme_has_verified_names_the_gate_and_the_decision(released, out):
    said = json.loads((out / "decisions" / "01.json").read_text())
    assert (said["gate"], said["decision"], said["reviewer"]) == (released.gate, "approve", "ada")


def test_the_exported_model_answers_without_anything_of_ours(out):
    [command] = re.findall(r"python -B -c \"(.*)\"", (out / "README.txt").read_text())
    done = subprocess.run(
        [sys.executable, "-B", "-c", command], cwd=out / "candidate", capture_output=True, text=True, check=False
    )
    (answer,) = ast.literal_eval(done.stdout or done.stderr)
    assert sum(answer.values()) == pytest.approx(1)


def test_the_chain_is_whole_though_other_models_show_only_their_headers(house, released, tmp_path):
    other = house.open(seed=1, model="tweets")
    export(house.home, house.ledger, "reviews/internal", tmp_path / "out")

    text = (tmp_path / "out" / "ledger.json").read_text("utf-8")
    excerpt = Excerpt.from_json(json.loads(text))
    assert excerpt.faults == ()
    assert [header.kind for header in excerpt.headers] == ["gate_opened"]
    assert other.candidate not in text
    assert "tweets" not in text


def test_a_checkpoint_of_the_ledger_as_it_is_now_is_exported(house, released, out):
    checkpoint = Checkpoint.from_json(json.loads((out / "checkpoint.json").read_text("utf-8")))
    entries = house.ledger.entries()
    assert checkpoint.head == entries[-1].hash
    assert checkpoint_faults(checkpoint, entries) == ()


def test_where_no_checkpoint_can_be_taken_nothing_is_exported(house, released, tmp_path):
    with pytest.raises(Unavailable, match="only reads"):
        export(house.home, Ledger(house.home.ledger_url), "reviews/internal", tmp_path / "out")
    assert list(tmp_path.glob("*out*")) == []


def test_a_release_that_left_the_archive_is_exported_out_of_mlflow(house, released, tmp_path):
    shutil.rmtree(house.home.candidates)

    export(house.home, house.ledger, "reviews/internal", tmp_path / "out")

    assert (tmp_path / "out" / "candidate" / "model.safetensors").is_file()


def test_a_recalled_release_is_refused_with_who_recalled_it_and_why(house, released, tmp_path):
    record_recall(house.ledger, house.recall_letter(released))

    for name in ("reviews/internal", released.candidate[:8]):
        with pytest.raises(ReleaseDenied, match=r"was recalled by ada on .*: It misleads people"):
            export(house.home, house.ledger, name, tmp_path / "out")
        with pytest.raises(ReleaseDenied, match="was recalled"):
            find_release(house.ledger, name)
    assert list(tmp_path.glob("*out*")) == []


def test_after_a_rollback_the_stage_means_what_is_live_there_again(house, released, tmp_path):
    second = house.released(seed=1)
    rollback = record_rollback_intent(house.ledger, house.rollback_letter())
    record_rollback_commit(house.ledger, rollback, facts={})

    assert export(house.home, house.ledger, "reviews/internal", tmp_path / "live").release == released
    assert export(house.home, house.ledger, second.candidate[:8], tmp_path / "left").release.gate == second.gate


def test_a_folder_with_something_in_it_is_refused_and_left_alone(house, released, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    with pytest.raises(InputRefused, match="not an empty folder"):
        export(house.home, house.ledger, "reviews/internal", tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(house, released, tmp_path):
    (tmp_path / "out").mkdir()

    export(house.home, house.ledger, "reviews/internal", tmp_path / "out")

    assert (tmp_path / "out" / "README.txt").is_file()
    assert [p.name for p in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("name", ["reviews/public", "nothing/internal", "0000", "abc", ""])
def test_what_was_not_released_is_refused_with_what_was(house, released, tmp_path, name):
    with pytest.raises(InputRefused, match="reviews/internal"):
        export(house.home, house.ledger, name, tmp_path / "out")


def test_an_edited_ledger_is_not_exported(house, released, tmp_path):
    with sqlite3.connect(house.root / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_no_delete")

    with pytest.raises(TamperingDetected):
        export(house.home, house.ledger, "reviews/internal", tmp_path / "out")
