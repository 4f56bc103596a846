"""Giving checkpoints away, so that somebody outside can tell whether the ledger's tail was cut off."""

from __future__ import annotations

from sluicegate.ledger.checkpoint import Checkpoint, publish, record_published, take_checkpoint
from sluicegate.ledger.ledger import Ledger


def publish_checkpoint(ledger: Ledger, target: str) -> Checkpoint:
    """A checkpoint of this moment, given to `target`; the ledger notes it if anything else happened since the last.

    Raises:
        Unavailable: Nobody took it, or the ledger cannot be written from here.
    """
    checkpoint = take_checkpoint(ledger)
    publish(checkpoint, target)
    # A note is an entry of its own: noting that nothing but a note is new would go on for ever.
    noted = ledger.entries(kinds=("checkpoint_published",))
    if not noted or noted[-1].hash != checkpoint.head:
        record_published(ledger, checkpoint, target)
    return checkpoint
