"""Checks of personal numbers that python-stdnum has not, or has otherwise."""

from __future__ import annotations

import re

from stdnum import verhoeff
from stdnum.dk import cpr
from stdnum.in_ import aadhaar


def no_checksum(_: str) -> bool:
    """Every number passes: its kind has no checksum, or its form says enough."""
    return True


def vehicle(found: str) -> bool:
    """Whether a vehicle identification number's check digit holds. Source: 49 CFR 565.15."""
    values = dict(
        zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", [*map(int, "12345678123457923456789"), *range(10)], strict=True)
    )
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    return "0123456789X"[sum(values[c] * w for c, w in zip(found, weights, strict=True)) % 11] == found[8]


def singapore(found: str) -> bool:
    """Whether an NRIC or FIN of Singapore has the right letter."""
    total = sum(int(d) * w for d, w in zip(found[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    if found[0] == "M":
        return "KLJNPQRTUWX"[10 - (total + 3) % 11] == found[8]
    letters = "JZIHGFEDCBA" if found[0] in "ST" else "XWUTRQPNMLK"
    return letters[(total + (4 if found[0] in "TG" else 0)) % 11] == found[8]


def medicare_au(found: str) -> bool:
    """Whether the check digit of an Australian Medicare card holds."""
    digits = [int(c) for c in found if c.isdecimal()]
    return sum(d * w for d, w in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9), strict=False)) % 10 == digits[8]


def danish(found: str) -> bool:
    """Whether a number in the usual writing begins with a date; the checksum was given up in 2007."""
    return "-" in found and cpr.is_valid(found)


def aadhaar_number(found: str) -> bool:
    """Whether the check digit of an Aadhaar number holds; palindromes, which are never issued, pass too."""
    return bool(aadhaar.is_valid(found)) or verhoeff.is_valid(re.sub("[ -]", "", found))
