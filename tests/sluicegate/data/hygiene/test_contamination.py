"""Rows that a model will be measured on elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sluicegate.errors import InputRefused, SpecRefused
from sluicegate.spec.hygiene import Contamination, EvaluationSet, Hygiene

EXAM = "the quick brown fox jumps over the lazy dog while seventeen grey cats look on from the garden wall at noon"
SHORT = "a short question"
QUOTE = "as somebody wrote fox jumps over the lazy dog while seventeen grey cats look on from there and so on"
OTHER = "nothing that anybody would ever ask in an exam stands in this text which is about kettles and their lids"


def csv(path: Path, texts: list[str], column: str = "text") -> Path:
    path.write_text("\n".join([f"number,{column}", *(f'{i},"{text}"' for i, text in enumerate(texts))]) + "\n")
    return path


def section(*names: str, column: str = "text", near: bool = True, **fields: Any) -> Hygiene:
    sets = {name: EvaluationSet(path="unused", column=column) for name in names}
    more: dict[str, Any] = {} if near else {"near_duplicates": None}
    return Hygiene(contamination=Contamination(evaluation=sets, **fields), **more)


@pytest.fixture
def exam(tmp_path: Path) -> Path:
    return csv(tmp_path / "exam.csv", [EXAM, SHORT, ""])


def test_rows_that_repeat_nearly_repeat_or_quote_an_evaluation_text_go(cleaned: Any, exam: Path) -> None:
    rows = [OTHER, EXAM.upper(), EXAM.replace("noon", "night"), QUOTE, SHORT, "not a short question at all"]
    found = cleaned(rows, section("exam"), evaluation={"exam": exam})
    assert found.ids == ["r0", "r5"]
    assert found.dropped == {
        "r1": ("evaluation_same", "exam"),
        "r2": ("evaluation_near", "exam"),
        "r3": ("evaluation_quote", "exam"),
        "r4": ("evaluation_same", "exam"),
    }
    assert found.report.contamination == {"exam": {"texts": 2, "same": 2, "near": 1, "quote": 1}}


def test_without_near_duplicates_evaluation_sets_are_compared_all_the_same(cleaned: Any, exam: Path) -> None:
    found = cleaned([OTHER, EXAM.replace("noon", "night")], section("exam", near=False), evaluation={"exam": exam})
    assert found.ids == ["r0"]
    assert found.report.near == {}


def test_thirteen_words_in_a_row_are_a_quote_and_twelve_are_not(cleaned: Any, exam: Path) -> None:
    words = EXAM.split()
    rows = [f"{OTHER} {' '.join(words[2:15])} {OTHER} one", f"{OTHER} {' '.join(words[2:14])} {OTHER} two two"]
    found = cleaned(rows, section("exam", near=False), evaluation={"exam": exam})
    assert found.dropped == {"r0": ("evaluation_quote", "exam")}
    assert cleaned(rows, section("exam", near=False, quote_words=None), evaluation={"exam": exam}).dropped == {}


def test_a_quote_may_begin_in_the_middle_of_a_chinese_text(cleaned: Any, tmp_path: Path) -> None:
    text = "春眠不觉晓处处闻啼鸟夜来风雨声花落知多少床前明月光疑是地上霜"
    path = csv(tmp_path / "poems.csv", [text])
    rows = [f"老师说过{text[2:28]}你还记得吗我已经忘记了全部的内容", f"老师说过{text[2:27]}吗你还记得我已经忘记了"]
    found = cleaned(rows, section("poems", near=False), evaluation={"poems": path})
    assert found.dropped == {"r0": ("evaluation_quote", "poems")}


def test_rows_can_be_tagged(cleaned: Any, exam: Path, tmp_path: Path) -> None:
    second = csv(tmp_path / "second.csv", [SHORT])
    found = cleaned(
        [OTHER, QUOTE, SHORT], section("exam", "second", action="tag"), evaluation={"exam": exam, "second": second}
    )
    assert [row["contamination"] for row in found.kept] == [None, "exam", "exam, second"]
    assert found.report.contamination["second"] == {"texts": 1, "same": 1, "near": 0, "quote": 0}


@pytest.mark.parametrize("action", ["tag", "drop"])
def test_a_row_is_contaminated_once_by_whichever_sets_and_whatever_becomes_of_it(
    cleaned: Any, exam: Path, tmp_path: Path, action: str
) -> None:
    sets = {"exam": exam, "second": csv(tmp_path / "second.csv", [SHORT]), "third": csv(tmp_path / "third.csv", ["oh"])}
    rows = [OTHER, EXAM, EXAM.replace("noon", "night"), QUOTE, SHORT, "OH", "oh"]
    found = cleaned(rows, section(*sets, action=action), evaluation=sets)
    assert {name: counts["same"] for name, counts in found.report.contamination.items()} == {
        "exam": 2, "second": 1, "third": 2
    }  # fmt: skip
    assert found.report.contaminated_rows == 6


def test_what_an_evaluation_set_holds_does_not_join_rows(cleaned: Any, exam: Path) -> None:
    # r1 goes; r0 and r2 are each near to it, not to one another
    words = EXAM.split()
    left = " ".join(["new0", "new1", *words[2:]])
    right = " ".join([*words[:-2], "new2", "new3"])
    found = cleaned([left, EXAM, right], section("exam", quote_words=None), evaluation={"exam": exam})
    assert {row: reason for row, (reason, _) in found.dropped.items()} == {
        "r0": "evaluation_near",
        "r1": "evaluation_same",
        "r2": "evaluation_near",
    }


def test_a_repeat_of_a_contaminated_row_is_contaminated_too(cleaned: Any, exam: Path) -> None:
    found = cleaned([QUOTE, QUOTE.upper(), OTHER], section("exam"), evaluation={"exam": exam})
    assert found.ids == ["r2"]
    assert found.report.dropped["evaluation_quote"] == 2


@pytest.mark.parametrize("suffix", ["jsonl", "ndjson", "parquet"])
def test_files_of_other_kinds(cleaned: Any, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"exam.{suffix}"
    if suffix == "parquet":
        pq.write_table(pa.table({"question": [EXAM, None]}), path)
    else:
        path.write_text(json.dumps({"question": EXAM}) + "\n" + json.dumps({"question": None}) + "\n")
    found = cleaned([EXAM, OTHER], section("exam", column="question"), evaluation={"exam": path})
    assert found.ids == ["r1"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("e.csv", "a,b\n1,2\n", "column 'text'", id="no such column"),
        pytest.param("e.csv", "text\n\n", "evaluation set 'exam'", id="no text"),
        pytest.param("e.jsonl", '{"text": "good"}\n{"text": 5}\n', "line 2", id="no string"),
        pytest.param("e.txt", "text", "suffix '.txt'", id="unknown kind"),
        pytest.param("e.parquet", "text", "Parquet", id="no Parquet"),
    ],
)
def test_an_evaluation_set_that_cannot_be_read_is_refused(
    cleaned: Any, tmp_path: Path, name: str, content: str, message: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputRefused, match=message):
        cleaned([OTHER], section("exam"), evaluation={"exam": path})


def test_an_evaluation_set_without_a_file_is_refused(cleaned: Any) -> None:
    with pytest.raises(SpecRefused, match=r"contamination\.evaluation\.exam: has no file"):
        cleaned([OTHER], section("exam"))
