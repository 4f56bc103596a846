"""The service's key, as the process that writes the ledger uses it.

It is made with the ledger's first entry and never again: a ledger with entries and no key is not given
another one silently. To change it, make the next key beside it (`service.key.next`) and let a change of
the roster name it: from then on that one signs, and takes the place of the first.
"""

from __future__ import annotations

import os
from pathlib import Path

from sluicegate.errors import Unavailable
from sluicegate.signing.keys import PrivateKey, PublicKey, create_service_key, load_service_key


class Service:
    """What signs entries.

    Args:
        path: File of the key; not read before the first signature.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key: PrivateKey | None = None

    @property
    def next_path(self) -> Path:
        """Where the key lies that is to come after this one."""
        return self.path.with_name(self.path.name + ".next")

    def first_key(self) -> PrivateKey:
        """The key for a ledger without entries: found, or made now; call under the ledger's lock."""
        self._key = load_service_key(self.path) if os.path.exists(self.path) else create_service_key(self.path)
        return self._key

    def key(self, current: PublicKey) -> PrivateKey:
        """The private half of the key that is the service's now.

        Raises:
            Unavailable: It is not there, or another one is.
        """
        if self._key is None or self._key.public != current:
            self._key = self._loaded(current)
        return self._key

    def settle(self, current: PublicKey) -> None:
        """Lets the next key take the place of the first, once the ledger says so; call under the ledger's lock."""
        if os.path.exists(self.next_path) and load_service_key(self.next_path).public == current:
            os.replace(self.next_path, self.path)

    def _loaded(self, current: PublicKey) -> PrivateKey:
        if not os.access(self.path, os.R_OK):
            raise Unavailable(
                f"the ledger's key {self.path} is not there or not ours to read, so nothing is written: set"
                " SLUICEGATE_LEDGERD to the socket of the process that has it, or bring the file back"
                " (`sluicegate init-ledger` makes one for a new ledger only)"
            )
        found = load_service_key(self.path)
        if found.public != current and os.path.exists(self.next_path):
            found = load_service_key(self.next_path)
        if found.public != current:
            raise Unavailable(
                f"the service's key is {current.fingerprint}, says the ledger, but {self.path} is"
                f" {load_service_key(self.path).public.fingerprint}: nothing is written; run `sluicegate verify`"
            )
        return found
