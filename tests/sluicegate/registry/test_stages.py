import shutil
import subprocess
import sys
import threading

import pytest
from registry_fixtures import House
from shown import alias, do_killed, kinds, versions

from sluicegate.errors import ReleaseDenied, TamperingDetected, Unavailable
from sluicegate.gates.gate import find_gate, withdraw
from sluicegate.gates.releases import live, record_recall, releases
from sluicegate.ledger.ledger import open_ledger
from sluicegate.registry import stages, tracking
from sluicegate.registry.rollback import recall
from sluicegate.registry.stages import heal, promote, verify_release


@pytest.fixture(scope="module")
def writes_of_a_promotion(tmp_path_factory, mlflow_template) -> int:
    """How many writes a promotion into a fresh stage makes; the last notes the alias, the third from last commits."""
    house = House(tmp_path_factory.mktemp("counting") / "home", mlflow_template)
    [outcome] = do_killed(house, [("promote", house.approved().id, 0)])
    return int(outcome)


def test_an_approved_candidate_is_live_in_the_stages_own_registered_model_and_experiment(house):
    gate = house.approved("internal")

    release = promote(house.home, house.ledger, gate.id)

    assert release.facts["registered_model"] == "reviews-internal"
    assert release.facts["version"] == 1
    assert alias(house, "internal") == "1"
    assert live(house.ledger, "reviews", "internal") == gate.candidate
    assert find_gate(house.ledger, gate.id).state == "released"
    verify_release(house.home, release)
    run = tracking.connect(house.home).get_run(release.facts["run_id"])
    assert tracking.connect(house.home).get_experiment(run.info.experiment_id).name == "reviews-internal"


def test_promoting_again_changes_nothing(house):
    gate = house.approved()

    first = promote(house.home, house.ledger, gate.id)
    again = promote(house.home, house.ledger, gate.id)

    assert first == again
    assert len(versions(house, "internal")) == 1
    assert kinds(house, gate.id) == ["decision", "promotion_intended", "promotion_committed"]


@pytest.mark.parametrize("ended", ["open", "rejected", "withdrawn", "withdrawn after approval"])
def test_a_gate_without_a_standing_approval_promotes_nothing(house, ended):
    gate = house.open()
    if ended == "rejected":
        house.decide(gate, "reject")
    if ended == "withdrawn after approval":
        house.decide(gate)
    if ended.startswith("withdrawn"):
        withdraw(house.ledger, gate.id)

    with pytest.raises(ReleaseDenied, match="not approved"):
        promote(house.home, house.ledger, gate.id)

    assert not list(house.home.mlflow_artifacts.iterdir())
    assert "promotion_intended" not in kinds(house, gate.id)


def test_what_the_caller_believes_of_the_gate_does_not_count(house):
    from dataclasses import replace

    gate = replace(house.open(), state="approved")

    with pytest.raises(ReleaseDenied, match="not approved"):
        promote(house.home, house.ledger, gate.id)


def test_a_candidate_that_was_changed_after_its_approval_is_not_promoted(house):
    gate = house.approved()
    with (house.home.candidates / gate.candidate / "model.safetensors").open("r+b") as file:
        file.seek(100)
        file.write(b"\x00\x01")

    with pytest.raises(TamperingDetected):
        promote(house.home, house.ledger, gate.id)

    assert live(house.ledger, "reviews", "internal") is None


@pytest.mark.parametrize("what", ["dossiers", "policies"])
def test_evidence_that_was_changed_after_the_approval_is_not_promoted(house, what):
    gate = house.approved()
    [file] = [p for p in (house.root / what).rglob("*.json")]
    file.write_text(file.read_text("utf-8") + " ", "utf-8")

    with pytest.raises(TamperingDetected):
        promote(house.home, house.ledger, gate.id)

    assert live(house.ledger, "reviews", "internal") is None


def test_a_candidate_that_is_nowhere_is_named_with_a_remedy(house):
    gate = house.approved()
    shutil.rmtree(house.home.candidates / gate.candidate)

    with pytest.raises(Unavailable, match="run its spec again"):
        promote(house.home, house.ledger, gate.id)


