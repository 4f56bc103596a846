"""Prefect inside the tests' own process, with a server that is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flows.cli.server import send_what_is_waiting


@contextmanager
def prefect_at(address: str, **more: Any) -> Iterator[str]:
    """Points Prefect in this process at the API of a server; `more` are further settings by name.

    Prefect keeps its connections for logs and events open when the settings change, so what it
    holds is sent at the end: the next test would send its own to a server that is gone.
    """
    from prefect import settings

    here = {settings.PREFECT_API_URL: address, settings.PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False}
    with settings.temporary_settings(here | {getattr(settings, name): value for name, value in more.items()}):
        try:
            yield address
        finally:
            send_what_is_waiting()
