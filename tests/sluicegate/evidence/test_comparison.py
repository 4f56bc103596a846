from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.errors import TamperingDetected
from sluicegate.evidence.base_features import BaseFeatures
from sluicegate.evidence.comparison import LiveRelease, answers_of, compare, compare_data
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.group_changes import of_attribute, of_column
from sluicegate.evidence.groups import MOST_GROUPS
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.identity.terms import ENGLISH_TERMS, read_terms
from sluicegate.evidence.resampling import Resampling
from sluicegate.manifest import Manifest
from tests.sluicegate.evidence.made_up import LABELS, answers, write_candidate


@pytest.fixture
def test_rows(world: Path) -> pd.DataFrame:
    return pd.read_parquet(world / "split" / "test.parquet")


def compared(live: LiveRelease, rows: pd.DataFrame, smallest: int = 10) -> dict[str, Finding]:
    """Findings of a candidate that is always right, against a live release."""
    actual = [LABELS.index(label) for label in rows["label"]]
    places = of_column("comparison.group_macro_f1_change", "place", rows["place"].tolist(), smallest, {"market": 80})
    given, said = answers_of(live, LABELS, rows), answers(actual, actual)
    findings, _ = compare(live, given, said, rows, [places], Resampling(len(rows), 100, 0.95, 0), smallest)
    return {f"{f.check.removeprefix('comparison.')}{f.group or ''}": f for f in findings}


def test_a_candidate_that_is_always_right_makes_nothing_wrong(
    older_release: LiveRelease, test_rows: pd.DataFrame
) -> None:
    found = compared(older_release, test_rows)
    assert found["regressed_share"].value == 0
    change = found["macro_f1_change"].value
    assert change is not None
    by_place = [found[f"group_macro_f1_change[place]{place}"].value or 0 for place in ("shop", "street")]
    assert 0 < min(by_place) <= change <= max(by_place)
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


def test_a_group_that_is_too_small_or_absent_says_so_and_the_others_are_told(
    older_release: LiveRelease, test_rows: pd.DataFrame
) -> None:
    found = compared(older_release, test_rows, smallest=80)
    of = {place: found[f"group_macro_f1_change[place]{place}"] for place in ("shop", "street", "market")}
    rows = test_rows["place"].value_counts()
    assert rows["street"] < 80 <= rows["shop"]
    assert {place: (finding.status, finding.n, finding.why) for place, finding in of.items()} == {
        "shop": ("measured", rows["shop"], ""),
        "street": ("not_evaluated", rows["street"], "fewer than 80 test rows"),
        "market": ("not_evaluated", 0, "no test row is in it, though other rows are"),
    }


def test_a_label_with_few_rows_is_not_compared_by_itself(older_release: LiveRelease, test_rows: pd.DataFrame) -> None:
    few = test_rows[(test_rows["label"] != "neutral") | (test_rows.index < 20)].reset_index(drop=True)
    found = compared(older_release, few, smallest=10)
    assert found["f1_change[neutral]"].why == "7 rows, fewer than 10"
    assert found["f1_change[positive]"].status == "measured"


def test_a_mean_that_leaves_a_label_out_has_no_figure_either(
    older_release: LiveRelease, test_rows: pd.DataFrame
) -> None:
    two = test_rows[test_rows["label"] != "neutral"].reset_index(drop=True)
    actual = [LABELS.index(label) for label in two["label"]]
    given, said = answers_of(older_release, LABELS, two), answers(actual, actual)
    findings, figures = compare(older_release, given, said, two, [], Resampling(len(two), 100, 0.95, 0), 10)
    assert (findings[0].check, findings[0].status) == ("comparison.macro_f1_change", "not_evaluated")
    assert figures["estimates"]["macro_f1"] == {"value": None, "interval": None}
    assert figures["estimates"]["accuracy"]["value"] is not None


def test_a_column_of_too_many_groups_has_one_finding_that_says_so() -> None:
    names = [f"p{number}" for number in range(MOST_GROUPS + 1)]
    columns = of_column("comparison.group_macro_f1_change", "place", names, 1, {})
    (finding,) = columns.findings("macro_f1", {}, Resampling(len(names), 100, 0.95, 0), "ab" * 32)
    assert (finding.group, finding.why) == (None, "the column has 51 groups, more than 50")
    assert columns.named == {}


def test_groups_that_texts_mention_are_compared_where_any_are_mentioned() -> None:
    terms = read_terms([ENGLISH_TERMS])
    texts = ["the Buddhist nun sang", "the imam sang", "the imam wept"]
    religion = of_attribute("comparison.mentioned_macro_f1_change", Lexicon(terms, "religion"), texts, 2)
    assert (religion.sizes, list(religion.members)) == ({"Buddhist": 1, "Muslim": 2}, ["Muslim"])
    age = of_attribute("comparison.mentioned_macro_f1_change", Lexicon(terms, "age"), texts, 2)
    (finding,) = age.findings("macro_f1", {}, Resampling(3, 100, 0.95, 0), "ab" * 32)
    assert (finding.status, finding.why) == ("not_applicable", "no test row mentions a group of it")
    assert finding.against == "ab" * 32


def test_a_group_that_training_rows_mention_and_no_test_row_does_is_told() -> None:
    learned = ["the Buddhist nun sang", "the Buddhist nun wept", "the rabbi sang"]
    lexicon = Lexicon(read_terms([ENGLISH_TERMS]), "religion")
    check = "comparison.mentioned_macro_f1_change"
    religion = of_attribute(check, lexicon, ["the lamp sang", "the lamp wept"], 2, learned)
    (finding,) = religion.findings("macro_f1", {}, Resampling(2, 100, 0.95, 0), "ab" * 32)
    assert (finding.group, finding.status, finding.n) == ("Buddhist", "not_evaluated", 0)
    assert finding.why == "no test row is in it, though other rows are"
    assert religion.groups == ("Buddhist",)  # one row of another is too few to ask for it
