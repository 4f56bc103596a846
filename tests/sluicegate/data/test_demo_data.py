"""The demo's own data, where its archives have been fetched."""

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.data.sources.reading import read
from sluicegate.data.splits import split
from sluicegate.data.validation.table import validate
from sluicegate.spec import load_spec

SPEC = Path(__file__).parents[3] / "deployments" / "reviews-en.yaml"
pytestmark = pytest.mark.inputs


def demo_table(rows: int | None, inputs_folder: Path, folder: Path):
    loaded = load_spec(SPEC, {"data.rows": rows})
    report = read(loaded.spec.data, loaded.resolve, inputs_folder, {}, folder=folder)
    assert report.rows_refused == 0
    return loaded, folder / "table.parquet"


def digest(ids: pd.Series) -> str:
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]


def test_the_whole_archive_is_read_without_a_broken_character(inputs_folder, tmp_path):
    table = pd.read_parquet(demo_table(None, inputs_folder, tmp_path)[1])
    assert table["domain"].value_counts().to_dict() == {
        "movies": 10605,
        "editorials": 5190,
        "tweets": 4200,
        "products": 3708,
    }
    assert not table["text"].str.contains("\u00c3[\u0080-\u00bf]").any()


def test_the_demos_rows_and_parts_are_those_that_they_were_before_there_were_chunks(inputs_folder, tmp_path):
    loaded, table = demo_table(9000, inputs_folder, tmp_path)
    assert split(table, loaded.spec.split, tmp_path) == {"train": 6750, "validation": 900, "test": 1350}
    names = ("table", "train", "validation", "test")
    digests = [digest(pd.read_parquet(tmp_path / f"{name}.parquet")["id"]) for name in names]
    assert digests == ["7492faa7f42ae531", "a053b168783dfcca", "a4b8a9029e191a80", "5e9e227d2b934169"]


def test_every_text_has_the_ratings_that_its_mean_was_taken_of(inputs_folder, tmp_path):
    names = {"tweets": "tweets", "movies": "movieReviewSnippets", "products": "amazonReviewSnippets"} | {
        "editorials": "nytEditorialSnippets"
    }
    companion = {
        "files": {domain: f"hutto_ICWSM_2014/{name}_anonDataRatings.txt" for domain, name in names.items()},
        "columns": ["source_id", "mean", "spread", "ratings"],
        "key": "source_id",
    }
    loaded = load_spec(SPEC, {"data.rows": None, "data.source.companion": companion, "data.ratings_column": "ratings"})
    read(loaded.spec.data, loaded.resolve, inputs_folder, {}, folder=tmp_path)
    table = pd.read_parquet(tmp_path / "table.parquet")
    shares = table["label_shares"].map(json.loads)

    assert len(table) == 23703
    assert shares.map(lambda share: sum(share.values())).between(1 - 1e-9, 1 + 1e-9).all()
    agree = shares.map(lambda share: max(share, key=share.get)) == table["label"]
    assert agree.groupby(table["domain"]).mean().round(2).to_dict() == {
        "editorials": 0.9,
        "movies": 0.95,
        "products": 0.94,
        "tweets": 0.93,
    }


@pytest.mark.parametrize("rows", [3000, 9000, None])
def test_the_demos_suite_holds_and_its_split_is_stratified(inputs_folder, tmp_path, rows):
    loaded, table = demo_table(rows, inputs_folder, tmp_path)
    suite = loaded.resolve(loaded.spec.validation.suite)
    validate(table, suite, loaded.spec.validation, folder=tmp_path)
    parts = split(tmp_path / "accepted.parquet", loaded.spec.split, tmp_path)
    shares = {p: pd.read_parquet(tmp_path / f"{p}.parquet")["label"].value_counts(normalize=True) for p in parts}
    assert (shares["test"] - shares["train"]).abs().max() < 0.01
