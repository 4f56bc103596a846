"""`sluicegate scrub` as a user runs it: files, exit codes, one line for what is wrong; no home, no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.data.scrubbing.names import SHIPPED

Ran = subprocess.CompletedProcess[str]
Run = Callable[..., Ran]
ROOT = Path(__file__).resolve().parents[2]
KEY = "sixteen letters!"
pytestmark = pytest.mark.skipif(not (SHIPPED / "config.json").is_file(), reason="no tagger is shipped yet")
TEXT = "Write to boris@tarn.org or call +44 20 7946 0123."


@pytest.fixture
def scrub(tmp_path: Path) -> Run:
    """Runs the command on a machine without a home, with nothing in its environment that we would read."""

    def scrub_(*arguments: object, **environment: str) -> Ran:
        nowhere = {"HOME": str(tmp_path / "nobody"), "SLUICEGATE_HOME": str(tmp_path / "nobody" / "home")}
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", "scrub", *map(str, arguments)],
            cwd=ROOT,
            env=kept | nowhere | {"PYTHONDONTWRITEBYTECODE": "1"} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not (tmp_path / "nobody").exists()
        return done

    return scrub_


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    path.write_text(f'id,text\n1,"{TEXT}"\n2,kettle\n')
    return path


def test_a_file_is_scrubbed_and_the_report_holds_no_value(scrub: Run, texts: Path, tmp_path: Path) -> None:
    done = scrub(texts, tmp_path / "out.csv", "--report", tmp_path / "report.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out.csv").read_text() == (
        "id,text\n1,Write to <EMAIL_ADDRESS> or call <PHONE_NUMBER>.\n2,kettle\n"
    )
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["by_entity"]["EMAIL_ADDRESS"] == {"found": 1, "operator": "replace"}
    assert report["canaries"]["planted"] == 200
    assert report["canaries"]["by_entity"]["EMAIL_ADDRESS"]["found"] > 0
    assert "boris" not in done.stdout + (tmp_path / "report.json").read_text()
    assert "1 of 2 texts hold personal data: EMAIL_ADDRESS 1, PHONE_NUMBER 1; " in done.stdout
    assert f"{report['canaries']['found']} of 200 planted values found" in done.stdout


def test_without_a_place_to_go_the_file_goes_to_standard_output_alone(scrub: Run, texts: Path) -> None:
    done = scrub(texts, "--operator", "redact")
    assert done.stdout == "id,text\n1,Write to  or call .\n2,kettle\n"
    assert done.stderr.startswith("1 of 2 texts hold personal data")


def test_spans_go_to_standard_output_without_a_text(scrub: Run, texts: Path) -> None:
    done = scrub(texts, "--spans")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = map(json.loads, done.stdout.splitlines())
    assert second == {"spans": []}
    found = [(TEXT[s["start"] : s["end"]], s["entity_type"]) for s in first["spans"]]
    assert found == [("boris@tarn.org", "EMAIL_ADDRESS"), ("+44 20 7946 0123", "PHONE_NUMBER")]
    assert set(first["spans"][0]) == {"start", "end", "entity_type", "score"}


def test_what_was_encrypted_comes_back_with_the_secret_only(scrub: Run, texts: Path, tmp_path: Path) -> None:
    hidden, back = tmp_path / "hidden.csv", tmp_path / "back.csv"
    refused = scrub(texts, hidden, "--operator", "encrypt", "--key-env", "MY_KEY")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "environment: MY_KEY: is not set, and default are to be replaced under a secret" in refused.stderr
    assert scrub(texts, hidden, "--operator", "encrypt", "--key-env", "MY_KEY", MY_KEY=KEY).returncode == 0
    assert "boris" not in hidden.read_text()
    assert "sluicegate: environment: SLUICEGATE_SCRUB_KEY: is not set" in scrub(hidden, back, "--restore").stderr
    done = scrub(hidden, back, "--restore", "--key-env", "MY_KEY", MY_KEY=KEY)
    assert "2 finds restored; 0 do not open with this secret" in done.stdout
    assert back.read_text() == texts.read_text().replace('"', "")


def test_a_spec_gives_its_section_and_its_own_recognizers(scrub: Run, texts: Path, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("recognizers: [{supported_entity: THING, deny_list: [kettle]}]")
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "model: x\nscrubbing: {recognizers: own.yaml, default: null, canaries: 0, entities: {THING: {operator: mask}}}"
    )
    assert scrub(texts, "--spec", spec).stdout.splitlines()[2] == "2,******"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        pytest.param(["none.csv"], "none.csv: there is no such file", id="no file"),
        pytest.param(
            ["texts.csv", "--column", "words"], "words: there is no such column; there are id, text", id="column"
        ),
        pytest.param(["texts.csv", "texts.csv"], "texts.csv: is the file that is read", id="in place"),
        pytest.param(
            ["texts.csv", "--language", "xx"], "scrub: languages.0: input should be 'en' or 'zh'", id="language"
        ),
        pytest.param(["texts.csv", "--operator", "shred"], "scrub: --operator: is 'shred', none of", id="operator"),
        pytest.param(["texts.csv", "--operator", "keep"], "scrub: --operator: is 'keep', none of", id="nothing done"),
        pytest.param(["texts.csv", "--spec", "no.yaml"], "no.yaml: there is no such file", id="spec"),
        pytest.param(
            ["texts.csv", "o.csv", "--force", "--report", "texts.csv"],
            "texts.csv: --report: is a file that is read or written already",
            id="report into the source",
        ),
        pytest.param(
            ["texts.csv", "o.csv", "--report", "o.csv"], "o.csv: --report: is a file that is read", id="report into OUT"
        ),
        pytest.param(
            ["texts.csv", "--report", "no/r.csv"], "r.csv: --report: is in a folder that is not there", id="no folder"
        ),
        pytest.param(["texts.csv", "--spans", "--restore"], "scrub: --restore: cannot go with --spans", id="both"),
        pytest.param(
            ["texts.csv", "--restore", "--operator", "mask"], "scrub: --operator: cannot go with", id="restored, masked"
        ),
        pytest.param(
            ["texts.csv", "--restore", "--language", "zh"], "scrub: --language: cannot go with", id="restored in zh"
        ),
    ],
)
def test_what_cannot_be_used_is_one_line(
    scrub: Run, texts: Path, tmp_path: Path, arguments: list[str], line: str
) -> None:
    inside = [tmp_path / a if a.endswith((".csv", ".yaml")) else a for a in arguments]
    done = scrub(*inside)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert line in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["texts.csv"]
