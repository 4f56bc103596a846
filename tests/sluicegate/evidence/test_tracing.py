"""A sceptic's way through a dossier: from each number to its file, from the file to the answers, and by hand back."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.evidence.dossier import Dossier, load_dossier, write_json
from sluicegate.evidence.lists import Lists
from sluicegate.evidence.page import write_page
from sluicegate.evidence.sources import EVIDENCE
from sluicegate.evidence.tracing import older_files, trace, trace_all
from sluicegate.settings import Home
from tests.sluicegate.evidence.conftest import Measure
from tests.sluicegate.evidence.made_up import LABELS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "dossier.md").read_text(encoding="utf-8")
MADE_LAST = {"dossier.json", "index.html", "model_card.md", "model_card.zh.md"}
"""What is made of all the others."""
TRACED = pytest.mark.parametrize("kept", ["whole_dossier", "second_dossier"], indirect=True)


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(request.param))


@pytest.fixture
def copied(whole_dossier: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(whole_dossier, tmp_path / "dossier"))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def value(folder: Path, check: str) -> float:
    finding = load_dossier(folder).find(check)
    assert finding is not None
    assert finding.value is not None
    return finding.value


@TRACED
def test_every_finding_leads_by_its_digest_to_a_file_that_holds_its_number(kept: Path) -> None:
    by_digest = {sha256(path): path for path in kept.rglob("*") if path.is_file()}
    findings = [finding for finding in load_dossier(kept).findings if finding.status == "measured"]
    assert len(findings) > 50
    for finding in findings:
        file = by_digest[str(finding.evidence_sha256)]
        of = f" of “{finding.group}”" if finding.group is not None else ""
        key = f"{finding.check}{of} against {finding.against}" if finding.against else f"{finding.check}{of}"
        number = json.loads(file.read_text(encoding="utf-8"))["measured"][key]
        assert number == {
            "value": finding.value,
            "interval": list(finding.interval) if finding.interval else None,
            "confidence": finding.confidence,
            "n": finding.n,
            "seed": finding.seed,
            "unit": finding.unit,
        }, key


def test_the_whole_dossier_has_measured_something_in_every_area(whole_dossier: Path) -> None:
    areas = {f.check.partition(".")[0] for f in load_dossier(whole_dossier).findings if f.status == "measured"}
    assert areas == set(EVIDENCE)


@TRACED
def test_every_file_is_listed_with_its_digest_and_what_it_was_made_from(kept: Path) -> None:
    there = {path.relative_to(kept).as_posix(): sha256(path) for path in kept.rglob("*") if path.is_file()}
    dossier = load_dossier(kept)
    assert dossier.files == {name: digest for name, digest in there.items() if name not in MADE_LAST}
    without = {name for name in dossier.files if not dossier.sources.get(name)}
    assert without <= {"data_sheet.json", "use.json"}, "these are made of reports, of which this test has no files"
    for made_from in dossier.sources.values():
        for name, digest in made_from.items():
            assert dossier.files.get(name, digest) == digest, name


@TRACED
def test_what_lies_outside_is_named_by_the_digest_of_what_was_read(kept: Path, world: Path) -> None:
    dossier = load_dossier(kept)
    known = {name: digest for made_from in dossier.sources.values() for name, digest in made_from.items()}
    for part in ("train", "validation", "test"):
        assert known[f"{part}.parquet"] == sha256(world / "split" / f"{part}.parquet")
    older = dossier.live[0]["candidate"]
    assert known["candidate"] == dossier.candidate
    assert known[f"live release {older[:12]}"] == older
    assert known[f"live release {older[:12]} train.parquet"] == sha256(world / "older-split" / "train.parquet")
    assert f"live release {older[:12]} train.parquet" in dossier.sources[f"reports/drift-live-{older[:12]}.html"]


def test_lists_of_ones_own_and_planted_texts_are_named_by_their_digests(run_measure: Measure, tmp_path: Path) -> None:
    terms, planted = tmp_path / "professions.tsv", tmp_path / "canaries.parquet"
    terms.write_text("profession\tnurse\tnurse(s)\tperson\n", encoding="utf-8")
    texts = [f"a lamp {number}" for number in range(40)]
    labels = [LABELS[number % 3] for number in range(40)]
    pd.DataFrame({"text": texts, "label": labels, "times": [1] * 5 + [0] * 35}).to_parquet(planted, index=False)
    dossier = load_dossier(run_measure(lists=Lists(terms=(terms,)), canaries=planted))
    assert dossier.sources["privacy.json"]["taught/canaries.parquet"] == sha256(planted)
    assert dossier.sources["identity.json"]["list professions.tsv"] == sha256(terms)


@TRACED
def test_pictures_on_the_page_are_files_of_the_dossier_and_the_page_is_made_of_the_files_alone(
    kept: Path, tmp_path: Path
) -> None:
    page, dossier = (kept / "index.html").read_text(encoding="utf-8"), load_dossier(kept)
    by_digest = {digest: name for name, digest in dossier.files.items()}
    plots: dict[str, list[str]] = {}
    for area, section in re.findall(r'<h2 id="(\w+)">(.*?)(?=<h2 |</body>)', page, flags=re.S):
        for picture in re.findall(r'src="data:image/png;base64,([^"]+)"', section):
            plots.setdefault(area, []).append(by_digest[hashlib.sha256(base64.b64decode(picture)).hexdigest()])
    assert sum(map(len, plots.values())) == sum(name.startswith("plots/") for name in dossier.files)

    again = Path(shutil.copytree(kept, tmp_path / "again"))
    (again / "index.html").unlink()
    figures = {name: json.loads((again / f"{name}.json").read_text("utf-8"))["figures"] for name in EVIDENCE.values()}
    sheet = json.loads((again / "data_sheet.json").read_text("utf-8"))
    write_page(load_dossier(again), figures, plots, again, sheet=sheet)
    assert (again / "index.html").read_bytes() == (kept / "index.html").read_bytes()


@TRACED
def test_the_page_and_the_cards_name_the_files_and_their_digests(kept: Path) -> None:
    page = (kept / "index.html").read_text(encoding="utf-8")
    assert all(digest in page for digest in load_dossier(kept).files.values())
    for card in ("model_card.md", "model_card.zh.md"):
        assert sha256(kept / "dossier.json") in (kept / card).read_text(encoding="utf-8")


def test_numbers_worked_out_again_from_the_answers_alone(whole_dossier: Path) -> None:
    answers = str(whole_dossier / "predictions.parquet")
    accuracy, rows = duckdb.sql(f"SELECT avg((predicted = label)::INT), count(*) FROM '{answers}'").fetchall()[0]
    assert value(whole_dossier, "performance.accuracy") == pytest.approx(accuracy)
    assert value(whole_dossier, "data.test_rows") == rows
    kept = pd.read_parquet(answers)
    probabilities = kept[[f"probability[{label}]" for label in LABELS]].to_numpy()
    assert [LABELS[place] for place in probabilities.argmax(1)] == list(kept["predicted"])
    actual = kept["label"].map(LABELS.index).to_numpy()
    log_loss = -np.log(probabilities[np.arange(len(kept)), actual]).mean()
    assert value(whole_dossier, "performance.log_loss") == pytest.approx(log_loss)
    for label in LABELS:
        recall = kept[kept["label"] == label]["predicted"].eq(label).mean()
        assert value(whole_dossier, f"performance.recall[{label}]") == pytest.approx(recall)


@TRACED
def test_every_sql_statement_of_the_documents_gives_the_number_that_it_names(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = re.findall(r"^`([^`]+)`[^\n]*\n\n```sql\n(.*?)```", DOCUMENT, flags=re.M | re.S)
    assert len(statements) >= 5
    monkeypatch.chdir(kept)
    for check, statement in statements:
        ((found,),) = duckdb.sql(statement.replace("domain", "place")).fetchall()
        assert found == pytest.approx(value(kept, check.replace("domain", "place"))), check


def test_the_shell_lines_of_the_documents_find_what_was_changed(copied: Path) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT, flags=re.S)
    assert len(blocks) == 3

    def shell(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", "-c", line], cwd=copied, capture_output=True, text=True, check=False)

    done = [shell(block) for block in blocks]
    assert [each.returncode for each in done] == [0, 0, 0], [each.stderr for each in done]
    assert str(value(copied, "performance.accuracy")) in done[1].stdout
    assert sha256(copied / "predictions.parquet") in done[2].stdout
    (copied / "plots" / "roc.png").write_bytes(b"another picture")
    again = shell(blocks[0])
    assert again.returncode != 0
    assert "plots/roc.png: FAILED" in again.stdout


def test_the_figures_of_each_group_worked_out_again_from_the_answers_alone(whole_dossier: Path) -> None:
    answers = str(whole_dossier / "predictions.parquet")
    rows = duckdb.sql(
        f"SELECT place, avg((predicted = 'positive')::INT), avg((predicted = label)::INT) FROM '{answers}' GROUP BY 1"
    ).fetchall()
    (column,) = json.loads((whole_dossier / "groups.json").read_text())["figures"]
    held = {group["group"]: group for group in column["groups"]}
    assert held.keys() == {place for place, _, _ in rows}
    for place, rate, accuracy in rows:
        assert held[place]["selection_rate"]["positive"] == pytest.approx(rate)
        assert held[place]["accuracy"]["value"] == pytest.approx(accuracy)


def test_shares_of_rows_are_worked_out_again_from_the_counts_beside_them(second_dossier: Path) -> None:
    figures = json.loads((second_dossier / "data.json").read_text())["figures"]
    source, scrubbing = figures["source"], figures["scrubbing"]
    refused = source["rows_refused"] / source["rows_in_source"]
    assert value(second_dossier, "data.refused_share") == refused == 20 / 500
    residual = scrubbing["residual_texts"] / scrubbing["texts"]
    assert value(second_dossier, "data.scrub_residual") == residual == 12 / 480
    assert value(second_dossier, "data.validation_success") == float(figures["validation"]["success"])


@TRACED
def test_a_whole_dossier_traces(kept: Path) -> None:
    made_from = trace_all(load_dossier(kept))
    assert made_from.keys() == load_dossier(kept).files.keys()
    assert any(source.name == "predictions.parquet" and source.place for source in made_from["performance.json"])


def test_a_trace_says_what_it_means_where_it_stands_and_what_it_was_made_from(second_dossier: Path) -> None:
    (one,) = trace(load_dossier(second_dossier), "performance.macro_f1")
    assert one.stands_at == ("measured", "performance.macro_f1", "value")
    assert one.definition
    assert one.source.startswith("van Rijsbergen")
    assert [source.name for source in one.made_from] == ["predictions.parquet"]
    assert [source.sha256 for source in one.made_from] == [sha256(second_dossier / "predictions.parquet")]
    assert json.loads(json.dumps(one.to_json()))["finding"]["value"] == one.finding.value


def test_a_check_without_its_parameter_stands_for_all_of_them(second_dossier: Path) -> None:
    found = [one.finding.check for one in trace(load_dossier(second_dossier), "performance.f1")]
    assert found == [f"performance.f1[{label}]" for label in LABELS]


def test_a_check_that_the_dossier_does_not_have_is_named_with_those_of_its_area(second_dossier: Path) -> None:
    with pytest.raises(InputRefused, match=r"no finding 'drift\.much' \(it has drift\.share, "):
        trace(load_dossier(second_dossier), "drift.much")


def listed(whole_dossier: Path) -> list[str]:
    return sorted(load_dossier(whole_dossier).files)


def test_no_listed_file_can_be_changed_or_go_missing_unnoticed(copied: Path) -> None:
    names = listed(copied)
    assert {"predictions.parquet", "plots/roc.png", "reports/drift-train-test.html"} < set(names)
    for name in names:
        path = copied / name
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        with pytest.raises(TamperingDetected, match=re.escape(f"{name} was changed")):
            load_dossier(copied)
        path.unlink()
        with pytest.raises(TamperingDetected, match=re.escape(f"{name} is missing")):
            load_dossier(copied)
        path.write_bytes(content)
    load_dossier(copied)


def edited(folder: Path, change: Callable[[dict[str, Any]], None]) -> Dossier:
    held = json.loads((folder / "dossier.json").read_text("utf-8"))
    change(held)
    write_json(held, folder / "dossier.json")
    return load_dossier(folder)


def test_a_number_that_was_changed_in_dossier_json_alone_is_not_the_one_in_its_file(copied: Path) -> None:
    def better(held: dict[str, Any]) -> None:
        next(f for f in held["findings"] if f["check"] == "performance.accuracy")["value"] = 0.999

    dossier = edited(copied, better)
    for ask in (lambda: trace(dossier, "performance.accuracy"), lambda: trace_all(dossier)):
        with pytest.raises(TamperingDetected, match=r"performance\.accuracy is not the number in performance\.json"):
            ask()
    assert trace(dossier, "performance.macro_f1")


def test_an_interval_that_was_narrowed_is_found_out_too(copied: Path) -> None:
    def surer(held: dict[str, Any]) -> None:
        found = next(f for f in held["findings"] if f["check"] == "performance.accuracy")
        found["interval"] = [found["value"], found["value"]]

    with pytest.raises(TamperingDetected, match=r"performance\.accuracy is not the number"):
        trace_all(edited(copied, surer))


Change = Callable[[dict[str, Any]], None]
ACCURACY, ATTACK = "performance.accuracy", "privacy.membership_auc"


def of(held: dict[str, Any], check: str) -> dict[str, Any]:
    """The finding of a check in what dossier.json holds."""
    found: dict[str, Any] = next(finding for finding in held["findings"] if finding["check"] == check)
    return found


def with_fields(check: str, **fields: Any) -> Change:
    return lambda held: of(held, check).update(fields)


def without(check: str) -> Change:
    def change(held: dict[str, Any]) -> None:
        held["findings"].remove(of(held, check))

    return change


def resting_on(name: str) -> Change:
    """Accuracy is said to come from another file, whose digest is right."""

    def change(held: dict[str, Any]) -> None:
        of(held, ACCURACY).update(evidence=name, evidence_sha256=held["files"][name], value=0.99, interval=None)

    return change


def put_in(held: dict[str, Any]) -> None:
    held["findings"].append(of(held, ACCURACY) | {"group": "nobody"})


def unlisted(held: dict[str, Any]) -> None:
    del held["files"]["plots/roc.png"]


NOT_APPLICABLE = {"status": "not_applicable", "value": None, "interval": None, "confidence": None, "why": "no attack"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            with_fields(ATTACK, **NOT_APPLICABLE),
            r"privacy\.membership_auc is measured in privacy\.json, but not_applicable",
            id="said not to apply",
        ),
        pytest.param(
            with_fields("privacy.canary_exposure_mean", status="measured", value=0.0, why=""),
            r"privacy\.canary_exposure_mean is measured in dossier\.json, but not in privacy\.json",
            id="a number made up",
        ),
        pytest.param(
            with_fields("privacy.canary_exposure_mean", status="not_evaluated"),
            r"privacy\.canary_exposure_mean is not the one in privacy\.json: status 'not_evaluated'",
            id="another reason for none",
        ),
        pytest.param(
            with_fields(ACCURACY, n=99_999, seed=7),
            r"accuracy is not the number in performance\.json: n 99999 and there \d+, seed 7 and there 0",
            id="n and seed",
        ),
        pytest.param(with_fields(ACCURACY, unit="percent"), "unit 'percent' and there 'share'", id="unit"),
        pytest.param(with_fields(ACCURACY, confidence=0.999), r"confidence 0\.999 and there 0\.95", id="confidence"),
        pytest.param(
            with_fields(ACCURACY, evidence=None, evidence_sha256=None, value=0.99, interval=None),
            r"performance\.accuracy names no evidence",
            id="no evidence",
        ),
        pytest.param(
            resting_on("predictions.parquet"), r"predictions\.parquet is no evidence file", id="evidence is no JSON"
        ),
        pytest.param(
            resting_on("data_sheet.json"), r"data_sheet\.json is no evidence file", id="evidence without measured"
        ),
        pytest.param(
            resting_on("drift.json"),
            r"performance\.accuracy is measured in dossier\.json, but not in drift\.json",
            id="another area's evidence",
        ),
        pytest.param(without(ACCURACY), r"performance\.accuracy stands in performance\.json, but", id="taken out"),
        pytest.param(put_in, r"accuracy of “nobody” is measured in dossier\.json, but not in", id="put in"),
        pytest.param(
            lambda held: held.update(sources={}), r"does not say what performance\.json was made from", id="no sources"
        ),
        pytest.param(unlisted, r"plots/roc\.png is in the folder, but not among the files", id="a file not listed"),
    ],
)
def test_whatever_dossier_json_says_of_a_finding_stands_in_its_file(copied: Path, change: Change, says: str) -> None:
    with pytest.raises(TamperingDetected, match=says):
        trace_all(edited(copied, change))


@pytest.mark.parametrize(
    ("check", "change"),
    [
        pytest.param(ACCURACY, without(ACCURACY), id="taken out"),
        pytest.param(ATTACK, with_fields(ATTACK, **NOT_APPLICABLE), id="said not to apply"),
        pytest.param(ACCURACY, with_fields(ACCURACY, evidence=None, evidence_sha256=None), id="no evidence"),
        pytest.param(ACCURACY, resting_on("predictions.parquet"), id="evidence is no JSON"),
        pytest.param(ACCURACY, lambda held: held.update(sources={}), id="no sources"),
    ],
)
def test_a_single_check_is_held_against_its_file_too(copied: Path, check: str, change: Change) -> None:
    dossier = edited(copied, change)
    with pytest.raises(TamperingDetected):
        trace(dossier, check)


@pytest.fixture
def older(copied: Path) -> Path:
    """A dossier as it was written before evidence files held more than value and interval."""
    held = json.loads((copied / "dossier.json").read_text("utf-8"))
    for name in EVIDENCE.values():
        file = json.loads((copied / f"{name}.json").read_text("utf-8"))
        del file["not_measured"]
        kept = {key: {field: of[field] for field in ("value", "interval")} for key, of in file["measured"].items()}
        held["files"][f"{name}.json"] = write_json(file | {"measured": kept}, copied / f"{name}.json")
    for finding in held["findings"]:
        finding["evidence_sha256"] = held["files"][finding["evidence"]]
    write_json(held, copied / "dossier.json")
    return copied


def test_an_older_dossier_is_traced_as_far_as_it_goes(older: Path, whole_dossier: Path) -> None:
    trace_all(load_dossier(older))
    assert set(older_files(load_dossier(older))) == {f"{name}.json" for name in EVIDENCE.values()}
    assert older_files(load_dossier(whole_dossier)) == ()
    assert trace(load_dossier(older), ATTACK)[0].not_compared == ("confidence", "n", "seed", "unit")
    assert trace(load_dossier(whole_dossier), ATTACK)[0].not_compared == ()
    assert trace(edited(older, with_fields(ACCURACY, n=7)), ACCURACY), "it holds no n to compare"
    for change in (with_fields(ACCURACY, value=0.99), without(ACCURACY), with_fields(ATTACK, **NOT_APPLICABLE)):
        content = (older / "dossier.json").read_bytes()
        with pytest.raises(TamperingDetected):
            trace_all(edited(older, change))
        (older / "dossier.json").write_bytes(content)


def test_rows_and_reports_are_found_in_the_home_and_hashed(
    copied: Path, world: Path, home: Home, tmp_path: Path
) -> None:
    split, scrub = home.steps / "split-1", home.steps / "scrub-1"
    shutil.copytree(world / "split", split)
    scrub.mkdir()
    (scrub / "scrubbing.json").write_text("{}")

    def with_steps(held: dict[str, Any]) -> None:
        held["lineage"]["steps"] = {"parts": split.name, "scrubbed": scrub.name}
        held["sources"]["data.json"]["scrubbed/scrubbing.json"] = sha256(scrub / "scrubbing.json")

    dossier = edited(copied, with_steps)
    places = {source.name: source.place for source in trace_all(dossier, home)["data.json"]}
    assert places["train.parquet"] == str(split / "train.parquet")
    assert places["scrubbed/scrubbing.json"] == str(scrub / "scrubbing.json")
    (scrub / "scrubbing.json").write_text('{"texts": 1}')
    with pytest.raises(TamperingDetected, match=r"scrubbed/scrubbing\.json was changed"):
        trace(dossier, "data.scrub_residual", home)
    assert trace(dossier, "performance.accuracy", home)


def test_beside_an_exported_release_the_candidate_is_hashed(copied: Path, world: Path) -> None:
    shutil.copytree(world / "older", copied.parent / "candidate")
    with pytest.raises(TamperingDetected, match="candidate was changed"):
        trace(load_dossier(copied), "footprint.size")
