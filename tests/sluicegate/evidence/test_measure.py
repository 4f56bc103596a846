from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from sluicegate.errors import InputRefused, TamperingDetected, Unavailable
from sluicegate.evidence.checks import checks_for
from sluicegate.evidence.comparison import LiveRelease
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.lists import Lists
from sluicegate.manifest import Manifest
from sluicegate.spec import Evidence, IdentityTests
from tests.sluicegate.evidence.conftest import DATA_REPORTS, Measure
from tests.sluicegate.evidence.made_up import LABELS, LOADER, write_candidate
from tests.sluicegate.evidence.opened import write_bert

OF_A_TEXT = re.compile(r"xq(?:train|validation|test)[07]n")
"""Every text holds a word of this kind."""
CHECKS = checks_for(LABELS, ["place"], ["tfidf", "vader"])


def test_the_data_sheet_is_kept_and_shown(first_dossier: Path) -> None:
    assert json.loads((first_dossier / "data_sheet.json").read_text()) == DATA_REPORTS["sheet"]
    assert "made up" in (first_dossier / "index.html").read_text(encoding="utf-8")


def test_a_first_release_has_a_finding_for_every_check(first_dossier: Path) -> None:
    findings = load_dossier(first_dossier).findings
    assert [finding.check for finding in findings] == list(CHECKS)
    without = {f.check: f for f in findings if f.status != "measured"}
    assert {name for name, check in CHECKS.items() if check.compared} <= set(without)
    assert {without[name].status for name in without if CHECKS[name].compared} == {"not_applicable"}
    assert {f.why for name, f in without.items() if not CHECKS[name].compared} == {
        "no canaries were planted in the training rows",
        "the model is equally sure of every row, so none goes to a person first",
        "no test row mentions a group of it",
        "no test row has a term of it that can be exchanged",
        "it changes none of 150 sampled texts",
        "its files are not those of a text classifier that transformers opens (FileNotFoundError)",
        "0.1% of 150 rows that were not trained on is less than one row; it takes 1,000 of them",
    }


def test_the_page_says_how_far_rows_lie_apart_and_how_far_chance_would_take_them(second_dossier: Path) -> None:
    page = (second_dossier / "index.html").read_text(encoding="utf-8")
    held = json.loads((second_dossier / "drift.json").read_text())["figures"]
    for apart, rows in ((held["train_test"], "300 and 150"), (held["previous"][0], "300 and 300")):
        told = apart["embeddings"]
        assert f"{rows} sampled rows lie {told['distance']:.4f} apart; chance" in page
        assert f"no further than {told['by_chance_95']:.4f} (p = {told['p_value']:.3f})" in page


def test_lists_of_ones_own_are_named_without_their_folders(run_measure: Measure, tmp_path: Path) -> None:
    own = tmp_path / "professions.tsv"
    own.write_text("profession\tnurse\tnurse(s)\tperson\n", encoding="utf-8")
    settings = Evidence(
        bootstrap_rounds=100,
        minimum_group_size=10,
        identity=IdentityTests(attributes=["profession"], terms=[str(own)]),
    )
    dossier = run_measure(spec_evidence=settings, lists=Lists(terms=(own,)))
    assert load_dossier(dossier).settings["identity"]["terms"] == ["professions.tsv"]
    assert str(tmp_path) not in (dossier / "index.html").read_text(encoding="utf-8")


def test_what_is_asked_besides_the_test_rows_is_measured(first_dossier: Path) -> None:
    dossier = load_dossier(first_dossier)

    def value(check: str) -> float:
        finding = dossier.find(check)
        assert finding is not None
        assert finding.value is not None
        return finding.value

    # the lexicon holds small letters, and knows nobody
    assert value("robustness.accuracy_kept[doubled_spaces]") == 1
    assert value("robustness.accuracy_kept_lowest") == value("robustness.accuracy_kept[upper_case]") < 0.5
    assert value("identity.template_flips[religion]") == 0
    assert value("robustness.odd_inputs_held") == 1
    assert value("privacy.epsilon_excess") == -2.5  # nothing is proven of a claim of 2.5
    assert abs(value("privacy.membership_auc") - 0.5) < 0.1


def test_a_second_release_is_compared_with_what_is_live(second_dossier: Path, older_release: LiveRelease) -> None:
    dossier = load_dossier(second_dossier)
    compared = [finding for finding in dossier.findings if CHECKS[finding.check].compared]
    assert {finding.against for finding in compared} == {older_release.candidate_digest}
    without = {f.check.partition("[")[0] for f in compared if f.status != "measured"}
    assert without <= {"comparison.exchange_flips_change", "comparison.mentioned_macro_f1_change"}  # none are mentioned
    change = dossier.find("comparison.macro_f1_change", older_release.candidate_digest)
    assert change is not None
    assert change.value is not None
    assert change.value > 0  # the older one knows fewer words
    # live in two stages, compared with once
    assert len({(finding.check, finding.group) for finding in compared}) == len(compared)
    assert [entry["stage"] for entry in dossier.live] == ["internal", "restricted"]


