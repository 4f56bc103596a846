"""Rows on their way through scrubbing processes: a few at a time, in order, canaries behind them.

How texts are cut into chunks depends on the texts alone, so the result does not depend on how many processes
there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Literal

from sluicegate.data.scrubbing.canaries import Canary, Sample, is_hidden, planted
from sluicegate.data.scrubbing.pool import Answer, Chunk, Pool, ScrubbingPool, Setup, cores
from sluicegate.data.scrubbing.report import Tally
from sluicegate.progress import report

LONGEST_TEXT = 1_000_000
"""Characters that a text may have: what spaCy takes at most, and what fits into a process many times over."""
ROWS = 1024
"""Rows that a reader hands on at once."""
_CHUNK_TEXTS, _CHUNK_CHARACTERS = 128, 50_000

Column = list[Any]


@dataclass(frozen=True)
class Rows:
    """A few rows of a table or file."""

    payload: Any
    """What their writer needs besides the texts."""
    texts: dict[str, list[str | None]]
    """Column → its texts, None where one is missing; all columns are of the same length."""


@dataclass
class _Waiting:
    """Rows of which some chunks are not back yet."""

    rows: Rows
    results: dict[str, Column]
    chunks: int


@dataclass(frozen=True)
class _Cut:
    """Where the texts of a chunk stood."""

    column: str
    positions: list[int]
    texts: list[str]
    waiting: _Waiting


class Stream:
    """Sends rows through a pool and counts what became of them.

    Args:
        setup: What the processes are told.
        verb: Whether texts are scrubbed or only searched; canaries are planted where they are scrubbed.
        total: How many rows there are, for the progress; 0 if that is not known.
        pool: Who works with this set-up already; None starts processes, and ends them.
    """

    def __init__(
        self, setup: Setup, verb: Literal["scrub", "find"], *, total: int = 0, pool: Pool | None = None
    ) -> None:
        self.tally = Tally(setup.section)
        """What was counted so far."""
        self._setup, self._verb, self._total, self._pool = setup, verb, total, pool
        count = setup.section.canaries if verb == "scrub" else 0
        self._sample = Sample(count, setup.section.canary_seed)
        self._cuts: deque[_Cut] = deque()
        self._planted: deque[Sequence[Canary]] = deque()
        self._waiting: deque[_Waiting] = deque()

    def through(self, rows: Iterable[Rows]) -> Iterator[tuple[Rows, dict[str, Column]]]:
        """The rows in order, each with its columns' scrubbed texts, or with what was found in them.

        Raises:
            InputRefused: The set-up was refused.
            Unavailable: A process ended before its work did.
        """
        coming = self._chunks(rows)
        first = list(islice(coming, self._setup.section.processes or cores()))
        done, size = 0, max(1, len(first))
        with ScrubbingPool(self._setup, size) if self._pool is None else nullcontext(self._pool) as pool:
            report("scrub", 0, self._total, "texts", pool.note)
            for answer in pool.ask(chain(first, coming, self._canaries(pool))):
                self._take(answer)
                for finished in self._finished():
                    yield finished
                    done += len(next(iter(finished[0].texts.values()), []))
                    report("scrub", done, self._total, "texts", pool.note if self._pool is not None else "")
            yield from self._finished()

    def _chunks(self, rows: Iterable[Rows]) -> Iterator[Chunk]:
        for each in rows:
            empty: Any = None if self._verb == "scrub" else []
            waiting = _Waiting(each, {name: [empty] * len(texts) for name, texts in each.texts.items()}, 0)
            cuts = [_Cut(name, positions, texts, waiting) for name, positions, texts in chunks_of(each)]
            waiting.chunks = len(cuts)
            self._waiting.append(waiting)
            for name in each.texts:
                self.tally.column(name)
            for cut in cuts:
                self._sample.see(cut.texts)
                self._cuts.append(cut)
                yield Chunk(self._verb, cut.texts)

    def _canaries(self, pool: Pool) -> Iterator[Chunk]:
        section = self._setup.section
        if self._verb == "find" or not section.canaries:
            return
        texts, types = self._sample.texts, pool.entity_types
        canaries = planted(texts, types, section.languages, section.canaries, section.canary_seed)
        while chunk := list(islice(canaries, _CHUNK_TEXTS)):
            self._planted.append(chunk)
            yield Chunk("find", [canary.text for canary in chunk])

    def _take(self, answer: Answer) -> None:
        if not self._cuts:
            for canary, spans in zip(self._planted.popleft(), answer["spans"], strict=True):
                self.tally.canary(canary.entity_type, is_hidden(canary, spans))
            return
        cut = self._cuts.popleft()
        if self._verb == "scrub":
            results = answer["texts"]
            self.tally.scrubbed(cut.column, cut.texts, answer)
        else:
            results = answer["spans"]
            self.tally.searched(cut.column, cut.texts, results)
        for position, result in zip(cut.positions, results, strict=True):
            cut.waiting.results[cut.column][position] = result
        cut.waiting.chunks -= 1

    def _finished(self) -> Iterator[tuple[Rows, dict[str, Column]]]:
        while self._waiting and not self._waiting[0].chunks:
            waiting = self._waiting.popleft()
            yield waiting.rows, waiting.results


def chunks_of(rows: Rows) -> Iterator[tuple[str, list[int], list[str]]]:
    """How the texts of some rows are cut into chunks: of each its column, the texts' positions, the texts."""
    for name, texts in rows.texts.items():
        for positions in _positions(texts):
            yield name, positions, [str(texts[i]) for i in positions]


def _positions(texts: Sequence[str | None]) -> Iterator[list[int]]:
    """Positions of the texts of each chunk; missing ones are in none."""
    chunk: list[int] = []
    characters = 0
    for position, text in enumerate(texts):
        if text is None:
            continue
        if chunk and (len(chunk) == _CHUNK_TEXTS or characters + len(text) > _CHUNK_CHARACTERS):
            yield chunk
            chunk, characters = [], 0
        chunk.append(position)
        characters += len(text)
    if chunk:
        yield chunk
