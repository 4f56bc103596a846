from __future__ import annotations

from datetime import timedelta

import psutil
import pytest
from torch.distributed import PrefixStore, TCPStore

from sluicegate.training.engine.rendezvous import LoopbackRendezvous


def listening() -> set[tuple[str, int]]:
    return {tuple(c.laddr) for c in psutil.Process().net_connections() if c.status == psutil.CONN_LISTEN}


def test_the_store_can_be_reached_from_this_machine_alone() -> None:
    before = listening()
    info = LoopbackRendezvous("run").next_rendezvous()
    opened = listening() - before

    assert {address for address, _ in opened} == {"127.0.0.1"}
    assert info.bootstrap_store_info.master_port in {port for _, port in opened}
    info.store.set("key", "value")
    client = TCPStore("127.0.0.1", info.bootstrap_store_info.master_port, is_master=False, timeout=timedelta(seconds=5))
    assert PrefixStore("run", client).get("key") == b"value"


def test_the_library_s_own_store_listens_on_every_address_which_is_why_there_is_another() -> None:
    before = listening()
    store = TCPStore("127.0.0.1", 0, 1, True)
    opened = listening() - before

    if {address for address, _ in opened} == {"127.0.0.1"}:
        pytest.fail("PyTorch binds to the loopback address by itself now: rendezvous.py can go")
    del store
