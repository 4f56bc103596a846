import sqlite3
from importlib import metadata

import pytest

from sluicegate.housekeeping import doctor
from sluicegate.housekeeping.doctor import Diagnosis, diagnose
from sluicegate.manifest import digest_of_bytes
from sluicegate.registry.stages import promote


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


SPEC = """
model: reviews
description: Says how a review means it.
owner: ada
data:
  source: {kind: csv, path: reviews.csv}
  label: label
  labels: [bad, good]
  licence: proprietary
validation: {suite: suite.json}
scrubbing:
  named_entity_model: {package: tiny-ner==1, sha256: NER}
  entities: {PERSON: {operator: hash}}
training:
  base_model: {package: tiny==1, sha256: BASE}
  base_model_licence: MIT
policy: policy.yaml
reviewers: [{id: ada, stages: [internal]}]
"""


@pytest.fixture
def spec(tmp_path):
    """A spec whose files are there; its pinned packages hold the texts ``ner`` and ``base``."""
    for name in ("reviews.csv", "suite.json", "policy.yaml"):
        (tmp_path / name).write_text("x", "utf-8")
    text = SPEC.replace("NER", digest_of_bytes(b"ner")).replace("BASE", digest_of_bytes(b"base"))
    (tmp_path / "spec.yaml").write_text(text, "utf-8")
    return tmp_path / "spec.yaml"


def _fetched(house, content: bytes, holds: bytes | None = None) -> None:
    (house.home.inputs / f"{digest_of_bytes(content)[:16]}-tiny-1.whl").write_bytes(holds or content)


def test_a_spec_whose_files_packages_and_secret_are_there_is_sound(house, spec):
    _fetched(house, b"ner")
    _fetched(house, b"base")

    found = diagnose(house.home, spec=spec, environ={"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"})

    assert [d.name for d in found if not d.ok and d.name != "disk"] == []
    assert "2 pinned packages" in _named(found, "inputs").detail
    assert "sixteen" not in str(found)


def test_what_a_spec_names_and_is_not_there_is_named(house, spec):
    _fetched(house, b"ner", holds=b"something else")
    (spec.parent / "suite.json").unlink()

    found = diagnose(house.home, spec=spec, environ={})

    assert "validation.suite" in _named(found, "spec").detail
    assert _named(found, "inputs").detail == "changed since they were fetched: tiny-ner==1"
    assert "SLUICEGATE_SCRUB_KEY" in _named(found, "secrets").detail

    _fetched(house, b"ner")
    assert _named(diagnose(house.home, spec=spec), "inputs").detail == "not fetched yet: tiny==1"


def test_a_spec_that_cannot_be_read_is_named_with_its_fault(house, spec):
    spec.write_text("model: [", "utf-8")

    assert "is not YAML" in _named(diagnose(house.home, spec=spec), "spec").detail


def test_a_full_disk_is_named(house, monkeypatch):
    monkeypatch.setattr(doctor, "FREE_BYTES", 10**18)

    disk = _named(diagnose(house.home), "disk")

    assert not disk.ok
    assert "sluicegate clean" in disk.remedy
