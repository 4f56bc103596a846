"""Over which of a node's networks the ranks talk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import psutil
import ray
from ray.train.torch import TorchConfig

_Backend: Any = TorchConfig().backend_cls


@dataclass
class OwnNetwork(TorchConfig):  # type: ignore[misc]  # Ray has no types
    """Ray Train's own settings of torch.distributed, on the network that Ray itself is on."""

    @property
    def backend_cls(self) -> Any:
        """What starts the process group."""
        return _OwnNetworkBackend


class _OwnNetworkBackend(_Backend):  # type: ignore[misc]
    def on_start(self, worker_group: Any, backend_config: TorchConfig) -> None:
        worker_group.execute(choose_network)
        super().on_start(worker_group, backend_config)


def choose_network() -> None:
    """Has gloo and NCCL take the interface with the address by which Ray knows this node, unless one was chosen.

    gloo would look up the host's name, which on many machines is an address that no other one reaches.
    """
    own = ray.util.get_node_ip_address()
    for name, addresses in psutil.net_if_addrs().items():
        if any(address.address == own for address in addresses):
            os.environ.setdefault("GLOO_SOCKET_IFNAME", name)
            os.environ.setdefault("NCCL_SOCKET_IFNAME", name)
