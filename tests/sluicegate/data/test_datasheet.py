"""The data sheet adds up, or is not written."""

from __future__ import annotations

import json

import pytest

from sluicegate.data.datasheet import Passage, data_sheet, markdown
from sluicegate.errors import DataRejected

ORIGIN = {"source": "reviews.csv", "licence": "MIT"}
READ = Passage("source", 1010, 1000, {"ragged row": 10}, sha256="a" * 64)
HELD = Passage("validate", 1000, 990, {"expect_column_values_to_not_be_null(text)": 8, "no consent": 2})
SPLIT = Passage("split", 990, 990)


def test_a_sheet_counts_what_was_read_used_and_dropped() -> None:
    sheet = data_sheet(ORIGIN, [READ, HELD, SPLIT])
    assert (sheet["rows_read"], sheet["rows_used"], sheet["dropped"]) == (1010, 990, 20)
    assert json.loads(json.dumps(sheet)) == sheet


def test_people_read_each_step_with_its_reasons() -> None:
    text = markdown(data_sheet(ORIGIN, [READ, HELD, SPLIT]))
    assert "- licence: MIT\n" in text
    assert "| source | 1,010 | 1,000 | 10 ragged row | `aaaaaaaaaaaaaaaa…` |\n" in text
    assert "| split | 990 | 990 | none |  |\n" in text


def test_a_reason_does_not_break_the_table() -> None:
    text = markdown(data_sheet(ORIGIN, [Passage("source", 2, 1, {"a|b\nc": 1})]))
    assert "| 1 a\\|b c |" in text


@pytest.mark.parametrize(
    ("passages", "fault"),
    [
        ([Passage("source", 10, 9)], "source took 10 rows, passed on 9, reasons: 0"),
        ([Passage("source", 9, 10)], "source took 9 rows, passed on 10, reasons: 0"),
        ([Passage("source", 10, 9, {"x": 2, "y": -1})], "source took 10 rows, passed on 9, reasons: 1"),
        ([READ, Passage("split", 999, 999)], "source passed on 1000 rows and split took 999"),
    ],
)
def test_rows_that_vanish_or_appear_are_refused(passages: list[Passage], fault: str) -> None:
    with pytest.raises(DataRejected) as rejected:
        data_sheet(ORIGIN, passages)
    assert fault in str(rejected.value)
