import pytest

from sluicegate.errors import TamperingDetected
from sluicegate.gates.releases import record_intent, record_rollback_intent
from sluicegate.housekeeping.registry import differences, repair
from sluicegate.registry import tracking
from sluicegate.registry.live import alias_of, alone_in
from sluicegate.registry.rollback import recall, rollback
from sluicegate.registry.stages import promote


@pytest.fixture
def two(house):
    """A stage that was entered twice, and one that was entered once."""
    house.released(seed=0, stages=["internal", "restricted", "public"])
    house.released(seed=1, stages=["internal", "restricted", "public"])
    house.released("restricted", seed=1)
    return house


@pytest.fixture
def client(two):
    return tracking.connect(two.home)


def _shown(house) -> list[str]:
    found, left_out = differences(house.home, house.ledger)
    assert left_out == ()
    return [str(one) for one in found]


def _tags(client, version: str, name: str = "reviews-internal") -> dict[str, str]:
    return dict(client.get_model_version(name, version).tags)


def test_what_nobody_touched_is_what_the_ledger_says(two):
    assert _shown(two) == []
    rollback(two.home, two.ledger, two.rollback_letter())
    assert _shown(two) == []
    release = two.released("public", seed=1)
    recall(two.home, two.ledger, two.recall_letter(release))
    assert _shown(two) == []
    assert repair(two.home, two.ledger) == ()


def test_a_home_without_releases_has_nothing_to_differ(house):
    assert differences(house.home, house.ledger) == ((), ())
    assert repair(house.home, house.ledger) == ()


def test_an_alias_set_by_hand_is_named_and_put_right(two, client):
    client.set_registered_model_alias("reviews-internal", "live", "1")

    line = "reviews-internal: alias live points to version 1, what is live there is version 2"
    assert _shown(two) == [line]
    assert repair(two.home, two.ledger) == (f"put right: {line}",)
    assert alias_of(client, "reviews-internal") == "2"
    assert _shown(two) == []


def test_an_alias_taken_away_by_hand_is_named_and_put_right(two, client):
    client.delete_registered_model_alias("reviews-restricted", "live")

    assert _shown(two) == ["reviews-restricted: alias live is missing, what is live there is version 1"]
    repair(two.home, two.ledger)
    assert alias_of(client, "reviews-restricted") == "1"


@pytest.mark.parametrize("name", ["reviews-candidate", "reviews-public"])
def test_an_alias_where_nothing_was_ever_released_is_named_and_taken_away(two, client, name):
    client.create_registered_model(name)
    client.create_model_version(name, source="file:///nowhere")
    client.set_registered_model_alias(name, "live", "1")

    assert _shown(two) == [f"{name}: alias live points to version 1, nothing is live there"]
    repair(two.home, two.ledger)
    assert alias_of(client, name) is None
    assert _shown(two) == []


def test_an_alias_that_points_to_a_recalled_release_is_named_and_taken_away(two, client):
    release = two.released("public", seed=1)
    recall(two.home, two.ledger, two.recall_letter(release))
    client.set_registered_model_alias("reviews-public", "live", "1")

    assert _shown(two) == ["reviews-public: alias live points to version 1, nothing is live there"]
    repair(two.home, two.ledger)
    assert alias_of(client, "reviews-public") is None


@pytest.mark.parametrize("tag", [tracking.GATE_TAG, tracking.CANDIDATE_TAG])
def test_a_releases_tag_set_by_hand_is_named_and_put_right(two, client, tag):
    right = _tags(client, "1")
    client.set_model_version_tag("reviews-internal", "1", tag, "\x1b[31mmine" + "x" * 50)

    [line] = _shown(two)
    assert line.startswith(f"reviews-internal version 1: tag {tag} is “·[31mmine")
    assert line.endswith(f"not {right[tag][:12]}")
    repair(two.home, two.ledger)
    assert _tags(client, "1") == right
    assert _shown(two) == []


def test_a_releases_tag_taken_away_by_hand_is_named_and_put_right(two, client):
    right = _tags(client, "1")
    client.delete_model_version_tag("reviews-internal", "1", tracking.GATE_TAG)

    assert _shown(two)[0].startswith("reviews-internal version 1: tag sluicegate.gate is missing, not ")
    repair(two.home, two.ledger)
    assert _tags(client, "1") == right


