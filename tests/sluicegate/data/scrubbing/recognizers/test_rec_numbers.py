"""Checksums and contexts: which score a number gets, and what one wrong digit does to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from sluicegate.data.scrubbing.recognizers import common, english

RECOGNIZERS = [*common.recognizers(), *english.recognizers()]


def scores(text, value):
    """Entity type → best score of a find that is exactly `value`."""
    start = text.index(value)
    found = {}
    for r in RECOGNIZERS:
        for f in r.analyze(text, r.supported_entities):
            if (f.start, f.end) == (start, start + len(value)):
                found[f.entity_type] = max(f.score, found.get(f.entity_type, 0))
    return found


@pytest.mark.parametrize(
    ("text", "value", "entity", "score"),
    [
        ("my card is {}", "4111 1111 1111 1111", "CREDIT_CARD", 1.0),
        ("my card is {}", "4111 1111 1111 1112", "CREDIT_CARD", 0.6),
        ("it is {} ok", "4111 1111 1111 1112", "CREDIT_CARD", 0.45),
        ("it is {} ok", "DE89370400440532013000", "IBAN_CODE", 1.0),
        ("it is {} ok", "DE89370400440532013001", "IBAN_CODE", 0.6),
        ("write to {} ok", "ada@tarn.co.uk", "EMAIL_ADDRESS", 1.0),
        ("write to {} ok", "ada@tarn.local", "EMAIL_ADDRESS", 0.6),
        ("ring {} ok", "+41 22 730 51 11", "PHONE_NUMBER", 0.85),
        ("take {} ok", "412 3456", "PHONE_NUMBER", 0.45),
        ("ring {} ok", "412 3456", "PHONE_NUMBER", 0.6),
        ("it is {} ok", "219-09-9999", "US_SSN", 0.6),
        ("my ssn is {} ok", "536-90-4399", "US_SSN", 1.0),
        ("it is {} ok", "A1234567", "DRIVER_LICENSE", 0.45),
        ("driver's license {} ok", "A1234567", "DRIVER_LICENSE", 0.6),
        ("NHS number {} ok", "943 476 5919", "MEDICAL_ID", 1.0),
        ("NHS number {} ok", "943 476 5918", "MEDICAL_ID", 0.6),
        ("wallet {} ok", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "CRYPTO", 1.0),
        ("wallet {} ok", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "CRYPTO", 0.6),
        ("routing {} ok", "021000021", "BANK_ACCOUNT", 1.0),
    ],
)
def test_the_score_says_what_speaks_for_a_find(text, value, entity, score):
    assert scores(text.format(value), value).get(entity) == score


@pytest.mark.parametrize("value", ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "2123 45670 1", "ABC1235", "943 476 5918x"])
def test_without_context_a_number_of_no_clear_form_is_none_of_these(value):
    assert not set(scores(f"it is {value} ok", value)) & {"CRYPTO", "MEDICAL_ID", "PASSPORT", "BANK_ACCOUNT"}


VALID = [
    ("54362315K", "54362315L"),
    ("X5253868R", "X5253868T"),
    ("RCCMNL83S18D969H", None),
    ("44051401359", "44051401358"),
    ("2 95 10 99 126 111 93", "2 95 10 99 126 111 94"),
    ("85.07.30-033.28", "85.07.30-033.29"),
    ("880320-0016", "880320-0018"),
    ("151086 95088", "151086 95089"),
    ("131052-308T", None),
    ("36805280109", "36805280108"),
    ("710319/2745", "710319/2746"),
    ("1630615123457", "1630615123458"),
    ("6433435F", "6433435E"),
    ("756.9217.0769.85", "756.9217.0769.84"),
    ("17291716060", "17291716061"),
    ("390.533.447-05", "390.533.447-06"),
    ("12.531.909-2", "12.531.909-3"),
    ("7503305044089", "7503305044088"),
    ("S1234567D", "S1234567E"),
    ("0101006500006", "0101006500007"),
]


@pytest.mark.parametrize(("valid", "invalid"), VALID)
def test_a_national_number_is_known_by_its_checksum_alone_and_by_the_text_without_it(valid, invalid):
    assert scores(f"it is {valid} ok", valid)["NATIONAL_ID"] >= 0.6
    assert scores(f"national id {valid} ok", valid)["NATIONAL_ID"] == 1.0
    if invalid:
        assert "NATIONAL_ID" not in scores(f"it is {invalid} ok", invalid)
        assert scores(f"national id {invalid} ok", invalid)["NATIONAL_ID"] == 0.6


@pytest.mark.parametrize(
    ("vin", "found"), [("1M8GDM9AXKP042788", True), ("1HGCM82633A004352", True), ("1M8GDM9A1KP042788", False)]
)
def test_a_vehicle_number_is_known_by_its_check_digit(vin, found):
    assert ("LICENSE_PLATE" in scores(f"it is {vin} ok", vin)) is found


@settings(max_examples=60)
@given(
    st.sampled_from(["4", "51", "34", "6011", "35", "22"]),
    st.text("0123456789", min_size=10, max_size=10),
    st.integers(0, 2),
)
def test_every_card_with_a_right_checksum_is_found_however_it_is_grouped(prefix, digits, grouping):
    number = (prefix + digits + "739281")[:15]
    number += luhn.calc_check_digit(number)
    fours = [number[i : i + 4] for i in range(0, 16, 4)]
    value = ("", " ", "-")[grouping].join(fours)
    assert scores(f"card: {value}.", value).get("CREDIT_CARD") == 1.0


PHONES = [
    "+1 415 555 0132",
    "+44 (0)20 7946 0958",
    "+49-30-901820",
    "+358 50 123 4567",
    "+65 8123 4567",
    "0044 20 7946 0958",
    "(08) 9012 3456",
    "020 7946 0958",
    "01632 960123",
    "07911 123456",
    "0412 345 678",
    "02 9012 3456",
    "1300 975 711",
    "021 123 4567",
    "082 123 4567",
    "098765 43210",
    "1-555-123-4567 x123",
    "555-123-4567",
    "555.123.4567",
    "(555) 123-4567",
    "555 123 4567",
    "555/123-4567",
    "5551234567",
    "15551234567",
    "06-12345678",
    "0470 12 34 56",
    "01 23 45 67 89",
    "612 345 678",
    "22 33 44 55",
    "0650 123 45 67",
    "031 123 456",
    "+86 138 0013 8000",
]


@pytest.mark.parametrize("value", PHONES)
@pytest.mark.parametrize("text", ["Ring {} soon", "{}", "It is {}, he said", "Tel.: {}"])
def test_phones_are_found_with_and_without_a_word_that_says_so(text, value):
    assert "PHONE_NUMBER" in scores(text.format(value), value)


@pytest.mark.parametrize(
    "text",
    [
        "on 12/03/2020 and 2020-03-12",
        "from 2010-2015",
        "1 234 567 people",
        "12.345.678 euros",
        "version 10.2.3.4",
        "it is 3.1415926535",
        "ISBN 978-3-16-148410-0",
        "$5551234567",
        "order 5551234567",
        "room 12, floor 3",
        "20210405",
        "0.12 0.15 0.10",
        "1234567 users",
        "ssn 219-09-9999",
        "at 10:30:45",
        "p. 100-2000",
    ],
)
def test_dates_amounts_and_named_numbers_are_no_phones(text):
    assert not [
        f for r in RECOGNIZERS for f in r.analyze(text, r.supported_entities) if f.entity_type == "PHONE_NUMBER"
    ]
