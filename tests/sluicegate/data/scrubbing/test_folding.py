import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.scrubbing.folding import fold

FOLDABLE = (
    "１Ａ＠．\u3000\u200b\u200d\u2060\ufeff\u00ad\ufe0f\u202a\u202c\u2066\u2069\u200f\U000e0041\u0663"
    "\u0967①²⑬—‐\u0301\u0338а\u043eеο😀é中文。，a1@. \n"
)
TEXTS = st.text(st.one_of(st.sampled_from(FOLDABLE), st.characters(codec="utf-8")), max_size=60)
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f\u200e\u200f\u2066\u2069\U000e0020\u3164\x00"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("１３８　Ａｂ＠ｘ．ｃｏｍ", "138 Ab@x.com", id="full-width"),
        pytest.param("138\u200b1234\u20605678\ufeff", "13812345678", id="zero-width"),
        pytest.param("jo\u00adhn\ufe0f", "john", id="soft hyphen and variation selector"),
        pytest.param("a\u2066b\u2069\u200ec", "abc", id="isolates and marks of direction"),
        pytest.param("a\U000e0062\U000e007fc", "ac", id="tags"),
        pytest.param("a\x00b\x08c\td", "abc\td", id="control characters, but not the tab"),
        pytest.param("\u0661\u0662\u0967\U0001d7d8", "1210", id="digits of other scripts"),
        pytest.param("①⓪²₃❹⑬㉑", "10234" + "1321", id="circled and raised digits"),
        pytest.param("1️⃣3️⃣8️⃣", "138", id="keycaps"),
        pytest.param("𝐣ⓞ𝓱𝖓", "john", id="mathematical and circled letters"),
        pytest.param("010\u2013623\u2212456\u2014", "010-623-456-", id="dashes"),
        pytest.param("a\u2024com。｡", "a.com。。", id="dots; the ideographic full stop stays"),
        pytest.param("约翰•史密斯・李", "约翰·史密斯·李", id="raised dots"),
        pytest.param("e\u0301j\u0338o\u0336", "éjo", id="marks are composed or taken out"),
        pytest.param("हिन्दी ְשָ", "हिन्दी ְשָ", id="vowel signs stay"),
        pytest.param("a\u00a0b\u2003c\u2028d", "a b c\nd", id="spaces"),
        pytest.param("jоhn@ехаmple.com", "john@example.com", id="Cyrillic in an address"),
        pytest.param("ρayρal.com", "paypal.com", id="Greek in an address"),
        pytest.param("Он сказал: нет. Вот", "Он сказал: нет. Вот", id="Russian stays"),
        pytest.param("почта.рф", "почта.рф", id="a Russian domain stays"),
    ],
)
def test_what_is_folded(text, folded):
    assert fold(text).text == folded


def test_a_span_covers_what_was_taken_out_inside_it_and_marks_on_its_last_character():
    folded = fold("电话：1\u200b3\u200b8，e\u0301")
    assert folded.text == "电话:138,é"
    assert folded.span(3, 6) == (3, 8)
    assert folded.span(7, 8) == (9, 11)


def test_a_circled_number_of_two_digits_is_one_character():
    folded = fold("⑬8\u200b")
    assert (folded.text, folded.span(0, 3), folded.span(1, 2)) == ("138", (0, 2), (0, 1))


def test_text_in_a_right_to_left_override_is_searched_as_stored_and_as_displayed():
    text = "电话\u202e87654321831\u202c谢"
    folded = fold(text)
    assert folded.text == "电话87654321831谢\n电话13812345678谢"
    at = folded.text.index("13812345678")
    assert folded.span(at, at + 11) == (3, 14)
    assert folded.span(2, 13) == (3, 14)
    assert folded.span(at, at + 3) == (11, 14)


def test_an_override_without_end_stops_at_the_line_end():
    assert fold("a\u202ecb\nde").text == "acb\nde\nabc\nde"


def test_an_empty_range_and_an_empty_text_have_a_place():
    assert fold("").span(0, 0) == (0, 0)
    assert fold("\u200b").span(0, 0) == (0, 0)
    assert fold("\u200bab").span(1, 1) == (2, 2)


@given(TEXTS)
def test_every_range_is_a_range_of_the_original(text):
    folded = fold(text)
    for start in range(len(folded.text)):
        first, last = folded.span(start, start + 1)
        assert 0 <= first <= last <= len(text)
        whole = folded.span(start, len(folded.text))
        assert whole[0] <= first
        assert whole[1] >= last


@given(TEXTS)
def test_folding_twice_changes_nothing(text):
    once = fold(text).text
    assert fold(once).text == once


@given(st.text(st.sampled_from("abc XYZ 019@.-_:/我们的电话号码王。、《》éßж\n\t"), max_size=80))
def test_text_without_anything_to_fold_is_unchanged(text):
    folded = fold(text)
    assert folded.text == text
    assert folded.span(0, len(text)) == (0, len(text))


@st.composite
def hidden(draw):
    """A value, and a way to write it that looks the same or nearly."""
    value = draw(st.sampled_from(["13812345678", "john.smith@example.com", "11010519491231002X"]))
    written = ""
    for character in value:
        wide = chr(ord(character) + 0xFEE0)
        alike = {"o": "\u043e", "e": "\u0435", "a": "\u0430", "1": "\u0661", "2": "②", "8": "𝟖"}.get(
            character, character
        )
        written += draw(st.sampled_from([character, wide, alike]))
        written += draw(st.text(st.sampled_from(UNSEEN), max_size=2))
    return value, written.rstrip(UNSEEN)


@given(
    hidden(),
    st.text(st.sampled_from("我的 电话是，\u200b"), max_size=8),
    st.text(st.sampled_from(" 谢谢，\u200b"), max_size=8),
)
def test_a_hidden_value_is_read_and_mapped_back_to_where_it_was_hidden(planted, before, after):
    value, written = planted
    text = f"{before} {written} {after}"
    folded = fold(text)
    at = folded.text.index(value)
    start, end = folded.span(at, at + len(value))
    assert text[start:end] == written


def test_no_decimal_digit_of_any_script_stays_as_it_is():
    digits = [chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) == "Nd"]
    assert fold("".join(digits)).text == "".join(str(unicodedata.decimal(digit)) for digit in digits)
