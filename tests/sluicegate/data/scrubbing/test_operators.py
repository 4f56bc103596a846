import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.scrubbing.operators import check_key, replacements
from sluicegate.errors import InputRefused
from sluicegate.spec import Scrubbing

KEY = b"sixteen letters!"


def section(**operators: str) -> Scrubbing:
    entities = {entity: {"operator": operator} for entity, operator in operators.items()}
    return Scrubbing.model_validate({"named_entity_model": "x", "entities": entities})


def put(entity: str, operator: str, find: str, key: bytes | None = KEY) -> str:
    return replacements(section(**{entity: operator}).entities, key)[entity](find)


def test_replace_names_the_entity_type():
    assert put("PERSON", "replace", "Ada Quill", None) == "<PERSON>"


def test_mask_keeps_the_length():
    assert put("PERSON", "mask", "Ada Quill", None) == "*********"


def test_a_keyed_hash_is_the_hmac_of_type_and_find():
    # printf 'PERSON\0ada quill' | openssl dgst -sha256 -hmac 'sixteen letters!'
    assert put("PERSON", "hash", "Ada Quill") == "<PERSON:4caec7d77d6d>"


@pytest.mark.parametrize("operator", ["hash", "pseudonym"])
def test_the_same_find_is_replaced_alike_whatever_its_case_and_white_space(operator):
    assert put("PERSON", operator, "Ada Quill") == put("PERSON", operator, "ADA  quill")


@pytest.mark.parametrize("operator", ["hash", "pseudonym"])
def test_another_key_replaces_otherwise(operator):
    assert put("EMAIL_ADDRESS", operator, "a@b.org") != put("EMAIL_ADDRESS", operator, "a@b.org", b"another secret !")


@pytest.mark.parametrize(
    ("entity", "find", "shape"),
    [
        ("PERSON", "Zed Zed", r"[A-Z][a-z]+ [A-Z][a-z]+"),
        ("EMAIL_ADDRESS", "zed@zed.net", r"[a-z]+\.[a-z]+\d+@example\.org"),
        ("PHONE_NUMBER", "+31 20 123 4567", r"[2-8]\d\d-555-01\d\d"),
        ("IP_ADDRESS", "10.1.2.3", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("IP_ADDRESS", "fe80::1", r"2001:db8::[0-9a-f]+"),
        ("US_SSN", "123-45-6789", r"9\d\d-\d\d-\d{4}"),
        ("URL", "https://zed.net/me", r"https://example\.org/[0-9a-f]{6}"),
        ("LOCATION", "Zedtown", r"[A-Z][a-z]+"),
        ("DATE_TIME", "1 May 2020", r"\d+ [A-Z][a-z]+ (19|20)\d\d"),
        ("CREDIT_CARD", "4111 1111 1111 1111", r"\d{4} \d{4} \d{4} \d{4}"),
        ("IBAN_CODE", "NL91ABNA0417164300", r"[A-Z]{2}\d{2}[A-Z]{4}\d{10}"),
    ],
)
def test_a_pseudonym_is_of_the_same_kind(entity, find, shape):
    made_up = put(entity, "pseudonym", find)
    assert re.fullmatch(shape, made_up)
    assert made_up != find


@given(st.text(min_size=1, max_size=200))
def test_any_find_can_be_replaced(find):
    assert len(put("IBAN_CODE", "pseudonym", find)) == len(find)


@pytest.mark.parametrize(("key", "words"), [(None, "is not set, and PERSON"), (b"fifteen letters", "holds 15 char")])
def test_a_missing_or_short_key_is_refused_by_the_name_of_its_variable(key, words):
    with pytest.raises(InputRefused, match=f"environment: SLUICEGATE_SCRUB_KEY: {words}"):
        check_key(section(PERSON="pseudonym", URL="replace"), key)


def test_no_key_is_needed_where_no_operator_uses_one():
    check_key(section(PERSON="replace", URL="mask"), None)
