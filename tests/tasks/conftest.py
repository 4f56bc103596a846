"""A Prefect server, settings that point this process at it, and real ends of the channels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import channels
from tests.channels import Hooks, Post
from tests.flows.conftest import prefect_server  # noqa: F401  # a fixture


@pytest.fixture
def api(prefect_server: dict[str, str]) -> Iterator[str]:  # noqa: F811
    """The server's address; inside the test, Prefect in this process uses it."""
    from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE, temporary_settings

    address = prefect_server["PREFECT_API_URL"]
    with temporary_settings({PREFECT_API_URL: address, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False}):
        yield address
        channels.send_what_prefect_holds()


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with channels.hooks() as kept:
        yield kept


@pytest.fixture
def post_office() -> Iterator[Post]:
    with channels.post_office() as post:
        yield post