def test_a_group_that_loses_by_a_release_has_a_finding_and_stands_on_the_first_screen(
    run_measure: Measure, world: Path, tmp_path: Path
) -> None:
    better = world / "candidate"
    worse = write_candidate(
        tmp_path / "worse",
        loader=LOADER.replace("for text in texts]", "for text in [t.replace('kettle', 'sad awful') for t in texts]]"),
    )
    split = tmp_path / "split"
    shutil.copytree(world / "split", split)
    for part in ("train", "test"):
        rows = pd.read_parquet(split / f"{part}.parquet")
        rows["place"] = rows["place"].mask(rows["text"].str.contains("kettle"), "kitchen")
        rows.to_parquet(split / f"{part}.parquet", index=False)
    release = LiveRelease("internal", Manifest.of_folder(better).digest, better, split)
    folder = run_measure(
        candidate=worse, candidate_digest=Manifest.of_folder(worse).digest, split=split, live=[release]
    )
    found = {
        finding.group: finding
        for finding in load_dossier(folder).find_all(
            "comparison.group_macro_f1_change[place]", release.candidate_digest
        )
    }
    named = load_dossier(folder).compared_groups
    assert set(found) == set(named["comparison.group_macro_f1_change[place]"]) == {"kitchen", "shop", "street"}
    lost = found["kitchen"]
    assert lost.interval is not None
    assert lost.interval[1] < 0
    assert (lost.seed, lost.n, lost.confidence) == (0, sum(rows["place"] == "kitchen"), 0.95)
    assert found["shop"].value == 0
    page = (folder / "index.html").read_text(encoding="utf-8")
    first_screen = page[: page.index('<h2 id="performance">')]
    assert "Groups that do worse than the live release: 1 of 3" in first_screen
    assert "groups of place: “kitchen”" in first_screen


def test_findings_carry_the_unit_and_interval_that_the_catalogue_says(second_dossier: Path) -> None:
    for finding in load_dossier(second_dossier).findings:
        check = CHECKS[finding.check]
        if finding.status != "measured":
            continue
        unit = finding.unit.removesuffix(" (modelled)").removesuffix(" (delta 1e-06)")  # what a finding adds
        assert (unit, finding.interval is not None) == (check.unit, check.interval), finding.check


def test_a_finding_has_a_seed_where_chance_had_a_part_in_it_and_nowhere_else(whole_dossier: Path) -> None:
    without = {
        finding.check.partition("[")[0]
        for finding in load_dossier(whole_dossier).findings
        if finding.status == "measured" and finding.seed is None
    }
    counted = {name for name in without if name.partition(".")[0] in ("data", "footprint", "transparency")}
    assert without - counted == {
        "comparison.seen_share", "drift.share", "drift.share_previous", "group.evaluated_share", "privacy.delta",
        "privacy.epsilon_prv", "privacy.epsilon_rdp", "robustness.odd_inputs_held", "robustness.slice_accuracy_lowest",
        "robustness.trigger_flips",
    }  # fmt: skip


def test_figures_are_those_that_scikit_learn_gives_for_the_kept_answers(first_dossier: Path) -> None:
    kept, dossier = pd.read_parquet(first_dossier / "predictions.parquet"), load_dossier(first_dossier)
    macro_f1, roc_auc = dossier.find("performance.macro_f1"), dossier.find("performance.roc_auc")
    assert macro_f1 is not None
    assert roc_auc is not None
    assert macro_f1.value == pytest.approx(f1_score(kept["label"], kept["predicted"], average="macro"))
    scores = kept[[f"probability[{label}]" for label in LABELS]].to_numpy()
    assert roc_auc.value == pytest.approx(roc_auc_score(kept["label"], scores, multi_class="ovr", average="macro"))


def test_no_text_of_the_data_is_anywhere_in_the_dossier(second_dossier: Path) -> None:
    for path in second_dossier.rglob("*"):
        if path.suffix in (".json", ".html", ".md"):
            assert not OF_A_TEXT.search(path.read_text(encoding="utf-8")), path.name
    kept = pd.read_parquet(second_dossier / "predictions.parquet")
    assert not kept.astype(str).apply(lambda column: column.str.contains(OF_A_TEXT)).to_numpy().any()


def test_a_sentence_of_the_training_rows_is_in_no_file_of_the_dossier(
    run_measure: Measure, world: Path, older_release: LiveRelease, tmp_path: Path
) -> None:
    sentence = "Quillon Bramblethwaite owes the harbourmaster nineteen lovely lanterns"
    rare = ("quillon", "bramblethwaite", "harbourmaster", "nineteen", "lanterns")
    split = shutil.copytree(world / "split", tmp_path / "split")
    for part in ("train", "validation", "test"):
        rows = pd.read_parquet(split / f"{part}.parquet")
        rows.loc[rows.index[:10], "text"] = [f"{sentence} {number}" for number in range(10)]
        rows.to_parquet(split / f"{part}.parquet", index=False)
    candidate = write_bert(tmp_path / "candidate")
    digest = Manifest.of_folder(candidate).digest
    dossier = run_measure(candidate=candidate, candidate_digest=digest, split=split, live=[older_release])
    looked_at = 0
    for path in dossier.rglob("*"):
        if path.suffix == ".parquet":
            held = " ".join(pd.read_parquet(path).astype(str).to_numpy().ravel())
        else:
            held = path.read_text(encoding="utf-8", errors="ignore") if path.is_file() else ""
        looked_at += bool(held)
        assert [word for word in rare if word in held.casefold()] == [], path.name
    assert looked_at > 20


