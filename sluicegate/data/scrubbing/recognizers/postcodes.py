"""Postcodes that stand alone or behind a city. Forms of plain digits need a state, a country or a word that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers.address_tails import CANADA_POSTCODE, EIRCODE, UK_POSTCODE
from sluicegate.data.scrubbing.recognizers.capitals import MONTH, OPENERS, UPPER
from sluicegate.data.scrubbing.recognizers.gazetteer import (
    AMBIGUOUS_CITIES,
    AUSTRALIAN_STATES,
    CITIES,
    COUNTRIES,
    PROVINCES,
    US_STATES,
)
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading, RuleRecognizer

_LETTERED = re.compile(rf"(?<![\w-])(?:{UK_POSTCODE}|{CANADA_POSTCODE}|{EIRCODE})(?![\w-])")
_LOWER_UK = re.compile(r"(?<![\w-])[a-z]{1,2}[0-9]{1,2}[a-z]? [0-9][abd-hjlnp-uw-z]{2}(?![\w-])")
_NO_UK = re.compile(r"(?:gate|flight|model|part|room|order|ref|seat)\s$")
_DUTCH = re.compile(
    rf"(?<![\w-])[1-9][0-9]{{3}} ?(?!S[ADS]|AD|BC|CE|AM|PM|PG|US|UK|MS|KG|KM|GB|MB"
    rf"|HP)[A-Z]{{2}}(?=,?\s{UPPER}\w+|[,.]?\s*$|\n)"
)
_PREFIXED = re.compile(
    r"(?<![\w-])(?:AT?|B|CH|CZ|DE?|DK|E|FIN?|F|FR|HU|I|IT|L|LV|LT|LU|NO?|NL|P|PL|PT|RO|SE?|SI|SK|SLO|HR|IS|EE|BG|GR)-"
    r"(?:[0-9]{2}-[0-9]{3}|[0-9]{3} [0-9]{2}|[0-9]{4} ?[A-Z]{2}|[0-9]{4,5})(?![\w-])"
)
_ZIP4 = re.compile(r"(?<![\w$£€#.,/-])[0-9]{5}-[0-9]{4}(?![\w-])")
_FIGURES = re.compile(
    r"(?<![\w$£€#./-])(?<![0-9],)(?:[0-9]{2}-[0-9]{3}|[0-9]{3} [0-9]{2,3}|[0-9]{4}-[0-9]{3}"
    r"|[0-9]{5}-[0-9]{3,4}|[0-9]{4,6})(?![\w/-]|[.,][0-9])"
)
_NAMED = re.compile(
    r"(?:zip(?:[ -]?codes?)?|post[ -]?codes?|postal[ -]?codes?|pin[ -]?code|plz|eircode|cep|cap"
    r"|code postal|postleitzahl)"
    r"\s{0,2}(?:is|was|are|of|to|in|[:=#(-])?\s{0,2}(?:now |is |area |[a-z]+ is )?[\"'(]?"
    r"([a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}|[a-z][0-9][a-z][ -]?[0-9][a-z][0-9]|[0-9]{5}-[0-9]{3,4}"
    r"|[0-9]{2}-[0-9]{3}"
    r"|[0-9]{3}[ -][0-9]{2,4}|[0-9]{4} ?[a-z]{2}(?![a-z])|[0-9]{3,7}|[a-z][0-9]{2} ?[0-9a-z]{4})(?![\w-])"
)
_SAYS_SO = re.compile("zip|post|pin|plz|eircode|c[ea]p|code")
_NAMED_AFTER = re.compile(
    r"(?<![\w$£€#.,/-])([0-9]{5}(?:-[0-9]{4})?|[0-9]{4})(?= (?:zip|post ?code|postal code|area code))"
)
_WORDS_AFTER = re.compile(rf"\s((?:{UPPER}[\w'’-]+)(?:\s{UPPER}[\w'’-]+){{0,2}})(,\s{UPPER}\w+(?:\s{UPPER}\w+)?)?")
_LAND_AFTER = re.compile(rf",\s((?:{UPPER}[\w'’]+)(?:\s{UPPER}[\w'’]+){{0,2}})")
_STATES = frozenset((*US_STATES, *US_STATES.values(), "D.C", "N.Y", "N.J"))
_FOUR_DIGIT_STATES = frozenset((*AUSTRALIAN_STATES, *AUSTRALIAN_STATES.values()))
_CITIES = frozenset(CITIES) - AMBIGUOUS_CITIES
_LANDS = frozenset((*COUNTRIES, "USA", "UK", *PROVINCES.values()))
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_MONTH = re.compile(MONTH)


def recognizers() -> list[EntityRecognizer]:
    """The recognizer of postcodes."""
    return [RuleRecognizer("PostcodeRules", ["POSTCODE"], _postcodes, digits=2)]


def _postcodes(read: Reading) -> Iterator[Find]:
    yield from _lettered(read)
    if read.digits >= 4:
        yield from _in_figures(read)


def _lettered(read: Reading) -> Iterator[Find]:
    text = read.text
    for m in _LETTERED.finditer(text):
        if not _NO_UK.search(read.before(m.start(), 12)):
            yield Find(m.start(), m.end(), "POSTCODE", STRONG if " " in m[0] else WEAK)
    for m in _LOWER_UK.finditer(text):
        yield Find(m.start(), m.end(), "POSTCODE", WEAK)


def _in_figures(read: Reading) -> Iterator[Find]:
    text = read.text
    for pattern, score in ((_DUTCH, WEAK), (_PREFIXED, IN_CONTEXT), (_ZIP4, IN_CONTEXT)):
        for m in pattern.finditer(text):
            yield Find(m.start(), m.end(), "POSTCODE", score)
    for m in _FIGURES.finditer(text):
        if score := _figures_score(text, m):
            yield Find(m.start(), m.end(), "POSTCODE", score)
    for pattern in (_NAMED, _NAMED_AFTER) if _SAYS_SO.search(read.lower) else ():
        for m in pattern.finditer(read.lower):
            yield Find(m.start(1), m.end(1), "POSTCODE", STRONG)


def _figures_score(text: str, m: re.Match[str]) -> float:
    """How much a state, city or country beside the figures speaks for a postcode."""
    before = text[max(0, m.start() - 40) : m.start()].rstrip(" -\n")
    phrases = _suffixes(before.rstrip(".,"))
    short = len(m[0]) == 4
    if not short and not _STATES.isdisjoint(phrases) or short and not _FOUR_DIGIT_STATES.isdisjoint(phrases):
        return IN_CONTEXT
    if short and _YEAR.fullmatch(m[0]):
        return 0.0
    after = _WORDS_AFTER.match(text, m.end())
    land = _LAND_AFTER.match(text, m.end())
    if not _CITIES.isdisjoint(phrases) or after and not _CITIES.isdisjoint(_prefixes(after[1])):
        return IN_CONTEXT
    if (
        after
        and after[2]
        and after[2][2:] in _LANDS
        or land
        and phrases
        and phrases[-1][0].isupper()
        and land[1] in _LANDS
    ):
        return IN_CONTEXT
    place = before.endswith(",") and phrases and phrases[-1][:1].isupper() and phrases[-1].lower() not in OPENERS
    return WEAK if place and len(m[0]) in (5, 10) and not _MONTH.fullmatch(phrases[-1]) else 0.0


def _suffixes(words: str) -> list[str]:
    """The last three words, the last two, the last."""
    parts = words.replace(",", " ").split()[-3:]
    return [" ".join(parts[i:]) for i in range(len(parts))]


def _prefixes(words: str) -> list[str]:
    """The first word, the first two, the first three."""
    parts = words.split()
    return [" ".join(parts[: i + 1]) for i in range(len(parts))]
