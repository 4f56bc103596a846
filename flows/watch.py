"""The watch: what gates need while nobody decides."""

from __future__ import annotations

import os

from prefect import flow

from sluicegate.desk.messages import NOTIFY, Notice, named_blocks
from sluicegate.errors import Unavailable
from tasks.attention import announce, attend, end_expired_runs, publish_checkpoint
from tasks.notify import notify


@flow(name="watch", persist_result=False)
def watch() -> tuple[Notice, ...]:
    """Attend → announce → notify → end expired runs → publish checkpoint.

    Reminders, escalations and expiries are in the ledger before anybody is told. The run fails if a message
    reached nobody, or the checkpoint was not taken.
    """
    notices = attend()
    announce(notices)
    unheard = notify(notices, named_blocks(os.environ.get(NOTIFY)))
    end_expired_runs(notices)
    publish_checkpoint()
    if unheard:
        raise Unavailable(f"it is in the ledger, but no block of {NOTIFY} took the message: {'; '.join(unheard)}")
    return notices
