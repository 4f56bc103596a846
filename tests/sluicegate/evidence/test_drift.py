from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sluicegate.evidence.drift import drift_findings, measure_drift
from sluicegate.evidence.given_groups import given_groups
from tests.sluicegate.evidence.made_up import make_rows


def test_rows_that_were_drawn_alike_do_not_drift(tmp_path: Path) -> None:
    found = measure_drift(
        make_rows(300, seed=0, prefix="a"), make_rows(300, seed=1, prefix="b"), ["place"], 0, tmp_path / "d.html"
    )
    assert found["share"] == 0
    assert "placeholders" not in {column["column"] for column in found["columns"]}  # no text has any


def test_longer_texts_of_another_place_drift(tmp_path: Path) -> None:
    before = make_rows(300, seed=0, prefix="a")
    after = make_rows(300, seed=1, prefix="b").assign(place="street")
    after["text"] = after["text"] + " and a great deal more to say about it"
    found = measure_drift(before, after, ["place"], 0, tmp_path / "d.html")
    drifted = {column["column"] for column in found["columns"] if column["drifted"]}
    assert {"characters", "words", "group: place"} <= drifted
    assert "label" not in drifted
    assert found["share"] == len(drifted) / len(found["columns"])
    assert found["text_auc"] > 0.95


def test_the_report_holds_no_text(tmp_path: Path) -> None:
    rows = make_rows(60, seed=0, prefix="a")
    measure_drift(rows, pd.concat([rows, rows]), ["place"], 0, tmp_path / "d.html")
    page = (tmp_path / "d.html").read_text()
    assert "Drift" in page
    assert "xqa" not in page


@pytest.mark.parametrize("given", [0, 20], ids=["none", "few"])
def test_a_group_that_test_rows_no_longer_give_drifts(tmp_path: Path, given: int) -> None:
    before, after = make_rows(300, seed=0, prefix="a"), make_rows(300, seed=1, prefix="b")
    after["place"] = after["place"].where(after.index < given)
    found = measure_drift(before, after, ["place"], 0, tmp_path / "d.html")
    assert {column["column"]: column["drifted"] for column in found["columns"]}["group: place"]
    assert "(not given)" in (tmp_path / "d.html").read_text()


def test_a_group_that_no_row_gives_does_not_drift(tmp_path: Path) -> None:
    before, after = (make_rows(90, seed=seed, prefix="a").assign(place=None) for seed in (0, 1))
    found = measure_drift(before, after, ["place"], 0, tmp_path / "d.html")
    assert "group: place" not in {column["column"] for column in found["columns"]}


@pytest.mark.parametrize(("before", "after"), [(300, 29), (300, 1), (300, 0), (29, 300)])
def test_of_fewer_than_thirty_rows_on_either_side_nothing_is_said(tmp_path: Path, before: int, after: int) -> None:
    tables = make_rows(300, seed=0, prefix="a")[:before], make_rows(300, seed=1, prefix="b")[:after]
    found = measure_drift(*tables, ["place"], 0, tmp_path / "d.html")
    why = f"there are {before} and {after} rows to compare, and it takes 30 of each"
    for finding in drift_findings(found, after, 7, "ab" * 32):
        assert (finding.status, finding.why, finding.value) == ("not_evaluated", why, None)
    assert found["rows"] == {"reference": before, "current": after}
    assert not (tmp_path / "d.html").exists()


def test_thirty_rows_on_either_side_are_enough(tmp_path: Path) -> None:
    tables = make_rows(30, seed=0, prefix="a"), make_rows(30, seed=1, prefix="b")
    findings = drift_findings(measure_drift(*tables, ["place"], 0, tmp_path / "d.html"), 30, 7)
    assert {finding.status for finding in findings} == {"measured"}


def test_rows_that_are_all_the_same_have_no_column_that_could_drift(tmp_path: Path) -> None:
    before, after = (make_rows(n, seed=0, prefix="a").assign(text="same", label="a", place="b") for n in (200, 60))
    found = measure_drift(before, after, ["place"], 0, tmp_path / "d.html")
    share, apart = drift_findings(found, len(after), 7)
    assert (share.check, share.status, share.n) == ("drift.share", "not_evaluated", 60)
    assert share.why == "all rows are described alike, so no column can differ"
    assert (apart.check, apart.status) == ("drift.text_auc", "not_evaluated")
    assert "too much the same" in apart.why


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "float64", "category", "object"])
def test_rows_without_a_group_have_one_name_whatever_type_the_groups_are_of(dtype: str) -> None:
    first, second = given_groups(pd.Series([1, None], dtype=dtype))
    assert first in ("1", "True", "1.0")
    assert second == "(not given)"
