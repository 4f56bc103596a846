"""Waiting at a gate, with a form in the Prefect UI.

The ledger is asked first, and it alone counts. What comes back from a form is a letter from a stranger:
it is put to the gate like any other decision, and a refusal is recorded and shown over the next form.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import Annotated, Literal, cast

from prefect import suspend_flow_run
from prefect.context import FlowRunContext
from prefect.input import RunInput
from prefect.runtime import deployment
from pydantic import Field, create_model

from sluicegate import releasing
from sluicegate.errors import ReleaseDenied
from sluicegate.gates.escaping import markdown
from sluicegate.gates.gate import find_gate, roster_of
from sluicegate.gates.ledger import Ledger
from sluicegate.gates.state import Gate
from sluicegate.settings import Home

_OPEN_FOR = timedelta(days=30)


class Standing(Enum):
    """How it stands with a gate once nobody needs to wait any longer."""

    APPROVED = "approved"
    ENDED = "ended"
    AWAITING_REVIEW = "awaiting review"


class Review(RunInput):
    """Your decision at this gate. It stays in the ledger for ever."""

    decision: Literal["approve", "reject"]
    reviewer: str
    reason: Annotated[str, Field(min_length=3, max_length=2000, description="Why. No personal data.")]


def wait_for_decision(gate_id: str) -> Standing:
    """Returns at once if the ledger holds a decision; else suspends the run (a deployment's run) or says so.

    After each resume the flow starts again from its top, and the forms that were answered before are read
    again, each under its own key; a refusal that was recorded is not recorded twice.
    """
    home = Home.from_environment()
    refusal, attempt = "", 0
    while True:
        ledger = Ledger(home.ledger_url)
        gate = find_gate(ledger, gate_id)
        if gate.state in ("approved", "promoting", "released"):
            return Standing.APPROVED
        if gate.state != "open":
            return Standing.ENDED
        if deployment.id is None:
            return Standing.AWAITING_REVIEW
        attempt += 1
        review = suspend_flow_run(
            wait_for_input=_form(ledger, gate).with_initial_data(description=_page(home, gate, refusal)),
            key=f"review-{attempt}",
            timeout=int(_OPEN_FOR.total_seconds()),
        )
        refusal = _put(home, gate, cast(Review, review), attempt)


def _form(ledger: Ledger, gate: Gate) -> type[Review]:
    """The form, whose reviewers are a list to choose from: those who may decide at this stage."""
    eligible = roster_of(ledger, gate).eligible(gate.stage)
    return create_model("Review", __base__=Review, __module__=__name__, reviewer=(Literal[eligible], ...))


def _page(home: Home, gate: Gate, refusal: str) -> str:
    page = releasing.brief(home, gate.id).to_markdown()
    return f"> **Refused:** {markdown(refusal)}\n\n{page}" if refusal else page


def _put(home: Home, gate: Gate, review: Review, attempt: int) -> str:
    """Puts a form's answer to the gate; returns why it was refused, or nothing."""
    context = FlowRunContext.get()
    assert context is not None
    assert context.flow_run is not None
    try:
        releasing.decide(
            home,
            gate.id,
            decision=review.decision,
            reviewer=review.reviewer,
            reason=review.reason,
            via="prefect-form",
            attempt=f"{context.flow_run.id}-{attempt}",
        )
    except ReleaseDenied as denied:
        return str(denied)
    return ""
