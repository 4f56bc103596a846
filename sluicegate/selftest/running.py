"""The self-test from beginning to end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sluicegate.selftest.bench import bad_candidate, good_candidate, opened
from sluicegate.selftest.faults import TRAINED_OR_SCORED
from sluicegate.selftest.report import Report
from sluicegate.selftest.trial import send
from sluicegate.settings import Home


def run(
    home: Home,
    spec: Path,
    overrides: Mapping[str, Any] | None,
    stage: str | None,
    environ: Mapping[str, str],
    *,
    keep: bool = False,
) -> Report:
    """Makes the candidates, sends them through the gate, and says what became of them; see `opened` for the rest."""
    started = time.monotonic()
    with opened(home, spec, overrides, stage, environ, keep=keep) as bench:
        good = good_candidate(bench)
        bad = [bad_candidate(bench, good, fault) for fault in TRAINED_OR_SCORED]
        return send(bench, good, bad, started)
