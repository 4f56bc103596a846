"""The root of trust, as whoever verifies brings it along.

Everything in a ledger leads back to its first roster, and that one vouches for itself. So its keys are
taken from elsewhere, from a file of public keys (``ssh-ed25519 AAAA…``, one a line, ``#`` for a remark) or
as the fingerprint of one key (``SHA256:…``), and every one of them must have signed it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from sluicegate.errors import InputRefused, SluicegateError
from sluicegate.gates.letters import NAMESPACES
from sluicegate.gates.roster import Roster
from sluicegate.ledger.chain import Entry
from sluicegate.signing import sshsig
from sluicegate.signing.key_files import read_key_file
from sluicegate.signing.keys import PublicKey

Pin = PublicKey | str
"""A key, or the fingerprint of one."""
UNPINNED = "untrusted root: pin it with --trust FILE or SLUICEGATE_TRUST"
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


def read_trust(root: str) -> tuple[Pin, ...]:
    """The keys that `root` stands for.

    Args:
        root: Name of a file of public keys, or a fingerprint.

    Raises:
        InputRefused: It is neither, or a line of the file is not an Ed25519 public key.
    """
    if _FINGERPRINT.fullmatch(root.strip()):
        return (root.strip(),)
    path = Path(root).expanduser()
    if root.startswith("SHA256:") and not path.exists():
        raise InputRefused("trust", "", "is not a fingerprint", "`ssh-keygen -l -f FILE` prints one")
    try:
        lines = read_key_file(path).decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputRefused(path, "", "is not a file of public keys") from None
    written = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not written:
        raise InputRefused(path, "", "holds no public key")
    return tuple(dict.fromkeys(PublicKey.parse(line, f"{path}, line {number}") for number, line in written))


def fingerprint_of(pin: Pin) -> str:
    """``SHA256:…``, of a key or as it was given."""
    return pin if isinstance(pin, str) else pin.fingerprint


def root_faults(entries: Iterable[Entry], trusted: Collection[Pin]) -> tuple[str, ...]:
    """Why the first roster is not one that `trusted` vouch for; empty if every one of them signed it.

    Whether that roster is what was signed, and signed for this ledger, is for `replay` to say.
    """
    if not trusted:
        return (UNPINNED,)
    root = next((entry for entry in entries if entry.kind == "roster_changed"), None)
    if root is None:
        return ("untrusted root: the ledger has no roster",)
    found = []
    for pin in trusted:
        key = _with_fingerprint(root, pin) if isinstance(pin, str) else pin
        if key is None or not _signed(root, key):
            found.append(f"untrusted root: the first roster is not signed by {fingerprint_of(pin)}")
    return tuple(found)


def _with_fingerprint(root: Entry, fingerprint: str) -> PublicKey | None:
    try:
        members = Roster.from_json(root.body.get("roster")).members
    except SluicegateError:
        return None
    return next((member.key for member in members if member.key.fingerprint == fingerprint), None)


def _signed(root: Entry, key: PublicKey) -> bool:
    given = root.body.get("signatures")
    signatures = [one.get("signature") for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return any(not sshsig.faults(root.body.get("statement"), one, key, NAMESPACES["roster"]) for one in signatures)