@pytest.mark.parametrize("name", ["reviews-internal", "reviews-candidate", "somebody-elses"])
def test_a_version_that_claims_a_gate_which_did_not_let_it_in_is_named_and_loses_the_tag(two, client, name):
    gate = _tags(client, "2")[tracking.GATE_TAG]
    if name != "reviews-internal":
        client.create_registered_model(name)
    made = client.create_model_version(name, source="file:///nowhere", tags={tracking.GATE_TAG: gate, "mine": "1"})

    line = f"{name} version {made.version}: tag sluicegate.gate is {gate[:12]}, a gate that did not let it in"
    assert _shown(two) == [line]
    assert repair(two.home, two.ledger) == (f"put right: {line}",)
    assert _tags(client, made.version, name) == {"mine": "1"}
    assert _shown(two) == []


def test_tags_of_gates_that_are_not_ours_are_left_alone(two, client):
    client.create_registered_model("somebody-elses")
    client.create_model_version("somebody-elses", source="file:///nowhere", tags={tracking.GATE_TAG: "theirs"})

    assert _shown(two) == []
    assert repair(two.home, two.ledger) == ()


def test_a_released_version_that_is_gone_is_named_and_cannot_be_put_right(two, client):
    client.delete_model_version("reviews-internal", "2")

    assert "reviews-internal: version 2 is gone, which was released" in _shown(two)
    lines = repair(two.home, two.ledger)
    assert all(line.startswith("left alone") for line in lines)
    assert alias_of(client, "reviews-internal") is None


def test_an_alias_is_not_set_to_bytes_that_were_changed(two, client):
    client.set_registered_model_alias("reviews-internal", "live", "1")
    for loader in two.home.mlflow_artifacts.glob("reviews-internal/models/*/artifacts/loader.py"):
        loader.write_text(loader.read_text("utf-8") + "\n", "utf-8")

    [line] = repair(two.home, two.ledger)

    assert line.startswith("left alone: reviews-internal: alias live")
    assert "loader.py" in line
    assert alias_of(client, "reviews-internal") == "1"


def test_a_stage_whose_promotion_is_under_way_is_left_alone(two, client):
    gate = two.approved(seed=2)
    record_intent(two.ledger, gate.id)
    client.set_registered_model_alias("reviews-internal", "live", "1")
    client.set_registered_model_alias("reviews-restricted", "live", "1")
    client.delete_registered_model_alias("reviews-restricted", "live")

    busy = "reviews/internal: a promotion is under way there"
    found, left_out = differences(two.home, two.ledger)
    assert [one.name for one in found] == ["reviews-restricted"]
    assert left_out == (busy,)
    assert f"skipped {busy}" in repair(two.home, two.ledger)
    assert alias_of(client, "reviews-internal") == "1"
    assert alias_of(client, "reviews-restricted") == "1"

    promote(two.home, two.ledger, gate.id)
    assert _shown(two) == []


def test_a_copy_that_was_made_and_not_committed_keeps_its_claim_while_its_promotion_is_under_way(two, client):
    gate = two.approved(seed=2)
    record_intent(two.ledger, gate.id)
    client.create_model_version("reviews-internal", source="file:///nowhere", tags={tracking.GATE_TAG: gate.id})

    repair(two.home, two.ledger)

    assert _tags(client, "3") == {tracking.GATE_TAG: gate.id}


def test_a_stage_whose_rollback_is_under_way_is_left_alone(two, client):
    record_rollback_intent(two.ledger, two.rollback_letter())
    client.delete_registered_model_alias("reviews-internal", "live")

    assert "skipped reviews/internal: a rollback is under way there" in repair(two.home, two.ledger)
    assert alias_of(client, "reviews-internal") is None


def test_a_stage_that_another_process_changes_right_now_is_left_alone(two, client):
    client.delete_registered_model_alias("reviews-internal", "live")

    with alone_in(two.home, "reviews", "internal", timeout_s=0):
        assert "skipped reviews/internal: another process changes it right now" in repair(two.home, two.ledger)
        assert differences(two.home, two.ledger) == ((), ("reviews/internal: another process changes it right now",))
    assert alias_of(client, "reviews-internal") is None


def test_nothing_is_put_right_by_a_ledger_that_was_edited(two, client):
    import sqlite3

    client.delete_registered_model_alias("reviews-internal", "live")
    with sqlite3.connect(two.root / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_no_update")

    with pytest.raises(TamperingDetected):
        repair(two.home, two.ledger)
    assert alias_of(client, "reviews-internal") is None
