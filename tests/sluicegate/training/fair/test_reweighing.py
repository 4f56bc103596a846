"""Weights that make group and label independent."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.errors import InputRefused
from sluicegate.training.fair.reweighing import reweigh, weights_of


def write(folder: Path, **columns: list[object]) -> Path:
    path = folder / "rows.parquet"
    pd.DataFrame(columns).to_parquet(path)
    return path


def test_weights_of_the_papers_own_example(tmp_path: Path) -> None:
    # Kamiran & Calders 2012: ten job applicants; a woman with a positive label weighs
    # 0.5 · 0.6 / 0.2 = 1.5, one with a negative 0.67, a man with a positive 0.75, one with a negative 2.
    sex = ["m", "m", "m", "m", "m", "f", "f", "f", "f", "f"]
    label = ["+", "+", "+", "+", "-", "+", "+", "-", "-", "-"]
    path = write(tmp_path, sex=sex, label=label)
    found = reweigh(path, ["sex"])
    expected = {(("f",), "+"): 1.5, (("f",), "-"): 2 / 3, (("m",), "+"): 0.75, (("m",), "-"): 2.0}
    assert found.weights == pytest.approx(expected)
    np.testing.assert_allclose(
        weights_of(path, ["sex"], found), [0.75] * 4 + [2.0] + [1.5] * 2 + [2 / 3] * 3, rtol=1e-6
    )


def test_a_row_without_a_group_weighs_one_and_does_not_count(tmp_path: Path) -> None:
    path = write(tmp_path, g=["a", None, "b", "b", ""], label=["x", "x", "x", "y", "y"])
    found = reweigh(path, ["g"])
    # of the three rows with a group, 1/3 is a, 2/3 is x: a row of a and x weighs (1/3 · 2/3) / (1/3)
    assert found.weights == pytest.approx({(("a",), "x"): 2 / 3, (("b",), "x"): 4 / 3, (("b",), "y"): 2 / 3})
    assert (found.rows, found.without_group, found.absent_cells) == (5, 2, 1)
    np.testing.assert_allclose(weights_of(path, ["g"], found), [2 / 3, 1, 4 / 3, 2 / 3, 1], rtol=1e-6)


def test_a_group_of_two_columns_is_their_combination(tmp_path: Path) -> None:
    path = write(tmp_path, g=["a", "a", "b", "b"], h=[1.0, 2.0, float("nan"), 2.0], label=["x", "y", "x", "y"])
    found = reweigh(path, ["g", "h"])
    assert set(found.weights) == {(("a", "1"), "x"), (("a", "2"), "y"), (("b", "2"), "y")}
    assert found.without_group == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1, max_size=60))
def test_group_and_label_are_independent_under_the_weights(tmp_path: Path, extra: list[tuple[str, str]]) -> None:
    rows = [(g, y) for g in "ab" for y in "xyz"] + extra
    path = write(tmp_path, g=[g for g, _ in rows], label=[y for _, y in rows])
    weights = weights_of(path, ["g"], reweigh(path, ["g"])).astype(float)
    table, by_group, by_label = Counter[tuple[str, str]](), Counter[str](), Counter[str]()
    for (g, y), weight in zip(rows, weights, strict=True):
        table[g, y] += weight
        by_group[g] += weight
        by_label[y] += weight
    n = len(rows)
    for g, y in table:
        assert table[g, y] / n == pytest.approx(by_group[g] / n * by_label[y] / n, rel=1e-5)
    # and the weights move neither the groups' shares nor the labels'
    for g, count in Counter(g for g, _ in rows).items():
        assert by_group[g] == pytest.approx(count, rel=1e-5)


def test_chunks_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, g=list("aabbbabab"), label=list("xyxyxyxyy"))
    whole = reweigh(path, ["g"])
    monkeypatch.setattr("sluicegate.training.fair.reweighing._ROWS_AT_ONCE", 2)
    assert reweigh(path, ["g"]) == whole
    assert len(weights_of(path, ["g"], whole)) == 9


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        pytest.param({"label": ["x"]}, "g: there is no such column", id="no group column"),
        pytest.param({"g": ["a", "a"], "label": ["x", "y"]}, "1 groups are in 2 rows", id="one group"),
        pytest.param({"g": ["a", "b"], "label": ["x", None]}, "label: 1 of 2 values are missing", id="no label"),
    ],
)
def test_what_cannot_be_weighed_is_refused(tmp_path: Path, columns: dict[str, list[object]], said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        reweigh(write(tmp_path, **columns), ["g"])


def test_rows_that_were_not_weighed_are_refused(tmp_path: Path) -> None:
    found = reweigh(write(tmp_path, g=["a", "b"], label=["x", "x"]), ["g"])
    with pytest.raises(InputRefused, match="not weighed"):
        weights_of(write(tmp_path, g=["a", "b"], label=["x", "y"]), ["g"], found)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no such file"):
        reweigh(tmp_path / "absent.parquet", ["g"])
    (tmp_path / "bad.parquet").write_text("no parquet")
    with pytest.raises(InputRefused, match="cannot be read as Parquet"):
        reweigh(tmp_path / "bad.parquet", ["g"])
