"""Phone numbers: what is built like one and is nothing else.

One pattern takes every run of digits and separators; the run is then judged by its groups, by the word that
calls it (see `cues`) and by what it could be instead (a date, an amount, a card, a version). In doubt it is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer
from stdnum import isbn

from sluicegate.data.scrubbing.recognizers.cues import cue
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading, RuleRecognizer

FEWEST_DIGITS, MOST_DIGITS = 7, 15

_RUN = re.compile(
    r"(?<![\w@#$£€¥₹&])(?<!\w/)(?<![0-9][.,:-])(?<![A-Za-z]-)(?:\(?\+\s?"
    r"|\((?=[0-9]))?[0-9](?:\)?(?: ?[-./\u2010-\u2015]"
    r"| ?)(?: ?\(| )?[0-9]){4,24}(?![0-9])"
    r"(?P<ext>(?:,|;)?\s{0,2}(?:x|ext\.?|extn\.?|extension|#|poste|int\.?)[\s:.]{0,2}[0-9]{1,6}(?![0-9]))?",
    re.IGNORECASE,
)
_VANITY = re.compile(
    r"(?<![\w-])(?:\+?1[-. ])?\(?[0-9]{3}\)?[-. ](?=[A-Z0-9-]{7,9}(?!\w))(?:[A-Z]{3,7}|[0-9]{3}"
    r"|[A-Z]{3})(?:-?[A-Z0-9]{3,7})?(?![\w-])"
)
_EMERGENCY = re.compile(r"(?<!\w)1[ -]?(?:800|888|877|866|855|844|833|900)[ -][A-Z][A-Z0-9-]{5,9}(?![\w-])")
_GROUP = re.compile("[0-9]+")
_DATE = re.compile(
    r"(?:(?:19|20)[0-9]{2}([-/. ])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12][0-9]|3[01])"
    r"|(?:0?[1-9]|[12][0-9]|3[01])([-/. ])(?:0?[1-9]|[12][0-9]|3[01])\2(?:(?:19|20)[0-9]{2}|[0-9]{2}(?=$)))(?![0-9])"
)
_YEARS = re.compile(r"(?:19|20)[0-9]{2}\s?[-/\u2010-\u2015]\s?(?:19|20)?[0-9]{2}")
_STAMP = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[0-9]{4,6})?")
_SSN = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:([ .])000)(?:\1[0-9]{3})*|[1-9](?:([ .])[0-9]{3}){2}")
_UNIT = re.compile(
    r"\s?(?:%|kg|km|cm|mm|m[l²³]|usd|eur|gbp|dollars?|euros?|pounds|people|million|bn|bytes|[kmg]b\b"
    r"|[kmg]?hz|units|pcs|users|votes|rows|years"
    r"|am\b|pm\b|°|€|£|\$|:[0-9]|,[0-9]|\.[0-9])"
)
_DECIMALS = re.compile(r"(?:[0-9]{1,3}\.[0-9]{1,4} )+[0-9]{1,3}(?:\.[0-9]{1,4})?")
_LOG_STATUS = re.compile(r"\"\s?$")
_NANP = re.compile(r"(?:1[-. ]?)?(?:\([0-9]{3}\)|[0-9]{3})[-. /]?\s?[0-9]{3}[-. ]?[0-9]{4}")
_OTHER_NAMES = frozenset(
    ("card", "iban", "account", "ssn", "passport", "licence", "national", "tax", "medical", "plate", "secret", "bic")
)


def recognizers() -> list[EntityRecognizer]:
    """The recognizer of phone numbers."""
    return [RuleRecognizer("PhoneRules", ["PHONE_NUMBER"], _phones, digits=3)]


def _phones(read: Reading) -> Iterator[Find]:
    if read.digits >= 5:
        yield from _runs(read)
    for pattern in (_EMERGENCY, _VANITY):
        for m in pattern.finditer(read.text):
            if sum(map(str.isalpha, m[0])) >= 3 and (pattern is _EMERGENCY or cue(read, m.start(), m.end()) == "phone"):
                yield Find(m.start(), m.end(), "PHONE_NUMBER", IN_CONTEXT)


def _runs(read: Reading) -> Iterator[Find]:
    text, at = read.text, 0
    while (m := _RUN.search(text, at)) is not None:
        start, end = _edges(m)
        at = m.end()
        if date := _DATE.match(text, start, end):
            at = date.end()
            continue
        if score := _score(read, text[start:end], bool(m["ext"]), start, end):
            yield Find(start, m.end() if m["ext"] else end, "PHONE_NUMBER", score)
        elif shorter := _shorter(read, start, end):
            yield shorter
            at = shorter.end


def _shorter(read: Reading, start: int, end: int) -> Find | None:
    """The longest begin of a run of too many digits, up to a space, that is a phone number by itself."""
    run = read.text[start:end]
    if sum(map(str.isdecimal, run)) <= 12:
        return None
    cut = run.rfind(" ")
    while cut > 0:
        found = run[:cut].rstrip(" (/-.")
        if score := _score(read, found, False, start, start + len(found)):
            return Find(start, start + len(found), "PHONE_NUMBER", score)
        cut = run.rfind(" ", 0, cut)
    return None


def _edges(m: re.Match[str]) -> tuple[int, int]:
    """The run without a bracket that nothing closes and without the extension."""
    end = m.start("ext") if m["ext"] else m.end()
    start = m.start()
    found = m.string[start:end]
    if found[0] == "(" and ")" not in found:
        start += 1
    return start, end


def _score(read: Reading, found: str, extended: bool, start: int, end: int) -> float:
    groups = _GROUP.findall(found)
    count = sum(map(len, groups))
    if count < 5 or count > MOST_DIGITS + 2:
        return 0.0
    called = cue(read, start, end)
    if found.startswith(("+", "(+")):
        return STRONG if FEWEST_DIGITS <= count <= MOST_DIGITS else 0.0
    if called in _OTHER_NAMES or _is_other(read, found, groups, start, end):
        return 0.0
    if called == "phone" or extended:
        return IN_CONTEXT
    if count < FEWEST_DIGITS or count > MOST_DIGITS:
        return 0.0
    if len(groups) == 1:
        return 0.0 if called in ("other", "user", "age", "birth") else _bare(found)
    score = _grouped(found, groups, count)
    return 0.0 if called == "other" and score < STRONG else score


def _is_other(read: Reading, found: str, groups: list[str], start: int, end: int) -> bool:
    """Whether the run is a date, a span of years, a social security number, an amount or an ISBN."""
    if _DATE.match(found) or _YEARS.fullmatch(found) or _SSN.fullmatch(found) or _THOUSANDS.fullmatch(found):
        return True
    if len(groups) == 1 and _STAMP.fullmatch(found):
        return True
    if "." in found and len(groups) == 2 and found[0] not in "0(" and [*map(len, groups)] not in ([3, 4], [4, 4]):
        return True  # a decimal
    if (
        len(groups) == 4
        and "." in found
        and all(len(g) <= 3 and int(g) < 256 for g in groups)
        and found.count(".") == 3
    ):
        return True  # an IP address
    if (
        _DECIMALS.fullmatch(found)
        or _LOG_STATUS.search(read.text, max(0, start - 3), start)
        or _UNIT.match(read.lower, end)
    ):
        return True
    return found.startswith(("978", "979")) and isbn.is_valid(found)


def _bare(found: str) -> float:
    """The score of digits without a separator that nothing calls a phone."""
    if found.startswith("00"):
        return IN_CONTEXT if 10 <= len(found) <= MOST_DIGITS else 0.0
    if found.startswith("0"):
        return IN_CONTEXT if 9 <= len(found) <= 12 else 0.0
    if found.endswith("000"):
        return 0.0
    if len(found) in (7, 8, 9):
        return WEAK if found[0] != "1" else 0.0
    if len(found) == 10:
        return WEAK if found[0] not in "01" else 0.0
    return (
        WEAK
        if len(found) == 11 and found[0] == "1" and found[1] not in "01"
        else WEAK
        if len(found) == 12 and found[:2] in ("91", "44")
        else 0.0
    )


def _grouped(found: str, groups: list[str], count: int) -> float:
    """The score of groups of digits that nothing calls a phone."""
    if _NANP.fullmatch(found):
        return STRONG
    sizes = [len(g) for g in groups]
    if found.startswith("("):
        return STRONG if sizes[0] <= 5 and FEWEST_DIGITS <= count <= 13 else 0.0
    if found.startswith("0"):
        return (
            STRONG if 8 <= count <= 14 and sizes[0] <= 6 and _phone_like(sizes) else IN_CONTEXT if count >= 8 else 0.0
        )
    if len(groups) == 2:
        return _two_groups(found, groups, sizes)
    if max(sizes) > 6 or min(sizes) < 1 or count > 13 or ("/" in found and len(groups) > 3):
        return 0.0
    if sizes == [4, 4, 4] or sizes == [4, 4, 4, 4]:
        return 0.0 if len(groups) == 4 else WEAK
    return IN_CONTEXT if _phone_like(sizes[1:] if sizes[0] <= 3 else sizes) else 0.0


def _phone_like(sizes: list[int]) -> bool:
    return all(2 <= size <= 8 for size in sizes) and sum(size > 5 for size in sizes) <= 1


def _two_groups(found: str, groups: list[str], sizes: list[int]) -> float:
    """“555-0134”, “412 3456”, “8123 4567”; not “100-2000” nor “1234 56”."""
    if sizes == [3, 4]:
        if found[3] == "-":
            return IN_CONTEXT if groups[0][0] not in "01" or groups[1][0] == "0" else 0.0
        return WEAK if found[3] == " " and not (groups[1].startswith(("19", "20")) or groups[1].endswith("00")) else 0.0
    if sizes == [4, 4]:
        return WEAK if groups[0][0] in "235689" and not groups[0].startswith("20") and found[4] in " -." else 0.0
    return (
        WEAK if sizes in ([3, 6], [5, 5], [5, 6], [4, 6], [3, 7], [2, 7], [2, 8], [4, 5]) and "." not in found else 0.0
    )
