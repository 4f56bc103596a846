"""One gate: wait until a named person decides, then promote."""

from __future__ import annotations

from prefect import flow
from prefect.client.schemas import State
from prefect.runtime import flow_run
from prefect.states import Completed

from tasks.gates import GateId, open_next_gate, start_release
from tasks.registry import promote
from tasks.review import Standing, wait_for_decision


def _name() -> str:
    return f"release {flow_run.parameters['gate'][:12]}"


@flow(name="release", flow_run_name=_name, persist_result=False)
def release(gate: GateId) -> State[None]:
    """Wait → verify → promote → open the next gate.

    Without a decision in the ledger the run suspends (as a deployment's run) or ends as "awaiting review".

    Args:
        gate: The gate's id, 64 hexadecimal characters.
    """
    standing = wait_for_decision(gate)
    if standing is Standing.AWAITING_REVIEW:
        return Completed(name="AwaitingReview", message=f"gate {gate[:12]} waits for a named person's decision")
    if standing is Standing.ENDED:
        return Completed(name="Ended", message=f"gate {gate[:12]} ended without a release")
    promote(gate)
    following = open_next_gate(gate)
    if following is not None:
        start_release(following)
    return Completed(name="Released", message=f"gate {gate[:12]}: the release is live")
