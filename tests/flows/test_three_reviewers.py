"""Three reviewers with keys of their own take a candidate to the public, with one rejection on the way; somebody
else verifies the release from files and the root's key; then a responder takes it back. All by the command line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import people
from tests.flows.conftest import Done, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


class House:
    """One home, and the machines of its reviewers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        folder.mkdir(exist_ok=True)
        (folder / "passphrase").write_text(people.PASSPHRASE)

    def __call__(self, *arguments: str, home: Path | None = None, **more: str) -> Done:
        own = {"SLUICEGATE_PASSPHRASE_FILE": str(self.folder / "passphrase")}
        return run(*arguments, home=home or self.home, **(own | more))

    def done(self, *arguments: str) -> Done:
        done = self(*arguments)
        assert done.code == 0, (arguments, done.err)
        return done

    def by(self, who: str) -> tuple[str, ...]:
        return "--as", who, "--key", str(self.folder / f"{who}.key")

    def gate(self) -> dict[str, Any]:
        (waiting,) = self.done("inbox", "--json").json
        return dict(waiting)

    def live(self) -> dict[str, str]:
        return {r["stage"]: r["candidate"] for r in self.done("status", "--json").json["live"]}


@pytest.fixture(scope="module")
def house(small_world: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Ann founds the roster and brings in Bo and Cy; the spec's candidate waits at its first gate."""
    house = House(tmp_path_factory.mktemp("house"))
    for who in ("ann", "bo", "cy"):
        house.done("reviewer", "key", who, "--file", str(house.folder / f"{who}.key"))
    house.done("init-ledger", *house.by("ann"))
    for who, more in (("bo", ("--role", "release-manager")), ("cy", ())):
        stages = [part for stage in people.STAGES for part in ("--stage", stage)]
        house.done("reviewer", "add", who, str(house.folder / f"{who}.key.pub"), *stages, *more, *house.by("ann"))
    house.done("run", str(small_world / "spec.yaml"))
    return house


def test_three_reviewers_take_it_to_the_public_with_a_rejection_on_the_way(house: House) -> None:
    house.done("approve", house.gate()["id"], *house.by("cy"), "--reason", "good enough for us")
    refused = house.gate()
    house.done("reject", refused["id"], *house.by("bo"), "--reason", "the second shop is missing")
    again = house.done("reopen", refused["id"], "--as", "cy", "--reason", "it was there all along", "--json").json
    assert (again["stage"], again["round"]) == ("restricted", 2)
    house.done("approve", again["id"], *house.by("bo"), "--reason", "seen it now")
    public = house.gate()["id"]
    first = house.done("approve", public, *house.by("cy"), "--reason", "ready", "--json").json
    assert (first["state"], first["needed"]) == ("open", ["one more approval"])
    house.done("approve", public, *house.by("ann"), "--reason", "ready for everybody")
    assert set(house.live()) == set(people.STAGES)


def test_somebody_else_verifies_it_from_files_and_the_root_s_key(house: House, tmp_path: Path) -> None:
    house.done("export", "small-world/public", str(house.folder / "release"))
    release, root = tmp_path / "release", tmp_path / "root.pub"
    shutil.copytree(house.folder / "release", release)
    shutil.copy(house.folder / "ann.key.pub", root)
    receipt = next((house.home / "receipts").glob("*-ann-approve.json"))
    nowhere = tmp_path / "nowhere"
    kept = ("--checkpoint", str(receipt), "--max-age", "1d")
    done = house("verify", str(release), "--trust", str(root), *kept, home=nowhere)
    assert done.code == 0, done.err
    for said in ("ann approved", "cy approved", "bo rejected", "signed with their own key", "checkpoint"):
        assert said in done.out
    assert not nowhere.exists()
    unpinned = house("verify", str(release), home=nowhere)
    assert (unpinned.code, "untrusted root" in unpinned.err) == (4, True)
    stranger = house("verify", str(release), "--trust", str(house.folder / "bo.key.pub"), home=nowhere)
    assert (stranger.code, "untrusted root" in stranger.err) == (4, True)
    weights = next((release / "candidate").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    changed = house("verify", str(release), "--trust", str(root), home=nowhere)
    assert (changed.code, weights.name in changed.err) == (4, True)


def test_a_responder_rolls_back_and_recalls(house: House, small_world: Path) -> None:
    before = house.live()
    spec = ("run", str(small_world / "spec.yaml"), "--set", "training.seed=7")
    house.done(*spec)
    house.done("approve", house.gate()["id"], *house.by("cy"), "--reason", "another seed")
    newer = house.live()["internal"]
    assert newer != before["internal"]
    no_responder = house("rollback", "small-world", "internal", *house.by("cy"), "--reason", "it errs more")
    assert (no_responder.code, "does not have the role responder" in no_responder.err) == (3, True)
    house.done("rollback", "small-world", "internal", *house.by("ann"), "--reason", "it errs more")
    assert house.live() == before
    order = house.folder / "order.json"
    house.done("recall", "small-world/public", *house.by("ann"), "--reason", "it misleads", "--out", str(order))
    assert house.live() == before
    house.done("submit", str(order))
    assert house.live() == {}
    refused = house("export", "small-world/public", str(house.folder / "again"))
    assert (refused.code, "recalled" in refused.err) == (3, True)
    assert [d for d in house.done("doctor", "--json").json if not d["ok"]] == []


def test_an_alias_set_by_hand_is_found_and_put_right(house: House, small_world: Path) -> None:
    from sluicegate.registry import tracking
    from sluicegate.settings import Home

    client = tracking.connect(Home.at(house.home))
    client.set_registered_model_alias("small-world-internal", "live", "1")
    found = house("doctor")
    assert (found.code, "small-world-internal" in found.out) == (2, True)
    mended = house("doctor", "--repair")
    assert mended.code == 0, mended.out
    assert "live" not in client.get_registered_model("small-world-internal").aliases
