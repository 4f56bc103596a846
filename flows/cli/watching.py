"""`watch` and `alarms`: what gates need while nobody decides, and who hears of it."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.console import AsJson, print_json, say
from sluicegate.errors import InputRefused, SluicegateError, Unavailable

if TYPE_CHECKING:
    from sluicegate.desk.messages import Notice
    from sluicegate.settings import Home


def add_to(app: typer.Typer) -> None:
    """Adds this file's commands."""
    for command in (watch, alarms):
        app.command()(command)


def watch(json_: AsJson = False) -> None:
    """Reminds of gates that wait, escalates, lets them expire, publishes a checkpoint: by hand, or from a timer.

    Served, a deployment does this every 15 minutes. Prefect is started only where SLUICEGATE_NOTIFY names
    blocks and there is something to tell.
    """
    from sluicegate.desk.attention import attend, unattended
    from sluicegate.desk.messages import notice
    from sluicegate.ledger.ledger import open_ledger
    from sluicegate.ledger.publishing import publish_checkpoint
    from sluicegate.settings import Home

    home, blocks = Home.from_environment(), _blocks()
    ledger = open_ledger(home)
    if blocks and unattended(ledger):
        _tell(_through_prefect(home), json_)
        return
    _tell(tuple(notice(attended) for attended in attend(ledger)), json_)
    if home.checkpoints_to:
        publish_checkpoint(ledger, home.checkpoints_to)


def alarms(
    test: Annotated[bool, typer.Option("--test", help="Send a message through each block as well.")] = False,
) -> None:
    """Applies deployments/automations.yaml to the Prefect server, for the blocks that SLUICEGATE_NOTIFY names."""
    from flows.cli.server import prefect_api, served_api
    from sluicegate.desk.messages import NOTIFY
    from sluicegate.settings import Home

    home, blocks = Home.from_environment(), _blocks()
    if not blocks:
        raise InputRefused(NOTIFY, "", "names no block", "for example slack-webhook/reviewers,webhook/on-call")
    if served_api(home) is None:
        raise Unavailable("alarms come from a Prefect server that stays up: `sluicegate up`, or set PREFECT_API_URL")
    with prefect_api(home):
        for line in _apply(blocks):
            say(line)
        if test:
            _test(blocks)


def apply_named() -> tuple[str, ...]:
    """For `up`: applies the automations if SLUICEGATE_NOTIFY names blocks; a server that is busy does not stop it.

    Raises:
        InputRefused: SLUICEGATE_NOTIFY cannot be read.
    """
    blocks = _blocks()
    try:
        return _apply(blocks) if blocks else ()
    except Unavailable as unavailable:
        return (f"Alarms   {unavailable}",)


def _apply(blocks: tuple[str, ...]) -> tuple[str, ...]:
    """Applies the automations to the server that PREFECT_API_URL names; returns what to say about it."""
    import httpx

    from tasks.automations import apply_automations

    try:
        applied = apply_automations(blocks)
    except httpx.HTTPError as error:
        raise Unavailable(f"were not applied ({type(error).__name__}): `sluicegate alarms` tries again") from None
    lines = [f"Alarms   {len(applied.automations)} automations, through the blocks of SLUICEGATE_NOTIFY that are there"]
    lines += [
        f"Missing  block {slug}: make it in the UI under Blocks, then `sluicegate alarms`" for slug in applied.missing
    ]
    return tuple(lines)


def _blocks() -> tuple[str, ...]:
    from sluicegate.desk.messages import NOTIFY, named_blocks

    return named_blocks(os.environ.get(NOTIFY))


def _tell(notices: tuple[Notice, ...], json_: bool) -> None:
    if json_:
        print_json([asdict(notice) for notice in notices])
        return
    for notice in notices:
        say(f"{notice.subject}\n{notice.text}\n")
    if not notices:
        say("Nothing is due.")


def _through_prefect(home: Home) -> tuple[Notice, ...]:
    from flows.cli.server import prefect_api

    with prefect_api(home):
        from flows.watch import watch as run

        return run()


def _test(blocks: tuple[str, ...]) -> None:
    from sluicegate.desk.messages import trial
    from tasks.notify import deliver

    failed = []
    for slug in blocks:
        try:
            deliver(slug, trial())
            say(f"Sent     through {slug}")
        except SluicegateError as error:
            failed.append(str(error))
    if failed:
        raise Unavailable("; ".join(failed))