@pytest.mark.slow
def test_a_process_with_another_order_of_sets_gives_the_same_bytes(
    second_dossier: Path, world: Path, older_release: LiveRelease, tmp_path: Path
) -> None:
    dossier = load_dossier(second_dossier)
    script = f"""
from pathlib import Path
from sluicegate.evidence.measure import LiveRelease, measure
from sluicegate.spec import Evidence
world = Path({str(world)!r})
measure(
    candidate=world / "candidate", candidate_digest={dossier.candidate!r}, split=world / "split",
    spec_evidence=Evidence(**{dossier.settings!r}), labels={dossier.labels!r}, groups={dossier.groups!r},
    live=[
        LiveRelease(stage, {older_release.candidate_digest!r}, world / "older", world / "older-split")
        for stage in ("internal", "restricted")
    ],
    lineage={dossier.lineage!r},
    data_reports={DATA_REPORTS!r},
    folder=Path({str(tmp_path)!r}),
)
"""
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "PYTHONHASHSEED": "77"})
    assert Manifest.of_folder(second_dossier).differences(tmp_path) == ()


def test_rows_that_the_spec_names_are_explained_on_the_page(run_measure: Measure, tmp_path: Path) -> None:
    candidate = write_bert(tmp_path / "candidate")
    digest = Manifest.of_folder(candidate).digest
    settings = Evidence(
        bootstrap_rounds=100, minimum_group_size=10, show_words=True, explained=["test0n3", "nobody"]
    )  # fmt: skip
    dossier = run_measure(candidate=candidate, candidate_digest=digest, spec_evidence=settings)

    shown = json.loads((dossier / "explanations.json").read_text(encoding="utf-8"))["figures"]["shown"]
    assert [(row["row"], row["chosen"]) for row in shown][0] == ("test0n3", "named")
    page = (dossier / "index.html").read_text(encoding="utf-8")
    assert "Named in the spec <code>test0n3</code>" in page
    assert "or have no word: nobody." in page


def test_measuring_opens_no_connection(run_measure: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    run_measure()


def test_what_a_killed_try_left_is_thrown_away_and_the_same_bytes_come_out_again(
    run_measure: Measure, tmp_path: Path, first_dossier: Path
) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "stale.html").write_text("old")
    (tmp_path / "dossier.json").write_text("{")
    run_measure(folder=tmp_path)
    assert Manifest.of_folder(first_dossier).differences(tmp_path) == ()


def test_a_candidate_of_other_bytes_is_not_measured(run_measure: Measure) -> None:
    with pytest.raises(TamperingDetected, match="candidate"):
        run_measure(candidate_digest="0" * 64)


def test_a_candidate_with_other_labels_is_refused(run_measure: Measure, tmp_path: Path) -> None:
    other = write_candidate(tmp_path / "candidate", labels=("negative", "neutral", "glad"))
    with pytest.raises(InputRefused, match="labels that are not the spec's"):
        run_measure(candidate=other, candidate_digest=Manifest.of_folder(other).digest)


def test_a_split_that_was_cleaned_is_named(run_measure: Measure, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"train\.parquet: there is no such file"):
        run_measure(split=tmp_path)


def test_data_without_group_columns_is_measured_without_them(run_measure: Measure) -> None:
    dossier = load_dossier(run_measure(groups=[]))
    assert not [finding for finding in dossier.findings if finding.check.startswith("group.")]


def test_two_labels_are_measured_like_many(run_measure: Measure, world: Path, tmp_path: Path) -> None:
    (tmp_path / "split").mkdir()
    for part in ("train", "validation", "test"):
        rows = pd.read_parquet(world / "split" / f"{part}.parquet")
        rows[rows["label"] != "neutral"].to_parquet(tmp_path / "split" / f"{part}.parquet", index=False)
    labels = ("negative", "positive")
    candidate = write_candidate(tmp_path / "candidate", labels=labels)
    folder = run_measure(
        candidate=candidate,
        candidate_digest=Manifest.of_folder(candidate).digest,
        split=tmp_path / "split",
        labels=labels,
    )
    dossier = load_dossier(folder)
    without = {f.check for f in dossier.findings if f.status == "not_evaluated" and "its files" not in f.why}
    assert {check for check in without if "_at_0_1" not in check} == {
        "baseline.macro_f1[vader]", "baseline.macro_f1_gain[vader]", "baseline.accuracy_gain[vader]"
    }  # fmt: skip


def test_the_confusion_matrix_counts_every_test_row(first_dossier: Path) -> None:
    figures = json.loads((first_dossier / "performance.json").read_text())["figures"]
    counts = np.array(figures["confusion"]["actual_by_predicted"])
    assert counts.sum() == figures["rows"] == 150
    assert counts.sum(1).tolist() == [50, 50, 50]
