"""Dates in figures and in words, times that belong to a date, birth years, and ages of persons: the number alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers.capitals import MONTH
from sluicegate.data.scrubbing.recognizers.cues import cue
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading, RuleRecognizer

_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_NUMERIC_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:1[89][0-9]{2}|20[0-9]{2})"
_TIME = (
    r"(?:[01]?[0-9]|2[0-4])(?::[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?:\s?[ap]\.?m\b\.?)?"
    r"|\s?[ap]\.?m\b\.?)(?:\s?(?:Z\b|UTC|GMT|[ECMP][SD]?T\b|BST|CES?T|[+-][0-9]{2}:?[0-9]{2}))?"
)
_WEEKDAY = (
    r"(?:Mon(?:day)?|Tue(?:s(?:day)?)?|Wed(?:nesday)?|Thu(?:rs(?:day)?)?|Fri(?:day)?|Sat(?:urday)?"
    r"|Sun(?:day)?)\.?"
)
_LONG_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_ORDINAL = rf"(?:{_DAY})(?:st|nd|rd|th|\.)?"
_SPELT = (
    "(?:twenty|thirty)[- ](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|first|second"
    "|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth"
    "|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth"
)
_M = rf"(?:{MONTH}|{MONTH.upper()}|{MONTH.lower()})\.?"
_LEAD, _FOLLOW = (
    rf"(?<![\w./:-])(?:{_WEEKDAY},?\s)?(?:the\s(?=[0-9]))?",
    rf"(?![\w/]|-[0-9]|\.[0-9])(?:(?:,|\sat|,\sat|\son|\s@"
    rf"|\s[-–])?\s{{1,2}}{_TIME}(?!\w))?(?:,?\s(?:on\s)?{_LONG_DAY})?",
)
_FIGURES = re.compile(
    rf"{_LEAD}(?:{_YEAR}(?P<a>[-/.]){_NUMERIC_MONTH}(?P=a){_DAY}(?:T{_TIME})?"
    rf"|{_DAY}(?P<b>[-/.]|\s[-/.]\s){_NUMERIC_MONTH}(?P=b)(?:{_YEAR}|['’]?[0-9]{{2}})"
    rf"|{_NUMERIC_MONTH}(?P<c>[-/.]|\s[-/.]\s){_DAY}(?P=c)(?:{_YEAR}|['’]?[0-9]{{2}})){_FOLLOW}"
)
_MONTH_SEEN = re.compile("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec")
_WORDS = re.compile(
    rf"{_LEAD}(?:"
    rf"{_ORDINAL}(?:\s?(?:of\s)?|[-/.]){_M}(?:,?\s?(?:of\s)?|[-/.,]\s?)(?:{_YEAR}|['’]?[0-9]{{2}}(?![:0-9]))"
    rf"|{_M}(?:\s|[-/.])(?:the\s)?{_ORDINAL}(?:\s?[-–]\s?{_DAY})?(?:,?\s{{1,2}}|[-/,])(?:{_YEAR}"
    rf"|['’][0-9]{{2}}|[0-9]{{2}}(?![:0-9]|\s?[ap]m))"
    rf"|{_YEAR}[-/.\s,]{{1,2}}{_M}[-/.\s]{_ORDINAL}"
    rf"|{_ORDINAL}\s?(?:of\s)?{_M}|{_M}\s(?:the\s)?{_ORDINAL}(?!\s?(?:%|percent|people|years|days"
    rf"|,?[0-9]{{3}}))|(?:the\s)?(?:{_SPELT})\sof\s{_M}(?:,?\s{_YEAR})?"
    rf"|{_M}(?:\sof)?,?\s{_YEAR}|{_M}[-/]['’]?[0-9]{{2,4}}|{_DAY}[-/]{_M}|{_YEAR}[-/]{_M}){_FOLLOW}"
)
_TIME_FIRST = re.compile(
    rf"(?<![\w./:-]){_TIME},?\s(?:on\s|of\s)?(?=(?:the\s)?(?:{_WEEKDAY}|[0-9]{{1,4}}[-/.]|{_ORDINAL}\s{_M}"
    rf"|{_M}\s[0-9]))"
)
_ISO = re.compile(rf"(?<![\w./:-]){_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:T?[0-9]{{4,6}}Z?)?(?!\w)")
_BIRTH = re.compile(
    rf"(?<![a-z])(?:born|birth(?:day|date)?|d\.?o\.?b\.?|date of birth|year of birth|birth year)(?:\s(?:is"
    rf"|was|in|on|year|around|about|date|circa|[a-z]+\sin))?\s?[:=(]?\s{{0,2}}"
    rf"((?:{MONTH.lower()})?\s?(?:{_YEAR}|[0-9]{{1,2}}[-/. ][0-9]{{1,2}}(?:[-/. ][0-9]{{2,4}})?"
    rf"|[0-9]{{6,8}}|['’][0-9]{{2}}))(?!\w)"
)
_YEAR_IN = re.compile(
    rf"(?<![a-z])(?:in|since|until|from|during|by|of|year|class of|summer|winter|spring|autumn|fall|early"
    rf"|late|mid|before|after|circa|between|back in|around|and|to)\s({_YEAR})(?![\w-])(?!\s?(?:%|kg|km|m\b"
    rf"|miles|people|users|words|dollars|euros|units|feet))(?![.,:][0-9])"
)
_DATED = re.compile(
    r"(?<![a-z])(?:exp(?:ir(?:y|es|ation))?(?: date)?|valid (?:thru|until|through)"
    r"|good thru)\s?[:.]?\s?((?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?[0-9]{2})(?![\w/])"
)

_UNIT = r"(?:years?|yrs?\.?|y\.?r\.?s?\.?|months?|mos?\.?|weeks?|wks?|days?)"
_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_ONES = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_NUMBER_WORD = (
    rf"(?:{_TENS}(?:[- ]{_ONES})?|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    rf"|nineteen|{_ONES}|a hundred(?: and {_ONES})?)"
)
_HOW_OLD = rf"(?:1[0-4][0-9]|[1-9]?[0-9](?:\.5|½)?|{_NUMBER_WORD})"
_AGE = re.compile(
    rf"(?<![\w.,$£€-])(?P<age>{_HOW_OLD})(?:(?:\s?-\s?|\s?){_UNIT}(?:\s?-\s?|\s)(?:old|of age|young)s?(?![a-z])"
    rf"|\s?y\s?/\s?o(?![a-z])|\s?y\.?o\.?(?![a-z])|\s?yr\s?old)(?:(?:,?\s(?:and\s)?)(?P<rest>{_HOW_OLD})\s(?:months?"
    rf"|days?)(?:\sold)?)?"
)
_AGED = re.compile(
    rf"(?<![a-z])(?:(?:aged?|ages)(?:\s(?:is|was|of|at(?:\s(?:death|onset|diagnosis))?|about|around"
    rf"|approximately|between|group|range))?\s?[:=(]?\s{{0,3}}|(?:turn(?:s|ed|ing)?"
    rf"|turned)\s(?=[1-9][0-9](?!\w))"
    rf"|(?:at the age of|age of|the age of|over the age of|under the age of|by the age of)\s|(?:he|she"
    rf"|sons?|daughter|child|kid|baby|boy|girl|brother|sister|mother|father|wife|husband|mom|mum|dad"
    rf"|patient)(?:\sis|['’]s|\swas)\s(?:only\s|just\s|about\s|now\s|already\s|nearly\s|almost\s)?|(?:i\sam"
    rf"|i['’]m|im)\s(?:only\s|just\s|now\s|already\s|nearly\s|almost\s|a\s)?)"
    rf"(?P<age>{_HOW_OLD}(?:(?:\s?-\s?|\sto\s|\sand\s)1?[0-9]{{1,2}})?)(?:\s?(?:y(?:ea)?rs?|y/?o)(?![a-z]))?"
    r"(?![\w:/%-]|[.,][0-9]|\s?(?:%|percent|minutes?|mins?|hours?|km|miles?|am\b|pm\b|weeks? (?:pregnant"
    r"|away)|days? (?:late|behind|away)|feet|ft|foot|meters?|metres?|cm|kg|lbs?|pounds|stone|of|in|more"
    r"|times?|other|people|points?|steps?))"
)
_SEX_AGE = re.compile(
    r"(?<![\w.,$£€/-])(?:([1-9][0-9])\s?(?:/\s?)?(?:[MF](?=\s{0,2}(?:[,.;:)/|]|$))|(?:male|female|man|woman)(?![a-z]))"
    r"|\(?[MF]\s?[/,]?\s?([1-9][0-9])\)?(?![\w.,:/-])|(?<=,\s)([1-9][0-9])(?=,\s(?:of|from|who|a|an|was|is"
    r"|said|has|died|lives|and|works|told)(?![a-z])))"
)
_ADULT = re.compile(
    r"(?<![a-z])(?:in (?:his|her|their|my) (?:early |mid[- ]?|late )?((?:twen|thir|for|fif|six|seven|eigh"
    r"|nine)ties|[2-9]0['’]?s)|([1-9][0-9])(?:th|st|nd|rd) birthday|([2-9]0-something|(?:twenty"
    r"|thirty|forty|fifty|sixty)-something))(?![a-z])"
)
_OLD = re.compile("old|of age|young|y ?/ ?o|yo|y\\.o|yr")
_SMALL = frozenset(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "0", "1", "2"))


def recognizers() -> list[EntityRecognizer]:
    """Recognizers of dates and ages."""
    return [
        RuleRecognizer("DateRules", ["DATE_TIME"], _dates, digits=0),
        RuleRecognizer("AgeRules", ["AGE"], _ages),
    ]


def _dates(read: Reading) -> Iterator[Find]:
    text, low = read.text, read.lower
    named = (read.digits or " of " in low) and _MONTH_SEEN.search(low)
    for pattern in (*((_FIGURES,) if read.digits >= 4 else ()), *((_WORDS,) if named else ())):
        for m in pattern.finditer(text):
            start = m.start() + (4 if m[0].startswith("the ") else 0)
            weak = m[0][:3].lower() in ("may", "mar") and sum(map(str.isdecimal, m[0])) < 3
            yield Find(start, m.end(), "DATE_TIME", WEAK if weak else STRONG)
    if not read.digits:
        return
    for m in _TIME_FIRST.finditer(text):
        yield Find(
            m.start(), m.end() - (len(m[0]) - len(re.sub(r",?\s(?:on\s|of\s)?$", "", m[0]))), "DATE_TIME", IN_CONTEXT
        )
    for m in _ISO.finditer(text):
        if cue(read, m.start(), m.end()) != "other":
            yield Find(m.start(), m.end(), "DATE_TIME", WEAK)
    for pattern in (_BIRTH, _YEAR_IN, _DATED):
        for m in pattern.finditer(low):
            yield Find(m.start(1), m.end(1), "DATE_TIME", IN_CONTEXT)


def _ages(read: Reading) -> Iterator[Find]:
    low = read.lower
    if not (read.digits or "ty" in low or "een" in low or "ties" in low or "old" in low):
        return
    for m in _AGE.finditer(low) if _OLD.search(low) else ():
        for number in ("age", "rest"):
            if m[number]:
                yield Find(*m.span(number), "AGE", STRONG)
    for m in _AGED.finditer(low):
        loose = not m[0].startswith(("age", "at ", "the ", "over", "under", "by "))
        if not (loose and m["age"] in _SMALL):
            yield Find(*m.span("age"), "AGE", WEAK if loose else IN_CONTEXT)
    for m in _SEX_AGE.finditer(read.text):
        group = m.lastindex or 0
        yield Find(m.start(group), m.end(group), "AGE", WEAK)
    for m in _ADULT.finditer(low):
        group = m.lastindex or 0
        yield Find(m.start(group), m.end(group), "AGE", WEAK)
