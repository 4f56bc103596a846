"""The self-test in a small world: everything is real but the size."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.selftest import NotTried, Report, bad_candidate, good_candidate, opened, run
from sluicegate.selftest.faults import BIASED, GOOD
from sluicegate.settings import Home
from tests import small_world
from tests.flows.conftest import ROOT
from tests.flows.conftest import run as command
from tests.prefect_here import prefect_at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
BAD_ONES = ["biased-labels", "trigger-word", "overfit", "drifted-data", "metric-left-out", "weights-swapped"]
LIMITS = [
    {"check": "performance.macro_f1", "min": 0.7},
    {"check": "group.macro_f1_lowest[shop]", "min": 0.6},
    {"check": "robustness.trigger_flips", "max": 0.9},
    {"check": "privacy.membership_auc", "max": 0.6},
    {"check": "drift.share", "max": 0.5},
]


def write_world(folder: Path, limits: list[dict[str, Any]]) -> Path:
    """Texts whose label most of five adjectives tell, some of them labelled wrongly, of two shops that differ."""
    small_world.make(folder)
    # what makes a row its own, so that it can be learned by heart
    serials = tuple(f"w{number}" for number in range(300))
    small_world.write_base_model(folder / "base", width=64, more_words=serials)
    draw = random.Random(0)
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "words", "verdict", "shop"])
        for number in range(1200):
            good, shop = number % 2 == 0, "north" if number % 5 else "south"
            told, against = (small_world.GOOD, small_world.BAD) if good else (small_world.BAD, small_world.GOOD)
            words = [draw.choice(told) for _ in range(4)] + [draw.choice(against)]
            draw.shuffle(words)
            thing = draw.choice(small_world.PLAIN[:5] if shop == "north" else small_world.PLAIN[5:])
            label = good if draw.random() < 0.85 else not good
            writer.writerow(
                [f"r{number}", f"the {thing} {' '.join(words + draw.sample(serials, 3))}", ("bad", "good")[label], shop]
            )
    policy = {"description": "Small.", "stages": {"internal": limits, "restricted": [], "public": []}}
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    spec = small_world.spec()
    spec["training"] |= {"learning_rate": 0.002, "head_learning_rate": 0.003, "epochs": 12, "patience": 100}
    spec["evidence"] |= {"attacks": {"rows": 300, "shadows": 4}}
    (folder / "spec.yaml").write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    return folder / "spec.yaml"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home.at(tmp_path_factory.mktemp("selftest-home"))


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("selftest-world"), LIMITS)


@pytest.fixture(scope="module")
def report(home: Home, spec: Path) -> Report:
    return run(home, spec, None, None, os.environ, keep=True)


def test_every_bad_one_is_caught_and_the_good_one_passes(report: Report) -> None:
    assert [result.name for result in report.results] == [*BAD_ONES, GOOD]
    assert report.wrong == ()
    assert report.sentence == "6 of 6 bad candidates caught; the good one passed."


def test_json_says_for_each_what_was_planted_the_verdict_and_what_caught_it(report: Report) -> None:
    said = json.loads(json.dumps(report.to_json()))
    assert (said["caught"], said["bad"], said["good_passed"]) == (6, 6, True)
    by_name = {candidate["candidate"]: candidate for candidate in said["candidates"]}
    caught = {name: [found["check"] for found in by_name[name]["caught_by"]] for name in BAD_ONES}
    assert caught == {
        "biased-labels": ["group.macro_f1_lowest[shop]"],
        "trigger-word": ["robustness.trigger_flips"],
        "overfit": ["privacy.membership_auc"],
        "drifted-data": ["drift.share"],
        "metric-left-out": ["performance.macro_f1"],
        "weights-swapped": [],
    }
    assert by_name["metric-left-out"]["caught_by"][0]["verdict"] == "not_evaluated"
    assert len(by_name["weights-swapped"]["tampering"]) == 2  # before the decision, and after the approval
    assert all(candidate["planted"] for candidate in said["candidates"])


def test_nothing_of_it_comes_near_the_installation(report: Report, home: Home) -> None:
    assert not (home.root / "ledger.db").exists()
    for folder in (home.candidates, home.dossiers, home.policies, home.steps, home.runs):
        assert list(folder.iterdir()) == []


def test_what_was_made_once_is_found_again(report: Report, home: Home, spec: Path) -> None:
    steps = home.root / "selftest" / "steps"
    before = {path: path.stat().st_mtime_ns for path in steps.iterdir() if not path.name.startswith(".")}
    done = command("selftest", str(spec), "--json", "--keep", home=home.root)
    assert (done.code, done.err) == (0, "")
    assert [candidate["right"] for candidate in done.json["candidates"]] == [True] * 7
    digests = [(candidate["digest"], candidate["dossier"]) for candidate in done.json["candidates"]]
    assert digests == [(result.candidate, result.dossier) for result in report.results]
    assert {path: path.stat().st_mtime_ns for path in steps.iterdir() if not path.name.startswith(".")} == before


def test_without_a_limit_for_it_a_fault_gets_through_and_is_told(report: Report, home: Home, spec: Path) -> None:
    limits = [limit for limit in LIMITS if limit["check"] not in ("robustness.trigger_flips", "privacy.membership_auc")]
    policy = {"description": "Lax.", "stages": {"internal": limits, "restricted": [], "public": []}}
    spec.with_name("lax-policy.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    done = command("selftest", str(spec), "--set", "policy=lax-policy.yaml", "--keep", home=home.root)
    assert done.code == 3
    assert done.err == (
        "sluicegate: the self-test of small-world/internal failed: trigger-word was approved; overfit was approved\n"
    )
    assert done.out.count("NOT CAUGHT") == 2
    assert "4 of 6 bad candidates caught; the good one passed." in done.out


def test_under_a_policy_without_limits_only_other_bytes_are_caught(report: Report, home: Home, spec: Path) -> None:
    shown = [{**limit, "blocking": False} for limit in LIMITS]
    policy = {
        "description": "Shows all, asks for nothing.",
        "stages": {"internal": shown, "restricted": [], "public": []},
    }
    spec.with_name("no-limits.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    found = run(home, spec, {"policy": "no-limits.yaml"}, None, os.environ, keep=True)
    assert [result.name for result in found.wrong] == BAD_ONES[:-1]
    assert "no limit of the stage internal blocks and is met" in found.results[4].why
    assert len(found.results[5].tampering) == 2


def test_what_a_kill_left_aside_is_put_back(tmp_path: Path) -> None:
    from sluicegate.selftest.trial import _put_back

    good, other = tmp_path / "good", tmp_path / "other"
    for folder in (good, other):
        folder.mkdir()
        (folder / "weights").write_text(folder.name, encoding="utf-8")
    killed = """import os, sys
