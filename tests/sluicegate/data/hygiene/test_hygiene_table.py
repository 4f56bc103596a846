"""A table cleaned as a whole: what is written, that chunks do not matter, and that a killed try is gone on with."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.data.hygiene.table import clean
from sluicegate.errors import DataRejected
from sluicegate.progress import Progress, listen
from sluicegate.spec.hygiene import Contamination, EvaluationSet, Harm, Hygiene, NearDuplicates, TermList

EXAM = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
EVERYTHING = Hygiene(
    near_duplicates=NearDuplicates(threshold=0.5, permutations=32, action="cluster"),
    contamination=Contamination(evaluation={"exam": EvaluationSet(path="")}, action="tag"),
    harm=Harm(classifier=TermList(kind="terms")),
)
DROPPING = Hygiene(
    near_duplicates=NearDuplicates(threshold=0.5, permutations=32),
    contamination=Contamination(evaluation={"exam": EvaluationSet(path="")}, quote_words=5),
)
DROPPING_HARM = DROPPING.model_copy(
    update={"harm": Harm(action="drop", threshold=0.3, classifier=TermList(kind="terms"))}
)


@pytest.fixture
def exam(tmp_path: Path) -> Path:
    (tmp_path / "exam.csv").write_text(f"text\n{EXAM}\n")
    return tmp_path / "exam.csv"


WORDS = st.sampled_from(["a", "b", "c", "A", "价", "bullshit"])
ROWS = st.lists(
    st.builds(
        lambda words, label, split: {"text": " ".join(words), "label": label, "split": split},
        st.one_of(st.lists(WORDS, max_size=8), st.just(EXAM.split()), st.just(EXAM.split()[2:9])),
        st.sampled_from(["x", "y", None]),
        st.sampled_from(["train", "test", None]),
    ),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=18)
@given(ROWS, st.sampled_from([EVERYTHING, DROPPING, DROPPING_HARM]), st.integers(1, 7))
def test_the_size_of_chunks_does_not_matter(
    cleaned: Any, exam: Path, rows: list[dict[str, str | None]], section: Hygiene, chunk_rows: int
) -> None:
    whole = cleaned(rows, section, evaluation={"exam": exam})
    parts = cleaned(rows, section, evaluation={"exam": exam}, chunk_rows=chunk_rows)
    assert whole.kept == parts.kept
    assert whole.dropped == parts.dropped
    assert (whole.folder / "hygiene.json").read_bytes() == (parts.folder / "hygiene.json").read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=18)
@given(ROWS, st.sampled_from([EVERYTHING, DROPPING, DROPPING_HARM]))
def test_every_row_stays_or_goes_once_and_in_order(
    cleaned: Any, exam: Path, rows: list[dict[str, str | None]], section: Hygiene
) -> None:
    found = cleaned(rows, section, evaluation={"exam": exam})
    assert sorted([*found.ids, *found.dropped], key=lambda row: int(row[1:])) == [f"r{i}" for i in range(len(rows))]
    for ids in (found.ids, list(found.dropped)):
        assert ids == sorted(ids, key=lambda row: int(row[1:]))
    report = found.report
    assert report.rows == report.kept + sum(report.dropped.values()) == len(rows)
    assert report.kept == len(found.ids)
    for reason, kept in found.dropped.values():
        if reason.startswith("evaluation"):
            assert kept == "exam"
        else:
            assert kept is None if reason == "harmful" else kept in found.ids


def test_other_columns_stay_as_they_are(cleaned: Any) -> None:
    found = cleaned([{"text": "one", "shop": "north"}, {"text": "ONE", "shop": "south"}, {"text": "two", "shop": None}])
    assert found.kept == [
        {"id": "r0", "text": "one", "label": "a", "shop": "north"},
        {"id": "r2", "text": "two", "label": "a", "shop": None},
    ]


def test_nothing_but_the_clean_rows_holds_text(cleaned: Any, exam: Path) -> None:
    found = cleaned([f"secret words {i % 3}" for i in range(9)] + [EXAM], EVERYTHING, evaluation={"exam": exam})
    assert sorted(os.listdir(found.folder)) == ["clean.parquet", "dropped.parquet", "hygiene.json", "table.parquet"]
    assert pq.read_schema(found.folder / "dropped.parquet").names == ["id", "reason", "kept"]
    assert json.loads((found.folder / "hygiene.json").read_text())["kept"] == 4
    for name in ("dropped.parquet", "hygiene.json"):
        assert b"secret" not in (found.folder / name).read_bytes()


def test_an_empty_table(cleaned: Any, exam: Path) -> None:
    found = cleaned([], EVERYTHING, evaluation={"exam": exam})
    assert found.kept == []
    assert found.dropped == {}


def test_a_missing_text_is_refused(cleaned: Any) -> None:
    with pytest.raises(DataRejected, match="missing in row 4 "):
        cleaned(["one", "two", "three", "four", {"text": None}], chunk_rows=2)


@pytest.mark.parametrize("name", ["cluster", "contamination", "harm"])
def test_a_column_that_is_there_already_is_refused(cleaned: Any, exam: Path, name: str) -> None:
    with pytest.raises(DataRejected, match=f"hygiene: {name}: is the name of a column"):
        cleaned([{"text": "one", name: "x"}], EVERYTHING, evaluation={"exam": exam})


def test_too_many_splits_are_refused(cleaned: Any) -> None:
    with pytest.raises(DataRejected, match="more than 255"):
        cleaned([{"text": "one", "split": f"part {i}"} for i in range(256)])


class Killed(BaseException):
    """Stands for the end of the process."""


STAGES = ("signatures", "buckets", "shingles of candidates", "joined", "harm", "written")


@pytest.mark.parametrize("stage", STAGES)
def test_a_try_that_was_killed_is_gone_on_with(
    cleaned: Any, written: Any, exam: Path, tmp_path: Path, stage: str
) -> None:
    texts = [f"{EXAM} {i % 7} and {'more ' * (i % 3)}" for i in range(40)] + [f"row {i % 30}" for i in range(40)]
    rows = [{"text": text} for text in texts]
    fresh = cleaned(rows, EVERYTHING, evaluation={"exam": exam}, chunk_rows=10)
    table = written(tmp_path / "table.parquet", rows)
    seen: list[str] = []

    def kill(progress: Progress) -> None:
        if stage in progress.note and progress.done >= progress.total / 2:
            raise Killed

    def watch(progress: Progress) -> None:
        seen.append(f"{progress.note} {progress.done}")

    def run() -> None:
        clean(table, tmp_path / "out", EVERYTHING, evaluation={"exam": exam}, chunk_rows=10)

    (tmp_path / "out").mkdir()
    with listen(kill), pytest.raises(Killed):
        run()
    assert not (tmp_path / "out" / "clean.parquet").exists()
    facts = sorted((tmp_path / "out" / ".hygiene").glob("facts-*.array"))
    before = {path: path.stat().st_mtime_ns for path in facts}
    assert len(facts) >= 4
    with listen(watch):
        run()
    if stage != "signatures":
        assert not any("signatures" in note for note in seen)
    for name in ("clean.parquet", "dropped.parquet", "hygiene.json"):
        assert (tmp_path / "out" / name).read_bytes() == (fresh.folder / name).read_bytes()
    assert before
    assert not (tmp_path / "out" / ".hygiene").exists()


def test_what_a_try_under_another_plan_left_is_not_used(written: Any, tmp_path: Path) -> None:
    def kill(progress: Progress) -> None:
        if progress.note == "written":
            raise Killed

    for texts in (["one", "one"], ["one", "two"]):
        table = written(tmp_path / "table.parquet", [{"text": text} for text in texts])
        with listen(kill), pytest.raises(Killed):
            clean(table, tmp_path, Hygiene(), evaluation={})
    report = clean(table, tmp_path, Hygiene(), evaluation={})
    assert report.kept == 2
