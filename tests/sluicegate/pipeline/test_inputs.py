from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from registry_fixtures import House

from sluicegate.errors import InputRefused
from sluicegate.pipeline import Inputs, fetch_inputs, prepare

ENVIRON = {"SLUICEGATE_SCRUB_KEY": "a secret of sixteen"}
SIZE = {"layers": 1, "hidden": 16, "heads": 2, "vocabulary": 200, "longest": 128}


def inputs(house: House, small_world: Path, **overrides: Any) -> Inputs:
    named = {f"training.{name}": value for name, value in overrides.items()}
    return fetch_inputs(prepare(house.home, small_world / "spec.yaml", named, ENVIRON))


def test_from_scratch_there_is_no_folder_and_the_digest_is_of_the_size(house: House, small_world: Path) -> None:
    first = inputs(house, small_world, base_model={"scratch": SIZE})
    again = inputs(house, small_world, base_model={"scratch": SIZE})
    wider = inputs(house, small_world, base_model={"scratch": {**SIZE, "hidden": 32}})

    assert first.base_model is None
    assert first.base_model_digest == again.base_model_digest != wider.base_model_digest


def test_a_folder_is_known_by_its_files(house: House, small_world: Path) -> None:
    found = inputs(house, small_world)

    assert found.base_model is not None
    assert found.base_model.is_dir()


def test_a_branch_of_the_hub_is_refused(house: House, small_world: Path) -> None:
    with pytest.raises(InputRefused, match=r"owner/name@main: training\.base_model: .*commit .*not 'main'"):
        inputs(house, small_world, base_model="owner/name@main")
