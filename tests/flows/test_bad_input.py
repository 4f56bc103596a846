"""Bad input: one clear line that names file, field, value and limit; exit code 2; nothing registered."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.flows.conftest import Cli

pytestmark = pytest.mark.slow


@pytest.fixture
def world(small_world: Path, tmp_path: Path) -> Path:
    """A copy of the small world that a test may spoil."""
    return Path(shutil.copytree(small_world, tmp_path / "world"))


def spoil(path: Path, dotted: str, new: Any) -> None:
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    *parents, last = [int(key) if key.isdigit() else key for key in dotted.split(".")]
    node = value
    for key in parents:
        node = node[key]
    node[last] = new
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")


def no_rows(world: Path) -> None:
    (world / "rows.csv").write_text("number,words,verdict,shop\n", encoding="utf-8")


def one_class(world: Path) -> None:
    lines = (world / "rows.csv").read_text(encoding="utf-8").splitlines()
    (world / "rows.csv").write_text("\n".join(line for line in lines if ",bad," not in line), encoding="utf-8")


def unknown_label(world: Path) -> None:
    text = (world / "rows.csv").read_text(encoding="utf-8")
    (world / "rows.csv").write_text(text.replace(",bad,", ",awful,", 3), encoding="utf-8")


def broken_encoding(world: Path) -> None:
    content = (world / "rows.csv").read_bytes()
    (world / "rows.csv").write_bytes(content.replace(b"lovely", b"lov\xe9ly", 1))


def failing_suite(world: Path) -> None:
    suite = (world / "suite.json").read_text(encoding="utf-8")
    (world / "suite.json").write_text(suite.replace('"max_value": 500', '"max_value": 5'), encoding="utf-8")


def unknown_expectation(world: Path) -> None:
    suite = (world / "suite.json").read_text(encoding="utf-8")
    (world / "suite.json").write_text(
        suite.replace("expect_column_values_to_be_unique", "expect_miracles"), encoding="utf-8"
    )


def unknown_suite_column(world: Path) -> None:
    suite = (world / "suite.json").read_text(encoding="utf-8")
    (world / "suite.json").write_text(suite.replace('"column": "id"', '"column": "identity"'), encoding="utf-8")


def unknown_check(world: Path) -> None:
    spoil(world / "policy.yaml", "stages.internal.0.check", "performance.makro_f1")


def unknown_policy_group(world: Path) -> None:
    spoil(world / "policy.yaml", "stages.internal.0.check", "group.macro_f1_lowest[region]")


def missing_base_model(world: Path) -> None:
    shutil.rmtree(world / "base")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda w: (w / "rows.csv").unlink(), ("rows.csv", "no such file"), id="missing file"),
        pytest.param(
            lambda w: spoil(w / "spec.yaml", "data.text", "wirds"), ("rows.csv", "wirds"), id="missing column"
        ),
        pytest.param(no_rows, ("rows.csv", "rows"), id="empty data"),
        pytest.param(one_class, ("rows.csv", "label"), id="one class only"),
        pytest.param(unknown_label, ("rows.csv", "verdict", "3"), id="unknown label"),
        pytest.param(broken_encoding, ("rows.csv", "utf-8"), id="broken encoding"),
        pytest.param(
            lambda w: spoil(w / "spec.yaml", "training.epoch", 2), ("spec.yaml", "training.epoch"), id="unknown key"
        ),
        pytest.param(
            lambda w: spoil(w / "spec.yaml", "training.epochs", "many"),
            ("spec.yaml", "epochs", "'many'"),
            id="wrong type",
        ),
        pytest.param(
            failing_suite,
            ("suite.json", "expect_column_value_lengths_to_be_between", "text", "600"),
            id="failing suite",
        ),
        pytest.param(unknown_expectation, ("suite.json", "expect_miracles"), id="unknown expectation"),
        pytest.param(unknown_suite_column, ("suite.json", "identity"), id="suite names an unknown column"),
        pytest.param(unknown_check, ("policy.yaml", "performance.makro_f1"), id="unknown check"),
        pytest.param(unknown_policy_group, ("policy.yaml", "region"), id="policy names an unknown group"),
        pytest.param(missing_base_model, ("base",), id="missing base model"),
        pytest.param(
            lambda w: spoil(w / "spec.yaml", "scrubbing.entities", {"PERSONS": {"operator": "replace"}}),
            ("PERSONS",),
            id="unknown entity",
        ),
        pytest.param(
            lambda w: spoil(w / "spec.yaml", "scrubbing.entities.PERSON.operator", "hash"),
            ("SLUICEGATE_SCRUB_KEY", "is not set"),
            id="missing secret",
        ),
        pytest.param(
            lambda w: spoil(w / "spec.yaml", "reviewers", [{"id": "ann", "stages": ["internal"]}]),
            ("reviewers", "roster"),
            id="reviewers with stages, which the roster has now",
        ),
    ],
)
def test_bad_input_is_one_line_and_registers_nothing(
    sluicegate: Cli,
    prefect_server: dict[str, str],
    world: Path,
    tmp_path: Path,
    change: Any,
    words: tuple[str, ...],
) -> None:
    change(world)
    done = sluicegate("run", str(world / "spec.yaml"), home=tmp_path / "home", **prefect_server)
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert done.err.startswith("sluicegate: ")
    assert all(word in done.err for word in words), done.err
    assert "Traceback" not in done.out + done.err
    assert not list((tmp_path / "home" / "candidates").iterdir())
    assert sluicegate("inbox", "--json", home=tmp_path / "home").json == []


@pytest.mark.skipif(
    os.geteuid() == 0 and not Path("/proc/self/mounts").exists(), reason="needs a file system that refuses"
)
def test_a_home_that_cannot_be_written_is_refused(sluicegate: Cli, world: Path) -> None:
    done = sluicegate("run", str(world / "spec.yaml"), home=Path("/proc/home"))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "SLUICEGATE_HOME" in done.err


def test_a_server_that_does_not_answer_is_one_clear_line(sluicegate: Cli, world: Path, tmp_path: Path) -> None:
    nobody = {"PREFECT_API_URL": "http://127.0.0.1:1/api"}
    done = sluicegate("run", str(world / "spec.yaml"), home=tmp_path / "home", **nobody)
    assert (done.code, done.err.count("\n")) == (5, 1)
    assert "http://127.0.0.1:1/api does not answer" in done.err


def test_a_setting_that_is_not_path_and_value_is_refused(sluicegate: Cli, world: Path, tmp_path: Path) -> None:
    done = sluicegate("run", str(world / "spec.yaml"), "--set", "training.epochs", home=tmp_path / "home")
    assert (done.code, "PATH=VALUE" in done.err) == (2, True)
