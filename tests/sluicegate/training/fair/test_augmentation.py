"""Training rows with their counterfactual copies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sluicegate.errors import InputRefused
from sluicegate.terms.term_pairs import SHIPPED_NAMES, SHIPPED_WORDS, read_pairs
from sluicegate.training.fair.augmentation import COPY_SUFFIX, Augmented, write_augmented
from sluicegate.training.fair.counterfactual import Exchange

SHIPPED = Exchange(read_pairs([*SHIPPED_WORDS, *SHIPPED_NAMES]))


def write(folder: Path, **columns: Any) -> Path:
    path = folder / "train.parquet"
    pd.DataFrame(columns).to_parquet(path)
    return path


def test_copies_keep_their_label_and_get_an_id_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluicegate.training.fair.augmentation._ROWS_AT_ONCE", 2)
    source = write(
        tmp_path,
        id=["1", "2", "3"],
        text=["he runs", "it runs", "my aunt"],
        label=["a", "b", "c"],
        rating=[1.5, None, 3.0],
        group=pd.Categorical(["u", "v", None]),
    )
    assert write_augmented(source, tmp_path / "more.parquet", SHIPPED) == Augmented(rows=3, copies=2)
    found = pd.read_parquet(tmp_path / "more.parquet")
    assert found["id"].tolist() == ["1", "2", f"1{COPY_SUFFIX}", "3", f"3{COPY_SUFFIX}"]
    assert found["text"].tolist() == ["he runs", "it runs", "she runs", "my aunt", "my uncle"]
    assert found["label"].tolist() == ["a", "b", "a", "c", "c"]
    assert found["rating"].tolist()[::2] == [1.5, 1.5, 3.0]
    assert found["group"].tolist()[:3] == ["u", "v", "u"]


def test_spans_of_a_file_are_moved(tmp_path: Path) -> None:
    spans = json.dumps([{"start": 7, "end": 12, "entity_type": "PERSON"}])
    write_augmented(write(tmp_path, text=["Today, James"], spans=[spans]), tmp_path / "more.parquet", SHIPPED)
    assert json.loads(pd.read_parquet(tmp_path / "more.parquet")["spans"][1]) == [
        {"start": 7, "end": 11, "entity_type": "PERSON"}
    ]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        pytest.param({"label": ["a"]}, "text: there is no such column", id="no text column"),
        pytest.param({"text": ["he", None]}, "text of row 2: is missing", id="no text"),
        pytest.param({"text": ["he"], "spans": ["{}"]}, "spans of row 1: is not a list", id="broken spans"),
    ],
)
def test_broken_rows_are_refused(tmp_path: Path, columns: dict[str, list[object]], said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        write_augmented(write(tmp_path, **columns), tmp_path / "more.parquet", SHIPPED)
    assert [path.name for path in tmp_path.iterdir()] == ["train.parquet"]
