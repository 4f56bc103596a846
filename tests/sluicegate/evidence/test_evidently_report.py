from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.evidence.drift import measure_drift
from sluicegate.evidence.evidently_report import look_alikes, without_markup, write_classification_report
from tests.sluicegate.evidence.made_up import answers, make_rows

HOSTILE = "</script><script>document.title='OWNED'</script>"
SEEN = "‹/script›‹script›document.title='OWNED'‹/script›"
SCRIPTS = 4
"""That Evidently's page has of its own."""


def scripts_of(page: str) -> list[str]:
    return re.findall("<script>.*?</script>", page, re.DOTALL)


def test_a_label_cannot_end_the_script_of_the_classification_report(tmp_path: Path) -> None:
    drawn = answers([0, 1, 2] * 10, [0, 2, 1] * 10, ("negative", "<!--<script>", HOSTILE))
    write_classification_report(drawn, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert len(scripts_of(page)) == SCRIPTS
    assert page.count("OWNED") > 0
    assert HOSTILE not in page
    assert "<!--<script>" not in page


def test_labels_groups_and_columns_cannot_end_the_script_of_the_drift_report(tmp_path: Path) -> None:
    def hostile(rows: pd.DataFrame) -> pd.DataFrame:
        renamed = rows.rename(columns={"place": HOSTILE})
        return renamed.replace({"label": {"positive": HOSTILE}, HOSTILE: {"shop": HOSTILE}})

    before, after = (make_rows(90, seed=seed, prefix=str(seed)) for seed in (0, 1))
    found = measure_drift(hostile(before), hostile(after), [HOSTILE], 0, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert len(scripts_of(page)) == SCRIPTS
    assert HOSTILE not in page
    plain = measure_drift(before, after, ["place"], 0, tmp_path / "plain.html")
    shares = {column["column"].replace("place", HOSTILE): column["value"] for column in plain["columns"]}
    assert {column["column"]: column["value"] for column in found["columns"]} == shares


def test_a_page_runs_the_scripts_it_was_written_with_and_no_other(tmp_path: Path) -> None:
    write_classification_report(answers([0, 1, 2] * 10, [0, 2, 1] * 10), tmp_path / "page.html")
    (policy,) = re.findall("script-src ([^;]*);", (tmp_path / "page.html").read_text("utf-8"))
    assert [source[:8] for source in policy.split()] == ["'sha256-"] * SCRIPTS


@pytest.mark.parametrize(
    ("labels", "actual", "given"),
    [
        pytest.param("abc", [0, 2], [0, 2], id="two of three"),
        pytest.param("abc", [1, 1], [1, 0], id="one of three, and another is given"),
        pytest.param("abc", [0, 0], [2, 2], id="one of three, and another is always given"),
        pytest.param("abc", [1, 1], [1, 1], id="one of three"),
        pytest.param("abcd", [1, 3], [3, 1], id="two of four"),
        pytest.param("ab", [1, 1], [1, 1], id="one of two"),
    ],
)
def test_rows_with_few_of_the_labels_have_a_classification_report(
    labels: str, actual: list[int], given: list[int], tmp_path: Path
) -> None:
    write_classification_report(answers(actual * 20, given * 20, labels), tmp_path / "page.html")
    right = sum(a == g for a, g in zip(actual, given, strict=True)) / len(actual)
    assert f'"{right:g}"' in (tmp_path / "page.html").read_text("utf-8").replace(".0", "")


@pytest.mark.parametrize("labels", [("accuracy", "macro avg"), ("macro avg", "accuracy", "weighted avg")])
def test_a_label_may_be_called_as_an_average_is(labels: tuple[str, ...], tmp_path: Path) -> None:
    every = list(range(len(labels)))
    write_classification_report(answers(every * 20, every * 20, labels), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert all(f"{label}\\u2032" in page or f"{label}′" in page for label in labels)


def test_look_alikes_of_different_texts_are_different() -> None:
    assert look_alikes(["a", "<b>", "‹b›", "<b›"]) == {"a": "a", "‹b›": "‹b›", "<b>": "‹b›′", "<b›": "‹b›′′"}


def test_both_tables_of_a_comparison_get_the_same_look_alikes() -> None:
    (first, second), names = without_markup([pd.DataFrame({"<g>": ["<a>"]}), pd.DataFrame({"<g>": ["‹a›", "<a>"]})])
    assert (first["‹g›"].tolist(), second["‹g›"].tolist()) == (["‹a›′"], ["‹a›", "‹a›′"])
    assert names == {"‹g›": "<g>"}
