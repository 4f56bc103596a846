import json
import os
import time
from datetime import timedelta

import pytest
from filelock import FileLock

from sluicegate.gates.gate import withdraw
from sluicegate.gates.releases import releases
from sluicegate.gates.state import later
from sluicegate.housekeeping.clean import Plan, needed, needed_steps, plan, sweep
from sluicegate.ledger.ledger import Ledger
from sluicegate.manifest import Manifest
from sluicegate.registry import archive
from sluicegate.registry.rollback import recall, rollback
from sluicegate.registry.stages import promote
from sluicegate.steps import Step, run_step


def _step(house, name: str, number: int = 0) -> Step:
    def work(folder, _key):
        (folder / "out.txt").write_text(f"{name} {number}", "utf-8")

    return run_step(house.home.steps, name, inputs={}, section=number, code="1", work=work)


def _what(found: Plan) -> set[tuple[str, str]]:
    return {(item.kind, item.path.name) for item in found.items}


def test_nothing_that_a_release_needs_may_go(house):
    split = _step(house, "split")
    gate = house.approved(lineage={"steps": {"split": split.output}})
    promote(house.home, house.ledger, gate.id)

    found = plan(house.home, house.ledger)

    assert found.items == ()
    sweep(found)
    assert archive.candidate(house.home, gate.candidate).is_dir()
    assert split.folder.is_dir()


def test_a_release_needs_its_split_and_a_waiting_gate_every_step_that_it_names(house):
    split, training = _step(house, "split"), _step(house, "fine-tune")
    gate = house.open(lineage={"split": split.key, "training": training.output})
    assert plan(house.home, house.ledger).items == ()

    house.decide(gate)
    promote(house.home, house.ledger, gate.id)

    assert _what(plan(house.home, house.ledger)) == {("step", training.folder.name)}


@pytest.mark.parametrize("by", ["output", "key", "folder name", "file"])
def test_a_lineage_may_name_a_step_in_any_of_these_ways(house, by):
    split = _step(house, "split")
    record = json.loads((split.folder / "step.json").read_text("utf-8"))
    name = {"output": split.output, "key": split.key, "folder name": split.folder.name}.get(
        by, record["files"][0]["sha256"]
    )
    house.open(lineage={"deep": [{"er": name}]})

    assert needed_steps(house.home, needed(house.home, house.ledger)) == (split.folder,)


def test_what_nobody_needs_may_go_and_is_gone_after_the_sweep(house):
    candidate, dossier, policy = house.keep()
    step = _step(house, "scrub")

    found = plan(house.home, house.ledger)

    assert _what(found) == {
        ("candidate", candidate),
        ("dossier", dossier),
        ("policy", f"{policy}.json"),
        ("step", step.folder.name),
    }
    size = Manifest.of_folder(house.home.candidates / candidate).files
    assert found.bytes > sum(e.size for e in size)
    assert sweep(found) == found.bytes
    assert plan(house.home, house.ledger).items == ()
    assert not step.folder.exists()


def test_a_plan_touches_nothing(house):
    house.keep()
    before = Manifest.of_folder(house.home.candidates)

    plan(house.home, house.ledger)

    assert Manifest.of_folder(house.home.candidates) == before


@pytest.mark.parametrize("how", ["rejected", "withdrawn", "superseded", "expired"])
def test_what_only_an_ended_gate_pointed_at_may_go(house, how):
    gate = house.open(seed=0)
    if how == "rejected":
        house.decide(gate, "reject")
    elif how == "withdrawn":
        withdraw(house.ledger, gate.id)
    elif how == "expired":
        late = Ledger(house.home.ledger_url, key=house.home.service_key, clock=lambda: later(gate.closes, timedelta(1)))
        late.append("gate_expired", gate.model, {"gate": gate.id})
        assert house.state(gate) == "expired"
    else:
        house.open(seed=1)

    assert ("candidate", gate.candidate) in _what(plan(house.home, house.ledger))


def test_an_earlier_release_is_kept_for_a_rollback(house):
    house.released(seed=0)
    house.released(seed=1)

    assert plan(house.home, house.ledger).items == ()


@pytest.mark.parametrize("how", ["rolled back", "recalled"])
def test_a_release_that_was_rolled_back_or_recalled_is_kept(house, how):
    split = _step(house, "split")
    house.released(seed=0)
    left = house.released(seed=1, lineage={"steps": {"split": split.output}})
    if how == "rolled back":
        rollback(house.home, house.ledger, house.rollback_letter())
    else:
        recall(house.home, house.ledger, house.recall_letter(left))

    found = plan(house.home, house.ledger)

    assert [r.standing for r in releases(house.ledger)] == ["good", how]
    assert found.items == ()


def test_while_a_run_is_under_way_every_step_is_kept(house):
    _step(house, "scrub")
    unfinished = house.home.steps / ".train-abc.unfinished"
    unfinished.mkdir()

    with FileLock(house.home.steps / ".train-abc.lock"):
        found = plan(house.home, house.ledger)
    assert found.items == ()
    assert "under way" in found.kept[0]

    assert {item.kind for item in plan(house.home, house.ledger).items} == {"step", "unfinished step"}


def test_a_step_that_somebody_began_to_work_on_after_the_plan_is_left(house):
    unfinished = house.home.steps / ".train-abc.unfinished"
    unfinished.mkdir()
    found = plan(house.home, house.ledger)

    with FileLock(house.home.steps / ".train-abc.lock"):
        assert sweep(found) == 0

    assert unfinished.is_dir()


def test_while_a_needed_dossier_cannot_be_read_every_step_is_kept(house):
    gate = house.open()
    _step(house, "scrub")
    (house.home.dossiers / gate.dossier / "dossier.json").write_text("{", "utf-8")

    found = plan(house.home, house.ledger)

    assert found.items == ()
    assert "cannot be read" in found.kept[0]


def test_what_a_killed_process_left_may_go_after_an_hour(house):
    left = house.home.candidates / ".abc-1.partial"
    left.mkdir()
    assert plan(house.home, house.ledger).items == ()

    os.utime(left, (time.time() - 4000, time.time() - 4000))

    [item] = plan(house.home, house.ledger).items
    assert (item.kind, item.path) == ("leftover", left)
    sweep(plan(house.home, house.ledger))
    assert not left.exists()


def test_a_killed_self_test_may_go_after_an_hour_and_one_that_is_at_work_may_not(house):
    left = house.home.selftest
    left.mkdir()
    (left / "weights").write_bytes(b"0" * 1000)
    (left / "inputs").symlink_to(house.home.inputs, target_is_directory=True)
    kept = house.home.inputs / "archive"
    kept.write_bytes(b"0")
    os.utime(left, (time.time() - 4000, time.time() - 4000))
    with FileLock(left / ".lock"):
        os.utime(left, (time.time() - 4000, time.time() - 4000))
        assert plan(house.home, house.ledger).items == ()

    os.utime(left, (time.time() - 4000, time.time() - 4000))
    [item] = plan(house.home, house.ledger).items

    assert (item.kind, item.path, item.bytes) == ("leftover", left, 1000)
    sweep(plan(house.home, house.ledger))
    assert not left.exists()
    assert kept.exists()
