"""The secret of `hash`, `pseudonym` and `encrypt`, where a Prefect block holds it."""

from __future__ import annotations

from prefect.blocks.system import Secret

from sluicegate.errors import InputRefused


def secret_of(block: str) -> str:
    """The value of the Secret block of that name.

    Raises:
        InputRefused: There is no such block, or it is not text.
    """
    try:
        value = Secret.load(block).get()
    except ValueError:
        remedy = "make it in the Prefect UI, or set scrubbing.key_env instead"
        raise InputRefused("scrubbing", "key_block", f"there is no Secret block {block!r}", remedy) from None
    if not isinstance(value, str):
        raise InputRefused("scrubbing", "key_block", f"the Secret block {block!r} holds no text")
    return value
