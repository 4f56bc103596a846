"""Days, times and ages in Chinese text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading

_DIGITS = "〇○零一二三四五六七八九"
_YEAR = (
    rf"(?:公元)?(?:[12][0-9]{{3}}|[{_DIGITS}]{{4}}|(?<![0-9])[0-9]{{2}}|(?<![{_DIGITS}十百千万])[{_DIGITS}]{{2}}) ?年"
)
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]|正|腊|冬|闰[一二三四五六七八九]) ?月"
_DAY = (
    r"(?:(?:3[01]|[12][0-9]|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?"
    r"|[一二三四五六七八九]) ?[日号號]|初[一二三四五六七八九十]|廿[一二三四五六七八九]?)"
)
_LUNAR_DAY = "(?:二十[一二三四五六七八九]?|十[一二三四五六七八九]?|三十)"
_ERA = r"(?:民国|民國|光绪|宣统|乾隆|康熙|昭和|平成|令和)(?:元|[0-9]{1,3}|[〇零一二三四五六七八九十]{1,4})年"
_STEMS = "[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年"
_PART = "(?:凌晨|清晨|早晨|早上|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜|午夜|晚)"
_NUMBER = "(?:[0-9]{1,2}|[零一二三四五六七八九十两]{1,3})"
_CLOCK = (
    rf"(?:{_PART} ?)?(?:[0-2]?[0-9] ?: ?[0-5][0-9](?: ?: ?[0-5][0-9])?|{_NUMBER}"
    rf" ?[时時点點](?:{_NUMBER} ?分?(?:{_NUMBER} ?秒)?|半|整|钟|许|[一三]刻)?)"
)
_LUNAR = "(?:农历|農曆|阴历|陰曆|旧历)"
_FULL = re.compile(
    rf"(?:(?:{_ERA}|{_YEAR}(?:[(（]?{_STEMS}[)）]?)?|{_STEMS}|[今去前明]年)(?:{_LUNAR})?[, ]?)?{_MONTH}份?[, ]?{_DAY}"
    rf"(?: ?[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?)?(?:[, ]{{0,2}}{_CLOCK})?"
    rf"|(?:{_LUNAR} ?)?(?:{_ERA}|{_YEAR}){_LUNAR}?(?:{_MONTH}份?)?(?:[上中下]旬|[年月]?底|[年月]?初|春"
    rf"|夏|秋|冬)?(?=(.?))"
    rf"|{_LUNAR}(?:{_MONTH})(?:{_DAY}|{_LUNAR_DAY})?|{_LUNAR}{_DAY}"
)
_NUMERIC = re.compile(
    rf"(?<![0-9A-Za-z./-])(?:(?:19|20)[0-9]{{2}}(?:([-/.])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12][0-9]"
    rf"|0?[1-9])|[-/.](?:1[0-2]|0?[1-9])(?![0-9]))"
    rf")(?:[ T]{{0,2}}{_CLOCK})?(?![0-9A-Za-z]|[-/.][0-9])"
)
_SOLID = re.compile(
    r"(?:生日|出生日期|出生年月日?|生于|日期|出生|DOB)(?:为|是|于)?[: ]{0,3}((?:19|20)[0-9]{2}[./"
    r" -]?(?:1[0-2]|0[1-9])(?:[./ -]?(?:3[01]|[12][0-9]|0[1-9]))?)(?![0-9])"
)
_MONTH_DAY = re.compile(
    rf"(?:{_MONTH}(?:份|[上中下]旬|[底初])?|(?<![0-9第]){_DAY}(?=[ ,。;!?)）]|上午|下午|晚上|早上|中午"
    rf"|凌晨|$))(?:{_CLOCK})?"
)
_MONTH_GUARD = re.compile("[一二三四五六七八九十0-9个满每经过]")
_TIME = re.compile(rf"(?<![0-9:.A-Za-z]){_CLOCK}(?![0-9:A-Za-z])")
_WEEKDAY = re.compile(rf"(?:[上下这本][个個]?)?(?:星期|礼拜|週|周)[一二三四五六日天末](?:{_CLOCK})?")
_RELATIVE = re.compile(
    rf"(?=[今明昨前后大次当])(?:今天|明天|昨天|前天|后天|大后天|今晚|昨晚|明晚|今早|明早|昨日|今日"
    rf"|明日|次日|当天)(?:{_PART})?(?:{_CLOCK})?"
)
_FESTIVAL = re.compile(
    r"(?=[春除元清端中重国大圣])(?:春节|除夕|元宵节|元宵|清明节|端午节|中秋节|重阳节|国庆节?|元旦"
    r"|大年初[一二三四五六七]|圣诞节)"
)

_AGE_NUMBER = (
    "(?:1[01][0-9]|[1-9]?[0-9]|[一二三四五六七八九]?十[一二三四五六七八九]?|[两三四五六七八九一]"
    "|[一二三四五六七八九]百?零?[一二三四五六七八九]?)"
)
_AGE = re.compile(
    rf"(?<![0-9.〇零一二三四五六七八九十百千第])({_AGE_NUMBER}(?:[-~到至、]{_AGE_NUMBER})?(?:[多几来])?"
    rf" ?(?:周岁|週歲|岁半|岁|歲|虚岁))(?![月])"
    rf"|(?:年龄|年齡|年纪|虚岁|实岁|周岁|芳龄|时年|年方|享年|现年|年满|年届)(?:为|是|[:：])?"
    rf" {{0,2}}({_AGE_NUMBER})(?![0-9.%年月〇零一二三四五六七八九十百千])"
    rf"|(?:今年|已经|刚满|快|我|他|她)(?:才|都|已|刚|就|快|是)?({_AGE_NUMBER})(?:了"
    rf"|啦)(?![0-9点岁年个只次天件本块元]|[\u4e00-\u9fff])"
    rf"|今年(?:才|都|已|刚|就|快)?({_AGE_NUMBER})(?=[,。;!?\s]|$)|([0-9]{{1,2}}[后後])(?=[ ,。的女男小青年新妈爸一]|$)"
    r"|([0-9]{1,2}|[一二三四五六七八九十]{1,3})个月大"
)
_AGE_WORDS = re.compile(
    "花甲之年|古稀之年|而立之年|不惑之年|耄耋之年|年过[半五六七八九]旬百?|年逾[半五六七八九]旬"
    "|[五六七八九]旬老[人太汉翁妇]"
)
_FULL_CUES = re.compile("[年月历曆]")
_DAY_CUES = re.compile("月|[0-9一二三四五六七八九十] ?[日号號]|[初廿][一二三四五六七八九十]")
_CLOCK_CUES = re.compile("[0-9一二三四五六七八九十两] ?[:时時点點]")
_CUES = re.compile("[年月日号號时時点點:岁歲期周週天晚早旬节元夕纪龄齡了后後历曆拜今]|[0-9][-/.][0-9]")


def days_and_times(read: Reading) -> Iterator[Find]:
    """Days of the Western and the lunar calendar, months, weekdays, clock times, days named from today."""
    text = read.text
    if not _CUES.search(text):
        return
    end = 0
    for find in sorted(_days_and_times(read), key=lambda find: (find.start, -find.end)):
        if find.end > end:
            yield find
            end = find.end


def _days_and_times(read: Reading) -> Iterator[Find]:
    text = read.text
    yield from _days(text)
    if read.digits >= 4:
        yield from (Find(*found.span(), "DATE_TIME", STRONG) for found in _NUMERIC.finditer(text))
        yield from (Find(*found.span(1), "DATE_TIME", STRONG) for found in _SOLID.finditer(text))
    if _CLOCK_CUES.search(text):
        yield from (Find(*m.span(), "DATE_TIME", IN_CONTEXT) for m in _TIME.finditer(text) if _is_clock(text, m))
    for pattern, score in ((_WEEKDAY, IN_CONTEXT), (_RELATIVE, WEAK), (_FESTIVAL, WEAK)):
        yield from (Find(*found.span(), "DATE_TIME", score) for found in pattern.finditer(text))


def _days(text: str) -> Iterator[Find]:
    if _FULL_CUES.search(text):
        for found in _FULL.finditer(text):
            if not _is_span_of_years(found):
                yield Find(*found.span(), "DATE_TIME", STRONG if "月" in found[0] else IN_CONTEXT)
    if _DAY_CUES.search(text):
        for found in _MONTH_DAY.finditer(text):
            if not _MONTH_GUARD.match(text[max(0, found.start() - 1) : found.start()]):
                yield Find(*found.span(), "DATE_TIME", IN_CONTEXT)


_SPANS_OF_YEARS = re.compile("[来间前后後的多半级度代里内龄纪以制期]")


def _is_span_of_years(found: re.Match[str]) -> bool:
    """Whether "10年" and "三十年" count years instead of naming one."""
    year = found[0]
    if "月" in year or not year.endswith(("年", "底", "初")):
        return False
    if re.match(r"(?:公元)?(?:[12][0-9]{3}|[〇○零一二三四五六七八九]{4})", year) or "民" in year:
        return False
    return (
        not re.match(r"[0-9]{2}年(?:[底初])?$", year)
        or _SPANS_OF_YEARS.match(found[1] or "") is not None
        or int(year[:2]) < 50
    )


def _is_clock(text: str, found: re.Match[str]) -> bool:
    """Whether "三点" is a time and no count of points, and "3:15" no score or ratio."""
    word = found[0]
    if ":" in word:
        return True
    if re.search("[分半整钟刻许]$", word) or re.match(_PART, word):
        return not text.startswith(("之", "小时"), found.end())
    if "时" in word or "時" in word:
        return word[0].isdigit() and not text.startswith(("间", "候", "代"), found.end())
    before = text[max(0, found.start() - 2) : found.start()]
    return (
        text[found.end() : found.end() + 1] in "到至-~左前后出准见"
        and found.end() < len(text)
        and not before.endswith(("第", "有", "几"))
    )


def ages(read: Reading) -> Iterator[Find]:
    """Ages in years or months, in digits or Chinese numerals, and words for an age."""
    for found in _AGE.finditer(read.text):
        group = found.lastindex
        if group == 6:
            yield Find(*found.span(), "AGE", IN_CONTEXT)
        elif group:
            yield Find(*found.span(group), "AGE", STRONG if group == 1 else IN_CONTEXT)
    for found in _AGE_WORDS.finditer(read.text):
        yield Find(*found.span(), "AGE", IN_CONTEXT)
