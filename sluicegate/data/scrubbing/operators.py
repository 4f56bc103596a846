"""What is put in the place of a find: one function from the find to its replacement for each entity type."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial

from sluicegate.data.scrubbing.pseudonyms import drawer, pseudonym
from sluicegate.errors import InputRefused
from sluicegate.spec import KeyedHash, Mask, Operator, Pseudonym, Replace, Scrubbing

FEWEST_KEY_BYTES = 16
_HASH_CHARACTERS = 12

Replacement = Callable[[str], str]


def check_key(section: Scrubbing, key: bytes | None) -> None:
    """The secret must be there if an operator needs it, and long enough not to be guessed.

    Raises:
        InputRefused: It is not; names the environment variable that should hold it.
    """
    if not section.needs_key:
        return
    if key is None:
        users = sorted(t for t, o in section.entities.items() if isinstance(o, KeyedHash | Pseudonym))
        problem = f"is not set, and {', '.join(users)} are to be replaced under a secret"
        raise InputRefused("environment", section.key_env, problem, f"set it to at least {FEWEST_KEY_BYTES} characters")
    if len(key) < FEWEST_KEY_BYTES:
        problem = f"holds {len(key)} characters, fewer than {FEWEST_KEY_BYTES}"
        raise InputRefused("environment", section.key_env, problem)


def replacements(operators: Mapping[str, Operator], key: bytes | None) -> dict[str, Replacement]:
    """Entity type → the function from a find to what is put in its place."""
    return {entity: _replacement(entity, operator, key or b"") for entity, operator in operators.items()}


def _replacement(entity: str, operator: Operator, key: bytes) -> Replacement:
    match operator:
        case Replace():
            return lambda _: f"<{entity}>"
        case Mask(character=character):
            return lambda find: character * len(find)
        case KeyedHash():
            return lambda find: f"<{entity}:{_mac(entity, find, key).hex()[:_HASH_CHARACTERS]}>"
        case Pseudonym():
            return partial(_pseudonym, entity, key)


def _pseudonym(entity: str, key: bytes, find: str) -> str:
    return pseudonym(entity, find, drawer(_mac(entity, find, key)))


def _mac(entity: str, find: str, key: bytes) -> bytes:
    """HMAC-SHA-256 of a find in one spelling: compatibility forms, case and white space do not matter."""
    spelling = " ".join(unicodedata.normalize("NFKC", find).casefold().split())
    return hmac.digest(key, f"{entity}\0{spelling}".encode(), "sha256")
