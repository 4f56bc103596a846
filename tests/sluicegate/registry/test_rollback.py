import threading
from pathlib import Path

import pytest
from registry_fixtures import ADA, House
from shown import alias, all_kinds, do_killed, versions

from sluicegate.errors import InputRefused, ReleaseDenied, TamperingDetected, Unavailable
from sluicegate.gates.gate import outcome
from sluicegate.gates.letters import Letter
from sluicegate.gates.releases import live, record_intent, record_rollback_intent, releases
from sluicegate.ledger.ledger import open_ledger
from sluicegate.registry import tracking
from sluicegate.registry.live import alone_in
from sluicegate.registry.rollback import recall, recall_order, rollback, rollback_order
from sluicegate.registry.stages import heal, promote
from tests import people


@pytest.fixture
def two(house: House) -> House:
    """A stage that was entered twice: version 2 is live."""
    house.released(seed=0)
    house.released(seed=1)
    return house


def _standings(house: House) -> list[str]:
    return [r.standing for r in releases(house.ledger)]


def test_a_rollback_makes_the_previous_release_live_again(two):
    first, second = releases(two.ledger)

    back = rollback(two.home, two.ledger, two.rollback_letter())

    assert back.gate == first.gate
    assert live(two.ledger, "reviews", "internal") == first.candidate
    assert alias(two, "internal") == "1"
    assert _standings(two) == ["good", "rolled back"]
    assert len(versions(two, "internal")) == 2
    assert heal(two.home, two.ledger) == ()


def test_a_stage_is_rolled_back_further_each_time(two):
    two.released(seed=2)

    rollback(two.home, two.ledger, two.rollback_letter())
    assert alias(two, "internal") == "2"
    rollback(two.home, two.ledger, two.rollback_letter())
    assert alias(two, "internal") == "1"

    with pytest.raises(ReleaseDenied, match="no earlier release"):
        two.rollback_letter()


def test_the_next_release_after_a_rollback_takes_the_alias(two):
    rollback(two.home, two.ledger, two.rollback_letter())

    two.released(seed=2)
    assert alias(two, "internal") == "3"

    rollback(two.home, two.ledger, two.rollback_letter())
    assert alias(two, "internal") == "1"  # not to the one that was left


def test_an_order_that_was_carried_out_changes_nothing_when_it_comes_again(two):
    letter = two.rollback_letter()
    first = rollback(two.home, two.ledger, letter)
    before = all_kinds(two)

    assert rollback(two.home, two.ledger, letter) == first
    assert all_kinds(two) == before


def test_an_order_that_comes_again_after_the_next_release_is_refused(two):
    letter = two.rollback_letter()
    rollback(two.home, two.ledger, letter)
    two.released(seed=2)

    with pytest.raises(ReleaseDenied):
        rollback(two.home, two.ledger, letter)
    assert alias(two, "internal") == "3"


@pytest.mark.parametrize("how", ["unsigned", "by somebody unknown", "other words", "another stage", "nowhere"])
def test_an_order_that_does_not_hold_changes_nothing_but_is_recorded(two, how):
    letter = two.rollback_letter()
    if how == "unsigned":
        letter = rollback_order(two.ledger, "reviews", "internal", "ada", "It misleads people.")
    elif how == "by somebody unknown":
        eve = people.person("eve", "responder")
        letter = rollback_order(two.ledger, "reviews", "internal", "eve", "It misleads.").signed("eve", eve.key)
    else:
        said = {
            "other words": ("reason", "Because."),
            "another stage": ("stage", "public"),
            "nowhere": ("model", "../x"),
        }
        letter = letter.model_copy(update={"statement": letter.statement | dict([said[how]])})

    with pytest.raises(ReleaseDenied):
        rollback(two.home, two.ledger, letter)

    assert alias(two, "internal") == "2"
    assert _standings(two) == ["good", "good"]
    assert outcome(two.ledger).rollbacks == ()
    assert not [p for p in two.root.parent.rglob("*.lock") if two.root / "locks" not in p.parents]
    if how != "nowhere":
        assert all_kinds(two)[-1] == "order_refused"


def test_a_stage_into_which_nothing_was_released_has_nothing_to_return_to(house):
    with pytest.raises(InputRefused, match="nothing was ever released"):
        house.rollback_letter()


def test_a_stage_is_not_rolled_back_to_bytes_that_were_changed(two):
    source = tracking.connect(two.home).get_model_version("reviews-internal", "1").source
    old = Path(source.removeprefix("file://")) / "loader.py"
    old.write_text(old.read_text("utf-8") + "\n", "utf-8")

    with pytest.raises(TamperingDetected, match="stays as it is.*sluicegate recall"):
        rollback(two.home, two.ledger, two.rollback_letter())

    assert alias(two, "internal") == "2"
    assert live(two.ledger, "reviews", "internal") == releases(two.ledger)[1].candidate
    [line] = heal(two.home, two.ledger)
    assert line.startswith("could not finish the rollback of reviews/internal")


