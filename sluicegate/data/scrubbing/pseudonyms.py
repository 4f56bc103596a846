"""Made-up values: the same for the same find under the same key, and of the same kind.

What a find is replaced by follows from an HMAC-SHA-256 of it, so nothing is remembered between texts or
processes. The lists are small: two people may share a name (one chance in 4,096 for any two), and two
places a place (one in 64). Whoever has the key can find out what a known value was replaced by; nobody can
read the value back from its pseudonym. Numbers keep their shape and are made so that nobody owns them
where a range is set aside for that (RFC 5737, RFC 3849, RFC 2606, 555-01xx, social security numbers from 900).
"""

from __future__ import annotations

import string
from collections.abc import Callable

# fmt: off
_FIRST = [
    "Ada", "Alma", "Anton", "Arlo", "Basil", "Bea", "Boris", "Cara", "Clive", "Cora", "Dara", "Dora", "Edda",
    "Elio", "Elsa", "Emil", "Enid", "Esme", "Ezra", "Faye", "Flora", "Fritz", "Gale", "Greta", "Gus", "Hal", "Hana",
    "Hugo", "Ida", "Igor", "Ilse", "Ines", "Iris", "Ivo", "Jory", "Juno", "Kai", "Kira", "Lena", "Leo", "Lida",
    "Lino", "Lola", "Luca", "Mara", "Milo", "Mina", "Nell", "Nico", "Nora", "Odin", "Olga", "Otis", "Pia", "Rhea",
    "Rolf", "Rosa", "Saul", "Thea", "Tilda", "Uma", "Vera", "Wanda", "Zeno",
]
_LAST = [
    "Alder", "Ashby", "Barrow", "Birch", "Bramble", "Brook", "Calder", "Cedar", "Clay", "Cobble", "Crane", "Dale",
    "Dell", "Elm", "Falcon", "Fen", "Fern", "Finch", "Flint", "Forge", "Frost", "Garrow", "Glade", "Gorse", "Grove",
    "Harrow", "Hawk", "Hazel", "Heath", "Heron", "Hollow", "Ivory", "Juniper", "Kestrel", "Lark", "Larch", "Linden",
    "Marsh", "Meadow", "Merle", "Moor", "Moss", "Nettle", "Oakes", "Orchard", "Pike", "Quill", "Reed", "Ridge",
    "Rook", "Rowan", "Sedge", "Shore", "Slate", "Sparrow", "Stone", "Tarn", "Teal", "Thorne", "Vale", "Weir",
    "Willow", "Wren", "Yarrow",
]
_PLACES_A = ["Ash", "Brack", "Carn", "Dun", "Elder", "Fair", "Glen", "High"]
_PLACES_B = ["bridge", "by", "combe", "field", "ford", "haven", "mere", "wick"]
_PEOPLES = [
    "Arcadian", "Borduran", "Freedonian", "Genovian", "Lilliputian", "Ruritanian", "Syldavian", "Utopian",
]
_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]
# fmt: on

Draw = Callable[[int], int]
"""A number below the given limit, from the bytes of the find's HMAC; each call takes the next bytes."""


def drawer(digest: bytes) -> Draw:
    """Numbers from `digest`, at most eight bits of it a number for limits up to 256, then 16."""
    number = int.from_bytes(digest, "big")

    def draw(limit: int) -> int:
        nonlocal number
        number, drawn = divmod(number, limit)
        return drawn

    return draw


def pseudonym(entity: str, find: str, draw: Draw) -> str:
    """A made-up value of the kind `entity` in the place of `find`.

    Kinds without a list of their own keep the find's shape: digits become digits, letters become letters.
    """
    if entity in _MADE_UP:
        return _MADE_UP[entity](draw)
    if entity == "IP_ADDRESS":
        return f"2001:db8::{draw(1 << 16):x}" if ":" in find else f"{_pick(_NETWORKS, draw)}.{1 + draw(254)}"
    if entity == "US_SSN":
        return f"{900 + draw(100)}-{1 + draw(99):02}-{1 + draw(9999):04}"
    return "".join(_same_kind(character, draw) for character in find)


_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")


def _pick(values: tuple[str, ...] | list[str], draw: Draw) -> str:
    return values[draw(len(values))]


def _person(draw: Draw) -> str:
    return f"{_pick(_FIRST, draw)} {_pick(_LAST, draw)}"


def _email(draw: Draw) -> str:
    return f"{_pick(_FIRST, draw)}.{_pick(_LAST, draw)}{draw(1000)}@example.org".lower()


_MADE_UP: dict[str, Callable[[Draw], str]] = {
    "PERSON": _person,
    "EMAIL_ADDRESS": _email,
    "LOCATION": lambda draw: _pick(_PLACES_A, draw) + _pick(_PLACES_B, draw),
    "NRP": lambda draw: _pick(_PEOPLES, draw),
    "ORGANIZATION": lambda draw: f"{_pick(_LAST, draw)} & {_pick(_LAST, draw)}",
    "DATE_TIME": lambda draw: f"{1 + draw(28)} {_pick(_MONTHS, draw)} {1950 + draw(70)}",
    "PHONE_NUMBER": lambda draw: f"{200 + draw(700)}-555-01{draw(100):02}",
    "URL": lambda draw: f"https://example.org/{draw(1 << 24):06x}",
}


def _same_kind(character: str, draw: Draw) -> str:
    if character.isdecimal():
        return str(draw(10))
    if character.isalpha():
        letter = string.ascii_lowercase[draw(26)]
        return letter.upper() if character.isupper() else letter
    return character
