"""Telling people, through the Prefect blocks that SLUICEGATE_NOTIFY names.

A plain `webhook` block gets the message as JSON, with its `text` where Slack and its likes look for it;
every other notification block gets subject and text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict

from prefect import task
from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.blocks.webhook import Webhook
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from sluicegate.desk.messages import NOTIFY, Notice
from sluicegate.errors import InputRefused, SluicegateError, Unavailable
from tasks import mail  # noqa: F401  # the class must be known where a block of it is loaded


def notify(notices: Iterable[Notice], blocks: Iterable[str]) -> tuple[str, ...]:
    """Sends each message through each block; returns the subjects of those that no block took."""
    unheard = []
    for notice in notices:
        states = [send(block, notice, return_state=True) for block in blocks]
        for block, state in zip(blocks, states, strict=True):
            if not state.is_completed():
                get_run_logger().warning("%s did not take: %s", block, notice.subject)
        if states and not any(state.is_completed() for state in states):
            unheard.append(notice.subject)
    return tuple(unheard)


@task(
    name="send",
    task_run_name="send through {block}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=2,
    timeout_seconds=30,
)
def send(block: str, notice: Notice) -> None:
    """One message through one block."""
    deliver(block, notice)


def deliver(slug: str, notice: Notice) -> None:
    """Sends one message through one block of the server.

    Raises:
        InputRefused: The block cannot carry messages.
        Unavailable: There is no such block, or it did not take the message. Never says where to it was sent.
    """
    try:
        block = Block.load(slug)
        if isinstance(block, Webhook):
            _call(slug, block, notice)
        elif isinstance(block, NotificationBlock):
            with block.raise_on_failure():
                block.notify(subject=notice.subject, body=notice.text)
        else:
            raise InputRefused(NOTIFY, slug, "is not a block that carries messages", "name a webhook or notification")
    except SluicegateError:
        raise
    except Exception as error:  # anybody's class may raise anything; what it says may hold the address, a secret
        raise Unavailable(f"{NOTIFY}: {slug} did not take the message ({type(error).__name__})") from None


def _call(slug: str, block: Webhook, notice: Notice) -> None:
    answer = asyncio.run(block.call(asdict(notice)))
    if not answer.is_success:
        raise Unavailable(f"{NOTIFY}: {slug} did not take the message (answer {answer.status_code})")
