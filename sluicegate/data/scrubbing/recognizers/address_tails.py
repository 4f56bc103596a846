"""What stands before and after a street in one piece with it: unit, building, city, region, postcode, country."""

from __future__ import annotations

import re

from sluicegate.data.scrubbing.recognizers.alternation import either
from sluicegate.data.scrubbing.recognizers.capitals import MONTH, OPENERS, UPPER
from sluicegate.data.scrubbing.recognizers.gazetteer import (
    AUSTRALIAN_STATES,
    CITIES,
    COUNTRIES,
    COUNTRY_ABBREVIATIONS,
    PROVINCES,
    REGIONS,
    US_STATES,
)

UK_POSTCODE = r"(?:GIR ?0AA|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2})"
CANADA_POSTCODE = r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][ -]?[0-9][ABCEGHJ-NPRSTV-Z][0-9]"
EIRCODE = r"(?:[AC-FHKNPRTV-Y][0-9]{2}|D6W) ?[0-9AC-FHKNPRTV-Y]{4}"
ZIP = r"[0-9]{5}(?:-[0-9]{4})?"
STATE = rf"(?:{either([*US_STATES, 'D.C.', 'N.Y.', 'N.J.', 'N.C.', 'S.C.'])}|{either(US_STATES.values())})"
_REGION = (
    rf"(?:{either([*US_STATES, *PROVINCES, *AUSTRALIAN_STATES, 'D.C.'])}"
    rf"|{either([*US_STATES.values(), *PROVINCES.values(), *AUSTRALIAN_STATES.values(), *REGIONS])})"
)
COUNTRY = f"(?:{either(COUNTRIES)}|{either(COUNTRY_ABBREVIATIONS)})"
_END = r"(?![\w'’])"