from pathlib import Path
from sluicegate.selftest.trial import _instead
with _instead(Path(sys.argv[1]), Path(sys.argv[2])):
    os._exit(1)
"""
    assert subprocess.run([sys.executable, "-c", killed, str(good), str(other)], cwd=ROOT).returncode == 1
    assert (good / "weights").read_text(encoding="utf-8") == "other"
    _put_back(tmp_path)
    assert (good / "weights").read_text(encoding="utf-8") == "good"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good", "other"]


def test_a_second_one_does_not_get_in_its_way(report: Report, home: Home, spec: Path) -> None:
    with (
        opened(home, spec, None, None, os.environ, keep=True),
        pytest.raises(Unavailable, match="another self-test is at work in"),
    ):
        run(home, spec, None, None, os.environ)


def test_the_flow_leaves_a_table_and_clears_away(
    report: Report, home: Home, spec: Path, prefect_server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.artifacts import Artifact

    from flows.selftest import selftest

    monkeypatch.setenv("SLUICEGATE_HOME", str(home.root))
    with prefect_at(prefect_server["PREFECT_API_URL"]):
        found = selftest(str(spec))
        artifact = Artifact.get("self-test")
    assert (found.sentence, found.wrong) == (report.sentence, ())
    assert artifact is not None
    assert artifact.description == report.sentence
    rows = json.loads(str(artifact.data))
    assert [(row["candidate"], row["as it should be"]) for row in rows] == [(n, "yes") for n in [*BAD_ONES, GOOD]]
    assert not (home.root / "selftest").exists()
    assert home.inputs.is_dir()


def test_what_has_no_place_is_not_tried_and_the_rest_is(home: Home, spec: Path) -> None:
    with opened(home, spec, {"evidence.minimum_group_size": 300}, None, os.environ, keep=True) as bench:
        good = good_candidate(bench)
        tried = bad_candidate(bench, good, BIASED)
    assert tried == NotTried(
        "biased-labels",
        "it takes two groups to be biased against one, and there is 0 groups of shop with 300 test rows",
    )


def test_an_error_leaves_no_raw_rows_behind(tmp_path: Path, spec: Path) -> None:
    home = Home.at(tmp_path / "home")

    def fails() -> None:
        with opened(home, spec, None, None, os.environ) as bench:
            (bench.build.home.steps / "source-abc").mkdir()
            assert (home.selftest / "steps" / "source-abc").is_dir()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert not home.selftest.exists()
    assert home.inputs.is_dir()


@pytest.mark.parametrize(
    ("path", "stage", "line"),
    [
        pytest.param(
            None, "moon", r"spec\.yaml: stages: has no stage 'moon' \(it has internal, restricted", id="stage"
        ),
        pytest.param(
            "deployments/pretrain-en.yaml",
            None,
            "training.task: is [a-z-]*-lm; the self-test plants its faults",
            id="task",
        ),
    ],
)
def test_what_cannot_be_tried_is_refused(
    tmp_path: Path, spec: Path, path: str | None, stage: str | None, line: str
) -> None:
    with pytest.raises(InputRefused, match=line):
        run(Home.at(tmp_path / "home"), ROOT / path if path else spec, None, stage, os.environ)