def test_a_ledger_that_was_edited_promotes_nothing(house):
    import sqlite3

    gate = house.approved()
    with sqlite3.connect(house.root / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_no_update")

    with pytest.raises(TamperingDetected, match="append-only"):
        promote(house.home, house.ledger, gate.id)


def test_a_copy_that_is_changed_in_the_stage_before_the_commit_is_taken_back_and_copied_afresh(
    house, writes_of_a_promotion
):
    gate = house.approved()
    do_killed(house, [("promote", gate.id, writes_of_a_promotion - 2)])
    [weights] = house.home.mlflow_artifacts.glob(
        "reviews-internal/models/*/artifacts/artifacts/candidate/*.safetensors"
    )
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")

    with pytest.raises(TamperingDetected, match="promote again"):
        promote(house.home, house.ledger, gate.id)
    assert live(house.ledger, "reviews", "internal") is None

    release = promote(house.home, house.ledger, gate.id)
    verify_release(house.home, release)
    assert alias(house, "internal") == str(release.facts["version"])


def test_a_released_copy_that_is_changed_later_is_found_out(house):
    release = promote(house.home, house.ledger, house.approved().id)
    [loader] = house.home.mlflow_artifacts.glob("reviews-internal/models/*/artifacts/loader.py")
    loader.write_text(loader.read_text("utf-8") + "\n", "utf-8")

    with pytest.raises(TamperingDetected, match="loader.py"):
        verify_release(house.home, release)


def test_the_second_release_of_a_stage_is_its_second_version_and_takes_thealias(house):
    first = house.approved(seed=0)
    promote(house.home, house.ledger, first.id)
    second = house.approved(seed=1)
    promote(house.home, house.ledger, second.id)

    assert alias(house, "internal") == "2"
    promote(house.home, house.ledger, first.id)  # an old flow run that wakes up late
    assert alias(house, "internal") == "2"


def test_one_candidate_in_two_stages_has_two_copies(house):
    for stage in ("internal", "restricted"):
        promote(house.home, house.ledger, house.approved(stage).id)

    shutil.rmtree(house.home.mlflow_artifacts / "reviews-internal")

    [released] = [r for r in releases(house.ledger) if r.stage == "restricted"]
    verify_release(house.home, released)


def test_an_alias_that_was_not_set_is_set_by_heal(house, writes_of_a_promotion):
    gate = house.approved()
    do_killed(house, [("promote", gate.id, writes_of_a_promotion - 1)])
    assert alias(house, "internal") is None

    assert heal(house.home, house.ledger) == ("set the alias live of reviews/internal",)
    assert alias(house, "internal") == "1"
    assert heal(house.home, house.ledger) == ()


def test_promoting_a_finished_one_again_looks_at_mlflow_only_if_the_note_is_gone(house):
    release = house.released()
    client = tracking.connect(house.home)
    client.delete_registered_model_alias("reviews-internal", "live")

    promote(house.home, house.ledger, release.gate)
    assert alias(house, "internal") is None

    shutil.rmtree(house.root / "live")
    assert heal(house.home, house.ledger) == ("set the alias live of reviews/internal",)
    assert alias(house, "internal") == "1"


def test_a_promotion_that_was_begun_is_finished_by_heal(house):
    gate = house.approved()
    do_killed(house, [("promote", gate.id, 2)])
    assert find_gate(house.ledger, gate.id).state == "promoting"

    assert heal(house.home, house.ledger) == (f"finished the promotion of {gate.candidate[:12]} to reviews/internal",)
    assert find_gate(house.ledger, gate.id).state == "released"


def test_heal_says_what_it_cannot_finish(house):
    gate = house.approved()
    do_killed(house, [("promote", gate.id, 2)])
    shutil.rmtree(house.home.dossiers / gate.dossier)

    [line] = heal(house.home, house.ledger)
    assert line.startswith("could not finish the promotion")


def test_heal_with_nothing_to_do_does_not_start_mlflow(house):
    promote(house.home, house.ledger, house.approved().id)

    heal(house.home, house.ledger)  # the note is there now
    code = (
        "import sys; from pathlib import Path; from sluicegate.settings import Home\n"
        "from sluicegate.ledger.ledger import open_ledger; from sluicegate.registry.stages import heal\n"
        "home = Home.at(Path(sys.argv[1])); assert heal(home, open_ledger(home)) == ()\n"
        "assert 'mlflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(house.root)], check=True)


def test_two_promotions_of_one_gate_at_once_make_one_version(house):
    gate = house.approved()
    found = []

    def work() -> None:
        found.append(promote(house.home, open_ledger(house.home), gate.id))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found[0] == found[1]
    assert len(versions(house, "internal")) == 1


def test_two_candidates_at_once_into_one_stage_are_both_released_and_the_later_commit_is_live(house):
    gates = [house.approved(seed=0)]
    gates.append(house.approved(seed=1))

    threads = [
        threading.Thread(target=lambda g=gate: promote(house.home, open_ledger(house.home), g.id)) for gate in gates
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    newest = releases(house.ledger)[-1]
    assert {r.gate for r in releases(house.ledger)} == {g.id for g in gates}
    assert live(house.ledger, "reviews", "internal") == newest.candidate
    assert alias(house, "internal") == str(newest.facts["version"])


def test_a_candidate_that_is_recalled_while_it_is_copied_is_not_committed_and_the_copy_is_taken_back(
    house, monkeypatch
):
    earlier = house.released("internal")
    gate = house.approved("restricted")
    copy = stages.packaging.log_model

    def log_model(*args, **more):
        recall(house.home, open_ledger(house.home), house.recall_letter(earlier))
        return copy(*args, **more)

    monkeypatch.setattr(stages.packaging, "log_model", log_model)
    with pytest.raises(ReleaseDenied, match="recalled by ada"):
        promote(house.home, house.ledger, gate.id)

    assert house.state(gate) == "withdrawn"
    assert versions(house, "restricted") == []
    assert not list((house.home.mlflow_artifacts / "reviews-restricted").rglob("MLmodel"))
    assert live(house.ledger, "reviews", "restricted") is None
    assert alias(house, "restricted") is None


def test_an_approved_candidate_that_was_recalled_is_not_promoted(house):
    earlier = house.released("internal")
    gate = house.approved("restricted")
    record_recall(house.ledger, house.recall_letter(earlier))

    with pytest.raises(ReleaseDenied, match="not approved"):
        promote(house.home, house.ledger, gate.id)

    assert "promotion_intended" not in kinds(house, gate.id)


def test_a_release_that_claims_another_gate_by_hand_is_neither_taken_for_its_copy_nor_taken_away(house):
    first = house.released(seed=0)
    second = house.approved(seed=1)
    client = tracking.connect(house.home)
    client.set_model_version_tag("reviews-internal", "1", tracking.GATE_TAG, second.id)

    release = promote(house.home, house.ledger, second.id)

    assert release.facts["version"] == 2
    assert client.get_model_version("reviews-internal", "1").tags[tracking.GATE_TAG] == first.gate
    verify_release(house.home, first)
    verify_release(house.home, release)


@pytest.mark.slow
def test_a_promotion_killed_before_any_of_its_writes_is_finished_by_the_next_one(house, writes_of_a_promotion):
    writes = writes_of_a_promotion
    gates = [house.approved(f"s{number}") for number in range(writes)]

    outcomes = do_killed(house, [("promote", gate.id, number + 1) for number, gate in enumerate(gates)])

    assert set(outcomes) == {"killed"}
    for gate in gates:
        release = promote(house.home, house.ledger, gate.id)
        assert [v.version for v in versions(house, gate.stage)] == [release.facts["version"]]
        assert alias(house, gate.stage) == str(release.facts["version"])
        assert kinds(house, gate.id) == ["decision", "promotion_intended", "promotion_committed"]
        experiment = tracking.connect(house.home).get_experiment_by_name(f"reviews-{gate.stage}")
        assert len(tracking.connect(house.home).search_runs([experiment.experiment_id])) == 1
        assert len(tracking.connect(house.home).search_logged_models([experiment.experiment_id])) == 1
        assert len(list((house.home.mlflow_artifacts / f"reviews-{gate.stage}").rglob("MLmodel"))) == 1
    verify_release(house.home, release)
    assert house.ledger.verify() == ()
