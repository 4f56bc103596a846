"""The process that writes the ledger for others: one that has the service's key, on a socket of this machine.

One line of JSON in, one line out: ``{"verb": …, "arguments": {…}}`` gives ``{"result": …}`` or
``{"refused": …}``. Only functions marked with `writes` can be asked for, so that a process which can reach
the socket can ask for what the rules allow and nothing else. Who can reach it is the file's group to say.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import socketserver
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sluicegate.errors import InputRefused, SluicegateError, Unavailable
from sluicegate.ledger.ledger import open_ledger
from sluicegate.ledger.writer import MOST_BYTES, VERBS, refused
from sluicegate.settings import Home

_READ_TIMEOUT_S = 30
_MODE = 0o660


def serve(home: Home, socket_path: Path, *, ready: Callable[[], None] = lambda: None) -> None:
    """Answers until it is told to end (SIGTERM, SIGINT); what it is busy with is finished first.

    Args:
        home: Whose ledger it writes, with whose key. The modules with the marked functions must be imported.
        socket_path: Where it listens; the folder must be there.
        ready: Called once it does.

    Raises:
        InputRefused: It cannot listen there, or the key cannot be used.
        Unavailable: Another process listens there already, or the database does not answer.
    """
    home = replace(home, ledgerd=None)
    open_ledger(home).begin()  # whatever is wrong with key or database is said now, not at the first request
    with _listening(home, socket_path) as server:
        if threading.current_thread() is threading.main_thread():
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, lambda *_: threading.Thread(target=server.shutdown).start())
        ready()
        try:
            server.serve_forever(poll_interval=0.1)
        finally:
            socket_path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    request_queue_size = 64
    daemon_threads = False  # a request that is being written is finished before the process ends

    def __init__(self, path: Path, home: Home) -> None:
        self.home = home
        super().__init__(str(path), _Request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""


class _Request(socketserver.StreamRequestHandler):
    timeout = _READ_TIMEOUT_S
    server: _Server

    def handle(self) -> None:
        """One line in, one line out."""
        try:
            answer = {"result": self._result(self.rfile.readline(MOST_BYTES + 1))}
        except SluicegateError as error:
            answer = refused(error)
        except OSError:
            return
        except Exception as error:  # the next request must be answered all the same
            print(f"ledgerd: {type(error).__name__} at {_place(error)}", file=sys.stderr, flush=True)
            answer = refused(Unavailable("ledgerd failed at this request; its own log says where"))
        self.wfile.write(json.dumps(answer).encode() + b"\n")

    def _result(self, line: bytes) -> Any:
        if len(line) > MOST_BYTES:
            raise InputRefused("ledgerd", "request", f"is larger than {MOST_BYTES} bytes")
        try:
            request = json.loads(line)
            verb, arguments = request["verb"], request["arguments"]
        except (ValueError, TypeError, KeyError, RecursionError):
            request, verb, arguments = None, "", None
        if not isinstance(verb, str) or not isinstance(arguments, dict) or len(request) != 2:
            raise InputRefused("ledgerd", "request", "must be one line of JSON with verb and arguments")
        if verb not in VERBS:
            raise InputRefused("ledgerd", "verb", "there is none of this name")
        return VERBS[verb].run(self.server.home, arguments)


def _listening(home: Home, path: Path) -> _Server:
    if path.exists() and not path.is_socket():
        raise InputRefused(path, "", "is not a socket, and is not replaced", "name another place")
    if path.is_socket():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise Unavailable(f"another ledgerd listens at {path} already")
        path.unlink(missing_ok=True)
    before = os.umask(0o777 & ~_MODE)
    try:
        return _Server(path, home)
    except OSError as error:
        raise InputRefused(path, "", f"cannot be listened at: {error.strerror or error}") from None
    finally:
        os.umask(before)


def _place(error: BaseException) -> str:
    """File and line; an unexpected message could hold what somebody wrote."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
