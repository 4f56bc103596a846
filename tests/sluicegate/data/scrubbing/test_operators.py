import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sluicegate.data.scrubbing.operators import check_key, replacements
from sluicegate.errors import InputRefused
from sluicegate.spec.scrubbing import Scrubbing

KEY = b"sixteen letters!"
KEYED = ["hash", "pseudonym", "encrypt"]


def section(default: str = "replace", **operators: str) -> Scrubbing:
    entities = {entity: {"operator": operator} for entity, operator in operators.items()}
    return Scrubbing.model_validate({"default": {"operator": default}, "entities": entities})


def put(entity: str, operator: str, find: str, key: bytes | None = KEY) -> str:
    return replacements(section(**{entity: operator}), [entity], key)[entity](find)


def test_as_it_stands_every_type_becomes_its_name():
    assert replacements(Scrubbing(), ["PERSON", "X_ID"], None)["X_ID"]("12") == "<X_ID>"
    assert not Scrubbing().needs_key


def test_a_type_that_is_named_has_its_own_operator_and_the_others_the_default():
    put_ = replacements(section("mask", URL="redact", DATE_TIME="keep"), ["URL", "DATE_TIME", "PERSON"], None)
    assert put_["URL"]("tarn.net") == ""
    assert put_["PERSON"]("Ada") == "***"
    assert "DATE_TIME" not in put_


def test_without_a_default_only_types_that_are_named_are_looked_for():
    only = Scrubbing.model_validate({"default": None, "entities": {"URL": {"operator": "replace"}}})
    assert list(replacements(only, ["URL", "PERSON"], None)) == ["URL"]
    with pytest.raises(ValidationError, match="`entities` must name what is looked for"):
        Scrubbing.model_validate({"default": None})


def test_mask_keeps_the_length():
    assert put("PERSON", "mask", "Ada Quill", None) == "*********"


def test_a_keyed_hash_is_the_hmac_of_type_and_find():
    # printf 'PERSON\0ada quill' | openssl dgst -sha256 -hmac 'sixteen letters!'
    assert put("PERSON", "hash", "Ada Quill") == "<PERSON:4caec7d77d6d>"


@pytest.mark.parametrize("operator", ["hash", "pseudonym"])
def test_the_same_find_is_replaced_alike_whatever_its_white_space_and_width(operator):
    assert put("PERSON", operator, "Ada Quill") == put("PERSON", operator, "Ａda  Quill")


def test_a_hash_is_the_same_whatever_the_case_and_a_pseudonym_has_the_case_of_the_find():
    assert put("PERSON", "hash", "Ada Quill") == put("PERSON", "hash", "ADA QUILL")
    assert put("PERSON", "pseudonym", "ADA QUILL") == put("PERSON", "pseudonym", "Ada Quill").upper()
    assert put("PERSON", "pseudonym", "ada quill") == put("PERSON", "pseudonym", "Ada Quill").lower()


@pytest.mark.parametrize("operator", KEYED)
def test_another_key_replaces_otherwise(operator):
    assert put("EMAIL_ADDRESS", operator, "a@b.org") != put("EMAIL_ADDRESS", operator, "a@b.org", b"another secret !")


