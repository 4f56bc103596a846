"""The Prefect run that waits at a gate: starting it, waking it, and handing it a letter.

Prefect is a way for letters and nothing else. What is read from it here is checked by its own hashes and
signatures before anything is made of it.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from flows.cli.server import prefect_settings
from sluicegate.errors import InputRefused, ReleaseDenied, Unavailable
from sluicegate.gates.letters import Letter
from sluicegate.gates.state import Gate
from sluicegate.ledger.records import Excerpt
from sluicegate.manifest import digest_of_bytes
from sluicegate.settings import Home

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

_PATIENCE_S = 180
_TRIES = 4


def start(home: Home, address: str, gate: Gate) -> None:
    """Starts the gate's one `release` run on the server, if it is deployed there; again finds the same run."""
    _point_at(home, address)
    from tasks.gates import start_release_run

    start_release_run(gate.id)


def wake(home: Home, address: str, gate: Gate) -> bool:
    """Resumes the suspended run of a gate that no longer waits; False if there is none to resume.

    The form has to be filled in, but the run asks the ledger first and does not read it.
    """
    form = {"decision": "reject", "reviewer": "", "reason": "the ledger says what was decided"}
    with _client(home, address) as client:
        waiting = _suspended(client, gate.id)
        if waiting is None:
            return False
        able = (gate.decision.reviewer,) if gate.decision else (*gate.eligible, *gate.excluded)
        return _resume(client, waiting, form | {"reviewer": able[0] if able else "nobody"})


def fetch_case(home: Home, address: str, prefix: str) -> Excerpt:
    """What the ledger says about a gate's model, as the waiting run left it with Prefect; not checked against a root.

    Raises:
        InputRefused: No run waits at such a gate, or more than one does.
        TamperingDetected: What is there does not hold together.
    """
    found = _artifacts(home, address, f"case-{prefix[:12].lower()}")
    if len(found) != 1:
        count = "no run waits" if not found else f"{len(found)} runs wait"
        raise InputRefused("gate", "", f"{count} at a gate that begins with {prefix[:12]!r} at {address}")
    return Excerpt.from_json(found[0], f"the gate's record at {address}")


def hand_over(home: Home, address: str, gate: Gate, letter: Letter) -> dict[str, Any]:
    """Gives a letter to the run that waits at its gate, and returns its answer: the gate's state and the receipt.

    Raises:
        ReleaseDenied: The gate refused it.
        Unavailable: No run waits, or none answered.
    """
    text, said = letter.to_text(), letter.statement
    verb = said["decision"] if said["decision"] in ("approve", "reject") else "approve"
    form = {"decision": verb, "reviewer": said["reviewer"], "reason": said["reason"], "letter": text}
    with _client(home, address) as client:
        waiting = _suspended(client, gate.id)
        if waiting is None or not _resume(client, waiting, form):
            raise Unavailable(f"no run waits at gate {gate.id[:12]} at {address}; `--out FILE` keeps the letter")
    deadline, mark = time.monotonic() + _PATIENCE_S, digest_of_bytes(text.encode())
    while time.monotonic() < deadline:
        for found in _artifacts(home, address, f"answer-{gate.id[:12]}"):
            if found.get("letter") == mark:
                if found.get("refused"):
                    raise ReleaseDenied(str(found["refused"]))
                return found
        time.sleep(1)
    raise Unavailable(f"the letter was handed over; nobody has answered within {_PATIENCE_S} s (is a worker up?)")


def _point_at(home: Home, address: str) -> None:
    os.environ |= prefect_settings(home) | {"PREFECT_API_URL": address}


def _client(home: Home, address: str) -> SyncPrefectClient:
    _point_at(home, address)
    from prefect.client.orchestration import get_client

    return get_client(sync_client=True)


def _suspended(client: SyncPrefectClient, gate: str) -> FlowRun | None:
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterIdempotencyKey,
        FlowRunFilterState,
        FlowRunFilterStateName,
    )

    from tasks.gates import release_key

    found = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            idempotency_key=FlowRunFilterIdempotencyKey(any_=[release_key(gate)]),
            state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Suspended"])),
        )
    )
    return found[0] if found else None


def _resume(client: SyncPrefectClient, run: FlowRun, form: dict[str, Any]) -> bool:
    """Resumes a run; a server on SQLite says now and then that its database is locked, and is asked again."""
    import httpx

    for attempt in range(_TRIES):
        try:
            return client.resume_flow_run(run.id, run_input=form).status.value in ("ACCEPT", "WAIT")
        except httpx.HTTPStatusError as error:
            if error.response.status_code < httpx.codes.INTERNAL_SERVER_ERROR or attempt == _TRIES - 1:
                raise Unavailable(f"Prefect refused to wake the run ({error.response.status_code})") from None
            time.sleep(2**attempt)
            state = client.read_flow_run(run.id).state
            if state is None or state.name != "Suspended":
                return True
    return False


def _artifacts(home: Home, address: str, key: str) -> list[dict[str, Any]]:
    """What the newest artifact under each key that begins so holds."""
    import httpx

    _point_at(home, address)
    body = {"artifacts": {"key": {"like_": f"{key}%"}}}
    try:
        for _ in range(_TRIES):
            answer = httpx.post(f"{address}/artifacts/latest/filter", json=body, timeout=30)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:  # its database is busy
                break
            time.sleep(1)
        found = answer.raise_for_status().json()
    except httpx.HTTPError as error:
        raise Unavailable(f"the Prefect server at {address} does not answer ({type(error).__name__})") from None
    named = [one for one in found if str(one.get("key", "")).startswith(key)]
    return [data for one in named if isinstance(data := _parsed(one.get("data")), dict)]


def _parsed(data: Any) -> Any:
    """Prefect keeps an artifact's data as text."""
    try:
        return json.loads(data) if isinstance(data, str) else data
    except ValueError:
        return None
