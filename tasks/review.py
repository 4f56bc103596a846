"""Waiting at a gate, with a form in the Prefect UI.

The ledger is asked first, and it alone counts. What comes back from a form is a letter from a stranger: it
is put to the gate like any other, and a refusal is recorded and shown over the next form. Whoever can
write to Prefect's database can put any letter there; without a reviewer's signature, or a code of theirs,
none of them comes to anything.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Literal, cast

import httpx
from prefect import suspend_flow_run
from prefect.artifacts import Artifact
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectNotFound
from prefect.input import RunInput
from prefect.runtime import deployment
from pydantic import Field, ValidationError, create_model

from sluicegate import releasing
from sluicegate.audit.receipts import receipt_for
from sluicegate.desk.escaping import markdown
from sluicegate.errors import InputRefused, ReleaseDenied, Unavailable
from sluicegate.gates.decisions import decision_letter
from sluicegate.gates.gate import find_gate
from sluicegate.gates.letters import LARGEST_BYTES, Letter
from sluicegate.gates.state import Gate
from sluicegate.ledger.ledger import open_ledger, utc_now
from sluicegate.ledger.records import Excerpt
from sluicegate.manifest import digest_of_bytes
from sluicegate.settings import Home

_AFTER_CLOSING = timedelta(days=1)
"""The run outlives its gate by so much, so that the expiry is recorded before the run ends."""


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
    code: Annotated[
        str,
        Field(
            max_length=20,
            title="One-time code",
            description="Where no signature is needed: from `sluicegate code`, good for five minutes.",
        ),
    ] = ""
    letter: Annotated[
        str,
        Field(
            max_length=LARGEST_BYTES,
            title="Signed decision",
            description="Filled in by `sluicegate approve` and `reject`; or the content of a file that `--out` wrote.",
        ),
    ] = ""


def wait_for_decision(gate_id: str) -> Standing:
    """Returns at once if the ledger holds a decision; else suspends the run (a deployment's run) or says so.

    After each resume the flow starts again from its top, and the forms that were answered before are read
    again, each under its own key; a refusal that was recorded is not recorded twice.
    """
    home = Home.from_environment()
    refusal, attempt = "", 0
    while True:
        gate = find_gate(open_ledger(home), gate_id)
        if gate.state in ("approved", "promoting", "released"):
            return Standing.APPROVED
        if gate.state != "open":
            return Standing.ENDED
        if deployment.id is None:
            return Standing.AWAITING_REVIEW
        attempt += 1
        review = _ask(home, gate, refusal, attempt)
        refusal = _put(home, gate, review, attempt) if review else "the run was resumed without a decision"


def _ask(home: Home, gate: Gate, refusal: str, attempt: int) -> Review | None:
    """Suspends the run until somebody answers; None if it was woken without an answer that can be read."""
    _publish_case(home, gate)
    closes = datetime.fromisoformat(gate.closes) + _AFTER_CLOSING
    try:
        answer = suspend_flow_run(
            wait_for_input=_form(gate).with_initial_data(description=_page(home, gate, refusal)),
            key=f"review-{attempt}",
            timeout=max(60, int((closes - datetime.now(UTC)).total_seconds())),
        )
    except (ObjectNotFound, httpx.HTTPStatusError, ValidationError, TypeError):
        return None
    return cast(Review, answer)


def _form(gate: Gate) -> type[Review]:
    """The form, whose reviewers are a list to choose from: those who may decide at this stage."""
    able = tuple(sorted({*gate.eligible, *gate.excluded}))
    if not able:
        return Review
    return create_model("Review", __base__=Review, __module__=__name__, reviewer=(Literal[able], ...))


def _page(home: Home, gate: Gate, refusal: str) -> str:
    page = releasing.brief(home, gate.id).to_markdown()
    return f"> **Refused:** {markdown(refusal)}\n\n{page}" if refusal else page


def _put(home: Home, gate: Gate, review: Review, attempt: int) -> str:
    """Puts a form's answer to the gate; returns why it was refused, or nothing."""
    context = FlowRunContext.get()
    assert context is not None
    assert context.flow_run is not None
    try:
        letter = (
            Letter.from_text(review.letter, "signed decision") if review.letter.strip() else _attested(gate, review)
        )
        if letter.statement.get("gate") != gate.id:
            raise ReleaseDenied("the decision is about another gate")
        now = releasing.put(home, letter, via="prefect-form", attempt=f"{context.flow_run.id}-{attempt}")
    except (ReleaseDenied, InputRefused, Unavailable) as denied:
        _answer(gate, review, {"refused": str(denied)})
        return str(denied)
    _answer(gate, review, {"state": now.state, "receipt": receipt_for(open_ledger(home), letter).to_json()})
    return ""


def _attested(gate: Gate, review: Review) -> Letter:
    unsigned = decision_letter(gate, review.decision, review.reviewer, review.reason, now=utc_now())
    return unsigned.model_copy(update={"code": review.code})


def _publish_case(home: Home, gate: Gate) -> None:
    """Puts what the ledger says about this model where a reviewer without access to the ledger can read it."""
    excerpt = Excerpt.of(open_ledger(home), gate.model)
    Artifact(type="json", key=f"case-{gate.id[:12]}", data=cast(Any, excerpt.to_json())).create()


def _answer(gate: Gate, review: Review, said: dict[str, Any]) -> None:
    """Tells whoever sent the letter what became of it."""
    data = {"letter": digest_of_bytes(review.letter.encode()), **said}
    Artifact(type="json", key=f"answer-{gate.id[:12]}", data=cast(Any, data)).create()
