"""What is put in the place of a find: one function from the find to its replacement for each entity type."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from functools import partial

from sluicegate.data.scrubbing.invented import Draw
from sluicegate.data.scrubbing.pseudonyms import drawer, pseudonym
from sluicegate.data.scrubbing.spelling import folded, is_number, laid_out, spelling, told, without_separators
from sluicegate.errors import InputRefused
from sluicegate.spec.scrubbing import Encrypt, Keep, KeyedHash, Mask, Operator, Pseudonym, Redact, Replace, Scrubbing

FEWEST_KEY_BYTES = 16
_HASH_CHARACTERS = 12
_DRAWS = 8
_MAY_STAY = frozenset({"TITLE"})
"""Types whose pseudonym may be the find itself: 先生 says no more than that it is a person."""

Replacement = Callable[[str], str]


def check_key(section: Scrubbing, key: bytes | None) -> None:
    """The secret must be there if an operator needs it, and long enough not to be guessed.

    Raises:
        InputRefused: It is not; names the environment variable or the Prefect block that should hold it.
    """
    if not section.needs_key:
        return
    where, name = ("Prefect block", section.key_block) if section.key_block else ("environment", section.key_env)
    if key is None:
        problem = f"is not set, and {', '.join(section.keyed)} are to be replaced under a secret"
        raise InputRefused(where, name, problem, f"set it to at least {FEWEST_KEY_BYTES} characters")
    check_length(key, where, name)


def check_length(key: bytes, where: str, name: str) -> None:
    """The secret must be long enough not to be guessed.

    Raises:
        InputRefused: It is not.
    """
    if len(key) < FEWEST_KEY_BYTES:
        raise InputRefused(where, name, f"holds {len(key)} characters, fewer than {FEWEST_KEY_BYTES}")


def replacements(section: Scrubbing, entities: Iterable[str], key: bytes | None) -> dict[str, Replacement]:
    """Entity type → the function from a find to what is put in its place; types that are kept are left out."""
    operators = {entity: section.operator_of(entity) for entity in entities}
    return {
        entity: _replacement(entity, operator, key or b"")
        for entity, operator in operators.items()
        if operator is not None and not isinstance(operator, Keep)
    }


def _replacement(entity: str, operator: Operator, key: bytes) -> Replacement:
    match operator:
        case Mask(character=character):
            return lambda find: character * len(find)
        case Redact():
            return lambda _: ""
        case KeyedHash():
            return lambda find: f"<{entity}:{_mac(entity, find, key).hex()[:_HASH_CHARACTERS]}>"
        case Pseudonym():
            return partial(_pseudonym, entity, key)
        case Encrypt():
            from sluicegate.data.scrubbing.encryption import Cipher

            return partial(Cipher(key).token, entity)
        case Replace() | Keep():
            return lambda _: f"<{entity}>"


def _pseudonym(entity: str, key: bytes, find: str) -> str:
    """A made-up value; the name of the type where none could be made that does not tell the find."""
    draw, hidden = drawer(_mac(entity, find, key)), told(find)
    for _ in range(_DRAWS):
        made = _made_up(entity, find, draw)
        if told(made) != hidden or not hidden or entity in _MAY_STAY:
            return made
    return f"<{entity}>"


def _made_up(entity: str, find: str, draw: Draw) -> str:
    if is_number(entity):
        return laid_out(pseudonym(entity, without_separators(folded(find)), draw), find)
    return pseudonym(entity, folded(find), draw)


def _mac(entity: str, find: str, key: bytes) -> bytes:
    """HMAC-SHA-256 of a find in its one spelling."""
    return hmac.digest(key, f"{entity}\0{spelling(entity, find)}".encode("utf-8", "surrogatepass"), "sha256")
