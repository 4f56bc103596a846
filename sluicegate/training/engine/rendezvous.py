"""Where the ranks of one machine find each other: a port that only this machine can reach.

torchrun's own store listens on every address of the machine, and its default rendezvous unpickles what it finds
there. Here nothing is pickled, and the kernel picks the port while it is bound, so that nobody else can take it.
"""

from __future__ import annotations

import datetime
import socket

from torch.distributed import PrefixStore, TCPStore  # type: ignore[attr-defined]
from torch.distributed.elastic.rendezvous import (
    RendezvousInfo,
    RendezvousParameters,
    RendezvousStoreInfo,
    rendezvous_handler_registry,
)
from torch.distributed.elastic.rendezvous.static_tcp_rendezvous import StaticTCPRendezvous

NAME = "loopback"
LOOPBACK = "127.0.0.1"
_TIMEOUT_S = 600


class LoopbackRendezvous(StaticTCPRendezvous):
    """One machine, a number of ranks that is known, and a store on the loopback address."""

    def __init__(self, run_id: str) -> None:
        super().__init__(LOOPBACK, 0, rank=0, world_size=1, run_id=run_id, timeout=_TIMEOUT_S)

    def get_backend(self) -> str:
        """Its name for torchrun."""
        return NAME

    def next_rendezvous(self) -> RendezvousInfo:
        """Opens the store; once, as nothing is restarted here."""
        with socket.socket() as listener:
            listener.bind((LOOPBACK, 0))
            listener.listen(128)
            port = listener.getsockname()[1]
            store = TCPStore(
                LOOPBACK,
                port,
                1,
                True,
                datetime.timedelta(seconds=_TIMEOUT_S),
                multi_tenant=True,
                master_listen_fd=listener.detach(),
            )
        return RendezvousInfo(PrefixStore(self.run_id, store), 0, 1, RendezvousStoreInfo(LOOPBACK, port))


def register() -> None:
    """Makes it known to torchrun under `NAME`."""
    rendezvous_handler_registry.register(NAME, _create)


def _create(parameters: RendezvousParameters) -> LoopbackRendezvous:
    return LoopbackRendezvous(parameters.run_id)
