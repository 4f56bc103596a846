"""Bank cards, IBANs, BICs, bank accounts and crypto-currency addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer
from stdnum import bic, bitcoin, iban, luhn
from stdnum.us import rtn

from sluicegate.data.scrubbing.recognizers.cues import cue
from sluicegate.data.scrubbing.recognizers.rules import (
    CHECKED,
    IN_CONTEXT,
    STRONG,
    WEAK,
    Find,
    Reading,
    RuleRecognizer,
)

_CARD = re.compile(r"(?<![\w.+])(?<!\d-)[0-9](?:[ -]{0,2}[0-9]){11,18}(?![\w])(?!-[0-9])")
_BRANDS = re.compile(
    "4|5[1-8]|2[2-7]|3[4-9]|30|6[0-9]|1800|2131|9[0-9]{3}"  # Visa, Mastercard, Mir, Amex, JCB, Diners, UnionPay, …
)
_FOURS = re.compile(
    r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{3,4}(?:\1?[0-9]{1,3})?|[0-9]{4}([ -])[0-9]{6}\2[0-9]{4,5}"
)

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2}[ -]?[0-9]{2}[ -]?(?:[A-Z0-9]{2,4}[ -]?){2,7}[A-Z0-9]{1,4}"
    r"|[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{11,30})"
)
_COUNTRIES_BY_LENGTH = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_IBAN_LENGTHS = {country: length for length, names in _COUNTRIES_BY_LENGTH.items() for country in names.split()}
"""Country → characters of its IBANs. Source: SWIFT, IBAN Registry, release 99."""

_BIC = re.compile(r"(?<![\w])[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![\w])")
_BIC_CUE = re.compile(r"\b(?:swift|bic|bank (?:identifier|code)|correspondent)\b")
_ROUTING_CUE = re.compile(r"\b(?:routing|aba|rtn|transit|bank|wire|ach)\b")
_ROUTING = re.compile(r"(?<![\w-])[0-9]{9}(?![\w-])")
_IFSC = re.compile(r"(?<!\w)[A-Z]{4}0[A-Z0-9]{6}(?!\w)")
_SORT_CODE = re.compile(r"(?<![\w/.-])[0-9]{2}[- ][0-9]{2}[- ][0-9]{2}(?![\w/-])")
_SORT_CUE = re.compile(r"\b(?:sort|s/c|bsb|account|bank)\b")

_BITCOIN = re.compile(
    r"(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|BC1)[A-Za-z0-9]{11,71})(?![A-Za-z0-9])"
)
_ETHEREUM = re.compile(r"(?<![A-Za-z0-9])0x[0-9A-Fa-f]{40}(?![A-Za-z0-9])")
_WALLET = re.compile(
    r"(?<![A-Za-z0-9])(?:[LMDTrXA][1-9A-HJ-NP-Za-km-z]{25,34}|ltc1[a-z0-9]{38,60}"
    r"|4[1-9A-HJ-NP-Za-km-z]{94}|addr1[a-z0-9]{50,100})"
    r"(?![A-Za-z0-9])"
)
_COIN_CUE = re.compile(
    r"\b(?:wallet|address|btc|bitcoin|litecoin|ltc|doge(?:coin)?|tron|trx|usdt|xrp|ripple|monero|xmr|dash"
    r"|cardano|ada|crypto)\b"
)


def recognizers() -> list[EntityRecognizer]:
    """Recognizers of means of payment."""
    return [
        RuleRecognizer("CardRules", ["CREDIT_CARD"], _cards, digits=12),
        RuleRecognizer("IbanRules", ["IBAN_CODE"], _ibans, digits=4),
        RuleRecognizer("BankRules", ["BANK_ACCOUNT"], _banks),
        RuleRecognizer("CryptoRules", ["CRYPTO"], _wallets, digits=2),
    ]


def _cards(read: Reading) -> Iterator[Find]:
    for m in _CARD.finditer(read.text):
        digits = m[0].replace(" ", "").replace("-", "")
        if score := _card_score(read, m, digits):
            yield Find(m.start(), m.end(), "CREDIT_CARD", score)


def _card_score(read: Reading, m: re.Match[str], digits: str) -> float:
    called = cue(read, m.start(), m.end())
    if len(set(digits)) == 1 or called in ("iban", "phone"):
        return 0.0
    grouped = _FOURS.fullmatch(m[0]) is not None
    if luhn.is_valid(digits) and _BRANDS.match(digits):
        even = grouped or len(digits) == len(m[0])
        return CHECKED if called == "card" or (even and called != "other") else WEAK if even else 0.0
    if called == "card":
        return IN_CONTEXT
    return WEAK if grouped and called in (None, "account", "birth", "age") else 0.0


def _ibans(read: Reading) -> Iterator[Find]:
    for m in _IBAN.finditer(read.text):
        length = _IBAN_LENGTHS.get(m[0][:2].upper(), 0)
        cut = _cut(m[0], length) if length else None
        if cut is None:
            continue
        checked = iban.is_valid(re.sub("[ -]", "", cut), check_country=False)
        whole = not read.text[m.start() + len(cut) : m.start() + len(cut) + 1].isalnum()
        if checked or (whole and m[0][:2].isupper() and sum(map(str.isdecimal, cut)) >= 8):
            yield Find(m.start(), m.start() + len(cut), "IBAN_CODE", CHECKED if checked else IN_CONTEXT)


def _cut(found: str, length: int) -> str | None:
    """The begin of `found` that has `length` letters and digits."""
    seen = 0
    for i, c in enumerate(found):
        seen += c.isalnum()
        if seen == length:
            return found[: i + 1]
    return None


def _banks(read: Reading) -> Iterator[Find]:
    text, low = read.text, read.lower
    if "swift" in low or "bic" in low or "bank" in low or "iban" in low or "correspondent" in low:
        for m in _BIC.finditer(text):
            if (
                bic.is_valid(m[0])
                and _BIC_CUE.search(read.before(m.start()))
                and (m[0][6:8].isdecimal() or not _wordy(read, m))
            ):
                yield Find(m.start(), m.end(), "BANK_ACCOUNT", IN_CONTEXT)
    if read.digits < 5:
        return
    for m in _ROUTING.finditer(text):
        if rtn.is_valid(m[0]) and _ROUTING_CUE.search(read.before(m.start())):
            yield Find(m.start(), m.end(), "BANK_ACCOUNT", CHECKED)
    for m in _IFSC.finditer(text):
        yield Find(m.start(), m.end(), "BANK_ACCOUNT", STRONG)
    for m in _SORT_CODE.finditer(text):
        if _SORT_CUE.search(read.before(m.start())):
            yield Find(m.start(), m.end(), "BANK_ACCOUNT", IN_CONTEXT)


def _wordy(read: Reading, m: re.Match[str]) -> bool:
    """Whether the capitals around the find make it a word of a shouted line."""
    line = read.text[max(0, m.start() - 30) : m.end() + 30]
    return sum(map(str.isupper, line)) > 2 * sum(map(str.islower, line)) + 11


def _wallets(read: Reading) -> Iterator[Find]:
    text = read.text
    if len(text) < 14:
        return
    for m in _BITCOIN.finditer(text):
        if bitcoin.is_valid(m[0]):
            yield Find(m.start(), m.end(), "CRYPTO", CHECKED)
        elif _COIN_CUE.search(read.before(m.start())):
            yield Find(m.start(), m.end(), "CRYPTO", IN_CONTEXT)
    for m in _ETHEREUM.finditer(text):
        yield Find(m.start(), m.end(), "CRYPTO", STRONG)
    for m in _WALLET.finditer(text):
        if _COIN_CUE.search(read.before(m.start())):
            yield Find(m.start(), m.end(), "CRYPTO", IN_CONTEXT)
