from pathlib import Path
from types import SimpleNamespace

import pytest
from registry_fixtures import ADA, House, write_training

from sluicegate.errors import InputRefused, ReleaseDenied
from sluicegate.gates.gate import find_gate, outcome
from sluicegate.gates.starts import sign_start
from sluicegate.pipeline import Build, open_first_gate, prepare, register
from sluicegate.policy import load_policy
from sluicegate.registry import archive
from sluicegate.registry.candidates import Registered
from sluicegate.registry.rollback import recall
from sluicegate.registry.stages import promote
from sluicegate.settings import Home
from tests.people import person

ENVIRON = {"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"}
REGISTERED = Registered("small-world-candidate", 1, "0" * 32)


@pytest.fixture
def build(house: House, small_world: Path) -> Build:
    return prepare(house.home, small_world / "spec.yaml", None, ENVIRON)


def _started(house: House, small_world: Path, by=ADA, **said: str) -> Build:
    unsigned = prepare(house.home, small_world / "spec.yaml", None, ENVIRON)
    start = sign_start(by.id, by.key, **({"model": unsigned.spec.model, "spec": unsigned.loaded.digest} | said))
    return prepare(house.home, small_world / "spec.yaml", None, ENVIRON, start)


def test_the_first_gate_has_the_rule_of_its_stage_and_the_specs_owner_answers_for_it(build, house):
    candidate, dossier, _ = house.keep()

    gate = open_first_gate(build, candidate, dossier, REGISTERED)

    policy = load_policy(build.policy_path, build.spec)
    assert (gate.model, gate.stage, gate.policy) == ("small-world", "internal", policy.digest)
    assert gate.rule == policy.rule("internal")
    assert gate.accountable == "owner"
    assert gate.eligible == ("ada",)
    assert gate.facts["registered"]["version"] == 1
    assert archive.policy(house.home, gate.policy).is_file()
    assert open_first_gate(build, candidate, dossier, REGISTERED) == gate


def test_only_those_whom_the_spec_asks_may_decide(house, small_world):
    build = prepare(house.home, small_world / "spec.yaml", {"reviewers": ["bo"]}, ENVIRON)
    candidate, dossier, _ = house.keep()

    gate = open_first_gate(build, candidate, dossier, REGISTERED)

    assert gate.asked == ("bo",)
    assert gate.eligible == ()


def test_whoever_signed_the_start_answers_for_the_build_and_may_not_approve_it(house, small_world):
    candidate, dossier, _ = house.keep()

    gate = open_first_gate(_started(house, small_world), candidate, dossier, REGISTERED)

    assert gate.accountable == "ada"
    assert gate.excluded == ("ada",)
    assert gate.eligible == ()
    assert outcome(house.ledger).faults == ()


def test_with_no_owner_and_no_signed_start_nobody_answers_and_nobody_can_approve(house, small_world):
    build = prepare(house.home, small_world / "spec.yaml", {"owner": None}, ENVIRON)
    candidate, dossier, _ = house.keep()

    gate = open_first_gate(build, candidate, dossier, REGISTERED)

    assert gate.accountable == ""
    with pytest.raises(ReleaseDenied, match="nobody is named who answers"):
        house.decide(gate)


@pytest.mark.parametrize("how", ["by a stranger", "for another spec", "with another's key"])
def test_a_start_that_does_not_hold_is_refused_before_anything_is_done(house, small_world, how):
    by = {"by a stranger": person("eve"), "with another's key": person("ada")}.get(how, ADA)

    with pytest.raises(InputRefused, match="start"):
        _started(house, small_world, by, **({"spec": "0" * 64} if how == "for another spec" else {}))


def test_the_gate_after_a_release_is_the_next_stages(build, house):
    candidate, dossier, _ = house.keep()
    first = open_first_gate(build, candidate, dossier, REGISTERED)
    promote(house.home, house.ledger, house.decide(first).id)

    assert open_first_gate(build, candidate, dossier, REGISTERED).stage == "restricted"


def test_a_recalled_candidate_gets_no_gate(build, house):
    candidate, dossier, _ = house.keep()
    first = open_first_gate(build, candidate, dossier, REGISTERED)
    release = promote(house.home, house.ledger, house.decide(first).id)
    recall(house.home, house.ledger, house.recall_letter(release))

    with pytest.raises(ReleaseDenied, match="recalled"):
        open_first_gate(build, candidate, dossier, REGISTERED)
    assert find_gate(house.ledger, first.id).state == "released"


def test_registering_logs_the_policy_so_that_another_home_finds_it_by_digest(build, house, tmp_path):
    candidate, dossier, _ = house.keep()
    trained = SimpleNamespace(folder=write_training(tmp_path / "training"), key="k" * 64)

    registered = register(build, SimpleNamespace(trained=trained), candidate, dossier)

    elsewhere = Home.at(tmp_path / "elsewhere", tracking_uri=house.home.tracking_uri)
    gate = open_first_gate(build, candidate, dossier, registered)
    for store in ("policies", "dossiers", "candidates"):
        assert not list((elsewhere.root / store).iterdir())
    assert archive.policy(elsewhere, gate.policy).is_file()
    assert archive.dossier(elsewhere, gate.dossier).is_dir()
    assert archive.candidate(elsewhere, gate.candidate).is_dir()
