from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.errors import TamperingDetected
from sluicegate.evidence.base_features import BaseFeatures
from sluicegate.evidence.comparison import LiveRelease, answers_of, compare, compare_data
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.resampling import Resampling
from sluicegate.manifest import Manifest
from tests.sluicegate.evidence.made_up import LABELS, answers, write_candidate


@pytest.fixture
def test_rows(world: Path) -> pd.DataFrame:
    return pd.read_parquet(world / "split" / "test.parquet")


def compared(live: LiveRelease, rows: pd.DataFrame, smallest: int = 10) -> dict[str, Finding]:
    """Findings of a candidate that is always right, against a live release."""
    actual = [LABELS.index(label) for label in rows["label"]]
    given, said = answers_of(live, LABELS, rows), answers(actual, actual)
    findings, _ = compare(live, given, said, rows, ["place"], Resampling(len(rows), 100, 0.95, 0), smallest)
    return {finding.check.removeprefix("comparison."): finding for finding in findings}


def test_a_candidate_that_is_always_right_makes_nothing_wrong(
    older_release: LiveRelease, test_rows: pd.DataFrame
) -> None:
    found = compared(older_release, test_rows)
    assert found["regressed_share"].value == 0
    change, worst = found["macro_f1_change"].value, found["group_macro_f1_change_lowest[place]"].value
    assert change is not None
    assert worst is not None
    assert 0 < worst <= change
    assert {finding.against for finding in found.values()} == {older_release.candidate_digest}


def test_a_live_release_of_other_bytes_is_not_compared_with(
    older_release: LiveRelease, test_rows: pd.DataFrame
) -> None:
    with pytest.raises(TamperingDetected, match="live in stage internal"):
        compared(replace(older_release, candidate_digest="1" * 64), test_rows)


def test_a_live_release_with_other_labels_is_not_evaluated(
    older_release: LiveRelease, test_rows: pd.DataFrame, tmp_path: Path
) -> None:
    other = write_candidate(tmp_path / "candidate", labels=("negative", "positive"))
    digest = Manifest.of_folder(other).digest
    found = compared(replace(older_release, candidate=other, candidate_digest=digest), test_rows)
    assert found["macro_f1_change"].why == "the live release knows other labels"
    assert {name for name, finding in found.items() if finding.status == "measured"} == {"seen_share"}


def test_labels_in_another_order_are_the_same_labels(
    older_release: LiveRelease, test_rows: pd.DataFrame, world: Path, tmp_path: Path
) -> None:
    turned = write_candidate(tmp_path / "candidate", known_words=3, labels=LABELS[::-1])
    digest = Manifest.of_folder(turned).digest
    found = compared(replace(older_release, candidate=turned, candidate_digest=digest), test_rows)
    expected = compared(older_release, test_rows)["accuracy_change"].value
    assert found["accuracy_change"].value == pytest.approx(expected, abs=0.15)  # ties go to another label


def test_a_live_release_whose_data_is_gone_is_compared_by_its_answers_alone(
    older_release: LiveRelease, test_rows: pd.DataFrame, tmp_path: Path
) -> None:
    gone = replace(older_release, split=None)
    found = compared(gone, test_rows)
    assert (found["macro_f1_change"].status, found["seen_share"].status) == ("measured", "not_evaluated")
    findings, _ = compare_data(gone, test_rows, ["place"], 0, tmp_path / "d.html", BaseFeatures(None))
    assert {finding.why for finding in findings} == {"the live release's data is no longer kept"}


def test_data_without_a_group_column_of_today_is_not_compared(
    older_release: LiveRelease, test_rows: pd.DataFrame, tmp_path: Path
) -> None:
    rows = test_rows.assign(town="north")
    findings, _ = compare_data(older_release, rows, ["place", "town"], 0, tmp_path / "d.html", BaseFeatures(None))
    assert {finding.why for finding in findings} == {"the live release's data has no column town"}


def test_rows_that_the_live_release_learned_from_are_counted(
    older_release: LiveRelease, test_rows: pd.DataFrame, tmp_path: Path
) -> None:
    learned = test_rows[:30].assign(text=lambda rows: rows["text"].str.upper())
    learned.to_parquet(tmp_path / "train.parquet")
    found = compared(replace(older_release, split=tmp_path), test_rows)
    assert found["seen_share"].value == pytest.approx(30 / 150)


def test_a_group_that_is_too_small_keeps_the_worst_change_from_being_told(
    older_release: LiveRelease, test_rows: pd.DataFrame
) -> None:
    found = compared(older_release, test_rows, smallest=80)
    assert found["group_macro_f1_change_lowest[place]"].status == "not_evaluated"
