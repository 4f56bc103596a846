import io
import json
import shutil
import tarfile

import pytest

from sluicegate.errors import InputRefused, TamperingDetected, Unavailable
from sluicegate.gates.releases import releases
from sluicegate.housekeeping.backup import backup, restore
from sluicegate.ledger.ledger import Ledger, open_ledger
from sluicegate.registry import archive
from sluicegate.registry.rollback import rollback
from sluicegate.registry.stages import heal, verify_release
from sluicegate.settings import Home


@pytest.fixture
def released(house):
    return house.released()


@pytest.fixture
def file(house, released, tmp_path):
    backup(house.home, tmp_path / "b.tar")
    return tmp_path / "b.tar"


@pytest.fixture
def keys(house, tmp_path):
    """A copy of the service's keys, kept elsewhere."""
    return shutil.copytree(house.home.keys, tmp_path / "kept-keys")


def test_what_was_backed_up_is_whole_in_another_home(house, released, file, tmp_path):
    made = {e.hash for e in house.ledger.entries()}
    shutil.rmtree(house.root)
    home = Home.at(tmp_path / "elsewhere")

    restore(file, home)

    ledger = open_ledger(home)
    assert {e.hash for e in ledger.entries()} == made
    assert ledger.verify() == ()
    [found] = releases(ledger)
    assert found == released
    verify_release(home, found)
    assert archive.candidate(home, found.candidate).is_dir()
    heal(home, ledger)


def test_the_next_release_goes_on_where_the_restored_home_stands(house, released, file, keys, tmp_path):
    shutil.rmtree(house.root)
    home = Home.at(tmp_path / "elsewhere")
    restore(file, home)
    shutil.copytree(keys, home.keys)
    house.move(home.root)

    again = house.released(seed=1)

    assert again.facts["version"] == 2
    assert str(home.root) in str(next(home.mlflow_artifacts.rglob("MLmodel")))
    verify_release(home, again)
    assert house.ledger.verify() == ()


def test_the_services_keys_are_not_in_a_backup_and_a_restored_ledger_is_not_written_without_them(
    house, released, file, tmp_path
):
    with tarfile.open(file) as tar:
        assert not [name for name in tar.getnames() if "key" in name]
    secret = house.home.service_key.read_bytes()
    assert secret not in file.read_bytes()

    house.move(tmp_path / "elsewhere")
    restore(file, house.home)
    house.move(house.root)

    assert house.ledger.verify() == ()
    with pytest.raises(Unavailable, match="bring the file back"):
        house.open(seed=1)
    assert not house.home.service_key.exists()


def test_a_rollback_goes_on_in_a_restored_home(house, released, keys, tmp_path):
    house.released(seed=1)
    letter = house.rollback_letter()
    backup(house.home, tmp_path / "b.tar")
    house.move(tmp_path / "elsewhere")
    restore(tmp_path / "b.tar", house.home)
    shutil.copytree(keys, house.home.keys)
    house.move(house.root)

    assert rollback(house.home, house.ledger, letter).candidate == released.candidate


def test_receipts_are_in_a_backup(house, released, tmp_path):
    house.home.receipts.mkdir()
    (house.home.receipts / "0001.json").write_text("{}", "utf-8")
    backup(house.home, tmp_path / "b.tar")

    home = Home.at(tmp_path / "elsewhere")
    restore(tmp_path / "b.tar", home)

    assert (home.receipts / "0001.json").read_text("utf-8") == "{}"
    with pytest.raises(InputRefused, match="empty home"):
        restore(tmp_path / "b.tar", home)


def test_a_split_that_a_release_is_compared_on_is_in_the_backup(house, tmp_path):
    from sluicegate.steps import run_step

    split = run_step(
        house.home.steps, "split", inputs={}, section=0, code="1", work=lambda f, _: (f / "t.parquet").write_bytes(b"x")
    )
    house.released(lineage={"split": split.output})
    backup(house.home, tmp_path / "b.tar")

    home = Home.at(tmp_path / "elsewhere")
    restore(tmp_path / "b.tar", home)

    assert (home.steps / split.folder.name / "t.parquet").is_file()


def test_a_backup_never_writes_over_another_file(house, file):
    with pytest.raises(InputRefused, match="is there already"):
        backup(house.home, file)


