"""Made-up dates and ages in the place of finds, in the find's own way of writing them where that tells nothing.

A number that is spelt out cannot be told from other words here, so a find with a word that is not known to tell
nothing becomes a whole made-up date or age.
"""

from __future__ import annotations

import re

from sluicegate.data.scrubbing.invented import Draw, cased, pick

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_YEARS = re.compile(r"\d+(?:[.,]\d+)?[½¼¾]?")
_MONTHS = tuple("January February March April May June July August September October November December".lower().split())
_DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".lower().split())
# fmt: off
_UNTELLING = frozenset({
    "of", "the", "at", "on", "in", "and", "to", "from", "until", "or", "between", "about", "a", "s",
    "st", "nd", "rd", "th", "year", "years", "yr", "yrs", "y", "month", "months", "mo", "mos",
    "week", "weeks", "wk", "wks", "day", "days", "old", "o", "yo", "age", "ago", "something",
    "am", "pm", "p", "m", "t", "z", "utc", "gmt", "et", "est", "edt", "ct", "cst", "cdt", "mt", "mst", "mdt",
    "pt", "pst", "pdt", "bst", "cet", "cest",
})
# fmt: on


def age(find: str, draw: Draw) -> str:
    """Each number of a range is made up, the lower one first; a number in words becomes one in figures."""
    count = len(_YEARS.findall(find))
    if not count or not all(_is_untelling(word) for word in _WORD.findall(find)):
        return str(18 + draw(72))
    ages = iter(sorted(18 + draw(72) for _ in range(count)))
    return _YEARS.sub(lambda _: str(next(ages)), find)


def date(find: str, draw: Draw) -> str:
    """A day in the find's own way of writing it; any day where it is spelt out."""
    made = _WORD.sub(lambda word: _other_word(word[0], draw), _NUMBER.sub(lambda n: _other_number(n[0], draw), find))
    if made != find and all(_is_untelling(word) or _names_with(word) for word in _WORD.findall(find)):
        return made
    return f"{1 + draw(28)} {pick(_MONTHS, draw).title()} {1950 + draw(70)}"


def _is_untelling(word: str) -> bool:
    return word.lower() in _UNTELLING


def _names_with(word: str) -> tuple[str, ...]:
    """The months or the weekdays, where one of them begins with these three letters or more; else nothing."""
    low = word.lower()
    return next((s for s in (_MONTHS, _DAYS) if len(low) >= 3 and any(name.startswith(low) for name in s)), ())


def _other_number(number: str, draw: Draw) -> str:
    if len(number) == 4:
        return str(1950 + draw(70))
    if len(number) == 8:
        return f"{1950 + draw(70)}{1 + draw(12):02}{1 + draw(28):02}"
    if len(number) > 2:
        return "".join(str(draw(10)) for _ in number)
    # 12 is a month, a day and an hour; larger ones are days, minutes or years
    most = 12 if int(number) <= 12 else 28
    return str(1 + draw(most)).zfill(len(number)) if len(number) == 2 else str(1 + draw(9))


def _other_word(word: str, draw: Draw) -> str:
    names, low = _names_with(word), word.lower()
    if not names:
        return word
    other = pick(names, draw)
    short = low not in names or low == "may"
    return cased(word, (other[: max(len(low), 3)] if short else other).title())
