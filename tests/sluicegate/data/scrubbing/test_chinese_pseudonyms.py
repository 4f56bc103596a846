import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric
from stdnum.iso7064 import mod_11_2

from sluicegate.data.scrubbing.pseudonyms_zh import pseudonym_zh
from sluicegate.data.scrubbing.recognizers.chinese import recognizers

DIGESTS = st.binary(min_size=32, max_size=32)


def drawing(digest):
    number = int.from_bytes(digest, "big")

    def draw(limit):
        nonlocal number
        number, drawn = divmod(number, limit)
        return drawn

    return draw


@given(DIGESTS)
def test_a_mobile_number_keeps_its_spelling_and_is_nobodys(digest):
    made = pseudonym_zh("PHONE_NUMBER", "+86 138-1234-5678", drawing(digest))
    assert re.fullmatch("[+]86 14[23]-[0-9]{4}-[0-9]{4}", made)
    assert not phonenumbers.is_valid_number(phonenumbers.parse(made, "CN"))


@given(DIGESTS)
def test_a_resident_id_has_a_checksum_and_no_region(digest):
    made = pseudonym_zh("CN_RESIDENT_ID", "11010519491231002X", drawing(digest))
    assert made.startswith("990000")
    assert mod_11_2.is_valid(made)
    assert not ric.is_valid(made)


@given(DIGESTS)
def test_a_card_has_a_checksum_and_the_find_s_spelling(digest):
    made = pseudonym_zh("CREDIT_CARD", "6222 0202 0001 2345", drawing(digest))
    assert made.startswith("9999 ")
    assert luhn.is_valid(made.replace(" ", ""))


@given(DIGESTS, st.sampled_from(["王", "王伟", "王小明", "欧阳娜娜"]))
def test_a_name_has_as_many_characters_as_the_find_up_to_three(digest, name):
    assert len(pseudonym_zh("PERSON", name, drawing(digest))) == min(len(name), 3)


@given(DIGESTS)
def test_a_made_up_address_is_found_as_one(digest):
    made = pseudonym_zh("ADDRESS", "北京市海淀区", drawing(digest))
    found = [f for r in recognizers() for f in r.analyze(f"地址:{made}", ["ADDRESS"])]
    assert (3, 3 + len(made)) in {(f.start, f.end) for f in found}


@pytest.mark.parametrize(
    ("entity", "find"),
    [("PERSON", "John Smith"), ("ADDRESS", "5 Elm St"), ("PHONE_NUMBER", "212-555-0100"), ("IP_ADDRESS", "10.0.0.1")],
)
def test_what_is_not_chinese_is_left_to_others(entity, find):
    assert pseudonym_zh(entity, find, drawing(b"1" * 32)) is None


def test_the_same_digest_makes_the_same_value_and_another_another():
    made = [pseudonym_zh("PERSON", "王小明", drawing(digest)) for digest in (b"1" * 32, b"1" * 32, b"2" * 32)]
    assert made[0] == made[1] != made[2]


def test_an_organisation_stays_of_its_kind():
    assert pseudonym_zh("ORGANIZATION", "清华大学", drawing(b"7" * 32)).endswith("大学")