def test_a_ledger_whose_chain_is_broken_is_not_backed_up(house, released, tmp_path):
    import sqlite3

    with sqlite3.connect(house.root / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_no_update")
        database.execute("UPDATE entries SET body = replace(body, 'ada', 'eve')")

    with pytest.raises(TamperingDetected):
        backup(house.home, tmp_path / "b.tar")
    assert not list(tmp_path.glob("*.tar"))
    assert not list(tmp_path.glob(".*partial"))


def test_a_home_in_use_is_not_restored_into(house, file):
    with pytest.raises(InputRefused, match="empty home"):
        restore(file, house.home)


def test_a_ledger_without_an_entry_does_not_make_a_home_in_use(file, tmp_path):
    home = Home.at(tmp_path / "elsewhere")
    Ledger(home.ledger_url)

    restore(file, home)

    assert releases(Ledger(home.ledger_url))


def _rewritten(file, target, change):
    """The backup with the member that `change` names changed by it: name, bytes → name, bytes or None."""
    with tarfile.open(file) as old, tarfile.open(target, "w") as new:
        for member in old:
            changed = change(member.name, old.extractfile(member).read())
            if changed is not None:
                info = tarfile.TarInfo(changed[0])
                info.size = len(changed[1])
                new.addfile(info, io.BytesIO(changed[1]))
    return target


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(
            lambda n, b: (n, b[:-1] + b"\x00" if n.endswith(".safetensors") else b), "was changed", id="bytes"
        ),
        pytest.param(lambda n, b: None if n.endswith("vocab.txt") else (n, b), "is missing", id="removed"),
        pytest.param(lambda n, b: (n.replace("policies/", "runs/"), b), "was added", id="renamed"),
    ],
)
def test_a_backup_that_was_changed_is_refused_and_nothing_is_restored(file, tmp_path, change, fault):
    home = Home.at(tmp_path / "elsewhere")

    with pytest.raises(TamperingDetected, match=fault):
        restore(_rewritten(file, tmp_path / "changed.tar", change), home)

    assert not [p for p in home.root.rglob("*") if p.is_file() and "locks" not in p.parts]


def test_a_changed_candidate_whose_listing_was_changed_along_is_found_by_its_name(file, tmp_path):
    from sluicegate.manifest import digest_of_bytes

    def change(name, content):
        if name.startswith("candidates/") and name.endswith("config.json"):
            content += b" "
        if name == "backup.json":
            listing = json.loads(content)
            for entry in listing["files"]:
                if entry["path"].startswith("candidates/") and entry["path"].endswith("config.json"):
                    entry |= {"size": entry["size"] + 1, "sha256": digest_of_bytes(_member(file, entry["path"]) + b" ")}
            content = json.dumps(listing).encode()
        return name, content

    with pytest.raises(TamperingDetected, match="not what its name says"):
        restore(_rewritten(file, tmp_path / "changed.tar", change), Home.at(tmp_path / "elsewhere"))


def _member(file, name):
    with tarfile.open(file) as tar:
        return tar.extractfile(name).read()


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "candidates/../../evil", "inputs/x", "ledger.db"])
def test_a_member_that_no_backup_holds_is_refused(file, tmp_path, name):
    evil = tmp_path / "evil.tar"
    shutil.copyfile(file, evil)
    with tarfile.open(evil, "a") as tar:
        info = tarfile.TarInfo(name)
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))

    with pytest.raises(InputRefused, match="which no backup holds"):
        restore(evil, Home.at(tmp_path / "elsewhere"))
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_link_or_device_is_refused(tmp_path, kind):
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        info = tarfile.TarInfo("candidates/x")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)

    with pytest.raises(InputRefused, match="which no backup holds"):
        restore(tmp_path / "evil.tar", Home.at(tmp_path / "elsewhere"))


def test_a_backup_that_is_cut_short_or_is_something_else_is_refused(file, tmp_path):
    cut = tmp_path / "cut.tar"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    (tmp_path / "text.tar").write_text("no archive at all\n" * 100)
    home = Home.at(tmp_path / "elsewhere")

    for bad in (cut, tmp_path / "text.tar", tmp_path / "absent.tar"):
        with pytest.raises(InputRefused):
            restore(bad, home)
