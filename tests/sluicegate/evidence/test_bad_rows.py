"""Rows and answers from which nothing, or not everything, can be concluded: each has its status and its reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.errors import InputRefused
from sluicegate.evidence.comparison import LiveRelease
from sluicegate.evidence.dossier import Dossier, load_dossier
from sluicegate.manifest import Manifest
from sluicegate.selftest import planting
from tests.sluicegate.evidence.conftest import Measure
from tests.sluicegate.evidence.made_up import LABELS, LOADER, write_candidate

Edit = Callable[[pd.DataFrame, str], pd.DataFrame]
OF_THE_ANSWERS = ("performance", "group", "baseline", "comparison")
"""Areas whose figures rest on the answers to the test rows."""


@pytest.fixture
def measured_with(world: Path, tmp_path: Path, run_measure: Measure, older_release: LiveRelease):
    def run(edit: Edit = lambda rows, _: rows, loader: str = LOADER) -> Dossier:
        split = tmp_path / "split"
        shutil.copytree(world / "split", split)
        for part in ("train", "validation", "test"):
            edit(pd.read_parquet(split / f"{part}.parquet"), part).to_parquet(split / f"{part}.parquet", index=False)
        candidate = write_candidate(tmp_path / "candidate", loader=loader)
        digest = Manifest.of_folder(candidate).digest
        given = {"candidate": candidate, "candidate_digest": digest, "split": split, "live": [older_release]}
        return load_dossier(run_measure(**given))

    return run


def told(dossier: Dossier, *areas: str) -> dict[str, str]:
    """Check of these areas → why it was not measured; empty if it was."""
    found = [f for f in dossier.findings if f.check.partition(".")[0] in areas and f.status != "not_applicable"]
    return {f"{f.check}{f.group or ''}": f.why for f in found}


def test_a_group_of_two_rows_has_no_figure_and_keeps_the_summaries_from_having_one(measured_with) -> None:
    dossier = measured_with(lambda rows, part: rows.assign(place=rows["place"].mask(rows.index < 2, "attic")))
    of_groups = told(dossier, "group")
    assert of_groups.pop("group.evaluated_share[place]") == ""
    assert set(of_groups.values()) == {"1 of 3 groups have fewer than 10 test rows"}
    change = "comparison.group_macro_f1_change[place]"
    why = told(dossier, "comparison")
    assert (why[f"{change}attic"], why[f"{change}shop"]) == ("fewer than 10 test rows", "")
    groups = json.loads((dossier.folder / "groups.json").read_text())["figures"][0]["groups"]
    assert groups[0] == {"group": "attic", "rows": 2, "status": "not_evaluated", "why": "fewer than 10 test rows"}


def test_a_group_that_only_training_rows_have_is_not_passed_over(measured_with) -> None:
    dossier = measured_with(
        lambda rows, part: rows.assign(place=rows["place"].mask((rows.index < 40) & (part == "train"), "attic"))
    )
    absent = "no test row is in it, though other rows are"
    assert told(dossier, "comparison")["comparison.group_macro_f1_change[place]attic"] == absent
    why = "1 of 3 groups have 10 training rows or more and no test row"
    assert told(dossier, "group")["group.accuracy_gap[place]"] == why
    assert absent in (dossier.folder / "index.html").read_text(encoding="utf-8")


def test_one_odd_value_in_a_training_row_is_told_and_stops_nothing(measured_with) -> None:
    dossier = measured_with(
        lambda rows, part: rows.assign(place=rows["place"].mask((rows.index < 1) & (part == "train"), "atic"))
    )
    assert set(told(dossier, "group").values()) == {""}
    assert "comparison.group_macro_f1_change[place]atic" not in told(dossier, "comparison")
    groups = json.loads((dossier.folder / "groups.json").read_text())["figures"][0]["groups"]
    absent = "no test row is in it, though other rows are"
    assert groups[0] == {"group": "atic", "rows": 0, "status": "not_evaluated", "why": absent}


def test_rows_without_a_group_are_a_group_of_their_own(measured_with) -> None:
    dossier = measured_with(lambda rows, part: rows.assign(place=rows["place"].mask(rows.index < 20)))
    assert told(dossier, "comparison")["comparison.group_macro_f1_change[place](not given)"] == ""


def test_a_group_that_no_test_row_gives_is_measured_as_drift(measured_with) -> None:
    dossier = measured_with(lambda rows, part: rows.assign(place=None) if part == "test" else rows)
    assert told(dossier, "drift")["drift.share"] == ""
    columns = json.loads((dossier.folder / "drift.json").read_text())["figures"]["train_test"]["columns"]
    assert {column["column"]: column["drifted"] for column in columns}["group: place"]


def test_rows_that_are_all_the_same_are_told_as_such_in_drift(measured_with) -> None:
    dossier = measured_with(lambda rows, part: rows.assign(text="a lovely book", label="positive", place="shop"))
    why = "all rows are described alike, so no column can differ"
    drift = told(dossier, "drift")
    assert drift["drift.share"] == why
    assert why in (dossier.folder / "index.html").read_text(encoding="utf-8")
    assert drift["drift.share_previous"] == ""  # the live release's rows are others


def test_test_rows_of_one_class_show_nothing_of_what_is_told_apart(measured_with) -> None:
    dossier = measured_with(lambda rows, part: rows[rows["label"] == "positive"] if part == "test" else rows)
    one = "all rows have the same label"
    why = told(dossier, *OF_THE_ANSWERS)
    assert {check for check, reason in why.items() if not reason} == {
        "group.evaluated_share[place]", "comparison.seen_share"
    }  # fmt: skip
    assert {reason for reason in why.values() if reason} == {one}
    attacks = {check: reason for check, reason in told(dossier, "privacy").items() if "_auc" in check}
    of_labels = f"{one}, so that labels alone tell training rows apart"
    assert set(attacks.values()) == {of_labels}
    of_attacks = json.loads((dossier.folder / "privacy.json").read_text())["figures"]
    for attack in ("loss", "shadow", "epsilon"):
        assert of_attacks[attack]["status"] == "not_evaluated"
        assert not {"estimates", "curve", "bound", "largest_provable"} & set(of_attacks[attack])
    assert of_attacks["loss"]["why"] == of_labels
    assert "The best attack proves" not in (dossier.folder / "index.html").read_text(encoding="utf-8")
    labels = json.loads((dossier.folder / "performance.json").read_text())["figures"]["labels"]
    assert [label["f1"]["value"] for label in labels] == [None] * 3


@pytest.mark.parametrize(
    "labels",
    [["negative"], ["positive"], ["neutral", "positive"], ["positive", "negative"]],
    ids=["one", "another", "two", "two others"],
)
def test_drift_that_the_self_test_plants_may_leave_few_labels_and_is_measured(measured_with, labels: list[str]) -> None:
    def planted(rows: pd.DataFrame, part: str) -> pd.DataFrame:
        if part != "test":
            return rows
        largest = rows["place"] == "shop"
        rows = rows[~largest | rows["label"].isin(labels)]
        rows = pd.concat([rows[largest], rows[~largest][:10]])
        return planting.drift({"test": rows}, ["place"], 0, spaced=True)[0]["test"]

    dossier = measured_with(planted)
    share = dossier.find("drift.share")
    assert share is not None
    assert share.value is not None
    assert share.value > 0
    missing = next(label for label in LABELS if label not in labels)
    assert told(dossier, "performance")["performance.macro_f1"] == (
        "all rows have the same label" if len(labels) == 1 else f"no test row has the label “{missing}”"
    )


def test_a_label_that_no_test_row_has_is_in_no_mean_over_labels(measured_with) -> None:
    dossier = measured_with(lambda rows, part: rows[rows["label"] != "neutral"] if part == "test" else rows)
    why = told(dossier, *OF_THE_ANSWERS)
    missing = "no test row has the label “neutral”"
    for check in ("performance.macro_f1", "performance.roc_auc", "baseline.macro_f1[tfidf]"):
        assert why[check] == missing
    assert why["comparison.macro_f1_change"] == missing
    assert why["performance.precision[neutral]"] == "0 rows have the label, fewer than 10"
    assert why["performance.accuracy"] == why["performance.f1[positive]"] == ""


def test_answers_that_are_all_equal_are_not_even_across_groups_nor_robust(measured_with) -> None:
    constant = LOADER.replace("np.exp(1.5 * hits)", "np.exp(0 * hits) * np.array([1.0, 2.0, 1.0])")
    dossier = measured_with(loader=constant)
    of_groups = told(dossier, "group")
    assert of_groups.pop("group.evaluated_share[place]") == ""
    assert set(of_groups.values()) == {"all rows are given the same label"}
    for check in ("robustness.accuracy_kept_lowest", "robustness.failure_share_highest"):
        assert told(dossier, "robustness")[check] != ""
    assert {why for check, why in told(dossier, "identity").items() if "template" in check} == {"all answers are equal"}
    accuracy = dossier.find("performance.accuracy")
    assert accuracy is not None
    assert accuracy.value == pytest.approx(1 / 3)  # which is true of it
    assert told(dossier, "performance")["performance.precision[positive]"] == (
        "0 rows are given the label, fewer than 10"
    )


def test_scores_that_are_no_numbers_are_refused_by_name(measured_with) -> None:
    broken = LOADER.replace("return powers / powers.sum(1, keepdims=True)", "powers[::7] = np.nan; return powers")
    with pytest.raises(InputRefused, match=r"loader.py: predict_proba: gave no probabilities of 3 labels"):
        measured_with(loader=broken)


def unsound(where: str) -> str:
    """A loader that gives NaN for the texts of which the expression holds."""
    return LOADER.replace(
        "return powers / powers.sum(1, keepdims=True)",
        f"powers[[bool({where}) for t in texts]] = np.nan; return powers / powers.sum(1, keepdims=True)",
    )


def test_one_perturbation_without_sound_answers_is_not_evaluated_and_stops_no_other(measured_with) -> None:
    dossier = measured_with(loader=unsound("any(ord(c) > 0xff00 for c in t)"))
    why = told(dossier, "robustness")
    for measure in ("accuracy_kept", "flip_share", "macro_f1_drop"):
        assert why[f"robustness.{measure}[full_width]"] == "150 of 150 answers are no probabilities"
        assert why[f"robustness.{measure}[upper_case]"] == ""
    assert why["robustness.accuracy_kept_lowest"].startswith("1 of 11 kinds are not evaluated; full_width")
    assert why["robustness.failure_share[invariance]"] == ""


def test_answers_to_further_texts_that_are_no_probabilities_are_never_taken_for_right(
    measured_with, world: Path
) -> None:
    test = pd.read_parquet(world / "split" / "test.parquet")["text"].tolist()
    dossier = measured_with(loader=unsound(f"t not in {test!r}"))
    assert told(dossier, "performance")["performance.accuracy"] == ""
    measured = {f.check for f in dossier.findings if f.status == "measured"}
    of_further = {check for check in measured if check.partition(".")[0] in ("robustness", "identity", "privacy")}
    assert {check.partition("[")[0] for check in of_further} <= {
        "robustness.odd_inputs_held", "robustness.slice_accuracy_lowest",
        "privacy.epsilon_prv", "privacy.epsilon_rdp", "privacy.delta",
    }  # fmt: skip
    assert "drift.prediction_distance" not in measured
    assert "comparison.exchange_flips_change[gender]" not in measured
    odd = dossier.find("robustness.odd_inputs_held")
    assert odd is not None
    assert odd.value == 0


@pytest.mark.parametrize(
    ("edit", "rows"),
    [
        pytest.param(lambda rows, part: rows.drop(columns="label") if part == "test" else rows, 150, id="none"),
        pytest.param(lambda rows, part: rows.assign(label=rows["label"].mask(rows.index % 3 == 0)), 50, id="some"),
    ],
)
def test_test_rows_without_labels_are_refused_by_number(measured_with, edit: Edit, rows: int) -> None:
    with pytest.raises(InputRefused, match=f"test.parquet: label: {rows} of 150 rows have none of the spec's labels"):
        measured_with(edit)


def test_three_test_rows_measure_nothing(measured_with) -> None:
    dossier = measured_with(lambda rows, part: rows[:3] if part == "test" else rows)
    why = told(dossier, *OF_THE_ANSWERS)
    assert {check for check, reason in why.items() if not reason} == {
        "group.evaluated_share[place]", "comparison.seen_share"
    }  # fmt: skip
    assert why["comparison.macro_f1_change"] == "3 rows, fewer than 10"
    few = "there are 300 and 3 rows to compare, and it takes 30 of each"
    drift = {check: reason for check, reason in told(dossier, "drift").items() if "_previous" not in check}
    assert set(drift.values()) == {few}
    assert {"drift.share", "drift.text_auc", "drift.embedding_p_value", "drift.prediction_distance"} == set(drift) - {
        "drift.embedding_distance"
    }
    page = (dossier.folder / "index.html").read_text(encoding="utf-8")
    assert f"Test rows against training rows: the described columns are not compared: {few}." in page
    assert (
        "（原文）" not in (dossier.folder / "model_card.zh.md").read_text(encoding="utf-8").partition("漂移")[2][:600]
    )
