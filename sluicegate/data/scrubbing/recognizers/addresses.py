"""Street addresses: the street with its number, and the unit, city, region, postcode and country written on to it.

A *core* (street and number, PO box, …) is found by one of a few patterns and then extended by `address_tails`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers import address_tails, street_words
from sluicegate.data.scrubbing.recognizers.capitals import MONTH, OPENERS, UPPER, WORD, words
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading, RuleRecognizer

_NUMBER = (
    r"(?<![\w$£€.,/:#-])(?<![0-9] )(?:[A-Z]-?)?[0-9]{1,6}(?:\s?[A-Za-z](?![\w'’]))?(?:\s?[/–-]\s?[0-9]{1,5"
    r"}[A-Za-z]?(?!\w)|\s1/2)?"
)
_DIRECTION = r"(?:N\.?[EW]?|S\.?[EW]?|E|W|North(?:east|west)?|South(?:east|west)?|East|West|Old|New|Upper|Lower)\.?"
_PART = (
    rf"(?:[0-9]{{1,3}}(?:st|nd|rd|th|ST|ND|RD|TH)|(?:St|Mt|Ft|Dr|Sgt|{UPPER})\.|{WORD}|of|the|de|la|du|des"
    rf"|and|&|von|van|der|den|del)"
)
_END = r"(?![\w'’])"

_ROOM = r"(?:Flat|Studio|Unit|Apartment|Apt\.?|Suite|Ste\.?|Room|Level|Shop|Villa)\s?#?[0-9]{1,4}[A-Z]?"
_HOUSE_NUMBER = re.compile(
    rf"(?<!\w)(?:H\.?\s?No\.?|House\s(?:No\.?|[Nn]umber)|Plot(?:\s[Nn]o\.?)?|Door\s[Nn]o\.?|D\.?\s?No\.?"
    rf"|Flat\s[Nn]o\.?)\s?:?\s?[0-9]{{1,5}}[A-Za-z]?(?:[/-][0-9A-Za-z]{{1,4}}){{0,2}}(?:[,\s]\s?{WORD}(?:\s"
    rf"{WORD}){{0,3}})?"
)
_NUMBER_FIRST = re.compile(
    rf"(?:(?<![\w-]){_ROOM}[,\s]\s?(?:[0-9]{{1,5}}[A-Za-z]?,?\s{{1,2}})?"
    rf"|{_NUMBER},?\s{{1,2}})(?:{_PART}\s{{1,2}}){{1,5}}?(?:{street_words.ENGLISH_ANY})\.?{_END}(?:[ \t](?:"
    rf"{street_words.PLAIN}){_END})?(?:\s{_DIRECTION}{_END})?"
    rf"|{_NUMBER},?\s{{1,2}}(?:The\s|{_DIRECTION}\s)?(?:{street_words.ALONE}){_END}"
    rf"|{_NUMBER},?\s{{1,2}}(?:{_DIRECTION}\s)?[0-9]{{1,3}}(?:st|nd|rd|th)\s(?:St|Street|Ave?|Avenue|Pl"
    rf"|Place|Rd|Road|Ct|Dr|Ln){_END}\.?(?:\s{_DIRECTION}{_END})?"
    rf"|{_NUMBER}\s(?:{_DIRECTION}\s)?(?:(?:US|State|County|Old|{WORD})\s)?(?:Highway|Hwy|Route|Rte|Rt|Road"
    rf"|Rd|CR|FM|SR|Avenue|Ave|Street)\.?\s[0-9]{{1,4}}[A-Z]?{_END}"
    rf"|{_NUMBER}\s(?:{_DIRECTION}\s)?(?:Avenue|Ave|Boulevard|Via|Calle|Camino|Paseo|Rue"
    rf"|Avenida)\s(?:of\sthe\s{WORD}|de\s(?:la\s|los\s)?{WORD}|{UPPER}{_END}|{WORD})"
)
_LOWER_FIRST = re.compile(
    r"(?<![\w$£€.,/:#-])(?<![0-9] )[0-9]{1,5}[a-z]? (?:(?:n|s|e|w|north|south|east"
    r"|west)\.? )?(?P<name>[a-z'’]{2,20}(?: [a-z'’]{2,20})?|[0-9]{1,3}(?:st|nd|rd|th))"
    r" (?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|blvd|boulevard|court|ct|crescent|terrace|close"
    r"|parkway|pkwy|highway|hwy)(?![\w'’-])"
)
_NOT_NAMES = words(
    "hour hours hr minute minutes min mins mile miles mi km second seconds day days week weeks month "
    "months year years lane lanes way star"
    " block blocks block meter meters metre metres people more times of the in on a an to for from down "
    "per and or cars degrees feet foot"
    " yards at by off across along up am pm different other new many few best main-line wheel gb tb mb "
    "inch inches is was are new old days"
)
_FOREIGN_NUMBER_FIRST = (
    r"(?<![\w$£€.,/:#-])[0-9]{1,5}(?:\s?(?:bis|ter|quater|[A-Za-z]))?,?\s{1,2}(?:" + street_words.FIRST_ANY + r")\s?"
)
_PARTICLES = (
    r"(?:(?:de|del|della|delle|dei|degli|dello|di|da|dal|do|dos|das|du|des|la|le|les|los|las|el|lo|et|e|y"
    r"|von|van|der|den|sur|aux?|à|en|al|d['’]|l['’]"
    r"|de l['’]|dell['’]|all['’]|n[aeo]|św\.|gen\.|ks\.|dr\.|prof\.|sv\.)\s?){0,3}"
)
_NAMES = (
    rf"{_PARTICLES}(?:{WORD}|{UPPER}\.|[0-9]{{1,2}}(?:er|º|°|\.)?\s{_PARTICLES}{WORD})(?:\s(?!(?:Apt|Suite"
    rf"|Apartment|Appt|Unit|Bât|Piso|Puerta)(?!\w)){_PARTICLES}(?:{WORD}|{UPPER}\.)){{0,4}}"
)
_BACK_NUMBER = (
    r"(?:,?[ \t]{1,2}(?:S/N|s/n)(?!\w)|,?[ \t]{1,2}(?:(?:n[°ºr]?\.?o?|nº|no\.|num\.?|#"
    r"|č\.)\s?)?[0-9]{1,4}(?:\s?[A-Za-z](?!\w))?(?:\s?[/–-]\s?[0-9]{1,5}[A-Za-z]?)?(?!\w))"
)
_TYPE_FIRST = re.compile(
    rf"{_FOREIGN_NUMBER_FIRST}{_NAMES}|(?<![\w.'’-])(?:{street_words.FIRST_ANY})\s?{_NAMES}{_BACK_NUMBER}"
    rf"|(?<![\w.'’-])(?:{street_words.FIRST_CLEAR_ANY}|avenue)\s{_NAMES}"
)
_GLUED = re.compile(
    rf"(?<![\w.'’-]){UPPER}[\w.-]{{1,40}}-(?:Stra(?:ß|ss)e|Str\.|Gasse|Weg|Platz|Allee|Ring|Ufer|Damm"
    rf"|Promenade|Steig|Hof|Park|Plein|Laan|Straat)(?:{_BACK_NUMBER}|(?!\w))|"
    rf"(?<![\w.'’-])(?:(?:{street_words.BEFORE_GLUED})\s)?{UPPER}[\w-]{{2,30}}?"
    rf"(?:(?:{street_words.GLUED}){_BACK_NUMBER}|(?:{street_words.GLUED_CLEAR})(?!\w))"
    rf"|(?<![\w.'’-])(?:Am|Im|An der|An den|Auf der|Auf dem|Unter den|Zum|Zur|In der|Bei der|Hinter der"
    rf"|Vor dem|Straße des|Stra(?:ß|ss)e der)\s(?:[0-9]{{1,2}}\.\s)?{UPPER}[\w-]{{2,30}}(?:\s{UPPER}[\w-]"
    rf"{{2,30}})?{_BACK_NUMBER}"
)
_GLUED_DOUBTFUL = re.compile(rf"(?<![\w.'’-]){UPPER}\w{{2,30}}?(?:{street_words.GLUED_DOUBTFUL}){_BACK_NUMBER}")
_BETWEEN = re.compile(
    rf"(?<![\w.'’-]){UPPER}[\w.-]{{1,24}}(?:\s{UPPER}?[\w.-]{{1,24}}){{0,2}}?\s(?:{street_words.BETWEEN}"
    rf"|{street_words.BETWEEN.title()}){_BACK_NUMBER}"
)
_BARE = re.compile(
    rf"(?<![\w.'’-])(?:(?:{_DIRECTION}|St\.|{WORD}|[0-9]{{1,3}}(?:st|nd|rd"
    rf"|th))\s){{1,3}}(?:{street_words.PLAIN}){_END}\.?(?:\s(?:N|S|E|W|NE|NW|SE|SW|North|South|East"
    rf"|West){_END})?"
)
_BOX = re.compile(
    r"(?<!\w)(?:(?:G\.?\s?)?P\.?\s?O\.?\s?(?:Box|B\.?)|Post(?:al)?\s(?:Office\s)?Box|(?:Private|Locked"
    r"|Mail)\s(?:Mail\s)?(?:Bag|Box)|Postfach|Postbus|Postboks|Boîte\sPostale"
    r"|Apartado(?:\s(?:de\sCorreos|Postal))?|Casilla|Caixa\sPostal|C\.P\.|B\.?P\.?|Casella\sPostale|Box|RR"
    r"|HC|PSC|CMR|Rural\sRoute|Star\sRoute|Unit)"
    r"\s?(?:no\.?\s?|number\s|#\s?)?[A-Z]{0,2}[0-9]{1,7}[A-Z]?(?:,?\sBox\s[0-9]{1,6})?(?!\w)",
    re.IGNORECASE,
)
_BOX_ALONE = re.compile(
    r"(?:g\.?\s?)?p\.?\s?o\.?\s?b|post|private|locked|casilla|apartado|caixa|psc|boîte|casella|rural|.*\sbox\s",
    re.IGNORECASE,
)
_SHIP = re.compile(
    rf"(?<!\w)(?:USS|USNS|USNV|USCGC)\s{WORD}(?:\s{WORD})?,?\s{{1,3}}(?:FPO|APO"
    rf"|DPO)\s,?\s?A[AEP]\s[0-9]{{5}}(?:-[0-9]{{4}})?(?!\w)"
)
_CUE = re.compile(
    r"(?:address(?:es|ed)?(?: is| was| to)?|(?:lives?|living|lived|resid(?:es?|ing|ed)|residence|located"
    r"|staying|stays?|based|moved|moving|relocated|deliver(?:y|ed|ies)?"
    r"|ship(?:ping|ped)?(?: it| them)?|mail(?:ed|ing)?(?: it| them)?|send(?: it| them)?|sent|property|home"
    r"|house|office)(?: is| to| at| in| on| near)+|street)\s{0,2}[:=]?\s{0,3}$"
)
_LETTERS = r"(?:[^\W\d_]|['’-])"
_NO_MONTH = rf"(?!(?i:{MONTH}){_END})"
_PLAIN_WORD = rf"{_NO_MONTH}{UPPER}[^\W\d_A-Z]{_LETTERS}{{0,23}}"
_LOOSE = re.compile(
    rf"(?<![\w.'’-]){_PLAIN_WORD}(?:\s(?:{_PLAIN_WORD}|na|de|v|nad|pod|u|ve|za|pri|di|da)){{0,3}}{_BACK_NUMBER}(?![.,][0-9])"
    rf"|{_NUMBER},?\s{_PLAIN_WORD}(?:\s{_PLAIN_WORD}){{0,3}}"
)
_HINT = re.compile(rf"(?<![a-z])(?:{street_words.ENGLISH.lower()}|{street_words.ALONE.lower()})(?![a-z])")
_NO_STREETS = words("google hard disk flash disc tape pen usb food blood test memory thumb solid state one")


def recognizers() -> list[EntityRecognizer]:
    """The recognizer of street addresses."""
    return [RuleRecognizer("AddressRules", ["ADDRESS"], _addresses)]


def _addresses(read: Reading) -> Iterator[Find]:
    taken: list[tuple[int, int]] = []
    for start, end, score in sorted(_cores(read), key=lambda core: (-core[2], core[0], -core[1])):
        if any(start < other_end and end > other_start for other_start, other_end in taken):
            continue
        whole = address_tails.head(read.text, start), address_tails.tail(read.text, end)
        taken.append(whole)
        yield Find(*whole, "ADDRESS", score)


def _cores(read: Reading) -> Iterator[tuple[int, int, float]]:
    text = read.text
    if read.digits:
        yield from _numbered(read)
    for m in _TYPE_FIRST.finditer(text):
        if any(map(str.isdecimal, m[0])) or not m[0].lower().startswith("via "):
            yield m.start(), m.end(), STRONG if any(map(str.isdecimal, m[0])) else WEAK
    for m in _GLUED.finditer(text):
        yield m.start(), m.end(), STRONG if any(map(str.isdecimal, m[0])) else WEAK
    if _HINT.search(read.lower):
        yield from _english(read)


def _english(read: Reading) -> Iterator[tuple[int, int, float]]:
    if read.digits:
        for m in _NUMBER_FIRST.finditer(read.text):
            yield m.start(), m.end(), STRONG
        for m in _LOWER_FIRST.finditer(read.lower):
            if _NOT_NAMES.isdisjoint(m["name"].split()):
                yield m.start(), m.end(), IN_CONTEXT
    for m in _BARE.finditer(read.text):
        if (start := _without_openers(m)) is not None:
            yield start, m.end(), WEAK


def _numbered(read: Reading) -> Iterator[tuple[int, int, float]]:
    text = read.text
    for pattern in (_BETWEEN, _HOUSE_NUMBER, _SHIP):
        for m in pattern.finditer(text):
            yield m.start(), m.end(), STRONG
    for m in _BOX.finditer(text):
        if _BOX_ALONE.match(m[0]) or address_tails.has_postcode(text, m.end()):
            yield m.start(), m.end(), STRONG
    for pattern in (_GLUED_DOUBTFUL, _LOOSE):
        for m in pattern.finditer(text):
            if _CUE.search(read.before(m.start())) or address_tails.has_postcode(text, m.end()):
                yield m.start(), m.end(), IN_CONTEXT


def _without_openers(m: re.Match[str]) -> int | None:
    """Where the street's name begins after the words of the sentence in front of it, or None if nothing is left."""
    start = m.start()
    parts = re.split(r"(?<=\s)", m[0])
    while len(parts) > 1 and parts[0].strip(" .\n").lower() in OPENERS:
        start += len(parts.pop(0))
    if len(parts) < 2 or parts[0].strip().lower() in _NO_STREETS:
        return None
    return start
