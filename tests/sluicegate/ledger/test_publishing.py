"""Checkpoints given away: each time with the time of now, noted in the ledger only when there is news."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sluicegate.errors import Unavailable
from sluicegate.ledger.checkpoint import checkpoint_faults, read_checkpoint
from sluicegate.ledger.ledger import Ledger
from sluicegate.ledger.publishing import publish_checkpoint


def test_a_quiet_ledger_is_published_again_and_noted_once(founded: Ledger, tmp_path: Path) -> None:
    file, before = tmp_path / "checkpoints.jsonl", len(founded.entries())
    for _ in range(3):
        publish_checkpoint(founded, str(file))
    assert len(founded.entries(kinds=("checkpoint_published",))) == 1
    published = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["seq"] for each in published] == [before, before + 1, before + 1]
    assert published[1]["time"] < published[2]["time"]
    assert checkpoint_faults(read_checkpoint(file), founded.entries()) == ()


def test_news_are_noted_again(founded: Ledger, tmp_path: Path) -> None:
    publish_checkpoint(founded, str(tmp_path / "checkpoints.jsonl"))
    founded.append("build_started", "reviews", {})
    publish_checkpoint(founded, str(tmp_path / "checkpoints.jsonl"))
    assert [e.kind for e in founded.entries()][-3:] == ["checkpoint_published", "build_started", "checkpoint_published"]


def test_what_nobody_took_is_not_noted(founded: Ledger, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="SLUICEGATE_CHECKPOINTS"):
        publish_checkpoint(founded, str(tmp_path / "no such folder" / "file"))
    assert founded.entries(kinds=("checkpoint_published",)) == ()
