"""A Ray cluster joined for as long as a step works on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sluicegate import cluster

if TYPE_CHECKING:
    from sluicegate.data.cluster.mapping import Cluster


@contextmanager
def joined(address: str) -> Iterator[Cluster]:
    """The cluster at `address`; left again at the end, unless this process had joined one before.

    Args:
        address: ``auto``, the Ray that runs on this machine, or ``host:port`` of its head.

    Raises:
        SpecRefused: Ray is not installed.
        Unavailable: Nothing answers there, or it does not let this machine in.
    """
    cluster.require_ray("spec", "cluster", address)
    with cluster.joined(address):
        from sluicegate.data.cluster.mapping import Cluster

        yield Cluster(address)
