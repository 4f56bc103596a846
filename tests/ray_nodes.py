"""A real Ray of two nodes on this machine, for the tests of all that runs on a cluster."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

OBJECT_STORE_BYTES = 80_000_000


@dataclass(frozen=True)
class TwoNodes:
    """A Ray cluster of two nodes on this machine."""

    address: str
    folder: Path
    """Where Ray keeps its session, with its logs."""
    second: Any

    def kill_second(self) -> None:
        """Ends the second node as a machine that loses its power."""
        from ray._private.ray_constants import PROCESS_TYPE_RAYLET

        raylet = psutil.Process(self.second.all_processes[PROCESS_TYPE_RAYLET][0].process.pid)
        for process in (*raylet.children(recursive=True), raylet):
            with suppress(psutil.NoSuchProcess):
                process.kill()


@contextmanager
def two_nodes(processors: int = 1) -> Iterator[TwoNodes]:
    """They have so many processors each, listen on 127.0.0.1 alone, and have no dashboard."""
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # a socket's path may be 107 characters long
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # which is what keeps Ray to 127.0.0.1
        from ray._private import ray_constants
        from ray._private.utils import get_ray_address_file
        from ray.cluster_utils import Cluster

        patch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", False)  # read from the environment when Ray was imported
        cluster = Cluster()
        # a node writes its address there and does not make the folder
        Path(get_ray_address_file(None)).parent.mkdir(parents=True, exist_ok=True)
        try:
            with chdir(folder):  # where nodes begin, so that nothing that they write to `.` is in the repository
                for _ in range(2):
                    node = cluster.add_node(
                        num_cpus=processors,
                        object_store_memory=OBJECT_STORE_BYTES,
                        include_dashboard=False,
                        temp_dir=str(folder),
                    )
            yield TwoNodes(cluster.address, folder, node)
        finally:
            cluster.shutdown()
            shutil.rmtree(folder, ignore_errors=True)
