"""Titles, and names of persons where the text's structure gives them away: after a title, a greeting or a label.

Names in running text are the token classifier's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers.alternation import by_first_letter
from sluicegate.data.scrubbing.recognizers.capitals import MONTH, OPENERS, UPPER, WORD, words
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading, RuleRecognizer

_END = r"(?![\w'’])"
_SHORT = (
    r"Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Revd|Hon|Capt|Cpt|Lt|Col|Sgt|Gen|Maj|Cpl|Pvt|Cmdr|Adm|Gov|Sen|Rep|Pres|Supt"
    r"|Insp|Fr|Br|Sr|Sra|Srta|Mme|Mlle|M|Mm|Hr|Fr|Frl|Drs|Ir|Ing|Dipl\.-Ing|Msgr|St"
)
"""Abbreviations; those of one letter or with another meaning are taken only with a full stop and before a name."""
_ALONE = re.compile(
    r"(?<![\w'’.-])(?:M(?:r|rs|s|x)\.?(?:\s?(?:&|and|or|/)\s?(?:M(?:r|rs|s|x)|Dr)\.?)?(?:\s?/\s?Ms\.?)?"
    r"|Dr\.|Prof\.(?:\sDr\.)?|Rev\.|(?:MR|MRS|DR)\.?(?=[,:;\s]))(?![\w'’])(?!\.\w)"
)
_FULL = (
    r"Miss|Mister|Madam|Madame|Mademoiselle|Monsieur|Missus|Master|Sir|Lady|Lord|Dame|Doctor|Professor"
    r"|Reverend|Father|Sister|Brother|Mother|Pastor|Rabbi|Imam|Bishop|Archbishop|Cardinal"
    r"|Deacon|Captain|Lieutenant(?:\sColonel|\sGeneral|\sCommander)?|Colonel|Sergeant(?:\sMajor)?|General"
    r"|Major(?:\sGeneral)?|Corporal|Private|Commander|Admiral|Commodore|Officer|Detective(?:\s(?:Inspector"
    r"|Sergeant|Constable))?"
    r"|Inspector|Constable|Sheriff|Deputy|Agent|Judge|Justice|Magistrate|President|Vice\sPresident"
    r"|Prime\sMinister|Minister|Chancellor|Ambassador|Senator|Congressman|Congresswoman|Governor|Mayor"
    r"|Councill?or"
    r"|Representative|Secretary|Baron|Baroness|Count|Countess|Duke|Duchess|Earl|Viscount|Prince|Princess"
    r"|King|Queen|Emperor|Herr|Frau|Fräulein|Señor|Señora|Señorita|Senor|Senora|Don|Doña|Signor|Signora"
    r"|Signorina"
    r"|Meneer|Mevrouw|Dhr\.|Mevr\.|Mej\.|Shri|Smt\.?|Sri|Kumari|Pandit|Sheikh|Hajji|Aunt|Auntie|Uncle"
    r"|Grandma|Grandpa|Nurse|Coach|Chef|Dean|Hon\.?|Honou?rable|Chairman|Principal|Chief"
)
_PARTICLE = (
    r"(?:de la|de los|de|del|della|di|da|dos|du|van der|van den|van de|van|von der|von|zu|ter|ten|bin|ibn"
    r"|al|el|le|la|den|der|mac|O['’])"
)
_NAME = rf"(?:{UPPER}\.(?:\s?{UPPER}\.)?|{WORD})(?:[ \t](?:{_PARTICLE}[ \t])?(?:{UPPER}\.|{WORD})){{0,3}}"
_TITLED = re.compile(
    rf"(?<![\w'’.-])(?P<title>(?:(?:{by_first_letter(_SHORT)})\.?|(?:{by_first_letter(_FULL)}))(?:\s(?:Dr"
    rf"|Prof|Hon|Capt|Sgt|Gen|Lt|Col|Rev|med|h\.c|Justice|Minister|General)\.?)?(?:\s?(?:&|and)\s(?:Mrs|Mr"
    rf"|Ms|Dr)\.?)?)[ \t]{{1,2}}(?P<name>(?:{_PARTICLE}[ \t])?{_NAME})"
)
_LOWER_TITLED = re.compile(
    r"(?<![\w'’.-])(?P<title>(?:mr|mrs|ms|dr|prof|rev)\.?)\s(?P<name>[a-z]{2,}(?:-[a-z]+)?)(?![\w'’])"
)
_GIVEN_TITLE = re.compile(
    r"(?<![a-z])(?:title|salutation|prefix|honorific|anrede)\s{0,2}[:=]\s{0,2}([A-Za-z]{2,12}\.?)(?=\s*(?:$|[\n,;|]))",
    re.IGNORECASE,
)
_DEGREES = re.compile(
    r"(?<=\w,\s)(?:M\.?D\.?|Ph\.?D\.?|Esq\.?|D\.?D\.?S\.?|D\.?V\.?M\.?|R\.?N\.?|Jr\.?|Sr\.?|MBA|CPA|MSc"
    r"|BSc|FRCS|OBE|MBE|CBE|QC|KC|LLM|J\.D\.|D\.O\.|DO|DDS|DMD|PharmD|LCSW|PA-C|MP)(?![\w])"
)
_LABELS = (
    r"(?:(?:full|first|last|given|family|middle|maiden|legal|patient|customer|client|employee|contact"
    r"|account holder|cardholder|card holder|user|applicant|student|guest|passenger|member|beneficiary"
    r"|sender|recipient|"
    r"emergency contact|spouse|parent|guardian|mother|father|birth|preferred|display|insured|tenant|owner"
    r"|host|caller|reporter|your|my|driver|author|signatory|participant|nominee"
    r"|contact person)(?:['’]s)? ?)?names?(?: ?\(?(?:first|last|of [a-z]+)\)?)?"
    r"|surname|forename|patient|customer|client|applicant|employee|attn|attention|signed(?: by)?|author"
    r"|contact(?: person)?|recipient|beneficiary|account holder|cardholder|card ?holder|assigned to"
    r"|assignee|reported by|reporter|requested by|requester"
    r"|prepared by|submitted by|caller|owner|manager|supervisor|physician|doctor|attending|provider"
    r"|referring physician|next of kin|emergency contact|guardian|spouse|father|mother|tenant|landlord"
    r"|guest|passenger|witness|plaintiff|defendant|interviewer|interviewee|driver|student|teacher|agent"
    r"|sender|payee|from|to|cc|bcc"
)
_LABELLED = re.compile(
    rf"(?<![\w-])(?i:{by_first_letter(_LABELS)})[ \t]{{0,2}}(?:[:="
    rf"|][ \t]{{0,3}}|\t)[\"'“]?(?P<name>{UPPER}[\w'’-]{{1,24}},[ \t]{_NAME}|{_NAME})(?=[ \t\"'”]*(?:$"
    rf"|[\n\r,;|(<.\[/)-]|\s[a-z]|[ \t]{{2}}))"
)
_SAID = re.compile(
    rf"(?<![\w-])(?i:(?:my|his|her|their|the (?:patient|customer|client|driver|caller|tenant)['’]s"
    rf"|whose) (?:full |first |last |maiden |legal |real |middle )?name(?:['’]s| is| was)|(?:i am|i['’]m"
    rf"|this is|name['’]s|names)(?= {UPPER})|call me|(?:is|was|named"
    rf"|called) (?=(?:{WORD}\s){{1,2}}{WORD} by name)|(?:customer|patient|client|guest|tenant|passenger"
    rf"|employee|colleague|user|nurse|driver|officer)(?= {WORD} {WORD})|i go by|known as|signed,?"
    rf"|yours (?:truly|faithfully|sincerely),|it['’]s me,)[ ,:]{{1,2}}(?:,\s)?(?P<name>{_NAME})"
)
_GREETING = re.compile(
    rf"(?<![\w-])(?i:Dear|Hi|Hello|Hey|Hiya|Good\s(?:morning|afternoon|evening|day)|Greetings|Thanks"
    rf"|Thank\syou|Welcome|Bye|Goodbye|Congratulations|Congrats|Happy\sBirthday|Cheers)(?:,|\sagain,"
    rf"|\sso\smuch,|\s[Tt]here,|\sback,)?[ \t](?P<name>{_NAME})(?=\s*(?:[,!:.;\n–-]|$))"
)
_SIGNATURE = re.compile(
    rf"(?im:(?:^|[.!?]\s)(?:(?:with )?(?:best|kind|warm|warmest|kindest|many)? ?(?:regards|wishes|thanks)"
    rf"|sincerely(?: yours)?|yours(?: truly| sincerely| faithfully| ever)?|cheers|thanks(?: again| a lot"
    rf"| in advance| so much)?|thank you(?: very much)?|best|love|respectfully|cordially|ciao|xoxo"
    rf"|take care|warmly|br|rgds|kr))[ \t]{{0,2}}[,.!–-]?[ \t]{{0,2}}(?:\r?\n[ \t]{{0,4}}){{1,3}}(?:[–—~-]"
    rf"{{1,2}}[ \t]?)?(?P<name>{_NAME})(?=[ \t]*(?:$|[\n\r,|(]))"
)
_MAILBOX = re.compile(rf"[\"'“]?(?P<name>{UPPER}[\w'’-]{{1,24}},[ \t]{_NAME}|{_NAME})[\"'”]?[ \t]<[^<>@\s]{{1,64}}@")
_NOT_NAMES = OPENERS | words(
    "sir madam madame all team everyone everybody folks guys customer customers support friend friends "
    "colleague colleagues hiring manager none n/a na null unknown yes true false anonymous admin "
    "administrator system"
    " valued user users member members sales service department office company ltd inc group committee "
    "editor parents students resident neighbor neighbour monday tuesday wednesday thursday friday "
    "saturday sunday"
    " january february march april may june july august september october november december not english "
    "please goodness god"
    " mom mum dad mother father grandma grandpa honey darling santa recruiter concerned whom applicant "
    "candidate reader readers ladies gentlemen sorry glad happy afraid going looking writing trying"
    " page home back to well good very so first last new the street road email phone date number id "
    "address name title"
)
_NO_TITLES = re.compile(rf"(?:[0-9]+\s(?:{WORD}\s){{1,3}})$")
_WORDS_AFTER_TITLE = words(
    "s the of in and for at on is was secretary office minister manager president street avenue road"
)


def recognizers() -> list[EntityRecognizer]:
    """Recognizers of titles and of names that structure gives away."""
    return [
        RuleRecognizer("TitleRules", ["TITLE", "PERSON"], _titles),
        RuleRecognizer("NamedPersonRules", ["PERSON"], _persons),
    ]


def _titles(read: Reading) -> Iterator[Find]:
    text = read.text
    for m in _TITLED.finditer(text):
        title, name = m["title"], m["name"]
        if _is_titled(text, m, title, name):
            yield Find(m.start("title"), m.end("title"), "TITLE", STRONG)
            yield Find(m.start("name"), m.end("name"), "PERSON", IN_CONTEXT)
    for m in _ALONE.finditer(text):
        if not _NO_TITLES.search(text[max(0, m.start() - 40) : m.start()]):
            yield Find(m.start(), m.end(), "TITLE", IN_CONTEXT)
    for m in _LOWER_TITLED.finditer(text):
        if m["name"] not in _WORDS_AFTER_TITLE:
            yield Find(m.start("title"), m.end("title"), "TITLE", WEAK)
            yield Find(m.start("name"), m.end("name"), "PERSON", WEAK)
    for m in _GIVEN_TITLE.finditer(text):
        if re.fullmatch(rf"(?i:{_SHORT}|{_FULL})\.?", m[1]):
            yield Find(m.start(1), m.end(1), "TITLE", IN_CONTEXT)
    for m in _DEGREES.finditer(text):
        yield Find(m.start(), m.end(), "TITLE", WEAK)


def _is_titled(text: str, m: re.Match[str], title: str, name: str) -> bool:
    first = name.split()[0].strip(".").lower()
    if first in _NOT_NAMES or re.fullmatch(MONTH, name.split()[0]):
        return False
    if (
        title in ("M", "St", "Fr", "Br", "Ir", "Sr", "Hr", "Rep", "Pres", "Col", "Gen", "Ing", "Mm", "Don", "Hon")
        or title == "St."
    ):
        return False
    return not (title.rstrip(".") in ("Dr", "Ct") and _NO_TITLES.search(text[max(0, m.start() - 40) : m.start()]))


def _persons(read: Reading) -> Iterator[Find]:
    text, low = read.text, read.lower
    patterns = [_GREETING, _SAID]
    if ":" in text or "=" in text or "|" in text or "\t" in text:
        patterns.append(_LABELLED)
    if "\n" in text:
        patterns.append(_SIGNATURE)
    if "@" in low:
        patterns.append(_MAILBOX)
    for pattern in patterns:
        for m in pattern.finditer(text):
            find = _person(m)
            if find:
                yield find


def _person(m: re.Match[str]) -> Find | None:
    """The name of the match, without a title in front and cut before the first word that is no name."""
    start, end = m.span("name")
    at = start
    for word in re.finditer(r"\S+", m["name"]):
        plain = word[0].strip(".,").lower()
        if plain in _NOT_NAMES or re.fullmatch(rf"(?:{_SHORT}|{_FULL})\.?", word[0].strip(",")) and len(plain) > 1:
            if at != start + word.start():
                end = at
                break
            at = start + word.end() + 1
            start_of_rest = at
            if start_of_rest >= end or plain in _NOT_NAMES:
                return None
            continue
        at = start + word.end()
    begin = start
    first = m["name"].split()[0].strip(",")
    if re.fullmatch(rf"(?:{_SHORT}|{_FULL})\.?", first) and len(first.strip(".")) > 1:
        begin = start + len(first) + 1
    return Find(begin, end, "PERSON", IN_CONTEXT) if end - begin >= 2 else None
