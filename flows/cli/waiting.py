"""The Prefect run that waits at a gate: starting it, and waking it after a decision."""

from __future__ import annotations

import os

from flows.cli.server import prefect_settings
from sluicegate.gates.state import Gate
from sluicegate.settings import Home


def start(home: Home, address: str, gate: Gate) -> None:
    """Starts the gate's one `release` run on the server, if it is deployed there; again finds the same run."""
    os.environ |= prefect_settings(home) | {"PREFECT_API_URL": address}
    from tasks.gates import start_release_run

    start_release_run(gate.id)


def wake(home: Home, address: str, gate: Gate) -> bool:
    """Resumes the suspended run of a gate whose decision is in the ledger; False if there is none to resume.

    The form is filled in with the decision, but the run asks the ledger first and does not read it.
    """
    os.environ |= prefect_settings(home) | {"PREFECT_API_URL": address}
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterIdempotencyKey,
        FlowRunFilterState,
        FlowRunFilterStateName,
    )

    from tasks.gates import release_key

    assert gate.decision is not None
    form = {"decision": gate.decision.decision, "reviewer": gate.decision.reviewer, "reason": gate.decision.reason}
    with get_client(sync_client=True) as client:
        waiting = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                idempotency_key=FlowRunFilterIdempotencyKey(any_=[release_key(gate.id)]),
                state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Suspended"])),
            )
        )
        if not waiting:
            return False
        client.resume_flow_run(waiting[0].id, run_input=form)
    return True
