from __future__ import annotations

from pathlib import Path

import pandas as pd

from sluicegate.evidence.drift import measure_drift
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
