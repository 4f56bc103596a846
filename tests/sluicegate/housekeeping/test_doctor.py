import sqlite3
from dataclasses import replace
from importlib import metadata

import pytest

from sluicegate.gates.releases import record_intent, record_rollback_intent
from sluicegate.housekeeping import doctor
from sluicegate.housekeeping.doctor import Diagnosis, diagnose
from sluicegate.ledger.ledger import open_ledger
from sluicegate.manifest import digest_of_bytes
from sluicegate.registry import tracking
from sluicegate.registry.stages import promote
from tests.people import found as founded
from tests.people import person


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
    gate = house.approved()
    record_intent(house.ledger, gate.id)

    promotions = _named(diagnose(house.home), "promotions")

    assert not promotions.ok
    assert gate.id[:12] in promotions.detail


def test_an_approval_that_nobody_acted_on_is_named_with_what_finishes_it(house):
    gate = house.approved()

    promotions = _named(diagnose(house.home), "promotions")

    assert not promotions.ok
    assert promotions.detail == f"approved and not begun: reviews/internal (gate {gate.id[:12]})"
    assert "give the same `sluicegate approve` again" in promotions.remedy


def test_a_rollback_that_was_begun_is_named(house):
    first = house.released(seed=0)
    house.released(seed=1)
    record_rollback_intent(house.ledger, house.rollback_letter())

    promotions = _named(diagnose(house.home), "promotions")

    assert not promotions.ok
    assert f"rollback to gate {first.gate[:12]}" in promotions.detail


def test_a_decision_that_the_service_wrote_without_a_signature_is_named(house):
    gate = house.open()
    body = house.decide(gate).decision.statement | {"via": "command-line", "grade": "signed", "signature": "forged"}
    other = house.open("restricted")
    house.ledger.append("decision", "reviews", body | {"gate": other.id, "verdicts": {}})

    ledger = _named(diagnose(house.home), "ledger")

    assert not ledger.ok
    assert "the signature of ada does not hold" in ledger.detail


def test_an_alias_set_by_hand_is_named_with_the_command_that_puts_it_right(house):
    house.released()
    tracking.connect(house.home).delete_registered_model_alias("reviews-internal", "live")

    registry = _named(diagnose(house.home), "registry")

    assert not registry.ok
    assert registry.detail == "reviews-internal: alias live is missing, what is live there is version 1"
    assert "doctor --repair" in registry.remedy


def test_a_stage_that_was_not_looked_at_is_said(house):
    record_intent(house.ledger, house.approved().id)

    registry = _named(diagnose(house.home), "registry")

    assert registry.ok
    assert "not looked at: reviews/internal: a promotion is under way there" in registry.detail


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
owner: otto
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
stages: [internal, public]
"""
POLICY = """
stages: {internal: [{check: performance.macro_f1, min: 0.6}]}
gates: {public: {approvals: 2}}
"""
ADA, ANN, BO = person("ada", "administrator", stages=[]), person("ann"), person("bo")


@pytest.fixture
def spec(tmp_path):
    """A spec whose files are there; its pinned packages hold the texts ``ner`` and ``base``."""
    for name in ("reviews.csv", "suite.json"):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "policy.yaml").write_text(POLICY, "utf-8")
    text = SPEC.replace("NER", digest_of_bytes(b"ner")).replace("BASE", digest_of_bytes(b"base"))
    (tmp_path / "spec.yaml").write_text(text, "utf-8")
    return tmp_path / "spec.yaml"


@pytest.fixture
def staffed(house, tmp_path):
    """A home whose ledger has these people on its roster, and nothing else."""

    def make(*people):
        home = replace(house.home, ledger_url=f"sqlite:///{tmp_path / 'staffed.db'}")
        founded(open_ledger(home), ADA, *people)
        return home

    return make


def _fetched(house, content: bytes, holds: bytes | None = None) -> None:
    (house.home.inputs / f"{digest_of_bytes(content)[:16]}-tiny-1.whl").write_bytes(holds or content)


def test_a_spec_whose_files_packages_secret_and_people_are_there_is_sound(house, staffed, spec):
    _fetched(house, b"ner")
    _fetched(house, b"base")

    found = diagnose(staffed(ANN, BO), spec=spec, environ={"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"})

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


def test_a_policy_that_nobody_could_satisfy_is_refused_before_anything_is_trained(staffed, spec):
    reviewers = _named(diagnose(staffed(ANN), spec=spec), "reviewers")

    assert not reviewers.ok
    assert reviewers.detail == "stage public: it needs 2 approvals, one from each person, and only ann may approve"
    assert "sluicegate reviewer list" in reviewers.remedy


def test_whoever_answers_for_the_build_is_not_counted(staffed, spec):
    spec.write_text(spec.read_text("utf-8").replace("owner: otto", "owner: bo"), "utf-8")

    assert "bo answers for the build" in _named(diagnose(staffed(ANN, BO), spec=spec), "reviewers").detail


@pytest.mark.parametrize(("people", "ok"), [((ANN, BO), True), ((ANN,), False)])
def test_without_an_owner_somebody_on_the_roster_must_be_able_to_sign_the_start(staffed, spec, people, ok):
    spec.write_text(spec.read_text("utf-8").replace("owner: otto\n", ""), "utf-8")

    assert _named(diagnose(staffed(*people), spec=spec), "reviewers").ok is ok


def test_a_ledger_without_a_roster_and_a_policy_that_cannot_be_read_are_named(house, spec, tmp_path):
    home = replace(house.home, ledger_url=f"sqlite:///{tmp_path / 'empty.db'}")

    assert "nobody is on the roster" in _named(diagnose(home, spec=spec), "reviewers").detail

    (tmp_path / "policy.yaml").write_text("stages: {beta: []}", "utf-8")
    assert "stages.beta: is not a stage" in _named(diagnose(home, spec=spec), "reviewers").detail


def test_a_spec_that_cannot_be_read_is_named_with_its_fault(house, spec):
    spec.write_text("model: [", "utf-8")

    found = diagnose(house.home, spec=spec)
    assert sum("is not YAML" in one.detail for one in found) == 1
    assert "is not YAML" in _named(found, "spec").detail
    assert _named(found, "spec").remedy == f"correct {spec}"
    for name in ("reviewers", "inputs", "secrets"):
        unread = _named(found, name)
        assert (unread.ok, unread.detail) == (False, "not looked at, since the spec cannot be read")


def test_a_full_disk_is_named(house, monkeypatch):
    monkeypatch.setattr(doctor, "FREE_BYTES", 10**18)

    disk = _named(diagnose(house.home), "disk")

    assert not disk.ok
    assert "sluicegate clean" in disk.remedy
