"""Real ends of the channels that people are told through: an HTTP server and a mail server on 127.0.0.1."""

from __future__ import annotations

import asyncio
import email
import email.policy
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any


@dataclass
class Hooks:
    """What was posted to a web server; one that is asked for a path with `fail` in it answers 500."""

    port: int = 0
    posted: list[tuple[str, Any]] = field(default_factory=list)

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}/{path}"

    def at(self, path: str) -> list[Any]:
        return [body for place, body in self.posted if place == f"/{path}"]


@contextmanager
def hooks() -> Iterator[Hooks]:
    """A web server that keeps what is posted to it."""
    kept = Hooks()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.posted.append((self.path, json.loads(body)))
            self.send_response(500 if "fail" in self.path else 200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()


@dataclass
class Post:
    """What a mail server was given: logins, envelopes and messages."""

    port: int = 0
    recipients: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)


@contextmanager
def post_office() -> Iterator[Post]:
    """A mail server (SMTP, not encrypted) that takes everything and sends nothing on."""
    post, ready, loop = Post(), threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        server = await asyncio.start_server(lambda reader, writer: _talk(post, reader, writer), "127.0.0.1", 0)
        post.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield post
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _talk(post: Post, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 post office\r\n")
    while line := (await reader.readline()).decode().strip():
        verb = line.split()[0].upper()
        if verb == "EHLO":
            writer.write(b"250-post office\r\n250 AUTH PLAIN\r\n")
        elif verb == "DATA":
            writer.write(b"354 go on\r\n")
            lines = []
            while (part := await reader.readline()) != b".\r\n":
                lines.append(part)
            message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            post.mails.append(message)
            writer.write(b"250 kept\r\n")
        elif verb == "QUIT":
            writer.write(b"221 bye\r\n")
            writer.close()
            return
        else:
            if verb == "AUTH":
                post.logins.append(line)
            if verb == "RCPT":
                post.recipients.append(line.split("<")[1].split(">")[0])
            writer.write(b"235 in\r\n" if verb == "AUTH" else b"250 yes\r\n")
