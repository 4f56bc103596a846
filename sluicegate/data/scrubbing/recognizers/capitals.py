"""Pieces of patterns for capitalised words in any alphabet that has capitals.

`re` has no class for capital letters, so one is built from Unicode up to Cyrillic and the Latin additions.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of `text` as a set."""
    return frozenset(text.split())


def _ranges(last: int) -> str:
    """The capital letters up to code point `last` as the inside of a character class."""
    parts, begin, previous = [], -2, -2
    for code in [*(c for c in range(last + 1) if chr(c).isupper()), -9]:
        if code != previous + 1:
            if begin >= 0:
                parts.append(chr(begin) if begin == previous else f"{chr(begin)}-{chr(previous)}")
            begin = code
        previous = code
    return "".join(parts)


UPPER = "[" + _ranges(0x52F) + "\u1e00\u1e9e]"
"""One capital letter."""
WORD = rf"{UPPER}[\w'’]{{0,24}}(?:-[\w'’]{{1,24}}){{0,3}}"
"""A capitalised word, hyphens and apostrophes included."""
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
"""A month's English name or its abbreviation without a full stop."""
OPENERS = words(
    "a an and as at but by do does did for from had has have he her here hi hello his how i if in is it "
    "its let my no not of "
    "on or our out over please she since so some such that the their them then there these they this "
    "those though to under "
    "until up was we were what when where which while who whose why will with would yes you your thanks "
    "thank dear hey live "
    "lives living near off onto into via per between along across behind beside around address home "
    "street located today "
    "tomorrow yesterday call contact email phone regards sincerely also just can could should may might "
    "must after before "
    "about because however now next last first new old sent ship deliver visit meet take turn walk drive "
    "go both all any "
    "each every only even still yet maybe perhaps ok okay sure best kind kindly cheers mailing mail "
    "mailed shipping shipped posting post posted delivering delivered sending write visiting"
)
"""Words that begin sentences and are no part of a name, in lower case."""
