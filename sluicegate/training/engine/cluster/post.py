"""What the ranks report, on its way to the driver."""

from __future__ import annotations

import asyncio
from typing import Any

import ray
from typing_extensions import override

from sluicegate.training.engine.channel import Channel

END = b""
"""After the last line."""


class Post:
    """An actor on the driver's node: lines wait here until they are taken."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()

    async def put(self, line: bytes) -> None:
        """Keeps a line."""
        await self._lines.put(line)

    async def take(self) -> bytes:
        """The next line, as soon as there is one."""
        return await self._lines.get()


class PostChannel(Channel):
    """A rank's end: sends to a `Post` rather than to a file."""

    def __init__(self, post: Any) -> None:
        self._post, self._sent = post, ray.put(None)

    @override
    def pass_on(self, lines: bytes) -> None:
        self._sent = self._post.put.remote(lines)

    def flush(self) -> None:
        """Returns when all that was sent is there."""
        ray.get(self._sent)
