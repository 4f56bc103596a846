"""The scrubbing secret in a Prefect block: read from a real server, by a run and by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from prefect.blocks.system import Secret

from sluicegate.errors import InputRefused
from tasks.secret import secret_of
from tests.flows.conftest import run

VALUE = "twenty-one characters"


def test_the_block_s_value_is_the_secret(api: str) -> None:
    Secret(value=VALUE).save("t-scrub-key", overwrite=True)
    assert secret_of("t-scrub-key") == VALUE


def test_a_block_that_is_not_there_or_holds_no_text_is_one_line(api: str) -> None:
    Secret(value={"key": VALUE}).save("t-no-text", overwrite=True)
    with pytest.raises(InputRefused, match="there is no Secret block 't-nowhere'"):
        secret_of("t-nowhere")
    with pytest.raises(InputRefused, match="the Secret block 't-no-text' holds no text") as refused:
        secret_of("t-no-text")
    assert VALUE not in str(refused.value)


def test_the_command_line_takes_the_secret_from_the_block(api: str, tmp_path: Path) -> None:
    Secret(value=VALUE).save("t-scrub-key", overwrite=True)
    spec, texts = tmp_path / "spec.yaml", tmp_path / "texts.txt"
    section = {"default": {"operator": "pseudonym"}, "canaries": 0}
    texts.write_text("Write to boris@tarn.org.\n", encoding="utf-8")

    def scrubbed(**more: str) -> str:
        spec.write_text(json.dumps({"scrubbing": section}), encoding="utf-8")
        done = run("scrub", str(texts), "--spec", str(spec), home=tmp_path / "home", **more)
        assert done.code == 0, done.err
        assert VALUE not in done.out + done.err
        return done.out

    by_variable = scrubbed(SLUICEGATE_SCRUB_KEY=VALUE)
    by_another = scrubbed(SLUICEGATE_SCRUB_KEY="another secret of 28 letters")
    section["key_block"] = "t-scrub-key"
    assert scrubbed(PREFECT_API_URL=api) == by_variable != by_another
    section["key_block"] = "t-nowhere"
    spec.write_text(json.dumps({"scrubbing": section}), encoding="utf-8")
    done = run("scrub", str(texts), "--spec", str(spec), home=tmp_path / "home", PREFECT_API_URL=api)
    assert (done.code, done.out) == (2, "")
    assert "there is no Secret block 't-nowhere'" in done.err
