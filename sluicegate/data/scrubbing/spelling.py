"""A find in one spelling, however it was typed: what its hash and its pseudonym follow from.

The search works on folded text, and so does whatever is made of a find: `①③⑧` is the number 138 to both. A number is
the same number with or without spaces, dashes and brackets; its pseudonym gets those of the find back.
"""

from __future__ import annotations

import re
import unicodedata

from sluicegate.data.scrubbing.folding import fold

_NUMBERS = frozenset(
    {
        *("PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "BANK_ACCOUNT", "MAC_ADDRESS", "NATIONAL_ID", "TAX_ID"),
        *("PASSPORT", "DRIVER_LICENSE", "LICENSE_PLATE", "POSTCODE", "MEDICAL_ID", "MEDICAL_LICENSE", "UUID"),
    }
)
_OF_A_COUNTRY = re.compile("(?:ABA|AU|CA|CN|IN|NG|PH|SG|UK|US|ZA)_")
"""How our and Presidio's types begin that one country alone numbers: US_SSN, CN_RESIDENT_ID."""
_SEPARATORS = re.compile(r"[^\w*+]|_")
_RIGHT_TO_LEFT_OVERRIDE = "\u202e"


def is_number(entity: str) -> bool:
    """Whether values of this type are numbers, which stay the same without their separators."""
    return entity in _NUMBERS or bool(_OF_A_COUNTRY.match(entity))


def folded(find: str) -> str:
    """The find as the search saw it, in the order in which it is stored."""
    return fold(find.replace(_RIGHT_TO_LEFT_OVERRIDE, "")).text


def without_separators(number: str) -> str:
    """Letters, digits, a plus sign, and asterisks in the place of digits."""
    return _SEPARATORS.sub("", number)


def spelling(entity: str, find: str) -> str:
    """The one spelling of a find: compatibility forms, case, white space and what cannot be seen do not matter."""
    plain = " ".join(unicodedata.normalize("NFKC", folded(find)).casefold().split())
    return without_separators(plain) if is_number(entity) else plain


def told(text: str) -> str:
    """The letters and digits that a reader of `text` learns."""
    return "".join(filter(str.isalnum, folded(text).casefold()))


def laid_out(number: str, find: str) -> str:
    """`number` with the separators of `find`, where both have as many letters and digits."""
    layout = find if find.isascii() else folded(find)
    characters = list(filter(str.isalnum, number))
    if len(characters) != sum(map(str.isalnum, layout)):
        return number
    coming = iter(characters)
    return "".join(next(coming) if character.isalnum() else character for character in layout)
