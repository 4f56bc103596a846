"""What runs on the nodes of a cluster: one reader, and workers.

Nothing is raised here. Ray would print an error with its message to its logs, and a message may quote a text; so
a refusal travels as a row of its own, and of any other error only its type.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sluicegate.errors import DataRejected, InputRefused, SluicegateError, SpecRefused, Unavailable
from sluicegate.steps import code_version

Items = Callable[[], Iterable[bytes]]
"""Reads the items, the same ones each time."""
Begin = Callable[[], Callable[[bytes], bytes]]
"""Makes ready for work in a process, and gives what answers an item."""
REFUSALS = {kind.__name__: kind for kind in (InputRefused, SpecRefused, DataRejected, Unavailable)}
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "YES",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "TOKENIZERS_PARALLELISM": "false",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Of a worker: one thread, since there are as many workers as processors; nothing is fetched, nothing is told."""


class Kind(IntEnum):
    """What a row holds."""

    ITEM = 0
    ANSWER = 1
    REFUSAL = 2
    END = 3


@dataclass(frozen=True)
class Job:
    """What every worker is told."""

    begin: Begin
    code: str
    """Version of the code and the libraries that the run itself works with."""
    libraries: tuple[str, ...]


def rows_of(items: Items) -> Iterator[Any]:
    """Arrow tables of one row each: ``number``, ``kind`` and ``data`` of each item."""
    number = 0
    try:
        for item in items():
            yield _row(number, Kind.ITEM, item)
            number += 1
        yield _row(number, Kind.END, b"")
    except Exception as error:  # noqa: BLE001  # its message may quote a text, and Ray would log it
        yield _row(number, Kind.REFUSAL, _told(error))


class Worker:
    """Answers items, one at a time, in a process of its own.

    Args:
        job: Where the `Job` lies, in a list, so that Ray hands on the reference: what it holds is then in no
            description of the worker.
    """

    def __init__(self, job: list[Any]) -> None:
        self._job, self._node = job, ""
        self._work: Callable[[bytes], bytes] | None = None

    def __call__(self, rows: Any) -> Any:
        """The rows with each item's answer in its place, and the ``node`` where it was given."""
        import pyarrow as pa

        answers = [self._answer(row) for row in rows.to_pylist()]
        return pa.concat_tables([a.append_column("node", pa.array([self._node])) for a in answers])

    def _answer(self, row: dict[str, Any]) -> Any:
        if row["kind"] != Kind.ITEM:
            return _row(row["number"], row["kind"], row["data"])
        try:
            if self._work is None:
                self._work = self._begun()
            return _row(row["number"], Kind.ANSWER, self._work(row["data"]))
        except Exception as error:  # noqa: BLE001  # its message may quote a text, and Ray would log it
            return _row(row["number"], Kind.REFUSAL, _told(error))

    def _begun(self) -> Callable[[bytes], bytes]:
        import ray

        _be_silent()
        self._node = ray.get_runtime_context().get_node_id()
        job: Job = ray.get(self._job[0])
        if code_of(job.libraries) != job.code:
            host = os.uname().nodename
            raise Unavailable(
                f"node {host} of the cluster has another Sluicegate, or other libraries, than this machine"
            )
        return job.begin()


def code_of(libraries: tuple[str, ...]) -> str:
    """Version of the code that works on data here, and of these libraries."""
    return code_version("sluicegate.data", "sluicegate.spec", "sluicegate.spelling", libraries=libraries)


def _row(number: int, kind: int, data: bytes) -> Any:
    import pyarrow as pa

    columns = {
        "number": pa.array([number], pa.int64()),
        "kind": pa.array([kind], pa.int8()),
        "data": pa.array([data], pa.large_binary()),
    }
    return pa.table(columns)


def _told(error: Exception) -> bytes:
    """A refusal with its words, which hold no text; of any other error its type."""
    if isinstance(error, SluicegateError) and type(error).__name__ in REFUSALS:
        return json.dumps([type(error).__name__, [str(each) for each in error.args]]).encode()
    return json.dumps(["", [type(error).__name__]]).encode()


def refusal(data: bytes) -> SluicegateError:
    """The refusal that a row holds."""
    name, arguments = json.loads(data)
    if name:
        return REFUSALS[name](*arguments)
    return Unavailable(f"a worker on the cluster failed with {arguments[0]}")


def _be_silent() -> None:
    """Keeps what libraries print or warn of out of Ray's logs, where it would stay: it may quote a text."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    sys.stdout.flush()
    sys.stderr.flush()
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
