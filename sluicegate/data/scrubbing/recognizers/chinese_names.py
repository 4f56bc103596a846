"""Names of persons in Chinese text, and the titles beside them.

A character that is a surname may begin a name of two or three characters. Each such candidate collects evidence: how
usual the surname is, whether the rest are characters that given names are made of, what stands before it (a label, a
role, a pause) and after it (a title, a verb of speech, a pause). The sum decides. What is sure in one place of a text
is then found in its other places too.

Names from other languages are found by their raised dot (约翰·史密斯), or by a run of the characters with which they
are written beside a role or a verb of speech.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sluicegate.data.scrubbing.recognizers import chinese_name_words as words
from sluicegate.data.scrubbing.recognizers.chinese_places import CITIES, CITIES_ABROAD, COUNTRIES, PROVINCES
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading

_ENOUGH, _LIKELY, _PLENTY = 2.5, 3.0, 5.0
"""Evidence from which a candidate may be a name, is one in its context, and is a sure one."""
_NEARLY = 2.0
"""Evidence that is enough beside another name in a list."""

_SINGLE = words.COMMON_SURNAMES | words.AMBIGUOUS_SURNAMES | words.RARE_SURNAMES
_SURNAME = re.compile(f"{'|'.join(words.COMPOUND_SURNAMES)}|[{''.join(sorted(_SINGLE))}]")
_OTHER_SURNAMES = _SINGLE - words.COMMON_SURNAMES
_PLAIN_SURNAMES = words.COMMON_SURNAMES - words.AMBIGUOUS_SURNAMES
_CERTAINLY_GIVEN = (words.GIVEN | words.STRONG_GIVEN) - words.SEAM - words.NEVER_GIVEN
_BEFORE = frozenset(words.BEFORE) | words.STRONG_BEFORE
_AFTER = frozenset(words.AFTER) | words.STRONG_AFTER
_LONGEST_BEFORE, _LONGEST_AFTER = max(map(len, _BEFORE)), max(map(len, _AFTER))
_TITLE = re.compile("|".join(sorted(words.TITLES, key=len, reverse=True)))
_COURTESY = re.compile("|".join(sorted(words.COURTESY_TITLES, key=len, reverse=True)))
_NO_TITLE_AFTER = re.compile("[们家装化]|部门|办公|护士站")
_PLACES = frozenset((*PROVINCES, *CITIES, *COUNTRIES, *CITIES_ABROAD))
_LABELS = (
    "姓名|名字|真名|本名|原名|曾用名|户名|户主|联系人|联络人|收件人|寄件人|收货人|发件人|法人"
    "|法定代表人|持卡人|投保人|被保险人|受益人|申请人|委托人|经办人|监护人|患者|病人|负责人|车主"
    "|业主|房东|签名|签字|署名|作者|记者|主治医生|主治医师"
    "|医生|医师|老师|客户|顾客|乘客|旅客|用户|学生|家长|经理|司机|当事人|被告人|被告|原告|证人"
    "|收款人|付款人|汇款人|开户人|乙方|甲方|紧急联系人|父亲|母亲|配偶|丈夫|妻子|儿子|女儿|护士|教授"
    "|班主任|辅导员|导师|面试官|推荐人|主讲人|审核人|审核"
    "|制表人|制表|填表人|报告人|检查者|住院医师|送检医师|代表人|收货|收件|寄件|购买方|付款方|入住人"
    "|住客|应聘者|租客|求职者|候选人|参会人|嘉宾"
)
_LABEL = re.compile(
    f"(?=[{''.join(sorted({label[0] for label in _LABELS.split('|')}))}我名全大他她本])"
    f"(?:(?:{_LABELS})(?:姓名|名字|名)?(?:[: ]|为|是|叫){{1,3}}|(?:我叫|我的名字叫|名叫|名字叫"
    f"|我名字是|名为|全名|大名|我是|他叫|她叫|本人)[:, ]?) {{0,2}}"
)
_PAUSE = re.compile("[^\u4e00-\u9fffA-Za-z0-9]")
_LATIN = re.compile(
    "(?:我是|我叫|叫做|名叫|他叫|她叫|这是|姓名|联系人|收件人|客户|名字是|名字叫|名字|英文名|持卡人"
    "|乘客|旅客|作者|患者|同事|朋友|老板|老师|经理|谢谢|感谢|找|和|跟|请)(?:[: ]|是|叫|为){0,2}"
    "([A-Z][a-z]{1,14}(?: [A-Z]\\.?)?(?:[ -][A-Z][a-z]{1,14}){0,2}|[A-Z]{2,12},?"
    " [A-Z]{2,12}(?:-?[A-Z]{2,12})?)(?![A-Za-z0-9@.])"
)
_LATIN_WITH_TITLE = re.compile(
    "(?<![A-Za-z0-9])([A-Z][a-z]{1,14}(?: [A-Z][a-z]{1,14}){0,2}) ?(先生|女士|小姐|老师|教授|博士|医生|太太|经理)"
)
_LATIN_WORDS = words.words_of(
    "Android Apple App Windows Office Word Excel Iphone Ipad Mac Nokia Sony Dell Samsung Lenovo"
    " Google Intel Linux Vista Java Python Wifi Usb"
)
_T = f"[{''.join(sorted(words.TRANSLITERATION))}]"
_DOTTED = re.compile(rf"({_T}{{1,6}}|[A-Z])·(?:(?:{_T}{{1,7}}|[A-Z]\.?)·)*({_T}{{1,7}})")
_FOREIGN = re.compile(rf"{_T}{{2,7}}")
_HARD = frozenset(
    "斯尔克特姆顿拉尼夫蒂诺贝莱罗布科伊亚塞萨卡巴洛迪梅奥哈森维格耶戈赫茨逊诃阿埃艾瓦德纳泽齐基内谢蒙"
    "托曼丁达扎普奇舍埋勒菲穆库"
)
_FAMILIAR = re.compile(
    f"(?<![\u4e00-\u9fff])[老小阿]([{''.join(sorted(_PLAIN_SURNAMES - set('熊高马毛龙雷石何孙龚')))}])"
    f"(?![\u4e00-\u9fff])"
)


class _Candidate(NamedTuple):
    start: int
    end: int
    evidence: float


def persons(read: Reading) -> Iterator[Find]:
    """Names of persons, and titles that stand after a name or a surname."""
    text = read.text
    finds = list(_chinese(text))
    finds += _foreign(text)
    finds += [Find(found.start(), found.end(), "PERSON", WEAK) for found in _FAMILIAR.finditer(text)]
    if not text.isascii():
        finds += _latin(text)
    yield from finds
    yield from _mentions(text, finds)


def _chinese(text: str) -> Iterator[Find]:
    candidates: list[_Candidate] = []
    labelled = {label.end() for label in _LABEL.finditer(text)}
    end = 0
    for surname in _surnames(text):
        if surname.start() < end:
            continue
        if title := _title_after_surname(text, surname):
            yield Find(*surname.span(), "PERSON", IN_CONTEXT)
            yield Find(*title.span(), "TITLE", STRONG)
            end = title.end()
            continue
        candidate = _best(text, surname, surname.start() in labelled)
        if candidate and candidate.evidence >= _NEARLY:
            if candidates and candidate.start < candidates[-1].end:
                if candidate.evidence <= candidates[-1].evidence:
                    continue
                candidates.pop()
            candidates.append(candidate)
    for candidate in _with_neighbours(text, candidates):
        yield Find(candidate.start, candidate.end, "PERSON", _score(candidate.evidence))
        if (title := _COURTESY.match(text, candidate.end)) and not _NO_TITLE_AFTER.match(text, title.end()):
            yield Find(*title.span(), "TITLE", STRONG)


def _score(evidence: float) -> float:
    return STRONG if evidence >= _PLENTY else IN_CONTEXT if evidence >= _LIKELY else WEAK


def _surnames(text: str) -> Iterator[re.Match[str]]:
    """Each surname; a compound one also as the single one that it ends in, after a word as in 省长孙."""
    for found in _SURNAME.finditer(text):
        if len(found[0]) == 1:
            yield found
        elif _word_before(text, found.start() + 1) in words.STRONG_BEFORE:
            if single := _SURNAME.match(text, found.start() + 1):
                yield single
        else:
            yield found


def _with_neighbours(text: str, candidates: list[_Candidate]) -> Iterator[_Candidate]:
    """The candidates with enough evidence, and those with nearly enough next to one in a list."""
    sure = {edge for c in candidates if c.evidence >= _ENOUGH for edge in (c.start, c.end)}
    for c in candidates:
        listed = (
            text[c.end : c.end + 1] in "、, 和与"
            and c.end + 1 in sure
            or text[c.start - 1 : c.start] in "、, 和与"
            and c.start - 1 in sure
        )
        if c.evidence >= _ENOUGH or listed:
            yield c


def _title_after_surname(text: str, surname: re.Match[str]) -> re.Match[str] | None:
    """The title straight after a surname, as in 王先生."""
    title = _TITLE.match(text, surname.end())
    if not title or _NO_TITLE_AFTER.match(text, title.end()):
        return None
    name, start = surname[0], surname.start()
    free = start == 0 or _PAUSE.match(text[start - 1]) or _word_before(text, start) or text[start - 1].isascii()
    if title[0] in words.WEAK_TITLES:
        ends = title.end() == len(text) or text[title.end()] in ",。!?、:; 的说好您你和在让给"
        return title if name in _PLAIN_SURNAMES and free and ends else None
    if len(name) == 2 or free and name in words.COMMON_SURNAMES:
        return title
    return title if name in _PLAIN_SURNAMES and title[0] in words.COURTESY_TITLES else None


def _best(text: str, surname: re.Match[str], labelled: bool) -> _Candidate | None:
    """The better of the readings with one and with two characters as given name, or None."""
    start, middle = surname.span()
    never = words.NEVER_GIVEN_EVEN_LABELLED if labelled else words.NEVER_GIVEN
    if text[middle : middle + 1] in never or not _is_han(text[middle : middle + 1]):
        return None
    before = 4.0 if labelled else _evidence_before(text, start)
    announced = before > 2 and surname[0] in _PLAIN_SURNAMES and text[middle + 1 : middle + 2] in _CERTAINLY_GIVEN
    if len(surname[0]) == 1 and not labelled and not announced and _is_in_word(text, start):
        return None
    if before < 0 and surname[0] in _OTHER_SURNAMES:
        return None
    if start and text[start - 1 : start + 1] in words.COMMON_WORDS:
        before -= 0.8
    best = None
    for end in (middle + 1, middle + 2):
        given = text[middle:end]
        if not _is_han(given[-1]) or given[-1] in never or end > len(text) or text[start:end] in _PLACES:
            break
        evidence = before + _evidence_of_name(surname[0], given) + _evidence_after(text, end)
        if best is None or evidence > best.evidence:
            best = _Candidate(start, end, evidence)
    return best


def _is_in_word(text: str, start: int) -> bool:
    """Whether the surname at `start` begins or ends a plain word."""
    return text[start : start + 2] in words.COMMON_WORDS or (
        start > 0 and text[start - 1 : start + 1] in words.ENDS_IN_SURNAME
    )


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _evidence_of_name(surname: str, given: str) -> float:
    if len(surname) == 2:
        evidence = 2.5
    elif surname in _PLAIN_SURNAMES:
        evidence = 1.0
    else:
        evidence = -0.2 if surname in words.COMMON_SURNAMES else -1.8
    for character in given:
        evidence += 1.2 if character in words.STRONG_GIVEN else 0.6 if character in words.GIVEN else -0.3
    if len(given) == 1:
        return evidence
    return evidence + (-0.7 if given[1] in words.SEAM and given[1] not in words.STRONG_GIVEN else 0.3)


def _word_before(text: str, start: int) -> str | None:
    """The longest word that announces a name and ends at `start`."""
    for length in range(min(_LONGEST_BEFORE, start), 0, -1):
        if text[start - length : start] in _BEFORE:
            return text[start - length : start]
    return None


def _evidence_before(text: str, start: int) -> float:
    if start == 0 or _PAUSE.match(text[start - 1]):
        return 1.0
    if word := _word_before(text, start):
        return 2.8 if word in words.STRONG_BEFORE else 1.2
    return -0.5 if _is_han(text[start - 1]) else 0.4


def _evidence_after(text: str, end: int) -> float:
    if end == len(text) or _PAUSE.match(text[end]):
        return 0.8
    if _TITLE.match(text, end):
        return 3.0 if _COURTESY.match(text, end) else 2.0
    for length in range(min(_LONGEST_AFTER, len(text) - end), 0, -1):
        word = text[end : end + length]
        if word in _AFTER:
            return 2.2 if word in words.STRONG_AFTER else 0.8
    return -0.6 if _is_han(text[end]) else 0.4


def _foreign(text: str) -> Iterator[Find]:
    if "·" in text:
        for found in _DOTTED.finditer(text):
            yield Find(*found.span(), "PERSON", STRONG)
    for found in _FOREIGN.finditer(text):
        run = found[0]
        if run in _PLACES or any(run[:n] in _PLACES for n in (2, 3, 4)):
            continue
        before, after = _evidence_before(text, found.start()), _evidence_after(text, found.end())
        announced = before > 2
        hard = sum(c in _HARD for c in run)
        if (announced or after >= 2) and before + after >= 2 and hard >= 2 - announced and len(run) + announced >= 3:
            yield Find(*found.span(), "PERSON", IN_CONTEXT)


def _latin(text: str) -> Iterator[Find]:
    for found in _LATIN.finditer(text):
        if found[1].split()[0] not in _LATIN_WORDS:
            yield Find(*found.span(1), "PERSON", IN_CONTEXT)
    for found in _LATIN_WITH_TITLE.finditer(text):
        yield Find(*found.span(1), "PERSON", STRONG)
        yield Find(*found.span(2), "TITLE", STRONG)


def _mentions(text: str, finds: list[Find]) -> Iterator[Find]:
    """Other places of the names that were found, three characters or longer, or sure."""
    known = {find.start for find in finds}
    names = {
        text[f.start : f.end]
        for f in finds
        if f.entity_type == "PERSON"
        and f.score >= (IN_CONTEXT if f.end - f.start > 2 else STRONG)
        and f.end - f.start > 1
    }
    for name in names:
        for at in _places_of(text, name):
            if at not in known:
                yield Find(at, at + len(name), "PERSON", IN_CONTEXT)


def _places_of(text: str, name: str) -> Iterator[int]:
    yield from (found.start() for found in re.finditer(re.escape(name), text))
