"""Looking after gates that wait: recording what is due, announcing it, ending runs, giving checkpoints away."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterIdempotencyKey,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.events import emit_event
from prefect.logging import get_run_logger
from prefect.states import Scheduled

from sluicegate.desk import attention
from sluicegate.desk.messages import Notice, notice
from sluicegate.ledger.ledger import open_ledger
from sluicegate.ledger.publishing import publish_checkpoint as publish
from sluicegate.settings import Home
from tasks.gates import release_key

EVENTS = {
    "remind": "sluicegate.gate.reminded",
    "escalate": "sluicegate.gate.escalated",
    "expire": "sluicegate.gate.expired",
    "waiver-lapsed": "sluicegate.gate.waiver-lapsed",
}


@task(name="attend", cache_policy=NO_CACHE, persist_result=False)
def attend() -> tuple[Notice, ...]:
    """Records what is due; returns what to tell people about it."""
    notices = tuple(notice(one) for one in attention.attend(open_ledger(Home.from_environment())))
    for each in notices:
        get_run_logger().info("%s: %s", each.kind, each.subject)
    return notices


@task(name="announce", cache_policy=NO_CACHE, persist_result=False)
def announce(notices: tuple[Notice, ...]) -> None:
    """One Prefect event for each, about the gate, for automations to act on."""
    for each in notices:
        resource = {
            "prefect.resource.id": f"sluicegate.gate.{each.gate}",
            "prefect.resource.name": each.subject,
            "sluicegate.model": each.model,
            "sluicegate.stage": each.stage,
        }
        emit_event(EVENTS[each.kind], resource=resource, payload={"subject": each.subject, "text": each.text})


@task(name="end expired runs", cache_policy=NO_CACHE, persist_result=False, retries=3, retry_delay_seconds=2)
def end_expired_runs(notices: tuple[Notice, ...]) -> None:
    """Wakes the runs that wait at gates which expired: each asks the ledger first and ends, and its form is gone."""
    keys = [release_key(each.gate) for each in notices if each.kind == "expire"]
    if not keys:
        return
    waiting = FlowRunFilter(
        idempotency_key=FlowRunFilterIdempotencyKey(any_=keys),
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Suspended"])),
    )
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(flow_run_filter=waiting):
            client.set_flow_run_state(run.id, Scheduled(name="Resuming"), force=True)


@task(name="publish checkpoint", cache_policy=NO_CACHE, persist_result=False)
def publish_checkpoint() -> None:
    """A signed statement of how far the ledger has come, to where SLUICEGATE_CHECKPOINTS says, if it says so."""
    home = Home.from_environment()
    if home.checkpoints_to:
        publish(open_ledger(home), home.checkpoints_to)