def test_a_ledger_that_was_edited_rolls_nothing_back(two):
    import sqlite3

    letter = two.rollback_letter()
    with sqlite3.connect(two.root / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_no_update")

    with pytest.raises(TamperingDetected, match="append-only"):
        rollback(two.home, two.ledger, letter)
    assert all_kinds(two)[-1] == "promotion_committed"


def test_a_rollback_waits_for_a_promotion_into_the_same_stage(two):
    letter = two.rollback_letter()

    with alone_in(two.home, "reviews", "internal", timeout_s=0), pytest.raises(Unavailable, match="promote-reviews"):
        rollback(two.home, two.ledger, letter, lock_timeout_s=0)
    assert all_kinds(two)[-1] == "promotion_committed"


def test_two_orders_at_once_roll_back_once(two):
    two.released(seed=2)
    letters = [two.rollback_letter() for _ in range(2)]
    found = []

    def work(letter: Letter) -> None:
        try:
            found.append(rollback(two.home, open_ledger(two.home), letter))
        except ReleaseDenied as denied:
            found.append(denied)

    threads = [threading.Thread(target=work, args=(letter,)) for letter in letters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert alias(two, "internal") == "2"
    assert _standings(two) == ["good", "good", "rolled back"]
    assert all_kinds(two).count("rollback_committed") == 1


def test_a_rollback_that_was_begun_is_finished_by_heal(two):
    record_rollback_intent(two.ledger, two.rollback_letter())

    first = releases(two.ledger)[0]
    assert heal(two.home, two.ledger) == (f"finished the rollback of reviews/internal to {first.candidate[:12]}",)
    assert alias(two, "internal") == "1"
    assert heal(two.home, two.ledger) == ()


def test_a_rollback_that_was_begun_before_a_promotion_that_was_begun_is_finished_before_it(two):
    gate = two.approved(seed=2)
    record_intent(two.ledger, gate.id)
    record_rollback_intent(two.ledger, two.rollback_letter())

    lines = heal(two.home, two.ledger)

    assert [line.split(" of ")[0] for line in lines] == ["finished the rollback", "finished the promotion"]
    assert alias(two, "internal") == "3"
    assert _standings(two) == ["good", "rolled back", "good"]


def test_a_recalled_candidate_is_live_nowhere(house):
    release = house.released("internal")
    house.released("restricted")
    other = house.released("public", model="others")

    recalled = recall(house.home, house.ledger, house.recall_letter(release))

    assert [(r.stage, r.standing) for r in recalled] == [("internal", "recalled"), ("restricted", "recalled")]
    for stage in ("internal", "restricted"):
        assert alias(house, stage) is None
        assert live(house.ledger, "reviews", stage) is None
    assert alias(house, "public", "others") == str(other.facts["version"])
    assert heal(house.home, house.ledger) == ()


def test_a_recalled_candidate_is_taken_out_even_where_the_note_says_that_all_is_right(house):
    release = house.released("internal")
    record = house.recall_letter(release)
    recall(house.home, house.ledger, record)
    client = tracking.connect(house.home)
    client.set_registered_model_alias("reviews-internal", "live", "1")

    recall(house.home, house.ledger, record)

    assert alias(house, "internal") is None


def test_a_candidate_that_is_recalled_where_another_is_live_leaves_that_one_live(two):
    first = releases(two.ledger)[0]

    recall(two.home, two.ledger, two.recall_letter(first))

    assert alias(two, "internal") == "2"
    with pytest.raises(ReleaseDenied, match="no earlier release in good standing"):
        two.rollback_letter()


def test_after_a_recall_the_stage_is_rolled_back_to_the_release_before(two):
    recall(two.home, two.ledger, two.recall_letter(releases(two.ledger)[1]))
    assert alias(two, "internal") is None

    rollback(two.home, two.ledger, two.rollback_letter())

    assert alias(two, "internal") == "1"
    assert _standings(two) == ["good", "recalled"]


def test_a_rollback_under_way_to_a_candidate_that_is_recalled_is_over(two):
    first = releases(two.ledger)[0]
    record_rollback_intent(two.ledger, two.rollback_letter())

    recall(two.home, two.ledger, two.recall_letter(first))

    assert heal(two.home, two.ledger) == ()
    assert alias(two, "internal") == "2"


def test_a_late_run_of_a_recalled_release_does_not_set_the_alias_again(house):
    release = house.released()
    recall(house.home, house.ledger, house.recall_letter(release))

    assert promote(house.home, house.ledger, release.gate).standing == "recalled"
    assert alias(house, "internal") is None


def test_a_recalled_candidate_is_not_recalled_twice(house):
    release = house.released()
    letter = house.recall_letter(release)
    recall(house.home, house.ledger, letter)
    before = all_kinds(house)

    assert recall(house.home, house.ledger, letter)
    assert all_kinds(house) == before
    with pytest.raises(ReleaseDenied, match="recalled before"):
        recall_order(house.ledger, release, "ada", "Once more.")


def test_a_recall_without_a_responders_signature_changes_nothing_but_is_recorded(house):
    release = house.released()

    with pytest.raises(ReleaseDenied):
        recall(house.home, house.ledger, recall_order(house.ledger, release, "ada", "It misleads people."))

    assert alias(house, "internal") == "1"
    assert all_kinds(house)[-1] == "order_refused"


def test_a_recall_whose_alias_stays_says_so_and_heal_takes_it_away(house):
    release = house.released()
    letter = house.recall_letter(release)

    with (
        alone_in(house.home, "reviews", "internal", timeout_s=0),
        pytest.raises(Unavailable, match="is recalled, but the alias live"),
    ):
        recall(house.home, house.ledger, letter, lock_timeout_s=0)

    assert live(house.ledger, "reviews", "internal") is None
    assert heal(house.home, house.ledger) == ("took away the alias live of reviews/internal",)
    assert alias(house, "internal") is None


def test_the_orders_say_what_is_signed(two):
    first, second = releases(two.ledger)
    two.released("restricted", seed=1)

    order = rollback_order(two.ledger, "reviews", "internal", "ada", "It misleads people.").statement
    assert {key: order[key] for key in ("order", "model", "stage", "from", "to", "reviewer", "reason")} == {
        "order": "rollback",
        "model": "reviews",
        "stage": "internal",
        "from": second.gate,
        "to": first.gate,
        "reviewer": "ada",
        "reason": "It misleads people.",
    }
    order = recall_order(two.ledger, second, "ada", "It misleads people.").statement
    assert (order["order"], order["candidate"]) == ("recall", second.candidate)
    assert order["stages"] == "internal,restricted"
    assert set(order) == {"order", "model", "candidate", "stages", "reviewer", "reason", "time"}
    assert ADA.id == order["reviewer"]


@pytest.fixture(scope="module")
def writes_of_a_rollback(tmp_path_factory, mlflow_template) -> int:
    house = House(tmp_path_factory.mktemp("counting") / "home", mlflow_template)
    house.released(seed=0)
    house.released(seed=1)
    [number] = do_killed(house, [("rollback", house.rollback_letter(), 0)])
    return int(number)


@pytest.mark.slow
@pytest.mark.parametrize("by", ["the same order", "heal"])
def test_a_rollback_killed_before_any_of_its_writes_is_finished_by(house, writes_of_a_rollback, by):
    stages = [f"s{number}" for number in range(writes_of_a_rollback)]
    assert len(stages) >= 4  # intent, commit, alias, note
    for seed in (0, 1):
        for stage in stages:
            house.released(stage, seed)
    orders = [house.rollback_letter(stage) for stage in stages]

    outcomes = do_killed(house, [("rollback", order, number + 1) for number, order in enumerate(orders)])

    assert set(outcomes) == {"killed"}
    assert all_kinds(house).count("rollback_intended") == len(stages) - 1
    assert all_kinds(house).count("rollback_committed") == len(stages) - 2
    if by == "heal":
        heal(house.home, house.ledger)
    for stage, order in zip(stages, orders, strict=True):
        if by == "the same order" or stage == "s0":  # of a rollback killed before its intent, nobody knows
            rollback(house.home, house.ledger, order)
        assert alias(house, stage) == "1"
    assert heal(house.home, house.ledger) == ()
    assert all_kinds(house).count("rollback_intended") == len(stages)
    assert all_kinds(house).count("rollback_committed") == len(stages)
    assert outcome(house.ledger).faults == ()
    assert house.ledger.verify() == ()


@pytest.mark.slow
@pytest.mark.parametrize("by", ["the same order", "heal"])
def test_a_recall_killed_before_any_of_its_writes_is_finished_by(house, by):
    places = ("internal", "restricted")

    def order(model: str) -> Letter:
        released = [house.released(stage, model=model) for stage in places]
        return house.recall_letter(released[0])

    [counted] = do_killed(house, [("recall", order("counting"), 0)])
    writes = int(counted)
    assert writes >= 1 + 2 * len(places)  # the ledger; an alias and a note for each stage
    models = [f"m{number}" for number in range(writes)]
    orders = [order(model) for model in models]

    outcomes = do_killed(house, [("recall", order, number + 1) for number, order in enumerate(orders)])

    assert set(outcomes) == {"killed"}
    assert all_kinds(house).count("release_recalled") == writes  # and not the first one, but the one that counted
    if by == "heal":
        heal(house.home, house.ledger)
    for model, letter in zip(models, orders, strict=True):
        if by == "the same order" or model == "m0":  # of a recall killed before its entry, nobody knows
            recall(house.home, house.ledger, letter)
        assert [alias(house, stage, model) for stage in places] == [None, None]
    assert heal(house.home, house.ledger) == ()
    assert all_kinds(house).count("release_recalled") == writes + 1
    assert outcome(house.ledger).faults == ()
    assert house.ledger.verify() == ()
