"""Scrubbing processes and the chunks that go through them."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

from sluicegate.data.scrubbing.process import refusal
from sluicegate.errors import SluicegateError, Unavailable
from sluicegate.spec import Scrubbing

_ROOT = Path(__file__).parents[3]
# One thread a process, since there are as many processes as cores; it counts only before NumPy is imported.
_START = """
import os, sys
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
sys.path.insert(0, sys.argv[1])
from sluicegate.data.scrubbing.process import main
main()
"""
Chunk = tuple[int, list[str]]
Answer = tuple[int, dict[str, Any]]


class ScrubbingPool:
    """A few scrubbing processes, ended when the block is left, however it is left.

    Args:
        section: The spec's section.
        model: Folder or package name of a spaCy pipeline.
        key: The secret; it goes through a pipe, never onto a command line or into an environment.
        size: How many processes.
    """

    def __init__(self, section: Scrubbing, model: str, key: bytes | None, size: int) -> None:
        setup = {
            "model": model,
            "operators": {entity: operator.model_dump() for entity, operator in section.entities.items()},
            "score_threshold": section.score_threshold,
            "key": key.hex() if key and section.needs_key else None,
            "torch": _needs_torch(model),
        }
        self._setup = json.dumps(setup)
        self._size = size
        self._processes: list[subprocess.Popen[str]] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> ScrubbingPool:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  # see __exit__
        # Started in the caller's thread: the kernel's signal comes when the thread that started a process ends.
        command = [sys.executable, "-c", _START, str(_ROOT), str(os.getpid())]
        pipe = subprocess.PIPE
        for _ in range(self._size):
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._errors, encoding="utf-8")
            self._processes.append(process)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for process in self._processes:
            process.kill()  # idle by now, or its work is no longer wanted
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        self._errors.close()

    def scrub(self, chunks: Iterable[Chunk]) -> Iterator[Answer]:
        """Each chunk's position and answer, in the order in which they are done.

        Raises:
            InputRefused: The set-up was refused.
            Unavailable: A process ended before its work did.
        """
        todo: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
        answers: queue.SimpleQueue[Answer | SluicegateError] = queue.SimpleQueue()
        waiting = 0
        for chunk in chunks:
            todo.put(chunk)
            waiting += 1
        for process in self._processes:
            thread = threading.Thread(target=self._serve, args=(process, todo, answers), daemon=True)
            self._threads.append(thread)
            thread.start()
        while waiting:
            answer = answers.get()
            if isinstance(answer, SluicegateError):
                raise answer
            waiting -= 1
            yield answer

    def _serve(
        self,
        process: subprocess.Popen[str],
        todo: queue.SimpleQueue[Chunk],
        answers: queue.SimpleQueue[Answer | SluicegateError],
    ) -> None:
        """Sends chunks to one process until there are none left."""
        try:
            ready = self._ask(process, self._setup)
            if "refused" in ready:
                return answers.put(refusal(ready))
            while True:
                first, texts = todo.get_nowait()
                answers.put((first, self._ask(process, json.dumps(texts))))
        except queue.Empty:
            return
        except (BrokenPipeError, EOFError, json.JSONDecodeError):
            process.kill()  # it is gone, or answers with something else than answers
            answers.put(Unavailable(f"a scrubbing process ended with status {process.wait()}{self._reason()}"))

    @staticmethod
    def _ask(process: subprocess.Popen[str], line: str) -> dict[str, Any]:
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(line + "\n")
        process.stdin.flush()
        if not (answer := process.stdout.readline()).endswith("\n"):
            raise EOFError
        value: dict[str, Any] = json.loads(answer)
        return value

    def _reason(self) -> str:
        """The type of the error that ended a process, which is all that it tells of it."""
        self._errors.seek(0)
        last = (self._errors.read().splitlines() or [""])[-1]
        return f" ({last})" if last.isidentifier() else " (perhaps for want of memory)"


def _needs_torch(model: str) -> bool:
    """Whether the pipeline holds a transformer, as far as can be told; all others run without PyTorch."""
    folder = Path(model)
    if not folder.is_dir():
        package = find_spec(model) if model.isidentifier() else None
        folders = [Path(place) for place in package.submodule_search_locations or []] if package else []
        configs = [config for place in folders for config in place.glob("*/config.cfg")]
    else:
        configs = [folder / "config.cfg"]
    return any(c.is_file() and "transformer" in c.read_text(encoding="utf-8", errors="replace") for c in configs)
