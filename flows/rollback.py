"""What a responder orders: a stage back to what it served before, a candidate out of every stage.

The order is written and signed elsewhere (`sluicegate rollback … --out FILE`, `sluicegate recall … --out FILE`)
and comes here as text. Who brings it does not matter: the ledger believes the signature in it, and nothing else.
"""

from __future__ import annotations

from prefect import flow
from prefect.client.schemas import State
from prefect.states import Completed

from tasks.rollback import SignedOrder, roll_back, take_back


@flow(name="rollback", persist_result=False)
def rollback(order: SignedOrder) -> State[None]:
    """Check the order → verify what the stage returns to → record → set the alias.

    Args:
        order: The signed order, as it stands in the file.
    """
    return Completed(name="RolledBack", message=roll_back(order))


@flow(name="recall", persist_result=False)
def recall(order: SignedOrder) -> State[None]:
    """Check the order → record → take the alias away in every stage.

    Args:
        order: The signed order, as it stands in the file.
    """
    return Completed(name="Recalled", message=take_back(order))
