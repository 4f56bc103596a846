import shutil

import pytest
from registry_fixtures import write_candidate

from sluicegate.errors import TamperingDetected, Unavailable
from sluicegate.manifest import Manifest, digest_of_file, digest_of_value
from sluicegate.registry import archive
from sluicegate.registry.stages import promote


def test_a_folder_is_kept_once_under_its_digest(house, tmp_path):
    digest = write_candidate(tmp_path / "made")

    place = archive.keep(tmp_path / "made", house.home.candidates)

    assert place == house.home.candidates / digest
    assert archive.keep(tmp_path / "made", house.home.candidates) == place
    assert archive.candidate(house.home, digest) == place
    assert [p.name for p in house.home.candidates.iterdir()] == [digest]


def test_a_value_is_kept_in_the_form_that_its_digest_is_of(house):
    value = {"b": 1, "a": [0.5, "ä"]}

    place = archive.keep_value(value, house.home.policies)

    assert place.stem == digest_of_value(value) == digest_of_file(place)
    assert archive.policy(house.home, place.stem) == place
    assert archive.keep_value({"a": [0.5, "ä"], "b": 1}, house.home.policies) == place


def test_what_was_changed_in_the_archive_is_not_kept_again_over_it(house, tmp_path):
    write_candidate(tmp_path / "made")
    place = archive.keep(tmp_path / "made", house.home.candidates)
    (place / "config.json").write_text("{}", "utf-8")

    with pytest.raises(TamperingDetected):
        archive.keep(tmp_path / "made", house.home.candidates)


def test_what_is_gone_from_the_archive_comes_back_out_of_mlflow(house):
    gate = house.approved()
    promote(house.home, house.ledger, gate.id)
    for store in (house.home.candidates, house.home.dossiers, house.home.policies):
        shutil.rmtree(store)
        store.mkdir()

    assert Manifest.of_folder(archive.candidate(house.home, gate.candidate)).digest == gate.candidate
    assert Manifest.of_folder(archive.dossier(house.home, gate.dossier)).digest == gate.dossier
    assert digest_of_file(archive.policy(house.home, gate.policy)) == gate.policy


def test_what_was_damaged_in_the_archive_is_replaced_out_of_mlflow_and_set_aside(house):
    gate = house.approved()
    promote(house.home, house.ledger, gate.id)
    for times in (1, 2):
        (house.home.candidates / gate.candidate / "config.json").write_text("{}", "utf-8")

        assert Manifest.of_folder(archive.candidate(house.home, gate.candidate)).digest == gate.candidate
        assert len(list(house.home.candidates.glob(".*.damaged"))) == times


def test_what_was_damaged_everywhere_is_tampering(house):
    gate = house.approved()
    promote(house.home, house.ledger, gate.id)
    for config in house.root.rglob("candidate/config.json"):
        config.write_text("{}", "utf-8")
    (house.home.candidates / gate.candidate / "config.json").write_text("{}", "utf-8")

    with pytest.raises(TamperingDetected, match="no whole copy"):
        archive.candidate(house.home, gate.candidate)


@pytest.mark.parametrize("fetch", [archive.candidate, archive.dossier, archive.policy])
def test_what_is_nowhere_is_unavailable(house, fetch):
    with pytest.raises(Unavailable, match="neither in"):
        fetch(house.home, "0" * 64)
