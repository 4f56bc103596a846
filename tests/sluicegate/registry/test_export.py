import json
import re
import shutil
import subprocess

import pytest

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.manifest import digest_of_file
from sluicegate.registry.export import export
from sluicegate.registry.stages import promote


@pytest.fixture
def released(house):
    gate = house.approved()
    return promote(house.home, house.ledger, gate.id)


def test_an_export_can_be_checked_with_sha256sum_alone(house, released, tmp_path):
    out = tmp_path / "out"
    exported = export(house.home, house.ledger, "reviews/internal", out)

    assert exported.release == released
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=out, check=True)
    listed = {line.split("  ")[1] for line in (out / "SHA256SUMS").read_text().splitlines()}
    found = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert found - listed == {"SHA256SUMS"}


def test_everything_with_an_id_is_exported_in_the_form_that_the_id_is_the_sha256_of(house, released, tmp_path):
    out = tmp_path / "out"
    export(house.home, house.ledger, released.candidate[:8], out)

    assert digest_of_file(out / "candidate.manifest.json") == released.candidate
    assert digest_of_file(out / "dossier.manifest.json") == released.dossier
    assert digest_of_file(out / "policy.json") == released.policy
    assert digest_of_file(out / "roster.json") == released.roster
    assert digest_of_file(out / "gate.json") == released.gate
    entries = {e.hash for e in house.ledger.entries()}
    assert {digest_of_file(p) for p in (out / "ledger").iterdir()} == entries
    for file in json.loads((out / "candidate.manifest.json").read_text())["files"]:
        assert digest_of_file(out / "candidate" / file["path"]) == file["sha256"]


def test_the_commands_in_the_readme_give_what_it_says(house, released, tmp_path):
    out = tmp_path / "out"
    export(house.home, house.ledger, "reviews/internal", out)

    promised = re.findall(r"sha256sum (\S+) +gives +([0-9a-f]{64})", (out / "README.txt").read_text())
    assert len(promised) == 7
    for name, digest in promised:
        assert digest_of_file(out / name) == digest


def test_the_exported_model_answers_without_anything_of_ours(house, released, tmp_path):
    export(house.home, house.ledger, "reviews/internal", tmp_path / "out")

    [command] = re.findall(r"python -B -c \"(.*)\"", (tmp_path / "out" / "README.txt").read_text())
    import sys

    done = subprocess.run(
        [sys.executable, "-B", "-c", command], cwd=tmp_path / "out" / "candidate", capture_output=True, text=True
    )
    assert done.stdout.startswith("[["), done.stderr


def test_the_other_candidates_entries_stay_at_home(house, released, tmp_path):
    other = house.open(seed=1)

    export(house.home, house.ledger, "reviews/internal", tmp_path / "out")

    names = "".join(p.read_text() for p in (tmp_path / "out" / "ledger").iterdir())
    assert other.candidate not in names


def test_a_release_that_left_the_archive_is_exported_out_of_mlflow(house, released, tmp_path):
    shutil.rmtree(house.home.candidates)

    export(house.home, house.ledger, "reviews/internal", tmp_path / "out")

    assert (tmp_path / "out" / "candidate" / "model.safetensors").is_file()


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
    import sqlite3

    with sqlite3.connect(house.root / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_no_delete")

    with pytest.raises(TamperingDetected):
        export(house.home, house.ledger, "reviews/internal", tmp_path / "out")
