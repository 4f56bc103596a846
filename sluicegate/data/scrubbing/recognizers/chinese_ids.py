"""Numbers that name a person in China, Hong Kong, Macau and Taiwan: identity cards, bank cards, passports, permits.

Every checksum that a number carries is worked out. Where it holds, the find is certain; where it does not, the number
is still found at a lower score, or when the words before it call it by its name: people mistype.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from stdnum import luhn
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from sluicegate.data.scrubbing.recognizers.rules import CHECKED, IN_CONTEXT, STRONG, WEAK, Find, Reading

_EARLIEST_BIRTH = 1880
_LATEST_BIRTH = 2100
_LABEL_CHARACTERS = 14
_ISSUERS = "(?:62|4[0-9]|5[1-5]|2[2-7]|3[4-7]|60|81|9)"

# Group separators are single, so that two numbers side by side stay two.
_RESIDENT = re.compile(
    r"(?<![0-9A-Za-z])([1-9][0-9]{5})[ -]?([12][089][0-9]{2})[ -]?([01][0-9])[ -]?([0-3][0-9])["
    r" -]?([0-9]{3})[ -]?([0-9Xx*])"
    r"(?![0-9A-Za-z])"
)
_RESIDENT_LABELLED = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_RESIDENT_OLD = re.compile(r"(?<![0-9A-Za-z])[1-8][0-9]{5}([0-9]{2})([01][0-9])([0-3][0-9])[0-9]{3}(?![0-9A-Za-z])")
_RESIDENT_MASKED = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{2,9}[*xX]{4,13}[0-9]{2,4}[0-9Xx](?![0-9A-Za-z*])")
_RESIDENT_LABEL = re.compile("身份证|身份證|公民身份|居民证|证件|證件|证号|身份号|ID ?card|ID ?No", re.IGNORECASE)
_CARD = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9]{16,19}|[0-9]{4}(?:([ -])[0-9]{4})(?:\1[0-9]{4}){2}(?:\1[0-9]{1,3})?)(?![0-9A-Za-z])"
)
_CARD_LABEL = re.compile(
    "银行卡|銀行卡|卡号|卡號|账号|帳號|账户|帳戶|信用卡|储蓄卡|借记卡|银联|工行|建行|农行|中行|招行"
    "|交行|转账|打款|收款|打到|汇到|转到|汇款|存到|付到|刷卡|刷了|card",
    re.IGNORECASE,
)
_CARD_TAIL = re.compile(r"(?:尾号|尾號|末四位|后四位)(?:为|是|[:：])? ?([0-9]{4})(?![0-9])")
_PASSPORT = re.compile(
    r"(?<![0-9A-Za-z])(?:(?P<cn>[EG][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|[DSP]E?[0-9]{7,8}|1[45][0-9]{7})"
    r"|(?P<permit>[CWHM][0-9]{8}(?:[0-9]{2})?|C[A-HJ-NP-Z][0-9]{7})|(?P<hk>K[A-Z]?[0-9]{7,8}"
    r"|H[A-Z]?[0-9]{8}))(?![0-9A-Za-z])"
)
_PASSPORT_LABEL = re.compile("护照|護照|通行证|通行證|回乡证|回鄉證|台胞证|臺胞證|passport", re.IGNORECASE)
_HONG_KONG = re.compile(r"(?<![0-9A-Za-z])([A-Z]{1,2})([0-9]{6}) ?(?:\(([0-9A])\)|([0-9A]))(?![0-9A-Za-z])")
_MACAU = re.compile(
    r"(?<![0-9A-Za-z])[1578][0-9]{6}(?:\([0-9]\)|/[0-9])(?![0-9A-Za-z])|(?<![0-9A-Za-z])[1578]/[0-9]{6}/[0-9](?![0-9])"
)
_TAIWAN = re.compile(r"(?<![0-9A-Za-z])[A-Z][12789A-D][0-9]{8}(?![0-9A-Za-z])")
_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_CARD_WORDS = re.compile("身份证|身份證|身分證|身分证|證件|证件|ID")
_CREDIT_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}(?![0-9A-Za-z])")
_CREDIT_LABEL = re.compile("信用代码|税号|纳税人|稅號|识别号|信用代碼")
_TAX_OLD = re.compile(r"(?<![0-9A-Za-z])[0-9]{6}[0-9A-Z]{9}(?![0-9A-Za-z])")
_VIN = re.compile(r"(?<![0-9A-Za-z])[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{4}[0-9]{4}(?![0-9A-Za-z])")
_VIN_LABEL = re.compile("车架号|車架號|车辆识别|VIN|大架号", re.IGNORECASE)
_VIN_VALUES = {
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)),
    **{d: d for d in "0123456789"},
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_MEDICAL = re.compile(
    "(?:病历号|病案号|病歷號|住院号|门诊号|就诊卡号?|医保卡?号|医保卡|社保卡?号|社保卡|医保编号"
    "|检查号|床位号|就诊号|登记号|条码号)"
    r"(?:码|为|是)?[: ]{0,3}([A-Z]{0,3}-?[0-9][0-9A-Z-]{3,18})(?![0-9A-Za-z])"
)
_DRIVER = re.compile(
    r"(?:驾驶证|驾照|駕照|驾驶证档案)(?:号码?|编号|档案编号)?(?:为|是)?[:"
    r" ]{0,3}([1-9][0-9]{11}(?:[0-9]{5}[0-9Xx])?)(?![0-9A-Za-z])"
)
_ACCOUNT = re.compile(
    r"(?:账号|帳號|账户|帳戶|对公账户|银行账号|户号)(?:号码?|为|是)?[: ]{0,3}([0-9](?:[ -]?[0-9]){8,29})(?![0-9A-Za-z])"
)

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"(?<![0-9A-Za-z])(?:"
    rf"[{_PROVINCES}][A-HJ-NP-Z][ ·.-]?(?:[A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳试超领]"
    rf"|[DF][A-HJ-NP-Z0-9][0-9]{{4}}|[0-9]{{5}}[DF])"
    rf"|[{_PROVINCES}]·?[0-9]{{4}}警|使[0-9]{{6}}|[0-9]{{6}}使|WJ ?[{_PROVINCES}]?["
    rf" ·]?[0-9]{{4}}[0-9TDSHBXJ]|应急[{_PROVINCES}][ ·]?[A-Z0-9]{{5,6}}"
    rf")(?![0-9A-Za-z])"
)
_PLATE_LOOSE = re.compile(
    rf"(?<![0-9A-Za-z])[{_PROVINCES}][a-hj-np-z][ ·.-]?(?=[a-z]*[0-9])[a-hj-np-z0-9]{{5,6}}(?![0-9A-Za-z])"
)
_PLATE_LABEL = re.compile("车牌|牌照|车号|号牌|車牌")
_FOREIGN_PLATE = re.compile(
    r"(?:车牌号?码?|車牌號?碼?|牌照号?码?)(?:为|是)?[: ]{0,3}([A-Z]{2,3}[ -]?[0-9]{3,4}|[0-9]{4}["
    r" -]?[A-Z]{2})(?![0-9A-Za-z])"
)


def resident_ids(read: Reading) -> Iterator[Find]:
    """Resident identity cards of 18 and of 15 digits.

    Source: GB 11643-1999 (18 digits, checksum after ISO 7064 MOD 11-2), GB 11643-1989 (15 digits).
    """
    text = read.text
    for found in _RESIDENT.finditer(text):
        yield from _resident(text, found)
    for found in _RESIDENT_LABELLED.finditer(text):
        if _is_called(_RESIDENT_LABEL, text, found.start()):
            yield Find(*found.span(), "CN_RESIDENT_ID", IN_CONTEXT)
    for found in _RESIDENT_OLD.finditer(text):
        if _is_date("19" + found[1], found[2], found[3]):
            called = _is_called(_RESIDENT_LABEL, text, found.start())
            yield Find(*found.span(), "CN_RESIDENT_ID", STRONG if called else WEAK)
    if "*" in text or "x" in read.lower:
        for found in _RESIDENT_MASKED.finditer(text):
            if _is_called(_RESIDENT_LABEL, text, found.start()):
                yield Find(*found.span(), "CN_RESIDENT_ID", IN_CONTEXT)


def _resident(text: str, found: re.Match[str]) -> Iterator[Find]:
    if not _is_date(found[2], found[3], found[4]):
        return
    number = "".join(found.groups()).upper()
    if number[-1] != "*" and mod_11_2.is_valid(number):
        score = CHECKED
    else:
        score = IN_CONTEXT if _is_called(_RESIDENT_LABEL, text, found.start()) else WEAK
    yield Find(*found.span(), "CN_RESIDENT_ID", score)


def bank_cards(read: Reading) -> Iterator[Find]:
    """Bank cards of 16 to 19 digits with Luhn's checksum, bank accounts by their label, and the last four digits.

    Source: ISO/IEC 7812-1.
    """
    text = read.text
    if read.digits >= 16:
        for found in _CARD.finditer(text):
            called = _is_called(_CARD_LABEL, text, found.start())
            if luhn.is_valid(re.sub("[ -]", "", found[0])) and len(set(found[0])) > 1:
                known = called or re.match(_ISSUERS, found[0])
                yield Find(*found.span(), "CREDIT_CARD", CHECKED if known else IN_CONTEXT)
            elif called or (found[1] and found[0].startswith("62")):
                yield Find(*found.span(), "CREDIT_CARD", IN_CONTEXT)
    for found in _CARD_TAIL.finditer(text):
        yield Find(*found.span(1), "CREDIT_CARD", IN_CONTEXT)
    for found in _ACCOUNT.finditer(text):
        yield Find(*found.span(1), "BANK_ACCOUNT", IN_CONTEXT)


def travel_documents(read: Reading) -> Iterator[Find]:
    """Passports of the mainland, Hong Kong and Macau, and permits to travel between them and Taiwan."""
    text = read.text
    for found in _PASSPORT.finditer(text):
        if _is_called(_PASSPORT_LABEL, text, found.start()):
            yield Find(*found.span(), "PASSPORT", STRONG)
        elif found["cn"] and found[0][0] in "EG" and _has_han(text):
            yield Find(*found.span(), "PASSPORT", WEAK)


def regional_ids(read: Reading) -> Iterator[Find]:
    """Identity cards of Hong Kong, Macau and Taiwan.

    Source: the check digits as Hong Kong's Immigration Department and Taiwan's Ministry of the Interior use them.
    """
    text = read.text
    for found in _HONG_KONG.finditer(text):
        valid, called = _hong_kong_holds(found), _is_called(_CARD_WORDS, text, found.start())
        if valid and (found[3] or called):
            yield Find(*found.span(), "NATIONAL_ID", CHECKED if found[3] else STRONG)
        elif called:
            yield Find(*found.span(), "NATIONAL_ID", IN_CONTEXT)
    for found in _MACAU.finditer(text):
        if "澳" in text or _is_called(_CARD_WORDS, text, found.start()):
            yield Find(*found.span(), "NATIONAL_ID", IN_CONTEXT)
    for found in _TAIWAN.finditer(text):
        if _taiwan_holds(found[0]):
            called = _is_called(_CARD_WORDS, text, found.start())
            yield Find(*found.span(), "NATIONAL_ID", CHECKED if called else STRONG if _has_han(text) else IN_CONTEXT)
        elif _is_called(_CARD_WORDS, text, found.start()):
            yield Find(*found.span(), "NATIONAL_ID", IN_CONTEXT)


def _hong_kong_holds(found: re.Match[str]) -> bool:
    letters = [36] * (2 - len(found[1])) + [ord(letter) - ord("A") + 10 for letter in found[1]]
    check = found[3] or found[4]
    values = [*letters, *map(int, found[2]), 10 if check == "A" else int(check)]
    return sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0


def _taiwan_holds(number: str) -> bool:
    letter = _TAIWAN_LETTERS.index(number[0]) + 10
    second = number[1] if number[1].isdigit() else str(_TAIWAN_LETTERS.index(number[1]) % 10)
    values = [letter // 10, letter % 10, int(second), *map(int, number[2:])]
    return (
        sum(value * weight for value, weight in zip(values, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def credit_codes(read: Reading) -> Iterator[Find]:
    """Unified social credit codes of organisations, which are their tax numbers too.

    Source: GB 32100-2015.
    """
    text = read.text
    for found in _CREDIT_CODE.finditer(text):
        if uscc.is_valid(found[0]) and not _RESIDENT.fullmatch(found[0]):
            yield Find(*found.span(), "TAX_ID", CHECKED)
        elif _is_called(_CREDIT_LABEL, text, found.start()):
            yield Find(*found.span(), "TAX_ID", IN_CONTEXT)
    for found in _TAX_OLD.finditer(text):
        if _is_called(_CREDIT_LABEL, text, found.start()):
            yield Find(*found.span(), "TAX_ID", IN_CONTEXT)


def plates(read: Reading) -> Iterator[Find]:
    """Licence plates: ordinary, new energy, trailer, learner, police, consular, armed police; and vehicle numbers.

    Source: GA 36-2018 (plates), GB 16735-2019 (vehicle identification numbers).
    """
    text = read.text
    for found in _PLATE.finditer(text):
        yield Find(*found.span(), "LICENSE_PLATE", STRONG)
    for found in _PLATE_LOOSE.finditer(text):
        yield Find(
            *found.span(), "LICENSE_PLATE", IN_CONTEXT if _is_called(_PLATE_LABEL, text, found.start()) else WEAK
        )
    for found in _FOREIGN_PLATE.finditer(text):
        yield Find(*found.span(1), "LICENSE_PLATE", IN_CONTEXT)
    for found in _VIN.finditer(text):
        called = _is_called(_VIN_LABEL, text, found.start())
        if called or _vin_holds(found[0]):
            yield Find(*found.span(), "LICENSE_PLATE", STRONG if called else IN_CONTEXT)


def _vin_holds(number: str) -> bool:
    total = sum(int(_VIN_VALUES[c]) * weight for c, weight in zip(number, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == number[8] and not number.isdigit()


def records(read: Reading) -> Iterator[Find]:
    """Numbers of patients, insurance cards and driving licences, by their label."""
    for found in _MEDICAL.finditer(read.text):
        yield Find(*found.span(1), "MEDICAL_ID", STRONG)
    for found in _DRIVER.finditer(read.text):
        yield Find(*found.span(1), "DRIVER_LICENSE", STRONG)


def _is_called(label: re.Pattern[str], text: str, start: int) -> bool:
    """Whether a label stands shortly before `start`."""
    return label.search(text, max(0, start - _LABEL_CHARACTERS), start) is not None


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return _EARLIEST_BIRTH <= date(int(year), int(month), int(day)).year < _LATEST_BIRTH
    except ValueError:
        return False


def _has_han(text: str) -> bool:
    return _HAN.search(text) is not None


_HAN = re.compile("[\u4e00-\u9fff]")
