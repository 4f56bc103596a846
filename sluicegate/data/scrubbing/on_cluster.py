"""Texts scrubbed on a cluster: in each worker a scrubbing process, told and asked as on a single machine.

The table is read twice: beside the file for the workers, and by the run itself, which counts and writes. Both cut
it into the same chunks, and each answer says which chunk it is about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sluicegate.data.scrubbing.pool import Answer, Chunk, ScrubbingPool, Setup
from sluicegate.data.scrubbing.stream import chunks_of
from sluicegate.data.scrubbing.table import rows_of
from sluicegate.errors import SpecRefused, Unavailable

if TYPE_CHECKING:
    from sluicegate.data.cluster.mapping import Cluster

_MODEL, _RECOGNIZERS = "model", "recognizers.yaml"


@dataclass(frozen=True)
class TextsOfTable:
    """The chunks of a table, as items."""

    table: Path
    columns: tuple[str, ...]

    def __call__(self) -> Iterator[bytes]:
        """Reads them."""
        for rows in rows_of(self.table, self.columns):
            for _, _, texts in chunks_of(rows):
                yield _item(Chunk("scrub", texts))


class ClusterPool:
    """Scrubbing workers on a cluster for the texts of a table; what else is asked, canaries, is answered here.

    Args:
        here: A pool of this machine, which knows the entity types and refuses a set-up before a text travels.
        cluster: Where the workers are.
        texts: Reads the chunks that `ask` is going to ask first of all.
    """

    def __init__(self, here: ScrubbingPool, cluster: Cluster, texts: TextsOfTable) -> None:
        self._here, self._cluster, self._texts = here, cluster, texts

    @property
    def entity_types(self) -> list[str]:
        """Types that do not stay in the text."""
        return self._here.entity_types

    @property
    def note(self) -> str:
        """How many nodes are at work."""
        return self._cluster.note

    def ask(self, chunks: Iterable[Chunk]) -> Iterator[Answer]:
        """The answer to each chunk, in order: those of the table, and whatever comes after them.

        Raises:
            InputRefused: The set-up was refused, or a recognizer that takes too long.
            Unavailable: The cluster was lost, or the table was changed meanwhile.
        """
        coming = iter(chunks)
        if (first := next(coming, None)) is None:
            return
        list(self._here.ask([Chunk("find", [])]))
        coming, setup = chain([first], coming), self._here.setup
        for data in self._of_the_workers(setup):
            answer = json.loads(data)
            if (chunk := next(coming, None)) is None or answer["of"] != _digest(_item(chunk)):
                raise Unavailable("the cluster scrubbed other texts than were asked for: was the table changed?")
            yield answer
        yield from self._here.ask(coming)

    def _of_the_workers(self, setup: Setup) -> Iterator[bytes]:
        """Their answers; what they refuse in their copy of a file, with the file of this machine."""
        try:
            yield from self._cluster.answers(self._texts, Told.of(setup), workers=setup.section.processes)
        except SpecRefused as refused:
            if setup.recognizers is None or Path(refused.where).name != _RECOGNIZERS:
                raise
            raise SpecRefused(setup.recognizers, refused.field, refused.problem, refused.remedy) from None


@dataclass(frozen=True)
class Told:
    """What a worker is told, with the files that a node does not have."""

    setup: Setup
    files: dict[str, bytes] = field(repr=False)
    """Path, relative to a folder of the worker's own → content."""

    @classmethod
    def of(cls, setup: Setup) -> Told:
        """The set-up with the model's folder and the recognizers' file, where there are any."""
        files: dict[str, bytes] = {}
        if setup.model and (folder := Path(setup.model)).is_dir():
            found = sorted(path for path in folder.rglob("*") if path.is_file())
            files |= {f"{_MODEL}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in found}
        if setup.recognizers and setup.recognizers.is_file():
            files[_RECOGNIZERS] = setup.recognizers.read_bytes()
        return cls(setup, files)

    def __call__(self) -> Callable[[bytes], bytes]:
        """Starts a scrubbing process, which ends with the worker; gives what it answers to a chunk."""
        with TemporaryDirectory() as folder:
            pool = ScrubbingPool(self._unpacked(Path(folder)), 1).__enter__()
            list(pool.ask([Chunk("find", [])]))  # after which it has read its files

        def answer(item: bytes) -> bytes:
            verb, texts = json.loads(item)
            (found,) = pool.ask([Chunk(verb, texts)])
            return json.dumps({"of": _digest(item), **found}).encode()

        return answer

    def _unpacked(self, folder: Path) -> Setup:
        """The set-up with its files in `folder`."""
        for name, content in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        model, recognizers = folder / _MODEL, folder / _RECOGNIZERS
        return replace(
            self.setup,
            model=str(model) if model.is_dir() else self.setup.model,
            recognizers=recognizers if recognizers.is_file() else self.setup.recognizers,
        )


def _item(chunk: Chunk) -> bytes:
    return json.dumps([chunk.verb, chunk.texts]).encode()


def _digest(item: bytes) -> str:
    return hashlib.blake2b(item, digest_size=16).hexdigest()
