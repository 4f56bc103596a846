"""Scrubbing processes and the chunks that go through them: in order, and never more than a few at once."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol

from sluicegate.data.scrubbing.names import is_spacy
from sluicegate.data.scrubbing.process import refusal
from sluicegate.errors import SluicegateError, Unavailable
from sluicegate.spec import Scrubbing

_ROOT = Path(__file__).parents[3]
ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    "TOKENIZERS_PARALLELISM": "false",
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
    "LRU_CACHE_CAPACITY": "8",
}
"""What scrubbing processes are started with.

One thread each, since there are as many as cores. Texts come in thousands of shapes; oneDNN, and PyTorch on top of it
(`LRU_CACHE_CAPACITY`, in ideep), would each keep 1024 products ready-made for theirs: memory that grows for as long as
new shapes come, and no faster.
"""
_START = """
import sys
sys.path.insert(0, sys.argv[1])
from sluicegate.data.scrubbing.process import main
main()
"""
_AHEAD = 4
"""Chunks for each process that are sent, being worked on, or done and not yet fetched."""

Answer = dict[str, Any]


@dataclass(frozen=True)
class Setup:
    """What every scrubbing process is told at its start."""

    section: Scrubbing
    """The spec's section."""
    model: str | None = None
    """Folder of a tagger, or folder or package name of a spaCy pipeline; None takes the shipped tagger."""
    recognizers: Path | None = None
    """The file that `section.recognizers` names."""
    key: bytes | None = field(default=None, repr=False)
    """The secret; it goes through a pipe, never onto a command line or into an environment."""

    def to_json(self) -> str:
        """One line for the pipe."""
        return json.dumps(
            {
                "section": self.section.model_dump(mode="json"),
                "model": self.model,
                "recognizers": str(self.recognizers) if self.recognizers else None,
                "key": self.key.hex() if self.key and self.section.needs_key else None,
                "torch": is_spacy(self.model) and _needs_torch(str(self.model)),
            }
        )


@dataclass(frozen=True)
class Chunk:
    """Texts, and what is to be done with them."""

    verb: Literal["scrub", "find"]
    texts: list[str]


class Pool(Protocol):
    """Whatever answers chunks: processes of this machine, or workers on a cluster."""

    @property
    def entity_types(self) -> list[str]:
        """Types that do not stay in the text."""

    @property
    def note(self) -> str:
        """Who is at work, for the progress."""

    def ask(self, chunks: Iterable[Chunk]) -> Iterator[Answer]:
        """The answer to each chunk, in the order of the chunks, which are taken only as fast as they are done."""


class ScrubbingPool:
    """A few scrubbing processes, ended when the block is left, however it is left.

    Args:
        setup: What they are told.
        size: How many.
    """

    def __init__(self, setup: Setup, size: int) -> None:
        self.setup = setup
        """What they were told."""
        self.note = f"{size} processes"
        """How many there are."""
        self._line, self._size, self._sent = setup.to_json(), size, 0
        self._processes: list[subprocess.Popen[str]] = []
        self._threads: list[threading.Thread] = []
        self._entity_types: list[str] = []
        self._told = threading.Event()
        self._todo: queue.SimpleQueue[tuple[int, Chunk]] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[int, Answer] | SluicegateError] = queue.SimpleQueue()

    def __enter__(self) -> ScrubbingPool:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  # see __exit__
        # Started in the caller's thread: the kernel's signal comes when the thread that started a process ends.
        command = [sys.executable, "-c", _START, str(_ROOT), str(os.getpid())]
        pipe, environment = subprocess.PIPE, os.environ | ENVIRONMENT
        for _ in range(self._size):
            process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=self._errors, env=environment, encoding="utf-8"
            )
            self._processes.append(process)
            thread = threading.Thread(target=self._serve, args=(process,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for process in self._processes:
            process.kill()  # idle by now, or its work is no longer wanted
        for _thread in self._threads:
            self._todo.put((-1, Chunk("find", [])))  # wakes those that wait
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        self._errors.close()

    def ask(self, chunks: Iterable[Chunk]) -> Iterator[Answer]:
        """The answer to each chunk, in the order of the chunks, which are taken only as fast as they are done.

        Raises:
            InputRefused: The set-up was refused, or a recognizer that takes too long.
            Unavailable: A process ended before its work did.
        """
        coming, done = iter(chunks), dict[int, Answer]()
        sent = fetched = self._sent  # an answer to a chunk of before, which nobody fetched, has a smaller number
        ended = False
        while not ended or fetched < sent:
            while not ended and sent - fetched < _AHEAD * self._size:
                if (chunk := next(coming, None)) is None:
                    ended = True
                else:
                    self._todo.put((sent, chunk))
                    sent = self._sent = sent + 1
            while fetched < sent and fetched not in done:
                answer = self._answers.get()
                if isinstance(answer, SluicegateError):
                    raise answer
                if answer[0] >= fetched:
                    done[answer[0]] = answer[1]
            if fetched in done:
                if "refused" in (found := done.pop(fetched)):
                    raise refusal(found)
                yield found
                fetched += 1

    @property
    def entity_types(self) -> list[str]:
        """Types that do not stay in the text; waits for the first process, and is empty if that could not start."""
        self._told.wait()
        return self._entity_types

    def _serve(self, process: subprocess.Popen[str]) -> None:
        """Sends chunks to one process until it is told that there are no more."""
        try:
            ready = self._ask(process, self._line)
            if "refused" in ready:
                return self._answers.put(refusal(ready))
            self._entity_types = ready["entity_types"]
            self._told.set()
            while True:
                number, chunk = self._todo.get()
                if number < 0:
                    return
                self._answers.put((number, self._ask(process, json.dumps([chunk.verb, chunk.texts]))))
        except (OSError, EOFError, ValueError):
            process.kill()  # it is gone, or answers with something else than answers
            status = process.wait()
            self._answers.put(Unavailable(f"a scrubbing process ended with status {status}{self._reason()}"))
        finally:
            self._told.set()

    @staticmethod
    def _ask(process: subprocess.Popen[str], line: str) -> Answer:
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(line + "\n")
        process.stdin.flush()
        if not (answer := process.stdout.readline()).endswith("\n"):
            raise EOFError
        value: Answer = json.loads(answer)
        return value

    def _reason(self) -> str:
        """The type of the error that ended a process, which is all that it tells of it."""
        self._errors.seek(0)
        last = (self._errors.read().splitlines() or [""])[-1]
        return f" ({last})" if last.isidentifier() else " (perhaps for want of memory)"


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


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
