"""Whether the gate catches a bad model."""

from __future__ import annotations

from prefect import flow

from sluicegate.selftest import TRAINED_OR_SCORED, Report
from tasks.plan import Overrides, SpecPath
from tasks.selftest import bad_candidate, good_candidate, send, trial


@flow(name="self-test", persist_result=False)
def selftest(
    spec: SpecPath = "deployments/reviews-en.yaml", overrides: Overrides = None, stage: str | None = None
) -> Report:
    """Good candidate → bad candidates → send all through a gate → report.

    The run fails if a bad candidate is not caught, or the good one does not pass.

    Args:
        spec: Path of the release spec, relative to the checkout.
        overrides: Settings to change for this run: path in the spec → value, for example `data.rows` → 3000.
        stage: The stage at whose gate they are tried; without it the spec's first.
    """
    with trial(spec, overrides, stage) as begun:
        good = good_candidate(begun)
        bad = [bad_candidate(begun, good, fault) for fault in TRAINED_OR_SCORED]
        return send(begun, good, bad)
