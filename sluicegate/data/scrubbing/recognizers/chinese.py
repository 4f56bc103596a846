"""What is written in Chinese text, whatever else is written there: all recognizers for it, ready made.

The cheap tests come first: a text without Chinese characters and with few digits is hardly looked at. Numbers are
found in text of any language, for a resident id in an English letter is one too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers import chinese_addresses as addresses
from sluicegate.data.scrubbing.recognizers import chinese_contacts as contacts
from sluicegate.data.scrubbing.recognizers import chinese_dates as dates
from sluicegate.data.scrubbing.recognizers import chinese_ids as ids
from sluicegate.data.scrubbing.recognizers import chinese_organisations as organisations
from sluicegate.data.scrubbing.recognizers.chinese_names import persons
from sluicegate.data.scrubbing.recognizers.rules import Find, Reading, Rule, RuleRecognizer

_HAN = re.compile("[\u4e00-\u9fff]")


_rule = partial(RuleRecognizer, unspaced=True)


def recognizers() -> list[EntityRecognizer]:
    """One recognizer for each kind of find, ready made; none needs NLP artifacts."""
    return [
        _rule("ChinesePersonRecognizer", ["PERSON", "TITLE"], _in_chinese(persons)),
        _rule("ChineseAddressRecognizer", ["ADDRESS", "LOCATION"], _in_chinese_or_pinyin(addresses.addresses)),
        _rule("ChinesePostcodeRecognizer", ["POSTCODE"], _in_chinese(addresses.postcodes), digits=3),
        _rule("ChineseDateRecognizer", ["DATE_TIME"], _in_chinese(dates.days_and_times)),
        _rule("ChineseAgeRecognizer", ["AGE"], _in_chinese(dates.ages)),
        _rule("ChineseOrganizationRecognizer", ["ORGANIZATION"], _in_chinese(organisations.organisations)),
        _rule("ChineseNrpRecognizer", ["NRP"], _in_chinese(organisations.peoples)),
        _rule("ChinesePhoneRecognizer", ["PHONE_NUMBER"], _in_chinese_or_digits(contacts.phones)),
        _rule("ChineseAccountRecognizer", ["USER_NAME"], _in_chinese(contacts.accounts)),
        _rule("ChineseSecretRecognizer", ["SECRET"], _in_chinese(contacts.secrets)),
        _rule("ChineseResidentIdRecognizer", ["CN_RESIDENT_ID"], _widest(ids.resident_ids), digits=6),
        _rule("ChineseBankCardRecognizer", ["CREDIT_CARD", "BANK_ACCOUNT"], _in_chinese(ids.bank_cards), digits=4),
        _rule("ChineseTravelDocumentRecognizer", ["PASSPORT"], _in_chinese(ids.travel_documents), digits=7),
        _rule("HongKongMacauTaiwanIdRecognizer", ["NATIONAL_ID"], _widest(ids.regional_ids), digits=7),
        _rule("ChineseCreditCodeRecognizer", ["TAX_ID"], _widest(ids.credit_codes), digits=6),
        _rule("ChinesePlateRecognizer", ["LICENSE_PLATE"], _widest(ids.plates), digits=3),
        _rule("ChineseRecordNumberRecognizer", ["MEDICAL_ID", "DRIVER_LICENSE"], _in_chinese(ids.records), digits=1),
    ]


def _without_parts(finds: Iterable[Find]) -> Iterator[Find]:
    """The finds that lie in no longer, or surer, one of their type."""
    ends: dict[str, int] = {}
    for find in sorted(finds, key=lambda find: (find.start, -find.end, -find.score)):
        if find.end > ends.get(find.entity_type, 0):
            ends[find.entity_type] = find.end
            yield find


def _widest(rule: Rule) -> Rule:
    return lambda read: _without_parts(rule(read))


def _in_chinese(rule: Rule) -> Rule:
    def guarded(read: Reading) -> Iterator[Find]:
        if not read.text.isascii() and _HAN.search(read.text):
            yield from _without_parts(rule(read))

    return guarded


def _in_chinese_or_digits(rule: Rule) -> Rule:
    def guarded(read: Reading) -> Iterator[Find]:
        if read.digits >= 7 or _HAN.search(read.text):
            yield from _without_parts(rule(read))

    return guarded


def _in_chinese_or_pinyin(rule: Rule) -> Rule:
    def guarded(read: Reading) -> Iterator[Find]:
        if read.digits or not read.text.isascii():
            yield from _without_parts(rule(read))

    return guarded
