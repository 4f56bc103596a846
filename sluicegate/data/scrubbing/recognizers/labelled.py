"""Numbers whose only mark is the word in front: passport, licence, account, record, plate, tax and other ids."""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers.cues import cue
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, WEAK, Find, Reading, RuleRecognizer

_TOKEN = re.compile(
    r"(?<![\w@./$£€+-])(?:[A-Z]{1,2}[ -]|[A-Za-z]{1,5}-?)?[0-9](?:[A-Za-z0-9]|[ ./-](?=[A-Z]{0,5}[0-9])){2,24}(?![\w@])"
    r"|(?<![\w@./$£€+-])[A-Z]{1,9}-?[0-9][A-Z0-9-]{1,18}(?![\w@])"
)
_DATE = re.compile(r"[0-9]{1,4}([-/. ])[0-9]{1,2}\1[0-9]{1,4}|(?:0?[1-9]|1[0-2])[/-][0-9]{2,4}")
_PLATE = re.compile(r"(?<![\w-])(?=[A-Z -]{0,9}[0-9])[A-Z0-9]{1,4}(?:[ ·-]?[A-Z0-9]{1,5}){0,2}(?![\w-])")
_FORMS = {
    "passport": ("PASSPORT", re.compile(r"(?=(?:.*[0-9]){3})[A-Z0-9]{6,10}")),
    "licence": ("DRIVER_LICENSE", re.compile(r"[A-Z]{0,5}[0-9][A-Z0-9]{4,17}")),
    "account": ("BANK_ACCOUNT", re.compile(r"[A-Z]{0,4}[0-9]{5,20}")),
    "iban": ("BANK_ACCOUNT", re.compile(r"[A-Z]{0,4}[0-9]{8,20}")),
    "ssn": ("US_SSN", re.compile(r"[0-9]{9}")),
    "national": ("NATIONAL_ID", re.compile(r"[A-Z]{0,6}[0-9][A-Z0-9]{4,18}")),
    "tax": ("TAX_ID", re.compile(r"[A-Z]{0,5}[0-9][A-Z0-9]{5,15}")),
    "plate": ("LICENSE_PLATE", re.compile(r"[A-HJ-NPR-Z0-9]{17}")),
    "medical": ("MEDICAL_ID", re.compile(r"[A-Z]{0,5}[0-9][A-Z0-9]{2,16}")),
}
_BIRTH_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def recognizers() -> list[EntityRecognizer]:
    """Recognizers of numbers that the text names."""
    entities = sorted({entity for entity, _ in _FORMS.values()})
    return [
        RuleRecognizer("LabelledNumberRules", entities, _labelled, digits=4),
        RuleRecognizer("LicensePlateRules", ["LICENSE_PLATE"], _plates, digits=1),
    ]


def _labelled(read: Reading) -> Iterator[Find]:
    for m in _TOKEN.finditer(read.text):
        found = m[0].rstrip(" ./-")
        end = m.start() + len(found)
        called = cue(read, m.start(), end)
        form = _FORMS.get(called or "")
        plain = re.sub(r"[ ./-]", "", found).upper()
        if form is None or _DATE.fullmatch(found) or _BIRTH_YEAR.fullmatch(plain):
            continue
        if form[1].fullmatch(plain):
            yield Find(m.start(), end, form[0], IN_CONTEXT)
        elif (head := re.match(r"[A-Za-z0-9]+", found)) and form[1].fullmatch(head[0].upper()):
            yield Find(m.start(), m.start() + head.end(), form[0], IN_CONTEXT)


_PLATE_CUE = re.compile(
    r"\b(?:plates?|registration|reg|rego|vrm|vrn|kennzeichen|car|van|truck|suv|sedan|vehicle|taxi|cab|tag"
    r"|licen[cs]e plate|parked|hatchback|bmw|toyota|ford"
    r"|honda|audi|tesla|volkswagen|vw|mercedes|nissan|driving)\b"
)
_PLATE_WORDS = re.compile(r"\b(?:plates?|registration|reg|rego|vrm|vrn|kennzeichen|licen[cs]e tag|tag)\b")
_BRITISH = re.compile(r"[A-Z]{2}[0-9]{2} ?[A-Z]{3}")
_STRONG_PLATE = re.compile(
    r"[A-Z]{1,3}[- ][A-Z]{1,2} ?[0-9]{1,4}E?|[A-Z]{2}-[0-9]{3}-[A-Z]{2}|[0-9]{1,2}-[A-Z]{3}-[0-9]{1,2}"
)


def _plates(read: Reading) -> Iterator[Find]:
    if not _PLATE_CUE.search(read.lower):
        return
    for m in _PLATE.finditer(read.text):
        letters = sum(map(str.isalpha, m[0]))
        if not 4 <= len(m[0].replace(" ", "").replace("-", "")) <= 9:
            continue
        before = read.before(m.start(), 40)
        called = _PLATE_WORDS.search(before)
        if called and (letters or ":" in before[called.end() :]):
            yield Find(m.start(), m.end(), "LICENSE_PLATE", IN_CONTEXT)
        elif letters and (_BRITISH.fullmatch(m[0]) or _STRONG_PLATE.fullmatch(m[0])):
            yield Find(m.start(), m.end(), "LICENSE_PLATE", WEAK)
