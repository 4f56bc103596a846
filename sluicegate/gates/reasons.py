"""What people type at a gate: reasons and ids, checked before anything keeps or shows them.

A reason stays in the ledger for ever, so personal data is refused rather than cut out: the person knows
better what they meant. These are simple patterns for what is written in a form of its own (addresses,
numbers with check digits); a name passes.
"""

from __future__ import annotations

import re
import unicodedata

SHORTEST_REASON, LONGEST_REASON = 3, 2000
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

_EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\W\d_]{2,}")
_NUMBER = re.compile(r"(?<!\w)\+?\(?\d(?:[ ().\-/\u2010-\u2015\u00a0]{0,3}\d){6,18}(?!\w)")
_ADDRESS_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?!\w)")
# Numbers that people do write in reasons: dates and times, decimals, thousands.
_HARMLESS = re.compile(
    r"""(?<![\w.-])(?:
        \d{4}-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?Z?)?
      | [+-]?0\.\d+
      | \d+\.\d+%?
      | \d{1,3}(?:,\d{3})+
    )(?!\w|\.\d|-\d{3})""",
    re.VERBOSE,
)
_JOINERS = frozenset("\u200c\u200d")  # invisible, but several scripts (and emoji) are not written without


def tidy(reason: str) -> str:
    """The reason as it is kept: line ends and runs of white space become one space."""
    return re.sub(r"[ \t\r\n\u00a0]+", " ", reason).strip()


def reason_faults(reason: str, *, required: bool = True) -> tuple[str, ...]:
    """Everything for which a reason is refused; never repeats any of it."""
    text = tidy(reason)
    found = []
    if len(text) < SHORTEST_REASON and (required or text):
        found.append(f"a reason of at least {SHORTEST_REASON} characters is needed")
    if len(text) > LONGEST_REASON:
        found.append(f"the reason has {len(text)} characters, more than {LONGEST_REASON}")
    if any(not printable(character) for character in text):
        found.append("the reason holds control characters or invisible ones")
    if kinds := personal_data(text[:LONGEST_REASON]):
        found.append(f"the reason seems to hold {' and '.join(kinds)}: it stays in the ledger for ever, leave that out")
    return tuple(found)


def printable(character: str) -> bool:
    """Whether a character shows itself and does no more: no control, surrogate, hidden one or turn of direction."""
    return character in _JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def personal_data(text: str) -> tuple[str, ...]:
    """Kinds of personal data that `text` seems to hold; never the data."""
    text = unicodedata.normalize("NFKC", text)
    found = []
    if _EMAIL.search(text):
        found.append("an e-mail address")
    if _ADDRESS_IPV4.search(text):
        found.append("an IP address")
    if any(_iban(match.group().replace(" ", "")) for match in _IBAN.finditer(text)):
        found.append("a bank account number")
    for named_or_harmless in (_IBAN, _ADDRESS_IPV4, _HARMLESS):
        text = named_or_harmless.sub("·", text)
    numbers = [match.group() for match in _NUMBER.finditer(text)]
    if any(_card(number) for number in numbers):
        found.append("a card number")
    if any(_phone(number) for number in numbers if not _card(number)):
        found.append("a phone number")
    return tuple(found)


def typed(value: str) -> str:
    """What somebody typed where an id belongs: the id itself, or a short quotation without control characters."""
    if _IDENTIFIER.fullmatch(value):
        return value
    shown = "".join(character if printable(character) else "·" for character in value[:24])
    return f"“{shown}{'…' if len(value) > 24 else ''}”"


def _card(number: str) -> bool:
    digits = [int(d) for d in re.sub(r"\D", "", number)]
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _phone(number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    marked = number[0] in "+(0"
    return (7 if marked else 9) <= len(digits) <= 15


def _iban(account: str) -> bool:
    return int("".join(str(int(c, 36)) for c in account[4:] + account[:4])) % 97 == 1
