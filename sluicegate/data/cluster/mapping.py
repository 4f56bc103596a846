"""Items in, answers out, in the items' order: Ray Data with a pool of workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import ray
from ray.data import ActorPoolStrategy, DataContext, Datasource, ExecutionResources, ReadTask
from ray.data.block import BlockMetadata
from ray.exceptions import RayError

from sluicegate.data.cluster.node import ENVIRONMENT, Begin, Items, Job, Kind, Worker, code_of, refusal, rows_of
from sluicegate.data.libraries import DATA_LIBRARIES
from sluicegate.errors import Unavailable

_BLOCK_BYTES = 1
"""Every item is a block of its own, so that no worker waits for what another one has."""
_UNDER_WAY_BYTES, _UNDER_WAY_BYTES_A_CPU = 256 << 20, 16 << 20
"""What may lie in the cluster's object stores at once."""


class Cluster:
    """A cluster that this process has joined.

    Args:
        address: What the spec calls it.
    """

    def __init__(self, address: str) -> None:
        self.items_by_node: Counter[str] = Counter()
        """Node → items that were answered there."""
        self._address = address

    def answers(self, items: Items, begin: Begin, *, workers: int | None = None) -> Iterator[bytes]:
        """The answer to each item, in the order of the items, which are read only as fast as they are answered.

        Args:
            items: Reads the items on this machine, in another process: the same ones each time that it is called.
            begin: Makes ready for work in each worker.
            workers: Most workers at once; None takes one for each processor of the cluster.

        Raises:
            SluicegateError: What an item, or the work on it, was refused for.
            Unavailable: The cluster was lost, a worker failed, or a node has other code than this machine.
        """
        if not (processors := int(ray.cluster_resources().get("CPU", 0))):
            raise Unavailable(f"cluster {self._address}: no node has a processor to work with")
        job = ray.put(Job(begin, code_of(DATA_LIBRARIES), DATA_LIBRARIES))
        size = min(workers or processors, processors)
        with _context(processors):
            done = ray.data.read_datasource(_Source(items), num_cpus=0, concurrency=1).map_batches(
                Worker,
                fn_constructor_args=([job],),
                batch_size=1,
                batch_format="pyarrow",
                compute=ActorPoolStrategy(min_size=1, max_size=size, initial_size=size),
                num_cpus=1,
                runtime_env={"env_vars": ENVIRONMENT},
            )
            try:
                yield from self._whole(done.iter_batches(batch_size=None, batch_format="pyarrow"))
            except RayError as error:  # its message holds Ray's traceback
                why = f"Ray gave up with {type(error).__name__}; is the same Sluicegate installed on every node?"
                raise Unavailable(f"cluster {self._address}: {why}") from None

    @property
    def note(self) -> str:
        """How many nodes have answered so far, for the progress."""
        return f"nodes at work: {len(self.items_by_node)}"

    def _whole(self, batches: Iterable[Any]) -> Iterator[bytes]:
        """The answers that the rows hold: all of them, each once, in order."""
        expected, ended = 0, False
        for row in (row for rows in batches for row in rows.to_pylist()):
            if ended or row["number"] != expected:
                raise Unavailable(f"cluster {self._address}: item {expected} was lost, or answered twice")
            if row["kind"] == Kind.REFUSAL:
                raise refusal(row["data"])
            expected, ended = expected + 1, row["kind"] == Kind.END
            if not ended:
                self.items_by_node[row["node"]] += 1
                yield row["data"]
        if not ended:
            raise Unavailable(f"cluster {self._address}: what came after item {expected} was lost")


class _Source(Datasource):  # type: ignore[misc]  # Ray has no types
    """One task that reads all items, on the machine of the run, which alone has the files."""

    def __init__(self, items: Items) -> None:
        super().__init__()
        self._items = items

    @property
    def supports_distributed_reads(self) -> bool:
        return False

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(self, parallelism: int, **_: Any) -> list[Any]:
        about = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        items = self._items
        return [ReadTask(lambda: rows_of(items), about)]


@contextmanager
def _context(processors: int) -> Iterator[None]:
    """Ray Data's settings for what is made and run inside; those of whoever else uses it here stay as they are."""
    settings = DataContext.get_current().copy()
    settings.target_max_block_size = settings.target_min_block_size = _BLOCK_BYTES
    settings.enable_progress_bars = settings.print_on_execution_start = False
    settings.execution_options.preserve_order = True
    most = max(_UNDER_WAY_BYTES, _UNDER_WAY_BYTES_A_CPU * processors)
    settings.execution_options.resource_limits = ExecutionResources(object_store_memory=most)
    with DataContext.current(settings):
        yield
