from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sluicegate.data.sources.generated import generated_rows
from sluicegate.data.sources.reading import fingerprint, read
from sluicegate.errors import SpecRefused
from sluicegate.spec import Data, parse
from sluicegate.spec.sources import GeneratedSource
from sluicegate.spec.spans import parse_spans


def data(**changes: Any) -> Data:
    source = {"kind": "generated", "corpus": "pii", "texts": 60, "seed": 4} | changes.pop("source", {})
    fields = {"source": source, "labels": ["PERSON", "ADDRESS"], "groups": ["language"], "licence": "Apache-2.0"}
    return parse(Data, fields | changes, "data")


def read_in(folder: Path, section: Data) -> pd.DataFrame:
    folder.mkdir()
    report = read(section, Path, folder, {}, folder=folder)
    table = pd.read_parquet(folder / "table.parquet")
    assert (report.rows_in_source, report.rows, report.rows_refused) == (len(table), len(table), 0)
    return table


def test_generated_texts_are_a_table_with_spans_of_the_named_types(tmp_path: Path) -> None:
    table = read_in(tmp_path / "a", data())

    assert list(table.columns) == ["id", "text", "label", "spans", "language"]
    assert len(table) == table["id"].nunique() == 60
    assert set(table["language"]) == {"en", "zh"}
    found = [parse_spans(spans, len(text)) for text, spans in zip(table["text"], table["spans"], strict=True)]
    assert {span.entity_type for spans in found for span in spans} == {"PERSON", "ADDRESS"}
    assert table["label"].tolist() == ["some" if spans else "none" for spans in found]
    assert set(table["label"]) == {"some", "none"}


def test_the_same_section_gives_the_same_rows_and_another_seed_others(tmp_path: Path) -> None:
    first, again = read_in(tmp_path / "a", data()), read_in(tmp_path / "b", data())
    other = read_in(tmp_path / "c", data(source={"seed": 5}))

    assert first.equals(again)
    assert not set(first["text"]) >= set(other["text"])
    print_of = [fingerprint(section, Path, tmp_path, {}) for section in (data(), data(), data(source={"seed": 5}))]
    assert print_of[0] == print_of[1] != print_of[2]


def test_chunks_make_no_difference() -> None:
    section = data()
    assert isinstance(section.source, GeneratedSource)

    chunks = list(generated_rows(section.source, section, chunk=7))

    assert [len(chunk["id"]) for chunk in chunks] == [7] * 8 + [4]
    whole = next(generated_rows(section.source, section))
    assert {name: [v for chunk in chunks for v in chunk[name]] for name in whole} == whole


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"label": "label"}, id="a label column"),
        pytest.param({"id": "number"}, id="an id column"),
        pytest.param({"groups": ["domain"]}, id="another group"),
        pytest.param({"rows": 10}, id="a draw"),
    ],
)
def test_generated_texts_have_no_columns_to_be_named(changes: dict[str, Any]) -> None:
    with pytest.raises(SpecRefused, match="generated texts have no columns to name but the group `language`"):
        data(**changes)
