"""The demo's own data, where its archives have been fetched."""

from pathlib import Path

import pytest

from sluicegate.data.sources.reading import read
from sluicegate.data.splits import split
from sluicegate.data.validation.table import validate
from sluicegate.spec import load_spec

SPEC = Path(__file__).parents[3] / "deployments" / "reviews-en.yaml"
pytestmark = pytest.mark.inputs


def test_the_whole_archive_is_read_without_a_broken_character(inputs_folder):
    loaded = load_spec(SPEC, {"data.rows": None})
    table = read(loaded.spec.data, loaded.resolve, inputs_folder, {})
    assert table["domain"].value_counts().to_dict() == {
        "movies": 10605,
        "editorials": 5190,
        "tweets": 4200,
        "products": 3708,
    }
    assert not table["text"].str.contains("\u00c3[\u0080-\u00bf]").any()


@pytest.mark.parametrize("rows", [3000, 9000, None])
def test_the_demos_suite_holds_and_its_split_is_stratified(inputs_folder, rows):
    loaded = load_spec(SPEC, {"data.rows": rows})
    table = read(loaded.spec.data, loaded.resolve, inputs_folder, {})
    accepted = validate(table, loaded.resolve(loaded.spec.validation.suite), loaded.spec.validation).accepted
    parts = split(accepted, loaded.spec.split)
    shares = {part: rows["label"].value_counts(normalize=True) for part, rows in parts.items()}
    assert (shares["test"] - shares["train"]).abs().max() < 0.01
