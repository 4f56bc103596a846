"""A Prefect server, settings that point this process at it, and real ends of the channels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import channels
from tests.channels import Hooks, Post
from tests.flows.conftest import prefect_server  # noqa: F401  # a fixture
from tests.prefect_here import prefect_at


@pytest.fixture
def api(prefect_server: dict[str, str]) -> Iterator[str]:  # noqa: F811
    """The server's address; inside the test, Prefect in this process uses it."""
    with prefect_at(prefect_server["PREFECT_API_URL"]) as address:
        yield address


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with channels.hooks() as kept:
        yield kept


@pytest.fixture
def post_office() -> Iterator[Post]:
    with channels.post_office() as post:
        yield post
