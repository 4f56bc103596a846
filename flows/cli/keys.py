"""A person's own key: where it is found, and how its passphrase is asked for. It never leaves this machine."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    from sluicegate.signing.keys import PrivateKey

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="Your private key: Ed25519, with a passphrase. Without it: SLUICEGATE_KEY, then "
        "~/.config/sluicegate/ID.key, then ~/.ssh/id_ed25519.",
    ),
]
PASSPHRASE_FILE = "SLUICEGATE_PASSPHRASE_FILE"
OWN_KEYS = Path("~/.config/sluicegate")
_KNOWN: dict[Path, str] = {}
"""Passphrases that opened a key, for as long as this command runs: at a terminal one gate follows another."""


def signing_key(reviewer: str, named: Path | None) -> PrivateKey:
    """The key that this person signs with, opened.

    Raises:
        InputRefused: There is none, it cannot be used, or the passphrase is wrong.
    """
    from sluicegate.signing.keys import load_private_key

    path = key_path(reviewer, named)
    typed: list[str] = [_KNOWN[path]] if path in _KNOWN else []

    def ask() -> str:
        if not typed:
            typed.append(passphrase_for(path)())
        return typed[0]

    key = load_private_key(path, ask)
    _KNOWN[path] = typed[0]
    return key


def key_path(reviewer: str, named: Path | None) -> Path:
    """Where this person's key is.

    Raises:
        InputRefused: It is in none of the places.
    """
    from sluicegate.gates.reasons import typed

    chosen = named or (Path(os.environ["SLUICEGATE_KEY"]) if os.environ.get("SLUICEGATE_KEY") else None)
    if chosen is not None:
        return chosen.expanduser()
    own = default_path(reviewer) if typed(reviewer) == reviewer else None
    places = [place for place in (own, Path("~/.ssh/id_ed25519").expanduser()) if place is not None]
    found = next((place for place in places if place.exists()), None)
    if found is None:
        remedy = f"name it with --key, or make one: sluicegate reviewer key {typed(reviewer)}"
        raise InputRefused("key", "", f"no key is at {' or '.join(map(str, places))}", remedy)
    return found


def default_path(reviewer: str) -> Path:
    """Where `sluicegate reviewer key` puts a new key."""
    return OWN_KEYS.expanduser() / f"{reviewer}.key"


def passphrase_for(path: Path) -> Callable[[], str]:
    """Asks for the passphrase of `path` when it is needed: the file that is named for it, or the terminal."""

    def ask() -> str:
        if (written := _written()) is not None:
            return written
        _require_terminal()
        return getpass.getpass(f"Passphrase of {path}: ")

    return ask


def new_passphrase(place: Path) -> str:
    """A passphrase that is asked for twice, or read from the file that is named for it.

    Raises:
        InputRefused: The two differ, or nobody can be asked.
    """
    if (written := _written()) is not None:
        return written
    _require_terminal()
    first = getpass.getpass(f"New passphrase for {place}: ")
    if getpass.getpass("The same again: ") != first:
        raise InputRefused("passphrase", "", "the two are not the same")
    _KNOWN[place] = first
    return first


def _written() -> str | None:
    named = os.environ.get(PASSPHRASE_FILE)
    if not named:
        return None
    try:
        return Path(named).expanduser().read_text("utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError):
        raise InputRefused(named, PASSPHRASE_FILE, "cannot be read, or is empty") from None


def _require_terminal() -> None:
    if not sys.stdin.isatty():
        raise InputRefused("passphrase", "", "nobody can be asked for it here", f"name a file in {PASSPHRASE_FILE}")