_SEPARATOR = (
    r"(?:\.?[ \t]{0,4}[,;·|/][ \t]{0,4}\r?\n?[ \t]{0,8}|\.?[ \t]{0,4}\r?\n[ \t]{0,8}"
    r"|[ \t]{1,3}[–-][ \t]{1,3}|[ \t]{1,3})"
)
_BREAK = r"(?:\.?[ \t]{0,4}[,;][ \t]{0,4}\r?\n?[ \t]{0,8}|\.?[ \t]{0,4}\r?\n[ \t]{0,8}|[ \t]{1,3}[–-][ \t]{1,3})"
_CITY_WORD = rf"{UPPER}[\w'’.-]{{1,22}}"
_CITY = (
    rf"(?!{MONTH}\b)(?:['’][st][ -])?{_CITY_WORD}(?:[ -](?:(?:bei|ob|vor|pri|nad|v|na|pod|de|la|le|les|sur"
    rf"|upon|on|am|an|der|im|of|the|by|in|di|del|do|da|aan|den|en|los|las|El"
    rf"|y)[ -]){{0,2}}{_CITY_WORD}){{0,3}}"
)
_CODE_CITY = (
    rf"(?:(?:[A-Z]{{1,3}}[- ]{{1,3}})?(?:[0-9]{{4}} ?[A-Z]{{2}}|[0-9]{{4,5}}|[0-9]{{2}}-[0-9]{{3}}|[0-9]{{3"
    rf"}} [0-9]{{2}}|[0-9]{{4}}-[0-9]{{3}}|[0-9]{{5}}-[0-9]{{3}}"
    rf"|[0-9]{{8}}|[0-9]{{6}}|[0-9]{{3}} [0-9]{{3}}|[0-9]{{3}})(?:,?[ \t]{{1,3}}|,?[ \t]{{0,2}}\n){_CITY}(?"
    rf":\s\((?:[A-Z]{{2}})\)|\s/\s[A-Z]{{2}}(?!\w)|\s[A-Z]{{2}}(?!\w)|\s[0-9]{{1,2}}(?!\w))?)"
)
_CODE_ALONE = (
    rf"(?:{UK_POSTCODE}|{CANADA_POSTCODE}|{EIRCODE}"
    rf"|(?:[A-Z]{{1,2}}-)?[0-9]{{4,5}}(?:-[0-9]{{4}}|-[0-9]{{3}})?"
    rf"|[0-9]{{3}} [0-9]{{2,3}}|[0-9]{{2}}-[0-9]{{3}}|[0-9]{{6}}|[0-9]{{4}} ?[A-Z]{{2}})"
)
_REGION_CODE = rf"{_REGION}\.?(?:(?:,|\s-)?\s{{1,4}}(?:{_CODE_ALONE})(?!\w))?"
_UNIT = (
    r"(?:(?i:apt|apartment|suite|ste|unit|flat|floor|fl|room|rm|bldg|building|lot|level|office|dept|block"
    r"|blk|tower|stairs?|door|piso|puerta|appartamento|piano|scala|rd|planta|bât|bâtiment|appt?|esc"
    r"|interno|int|et|m|lok|lgh"
    r"|top|stiege|wohnung|whg|bus|bte|mailstop|trailer|trlr|space|spc|po box|p\.o\. box|box|mail stop|wing"
    r"|villa|phase|sector)\.?\s?(?:no\.?\s?|#\s?)?(?:[0-9]{1,5}[A-Za-z]?(?:[/-][0-9A-Za-z]{1,4})?"
    r"|[A-Z]{1,2}[0-9]{0,4})"
    r"|#\s?[0-9A-Za-z][\w-]{0,6}|[0-9]{1,3}(?:st|nd|rd|th)\s(?i:floor|fl)\.?|(?i:ground|first|second|third"
    r"|fourth|fifth|top) (?i:floor|flat)|(?i:penthouse|basement|ground floor)"
    r"|[0-9]{1,2}\s?[ºª°](?:\s?[A-Za-z](?!\w))?|(?:NE|NW|SE|SW))"
)
_STEP = re.compile(
    rf"{_SEPARATOR}(?P<unit>{_UNIT}){_END}"
    rf"|{_BREAK}(?:{_CITY}{_BREAK}){{0,2}}(?:(?:{_CITY}(?:\s[0-9]{{1,2}})?{_SEPARATOR})?(?:{_REGION_CODE}"
    rf"|{_CODE_CITY}|{COUNTRY}|{_CITY}(?:,?\s{{1,4}}|\s?[-–]\s?){_CODE_ALONE}"
    rf"|{_CODE_ALONE}(?<=[0-9A-Z]{{4}})){_END})"
    rf"|[ \t]{{1,3}}(?:(?:{_CITY}{_BREAK}){{1,2}}(?:{_REGION_CODE}|{COUNTRY}|{_CODE_CITY}|{_CODE_ALONE})"
    rf"|(?:{_CODE_CITY}|{_CITY}[ \t](?:{_REGION_CODE}|{_CODE_ALONE})|{UK_POSTCODE}|{CANADA_POSTCODE}"
    rf"|{EIRCODE})){_END}"
    rf"|(?:,[ \t]{{0,3}}|[ \t]{{1,3}})(?:{either(CITIES)})(?:\s[0-9]{{1,2}}(?![\w/]|[.,][0-9]))?{_END}"
)
_LONE_CITY = re.compile(rf"(?:{_BREAK}|\s(?=in\s)(?:in\s))({_CITY}){_END}(?=\s{{0,3}}(?:[.;)\n]|$))")
_POSTCODE = re.compile(
    rf"{_SEPARATOR}(?:{_UNIT}{_SEPARATOR})?(?:{_CITY}{_SEPARATOR}){{0,2}}(?:{STATE}\.?,?\s{{1,3}}{ZIP}"
    rf"|{_REGION},?\s{{1,3}}[0-9]{{4,6}}|{UK_POSTCODE}|{CANADA_POSTCODE}|{EIRCODE}|{_CODE_CITY}"
    rf"|[0-9]{{5,6}}(?:-[0-9]{{4}})?|[0-9]{{4}}){_END}"
)
_HEAD = re.compile(
    rf"(?<!\w)(?:(?:(?i:apt|apartment|suite|ste|unit|flat|room|floor|level|shop|office|c/o|lot"
    rf"|studio)\.?\s?#?\s?(?:[0-9]{{1,5}}[A-Za-z]?|[A-Z][0-9]{{0,3}})?)"
    rf"|{_CITY_WORD}(?:\s{_CITY_WORD}){{0,2}}\s(?:House|Cottage|Court|Mansions?|Building|Tower|Towers"
    rf"|Apartments|Lodge|Villa|Farm|Chambers)|[0-9]{{1,2}}(?:st|nd|rd|th)\s(?i:floor))"
    r"(?:\s{0,2},\s{0,2}\n?|\s?/\s?|\s{1,2})$"
)


def head(text: str, start: int) -> int:
    """Where the unit or building in front of a street begins, or `start`."""
    low = max(0, start - 60)
    found = _HEAD.search(text[low:start])
    if found is None:
        return start
    first = found[0].split(None, 1)[0]
    return low + found.start() + (len(first) + 1 if first.lower() in OPENERS else 0)


def tail(text: str, end: int) -> int:
    """The end of what is written on to a street that ends at `end`."""
    while (step := _STEP.match(text, end)) is not None and step.end() > end:
        end = step.end()
    lone = _LONE_CITY.match(text, end)
    if lone and lone[1].split()[0].lower() not in OPENERS:
        end = lone.end(1)
    return end - 1 if text[end - 1] == "." and end == len(text) else end


def has_postcode(text: str, end: int) -> bool:
    """Whether a postcode, with a city or a state, follows within one or two steps."""
    return _POSTCODE.match(text, end) is not None