@pytest.mark.parametrize(
    ("entity", "find", "shape"),
    [
        ("PERSON", "Zed Zed", r"[A-Z][a-z]+ [A-Z][a-z]+"),
        ("PERSON", "Zed", r"[A-Z][a-z]+"),
        ("TITLE", "Mr.", r"(Mrs|Ms|Dr|Prof)\."),
        ("TITLE", "Miss", r"(Mr|Mrs|Ms|Dr|Prof)\."),
        ("TITLE", "zed inspector", r"[a-z]+ [a-z]+"),
        ("TITLE", "Head of Zeds", r"[A-Z][a-z]+ [A-Z][a-z]+"),
        ("ADDRESS", "1 Zed Hill, Zedtown", r"\d+ [A-Z][a-z]+ [A-Z][a-z]+"),
        ("EMAIL_ADDRESS", "zed@zed.net", r"[a-z]+\.[a-z]+\d+@example\.org"),
        ("PHONE_NUMBER", "212-555-5555", r"[2-9]\d\d-555-01\d\d"),
        ("PHONE_NUMBER", "+1 (212) 555 5555", r"\+1 \([2-9]\d\d\) 555 01\d\d"),
        ("PHONE_NUMBER", "+31 20 123 4567", r"\+31 0\d \d{3} \d{4}"),
        ("PHONE_NUMBER", "020 7946 0123", r"00\d \d{4} \d{4}"),
        ("IP_ADDRESS", "10.1.2.3", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("IP_ADDRESS", "fe80::1", r"2001:db8::[0-9a-f]+:[0-9a-f]+"),
        ("MAC_ADDRESS", "aa-bb-cc-dd-ee-ff", r"02(-[0-9a-f]{2}){5}"),
        ("US_SSN", "123-45-6789", r"9\d\d-\d\d-\d{4}"),
        ("URL", "https://zed.net/me", r"https://example\.org/[0-9a-f]{6}"),
        ("URL", "zed.net", r"[a-z]+\.example\.org"),
        ("LOCATION", "Zedtown", r"[A-Z][a-z]+"),
        ("AGE", "34 years old", r"\d\d years old"),
        ("AGE", "thirty", r"\d\d"),
        ("DATE_TIME", "1 May 2020", r"\d [A-Z][a-z]+ (19|20)\d\d"),
        ("DATE_TIME", "Tues, 14 Sept 1998", r"(Mond|Tues|Wedn|Thur|Frid|Satu|Sund), \d\d [A-Z][a-z]{2,3} (19|20)\d\d"),
        ("DATE_TIME", "2020-05-01", r"(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1[0-2])"),
        ("DATE_TIME", "31/12/1999", r"(0[1-9]|1\d|2[0-8])/(0[1-9]|1[0-2])/(19|20)\d\d"),
        ("DATE_TIME", "yesterday", r"\d+ [A-Z]?[a-z]+ (19|20)\d\d"),
        ("CREDIT_CARD", "4111 1111 1111 1111", r"\d{4} \d{4} \d{4} \d{4}"),
        ("IBAN_CODE", "NL91ABNA0417164300", r"[A-Z]{2}00[A-Z]{4}\d{10}"),
        ("PASSPORT", "X1234567", r"[A-Z]\d{7}"),
    ],
)
def test_a_pseudonym_is_of_the_same_kind_and_shape(entity, find, shape):
    made_up = put(entity, "pseudonym", find)
    assert re.fullmatch(shape, made_up), made_up
    assert made_up != find


CIRCLED = str.maketrans("0123456789K", "⓪①②③④⑤⑥⑦⑧⑨Ⓚ")
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
CHINESE = str.maketrans("0123456789", "〇一二三四五六七八九")


@pytest.mark.parametrize(
    ("entity", "find", "shape"),
    [
        ("PHONE_NUMBER", "+1 415 555 0108", r"\+1 [2-9]\d\d 555 01\d\d"),
        ("US_SSN", "598-85-6751", r"9\d\d-\d\d-\d{4}"),
        ("CREDIT_CARD", "4111 1111 1111 1111", r"\d{4} \d{4} \d{4} \d{4}"),
        ("PASSPORT", "K1234567", r"[A-Z]\d{7}"),
        ("CUSTOMER_ID", "K-12345678", r"[A-Z]-\d{8}"),
    ],
)
def test_digits_in_disguise_get_the_pseudonym_of_plain_ones(entity, find, shape):
    plain = put(entity, "pseudonym", find)
    assert re.fullmatch(shape, plain)
    assert put(entity, "pseudonym", find.translate(CIRCLED)) == plain
    assert put(entity, "pseudonym", find.translate(RAISED)) == plain
    in_chinese = put(entity, "pseudonym", find.translate(CHINESE))
    assert not set(in_chinese) & set("〇一二三四五六七八九")


def test_a_find_in_a_right_to_left_override_gets_one_pseudonym():
    assert put("US_SSN", "pseudonym", "\u202e598-85-6751\u202c") == put("US_SSN", "pseudonym", "598-85-6751")


def test_the_type_stands_where_no_pseudonym_hides_the_find():
    assert put("PHONE_NUMBER", "pseudonym", "+49") == "<PHONE_NUMBER>"
    assert put("TITLE", "pseudonym", "先生") == "先生"


def test_the_word_of_a_telephone_number_is_made_up_and_the_word_for_its_extension_stays():
    assert re.fullmatch(r"\d-\d{3}-(?!FLOWERS)[A-Z]{7}", put("PHONE_NUMBER", "pseudonym", "1-800-FLOWERS"))
    assert re.fullmatch(r"[\d-]+ ext\. \d\d", put("PHONE_NUMBER", "pseudonym", "212-555-5555 ext. 12"))


@pytest.mark.parametrize("operator", ["hash", "pseudonym"])
@pytest.mark.parametrize(
    ("entity", "one", "other"),
    [
        ("PHONE_NUMBER", "138 1234 5678", "13812345678"),
        ("PHONE_NUMBER", "+44 20 7946 0958", "+442079460958"),
        ("PHONE_NUMBER", "(212) 555-0134", "212.555.0134"),
        ("PHONE_NUMBER", "+86 021-1234 5678", "+8602112345678"),
        ("CREDIT_CARD", "4111-1111-1111-1111", "4111111111111111"),
        ("IBAN_CODE", "NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"),
        ("US_SSN", "598-85-6751", "598856751"),
        ("NATIONAL_ID", "AB 12 34 56 C", "AB123456C"),
        ("BANK_ACCOUNT", "12-34-56 12345678", "12345612345678"),
        ("MAC_ADDRESS", "aa-bb-cc-dd-ee-ff", "AA:BB:CC:DD:EE:FF"),
    ],
)
def test_a_number_is_replaced_alike_whatever_its_separators(operator, entity, one, other):
    made = [put(entity, operator, find) for find in (one, other)]
    numbers = ["".join(filter(str.isalnum, each)) for each in made]
    assert numbers[0] == numbers[1]
    if operator == "pseudonym":
        separators = [re.sub(r"\w", "", each) for each in (one, other)]
        assert [re.sub(r"\w", "", each) for each in made] == separators


@pytest.mark.parametrize("operator", ["hash", "pseudonym"])
def test_what_cannot_be_seen_does_not_part_one_value_from_itself(operator):
    plain = put("EMAIL_ADDRESS", operator, "ann@example.com")
    assert put("EMAIL_ADDRESS", operator, "ann\u200b@example.com") == plain
    assert put("EMAIL_ADDRESS", operator, "anna@example.com") != plain


def test_types_that_are_no_numbers_keep_what_parts_them():
    assert put("CUSTOMER_ID", "hash", "K-12") != put("CUSTOMER_ID", "hash", "K12")
    assert put("IP_ADDRESS", "hash", "1.2.3.45") != put("IP_ADDRESS", "hash", "1.2.34.5")


@pytest.mark.parametrize("find", ["45 to 50", "45-50", "45 and 50", "1.5", "7½"])
def test_every_number_of_an_age_is_made_up_and_the_lower_stands_first(find):
    ages = re.findall(r"\d+[.,]?\d*", put("AGE", "pseudonym", find))
    assert len(ages) == len(re.findall(r"\d+[.,]?\d*", find))
    assert all(18 <= int(age) < 90 for age in ages)
    assert ages == sorted(ages)
    assert not {"45", "50"} & set(ages)
    assert "½" not in put("AGE", "pseudonym", find)


@pytest.mark.parametrize("find", ["forty-five to 50", "fifty-two"])
def test_an_age_in_words_becomes_a_number(find):
    assert re.fullmatch(r"\d\d", put("AGE", "pseudonym", find))


@pytest.mark.parametrize(
    ("find", "shape"),
    [
        ("third of March nineteen eighty-five", r"\d+ [A-Z][a-z]+ (19|20)\d\d"),
        ("third of March, 1985", r"\d+ [A-Z][a-z]+ (19|20)\d\d"),
        ("twenty-first of may", r"\d+ [A-Z][a-z]+ (19|20)\d\d"),
        ("Christmas 1985", r"\d+ [A-Z][a-z]+ (19|20)\d\d"),
        ("the 3rd of March 1985", r"the \drd of [A-Z][a-z]+ (19|20)\d\d"),
        ("Monday, 3 March 1985 at 10:30 pm", r"[A-Z][a-z]+day, \d [A-Z][a-z]+ (19|20)\d\d at \d\d:\d\d pm"),
        ("2020-05-01T12:00:00Z", r"(19|20)\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    ],
)
def test_a_date_with_words_for_its_numbers_is_made_up_whole(find, shape):
    made = put("DATE_TIME", "pseudonym", find)
    assert re.fullmatch(shape, made), made


def test_a_title_tells_a_woman_s_name_from_a_man_s():
    from sluicegate.data.scrubbing import invented

    women = {put("PERSON", "pseudonym", f"Mrs. Zed{i} Zed").split()[0] for i in range(50)}
    men = {put("PERSON", "pseudonym", f"Mr Zed{i} Zed").split()[0] for i in range(50)}
    assert women <= set(invented._WOMEN)
    assert men <= set(invented._MEN)


def test_hardly_any_two_people_share_a_name():
    # 20,000 names are 200 million pairs; one in 150 million shares, so 1.3 pairs are expected
    names = Counter(put("PERSON", "pseudonym", f"Zed{i} Zed") for i in range(20_000))
    assert sum(count - 1 for count in names.values()) <= 10


def test_nobody_owns_a_made_up_card():
    from sluicegate.data.scrubbing.canary_values import luhn

    for i in range(300):
        digits = put("CREDIT_CARD", "pseudonym", f"4111 1111 1111 {i:04}").replace(" ", "")
        assert luhn(digits[:-1]) != digits


@pytest.mark.parametrize("operator", ["replace", "mask", "redact", *KEYED])
@given(find=st.text(st.characters(codec="utf-8", max_codepoint=0x2FFF), min_size=1, max_size=200))
def test_any_find_can_be_replaced(operator, find):
    for entity in ("IBAN_CODE", "DATE_TIME", "PHONE_NUMBER", "AGE", "PERSON"):
        put(entity, operator, find)


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=200))
def test_a_kind_without_a_rule_keeps_its_length(find):
    assert len(put("PASSPORT", "pseudonym", find)) == len(find)


@pytest.mark.parametrize(("key", "words"), [(None, "is not set, and PERSON"), (b"fifteen letters", "holds 15 char")])
def test_a_missing_or_short_key_is_refused_by_the_name_of_its_variable(key, words):
    with pytest.raises(InputRefused, match=f"environment: SLUICEGATE_SCRUB_KEY: {words}"):
        check_key(section(PERSON="pseudonym", URL="replace"), key)


def test_a_missing_key_is_refused_by_the_name_of_its_block():
    keyed = Scrubbing.model_validate({"default": {"operator": "encrypt"}, "key_block": "scrub-key"})
    with pytest.raises(InputRefused, match="Prefect block: scrub-key: is not set, and default are"):
        check_key(keyed, None)


def test_no_key_is_needed_where_no_operator_uses_one():
    check_key(section(PERSON="replace", URL="mask"), None)
