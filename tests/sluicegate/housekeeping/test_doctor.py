import sqlite3
from importlib import metadata

import pytest

from sluicegate.housekeeping import doctor
from sluicegate.housekeeping.doctor import Diagnosis, diagnose
from sluicegate.manifest import digest_of_bytes
from sluicegate.registry.stages import promote
from sluicegate.spec import PinnedPackage


def _named(found: tuple[Diagnosis, ...], name: str) -> Diagnosis:
    return next(d for d in found if d.name == name)


def test_a_sound_installation_is_sound(house, tmp_path):
    promote(house.home, house.ledger, house.approved().id)
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"# a comment\nnumpy=={metadata.version('numpy')}\n", "utf-8")

    found = diagnose(house.home, lock=lock)

    assert [d.name for d in found if not d.ok and d.name != "disk"] == []
    assert "1 models, 1 live" in _named(found, "MLflow").detail


def test_packages_other_than_the_locks_are_named(house, tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy==0.1\nno-such-package==1.0 ; python_version > '3'\n", "utf-8")

    packages = _named(diagnose(house.home, lock=lock), "packages")

    assert not packages.ok
    assert "not 0.1" in packages.detail
    assert "no-such-package missing" in packages.detail
    assert "pip install -r" in packages.remedy


def test_an_edited_ledger_is_named(house):
    house.open()
    with sqlite3.connect(house.root / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_no_update")

    ledger = _named(diagnose(house.home), "ledger")

    assert not ledger.ok
    assert "do not release anything" in ledger.remedy


def test_a_promotion_that_was_begun_is_named(house):
    from sluicegate.gates.releases import record_intent

    gate = house.approved()
    record_intent(house.ledger, gate.id)

    promotions = _named(diagnose(house.home), "promotions")

    assert not promotions.ok
    assert gate.id[:12] in promotions.detail


def test_one_fault_does_not_hide_the_next(house):
    (house.root / "mlflow" / "mlflow.db").write_bytes(b"no database" * 100)
    (house.root / "ledger.db").write_bytes(b"no database" * 100)

    found = diagnose(house.home)

    assert not _named(found, "ledger").ok
    assert not _named(found, "MLflow").ok
    assert _named(found, "python").ok


@pytest.mark.parametrize(
    ("content", "ok", "detail"),
    [(b"right", True, "1 pinned"), (b"wrong", False, "changed since"), (None, False, "not fetched yet: tiny==1")],
)
def test_pinned_inputs_are_there_and_unchanged(house, content, ok, detail):
    pin = PinnedPackage(package="tiny==1", sha256=digest_of_bytes(b"right"))
    if content is not None:
        (house.home.inputs / f"{pin.sha256[:16]}-tiny-1.whl").write_bytes(content)

    inputs = _named(diagnose(house.home, pins=[pin]), "inputs")

    assert inputs.ok is ok
    assert detail in inputs.detail


def test_a_full_disk_is_named(house, monkeypatch):
    monkeypatch.setattr(doctor, "FREE_BYTES", 10**18)

    disk = _named(diagnose(house.home), "disk")

    assert not disk.ok
    assert "sluicegate clean" in disk.remedy
