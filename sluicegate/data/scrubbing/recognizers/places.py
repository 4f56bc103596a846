"""Countries, states, regions and large cities by name; nationalities, religions and politics; organisations by form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers.address_tails import STATE
from sluicegate.data.scrubbing.recognizers.alternation import by_first_letter, either
from sluicegate.data.scrubbing.recognizers.capitals import MONTH, OPENERS, UPPER
from sluicegate.data.scrubbing.recognizers.gazetteer import (
    AMBIGUOUS_CITIES,
    AMBIGUOUS_PLACES,
    AUSTRALIAN_STATES,
    BELIEFS,
    CITIES,
    COUNTRIES,
    COUNTRY_ABBREVIATIONS,
    LOWER_BELIEFS,
    NATIONALITIES,
    POLITICS,
    PROVINCES,
    REGIONS,
    US_STATES,
)
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading, RuleRecognizer

_END = r"(?![\w'’]|-[A-Za-z])|(?=['’]s(?!\w))"
_DOUBTFUL = AMBIGUOUS_PLACES | AMBIGUOUS_CITIES
_STATES = {*US_STATES.values(), *PROVINCES.values(), *AUSTRALIAN_STATES.values()}
_CLEAR = (set(COUNTRIES) | set(CITIES) | set(REGIONS) | _STATES) - _DOUBTFUL


_PLACE = re.compile(rf"(?<![\w'’-])(?:{either(_CLEAR)})(?:{_END})")
_ABBREVIATED = re.compile(rf"(?<![\w'’.-])(?:{either(COUNTRY_ABBREVIATIONS)})(?![\w'’]|\.\w)")
_DOUBTFUL_PLACE = re.compile(rf"(?<![\w'’-])(?:{either(_DOUBTFUL)})(?:{_END})")
_PREPOSITION = re.compile(
    r"(?<![a-z])(?:in|from|near|around|outside|visit(?:ed|ing)?|towards?|(?:leave|left|head(?:ed"
    r"|ing)?) (?:to|for)|(?:flew|fly|flying|flights?|trip|way"
    r"|mov(?:e[sd]?|ing)|go|going|went|gone|been|travel\w*|dr[oi]ve|back|train|bus|tickets?|relocat\w+) to)\s$"
)
_PLACE_BEHIND = re.compile(rf",\s(?:{STATE}|{either(COUNTRIES)})(?!\w)")
_CITY_STATE = re.compile(
    rf"(?<!\w)(?!{MONTH}(?!\w))({UPPER}[\w'’.-]{{1,20}}(?:\s{UPPER}[\w'’.-]{{1,20}}){{0,2}},\s(?:"
    rf"{either(set(US_STATES) | set(PROVINCES))}"
    rf"|{either(set(US_STATES.values()) | set(PROVINCES.values()))}))(?![\w'’])"
)
_TOWN = re.compile(
    rf"(?<![a-zA-Z])(?:[Ll](?:ive[sd]?|iving|ocated)|[Rr](?:esid(?:es?|ing)|aised|elocat(?:ed|ing))"
    rf"|[Bb](?:ased|orn)|[Gg]rew up|[Mm]ov(?:ed|ing)|[Hh]ometown is|(?:city|town|village|suburb|county"
    rf"|district|province|region) of)"
    rf"(?:\s(?:in|to|at|near|from|outside))?\s({UPPER}[\w'’-]{{2,20}}(?:\s{UPPER}[\w'’-]{{2,20}}){{0,2}})(?![\w'’])"
)
_LABELLED = re.compile(
    rf"(?i:(?<![a-z])(?:city|town|country|state|county|region|province|location|place of birth|birthplace"
    rf"|hometown|nationality|citizenship))[ \t]?[:=][ \t]{{0,3}}({UPPER}[\w'’-]{{1,20}}(?:[ ,]{{1,2"
    rf"}}{UPPER}[\w'’-]{{1,20}}){{0,2}})(?=[ \t]*(?:$|[\n,;|.]))"
)

_NRP = re.compile(
    rf"(?<![\w'’-])(?:{either(set(NATIONALITIES) | set(BELIEFS) | set(POLITICS))})(?:s|es"
    rf"|-born)?(?:(?![\w'’])|(?=['’]s?(?!\w)))"
)
_LOWER_NRP = re.compile(rf"(?<![\w-])(?:{either(LOWER_BELIEFS)})s?(?![\w-])")
_I_AM = re.compile(rf"(?<=m )(?:{either(n.lower() for n in NATIONALITIES)})(?![\w-])")
_NO_NRP = re.compile(
    r"(?i:French (?:fries|toast|press|kiss|horn|door|window)|Danish pastr|Brazil nut|Polish(?:ed|ing)"
    r"|English (?:muffin|breakfast)|Swiss (?:cheese|army)|Chinese whispers|Indian (?:Ocean|summer)"
    r"|American (?:Express|Airlines)|British (?:Airways|Columbia)|Turkish delight|German shepherd"
    r"|Persian Gulf|Arabian (?:Sea|Nights)|Caspian)"
)

_FORMS = (
    r"Inc|Incorporated|Ltd|Limited|LLC|L\.L\.C|LLP|L\.P|PLC|plc|Corp|Corporation|Co|Company|GmbH|AG|KG|OHG"
    r"|SE|S\.A|SA|S\.A\.S|SAS|SARL|S\.r\.l|Srl|S\.p\.A|SpA|B\.V|BV|N\.V|NV|AB|ASA|AS|A/S|ApS|Oy|Oyj"
    r"|Pty(?:\.?\sLtd)?|Pvt(?:\.?\sLtd)?|Sp\.\sz\so\.o"
    r"|Kft|s\.r\.o|d\.o\.o|K\.K|Bhd|Holdings|Group|& Sons|and Sons|& Co|& Partners|& Associates"
    r"|Associates|Partners|Industries|Enterprises|Technologies|Solutions|Consulting|Foundation|Institute"
    r"|University|College|Bank|Hospital|Clinic|Pharmacy|Airlines|Airways|Insurance|Motors|Pharmaceuticals"
    r"|Logistics|Ventures|Laboratories|Labs|LIMITED|LTD|INC|CORPORATION|COMPANY|GROUP"
    r"|Cooperative|Co-operative|Credit Union|Association|Society|Council|Committee|Commission"
    r"|Agency|Authority|Federation|League|Academy"
    r"|School|Department|Ministry|Bureau|Trust|Railway|Railroad|Air Force|Regiment|Battalion|Brigade|Squadron"
    r"|Orchestra|Records|Studios|Tribune|Gazette|Herald|Shipping|Haulage|Dynamics|Analytics|Systems|Software"
    r"|Healthcare|Surgery|Practice|Hospice|Church|Cathedral|Mosque|Synagogue|Museum|Library|Embassy|Consulate"
    r"|Police|Constabulary|Court|Solicitors|Attorneys|Architects|Builders|Plumbing|Garage|Nursery|Kindergarten"
    r"|Primary|Team|Service|Services|Office|Party|Movement|Corps|Union|Centre|Center|Club|Press"
)
_ORGANISATION = re.compile(
    rf"(?<![\w'’.-])((?:(?:St|Mt|Dr)\.\s)?(?:{UPPER}[\w'’&-]{{0,24}}(?:,(?=\s(?:Inc|LLC|Ltd|Co|Corp)))?\s"
    rf"|(?:&|and|of|de|-)\s){{1,5}}?)((?:{by_first_letter(_FORMS)})(?![\w&])(?:[,.]?\s(?:"
    rf"{by_first_letter(_FORMS)})(?![\w&])){{0,2}})\.?"
)
_FORM_SEEN = re.compile(rf"(?<=[\s,&])(?:{by_first_letter(_FORMS)})(?![\w&])")
_OF = re.compile(
    rf"(?<!\w)(?:University|College|Institute|Bank|Ministry|Department|Church|School|Bureau"
    rf"|Museum|Embassy|Consulate|Diocese|Archdiocese|Office|Board|Association|Federation|Society|League|Order)"
    rf"\sof\s(?:the\s)?{UPPER}[\w'’-]+(?:(?:\s(?:and|of)\s|\s){UPPER}[\w'’-]+){{0,3}}"
)
_JOINED = re.compile(
    rf"(?<![\w'’.-]){UPPER}[\w'’]{{2,24}}(?:-{UPPER}[\w'’]{{2,24}}(?=\sand\s(?:Sons|Co|Partners))"
    rf"|,\s{UPPER}[\w'’]{{2,24}}\sand\s{UPPER}[\w'’]{{2,24}}(?=\s(?:LLP|LLC|Inc|Ltd|law|attorneys))"
    rf"|(?:\sand\s|\s&\s)(?:Sons|Daughters|Brothers|Partners|Company|Co))(?!\w)"
)


def recognizers() -> list[EntityRecognizer]:
    """Recognizers of places, of groups, and of organisations."""
    return [
        RuleRecognizer("PlaceRules", ["LOCATION"], _places),
        RuleRecognizer("GroupRules", ["NRP"], _groups),
        RuleRecognizer("OrganisationRules", ["ORGANIZATION"], _organisations),
    ]


def _places(read: Reading) -> Iterator[Find]:
    text = read.text
    for m in _PLACE.finditer(text):
        yield Find(m.start(), m.end(), "LOCATION", STRONG)
    for m in _ABBREVIATED.finditer(text):
        yield Find(m.start(), m.end(), "LOCATION", IN_CONTEXT)
    for m in _DOUBTFUL_PLACE.finditer(text):
        before = read.before(m.start(), 24)
        if (
            _PREPOSITION.search(before)
            or (m[0] in AMBIGUOUS_PLACES and before.endswith("to "))
            or _PLACE_BEHIND.match(text, m.end())
        ):
            yield Find(m.start(), m.end(), "LOCATION", IN_CONTEXT)
    for pattern, score in ((_CITY_STATE, IN_CONTEXT), (_TOWN, WEAK), (_LABELLED, IN_CONTEXT)):
        for m in pattern.finditer(text):
            group = m.lastindex or 0
            first = m[group].split()[0].strip(",")
            skip = len(first) + 1 if first.lower() in OPENERS else 0
            if m.end(group) - m.start(group) > skip and not re.fullmatch(MONTH, first):
                yield Find(m.start(group) + skip, m.end(group), "LOCATION", score)


def _groups(read: Reading) -> Iterator[Find]:
    for m in _NRP.finditer(read.text):
        if not _NO_NRP.match(read.text, m.start()):
            yield Find(
                m.start(),
                m.end(),
                "NRP",
                STRONG if m[0] not in ("Scot", "Dane", "Jain", "Roma", "Lao", "Pole", "Finn") else WEAK,
            )
    for pattern in (_LOWER_NRP, _I_AM):
        for m in pattern.finditer(read.text):
            yield Find(m.start(), m.end(), "NRP", IN_CONTEXT)


def _organisations(read: Reading) -> Iterator[Find]:
    for m in _ORGANISATION.finditer(read.text) if _FORM_SEEN.search(read.text) else ():
        start = m.start()
        words = re.split(r"(?<=\s)", m[1])
        while len(words) > 1 and words[0].strip(" ,").lower() in OPENERS:
            start += len(words.pop(0))
        shouted = len(words) > 3 and m[1].isupper()
        if not shouted and words[0].strip() and words[0].strip(" ,").lower() not in OPENERS:
            yield Find(start, m.end(2), "ORGANIZATION", IN_CONTEXT)
    for pattern in (_OF, _JOINED) if " of " in read.lower or " and " in read.lower or " & " in read.lower else ():
        for m in pattern.finditer(read.text):
            yield Find(m.start(), m.end(), "ORGANIZATION", IN_CONTEXT)
