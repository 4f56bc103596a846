"""Made-up values: the same for the same find under the same key, and of the same kind.

What a find is replaced by follows from an HMAC-SHA-256 of it, so nothing is remembered between texts or
processes. Two people share a made-up name with a chance of one in 150 million, or one in 1.2 million where the
find is a single word. Whoever has the key can find out what a known value was replaced by; nobody can read the
value back from its pseudonym. Numbers keep their shape and are made so that nobody owns them, where a range is
set aside for that (RFC 5737, RFC 3849, RFC 2606, 555-01xx, social security numbers from 900, MAC addresses that
are administered locally) or a check digit can be made wrong (cards, IBANs).
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Callable

from sluicegate.data.scrubbing.invented import (
    Draw,
    cased,
    first_name,
    job,
    organization,
    people,
    pick,
    place,
    street,
    surname,
)
from sluicegate.data.scrubbing.made_up_dates import age, date
from sluicegate.data.scrubbing.pseudonyms_zh import pseudonym_zh

_CHINESE = re.compile("[\u3007\u3400-\u9fff]")
_MAINLAND = re.compile(r"\(?(?:\+|00)86|1[3-9]\d[ -]?\d{4}[ -]?\d{4}$")
_WORD = re.compile(r"[^\W\d_]+")
_GENDER = re.compile(r"\b(?:(mr|sir|lord|herr|monsieur)|(mrs|ms|miss|mx|lady|dame|madam|frau|madame))\b", re.IGNORECASE)
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.")
# fmt: off
_ADDRESSED = {
    "miss", "madam", "madame", "mister", "master", "lady", "lord", "dame", "monsieur", "herr", "frau", "señor",
    "señora", "doctor", "professor",
}
# fmt: on
_EXTENSION = frozenset({"x", "ext", "extn", "extension", "poste", "int", "tel", "转", "分机"})
_LONGEST_ABBREVIATION = 4
_FEWEST_BITS = 64


def drawer(digest: bytes) -> Draw:
    """Numbers from `digest`, and from digests of it when it is used up."""
    bits, left = int.from_bytes(digest, "big"), len(digest) * 8

    def draw(limit: int) -> int:
        nonlocal bits, left, digest
        if left < _FEWEST_BITS:
            digest = hashlib.sha256(digest).digest()
            bits, left = int.from_bytes(digest, "big"), len(digest) * 8
        bits, drawn = divmod(bits, limit)
        left -= limit.bit_length()
        return drawn

    return draw


def pseudonym(entity: str, find: str, draw: Draw) -> str:
    """A made-up value of the kind `entity` in the place of `find`.

    Kinds without a rule of their own keep the find's shape: digits become digits, letters become letters.
    """
    if _is_chinese(entity, find) and (chinese := pseudonym_zh(entity, find, draw)) is not None:
        return chinese
    made = _MADE_UP.get(entity, _same_kind)(find, draw)
    return cased(find, made) if entity in _NAMES else made


def _is_chinese(entity: str, find: str) -> bool:
    if entity == "PHONE_NUMBER":
        return bool(_CHINESE.search(find) or _MAINLAND.match(find))
    return entity == "CN_RESIDENT_ID" or bool(_CHINESE.search(find))


def _person(find: str, draw: Draw) -> str:
    words = _WORD.findall(find)
    if len(words) < 2:
        return surname(draw)
    told = _GENDER.search(find)
    return f"{first_name(draw, ('m' if told[1] else 'f') if told else '')} {surname(draw)}"


def _email(find: str, draw: Draw) -> str:
    return f"{first_name(draw)}.{surname(draw)}{draw(1000)}@example.org".lower()


def _address(find: str, draw: Draw) -> str:
    return f"{1 + draw(999)} {street(draw)}"


def _title(find: str, draw: Draw) -> str:
    """Another form of address for one of them; another job for anything else."""
    plain = find.rstrip(".").lower()
    if "." in find or len(plain) <= _LONGEST_ABBREVIATION or plain in _ADDRESSED:
        return pick([title for title in _TITLES if title.rstrip(".").lower() != plain], draw)
    return job(draw).title()


def _url(find: str, draw: Draw) -> str:
    name = f"{draw(1 << 24):06x}"
    if "://" in find:
        return f"{find.partition('://')[0]}://example.org/{name}"
    return f"www.example.org/{name}" if find.lower().startswith("www.") else f"{surname(draw).lower()}.example.org"


def _ip(find: str, draw: Draw) -> str:
    if ":" in find:
        return f"2001:db8::{draw(1 << 16):x}:{draw(1 << 16):x}"
    return f"{pick(_NETWORKS, draw)}.{1 + draw(254)}"


def _mac(find: str, draw: Draw) -> str:
    separator = next((c for c in find if c in ":-."), ":")
    return separator.join(["02", *(f"{draw(256):02x}" for _ in range(5))])


def _ssn(find: str, draw: Draw) -> str:
    return _laid_over(find, f"{900 + draw(100)}{1 + draw(99):02}{1 + draw(9999):04}", draw)


def _phone(find: str, draw: Draw) -> str:
    """Of the find's shape, with its country code, in a number that is not given out.

    North American ones are from 555-0100 to 555-0199; elsewhere the number after the country code, or after the
    zero of a long-distance call, begins with a zero. A word that stands for digits becomes other letters.
    """
    find = _WORD.sub(lambda word: word[0] if word[0].lower() in _EXTENSION else _same_kind(word[0], draw), find)
    digits = [c for c in find if c.isdecimal()]
    american = len(digits) == 10 or (len(digits) == 11 and digits[0] == "1")
    if american and digits[0] != "0" and (len(digits) == 11 or not find.lstrip().startswith("+")):
        number = f"{2 + draw(8)}{draw(100):02}55501{draw(100):02}"
        return _laid_over(find, ("1" if len(digits) == 11 else "") + number, draw)
    kept = 2 if find.lstrip(" (").startswith("+") else 1 if digits[:1] == ["0"] else 0
    return _laid_over(find, "".join(digits[:kept]) + "0" * (len(digits) > kept + 1), draw)


def _card(find: str, draw: Draw) -> str:
    made = _same_kind(find, draw)
    digits = [int(c) for c in made if c.isdecimal()]
    total = sum(sum(divmod(d * 2, 10)) if i % 2 else d for i, d in enumerate(reversed(digits)))
    if total % 10 or not digits:
        return made
    return _laid_over(find, "".join(map(str, [*digits[:-1], (digits[-1] + 1) % 10])), draw)


def _iban(find: str, draw: Draw) -> str:
    made = _same_kind(find, draw)
    compact = [i for i, c in enumerate(made) if c.isalnum()]
    for i in compact[2:4]:
        made = made[:i] + "0" + made[i + 1 :]  # no IBAN has the check digits 00
    return made


_MADE_UP: dict[str, Callable[[str, Draw], str]] = {
    "PERSON": _person,
    "TITLE": _title,
    "EMAIL_ADDRESS": _email,
    "LOCATION": lambda _, draw: place(draw),
    "ADDRESS": _address,
    "NRP": lambda _, draw: people(draw),
    "ORGANIZATION": lambda _, draw: organization(draw),
    "DATE_TIME": date,
    "AGE": age,
    "PHONE_NUMBER": _phone,
    "URL": _url,
    "IP_ADDRESS": _ip,
    "MAC_ADDRESS": _mac,
    "US_SSN": _ssn,
    "CREDIT_CARD": lambda find, draw: _card(find, draw),
    "IBAN_CODE": _iban,
}
_NAMES = frozenset({"TITLE", "PERSON", "LOCATION", "ORGANIZATION", "NRP", "ADDRESS"})


def _laid_over(find: str, digits: str, draw: Draw) -> str:
    """The find with its digits replaced by `digits`, and by drawn ones where these end."""
    given = iter(digits)
    return "".join(next(given, None) or str(draw(10)) if c.isnumeric() else c for c in find)


def _same_kind(find: str, draw: Draw) -> str:
    return "".join(_same_kind_of_character(character, draw) for character in find)


def _same_kind_of_character(character: str, draw: Draw) -> str:
    if character.isnumeric():
        return str(draw(10))
    if character.isalpha():
        letter = string.ascii_lowercase[draw(26)]
        return letter.upper() if character.isupper() else letter
    return character
