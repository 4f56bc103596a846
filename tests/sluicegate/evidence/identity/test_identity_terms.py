"""Lists of identity terms, and where they are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.errors import InputRefused
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.identity.terms import forms_of, read_terms, with_names

SHIPPED = read_terms()
BY_ATTRIBUTE = {attribute: Lexicon(SHIPPED, attribute) for attribute in SHIPPED.attributes()}


def found(attribute: str, text: str) -> list[tuple[str, list[str]]]:
    return [(mention.written, sorted(mention.groups)) for mention in BY_ATTRIBUTE[attribute].find(text)]


@pytest.mark.parametrize(
    ("term", "forms"),
    [
        ("deaf", ("deaf",)),
        ("boy(s)", ("boy", "boys")),
        ("wom(an|en)", ("woman", "women")),
        ("church(es)", ("church", "churches")),
        ("m(an|en) of God", ("man of God", "men of God")),
    ],
)
def test_brackets_hold_endings(term: str, forms: tuple[str, ...]) -> None:
    assert forms_of(term) == forms


def test_a_users_file_is_read_beside_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("# mine\ncity\tYork\tYorker(s)\nNew Yorker\ncity\tBath\tBathonian\tone people\n", encoding="utf-8")
    lexicon = Lexicon(read_terms([own]), "city")
    assert lexicon.groups == ("York", "Bath")
    assert [m.written for m in lexicon.find("A New Yorker, two Yorkers and a Bathonian")] == ["Yorkers", "Bathonian"]


@pytest.mark.parametrize("line", ["a\tb", "a\tb\tc\td\te", "a\t\tc"])
def test_a_line_that_is_no_term_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "own.tsv"
    path.write_text(f"# mine\n{line}\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="line 2: holds neither"):
        read_terms([path])


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no such file"):
        read_terms([tmp_path / "absent.tsv"])
    (tmp_path / "own.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(InputRefused, match="not UTF-8"):
        read_terms([tmp_path / "own.tsv"])


@pytest.mark.parametrize(
    ("attribute", "text", "expected"),
    [
        ("gender", "The theme of this chapter", []),
        ("gender", "SHE and his wives", [("SHE", ["female"]), ("his", ["male"]), ("wives", ["female"])]),
        ("gender", "you guys", []),
        ("gender", "其他人和他的吉他", [("他", ["male"])]),
        ("gender", "女老师和男孩", [("女老师", ["female"]), ("男孩", ["male"])]),
        ("religion", "Muslims near a mosque", [("Muslims", ["Muslim"]), ("mosque", ["Muslim"])]),
        ("nationality", "印度教徒", []),
        ("nationality", "French fries by a French cook", [("French", ["Western European"])]),
        ("nationality", "polish the table for Jordan", []),
        ("ethnicity", "a black cat on a white wall", []),
        ("ethnicity", "Black women and white men", [("Black women", ["black"]), ("white men", ["white"])]),
        ("sexual orientation", "straight ahead", []),
        ("sexual orientation", "a straight man", [("straight man", ["heterosexual"])]),
        ("disability", "fell on deaf ears, a blind alley", []),
        ("disability", "two blind men and 一位盲人", [("blind men", ["sensory"]), ("盲人", ["sensory"])]),
        ("age", "an old house", []),
        ("age", "the elderly and 年轻人", [("the elderly", ["old"]), ("年轻人", ["young"])]),
    ],
)
def test_mentions_are_whole_words_and_the_longest(
    attribute: str, text: str, expected: list[tuple[str, list[str]]]
) -> None:
    assert found(attribute, text) == expected


def test_members_may_overlap() -> None:
    members = BY_ATTRIBUTE["gender"].members(["he and she", "nobody", "她"])
    assert members["male"].tolist() == [True, False, False]
    assert members["female"].tolist() == [True, False, True]


def test_names_are_exchanged_and_are_no_mention() -> None:
    assert found("gender", "James met Mary") == []
    assert [m.written for m in Lexicon(with_names(SHIPPED), "gender").find("James met Mary")] == ["James", "Mary"]


@pytest.mark.parametrize("attribute", SHIPPED.attributes())
def test_every_shipped_term_is_found_and_belongs_to_one_group(attribute: str) -> None:
    lexicon = BY_ATTRIBUTE[attribute]
    for term in lexicon.terms:
        for form in term.forms:
            assert [(m.written, m.groups) for m in lexicon.find(form)] == [(form, {term.group})]


@pytest.mark.parametrize("attribute", SHIPPED.attributes())
def test_every_group_has_terms_enough(attribute: str) -> None:
    lexicon = BY_ATTRIBUTE[attribute]
    forms = {group: {f for t in lexicon.terms if t.group == group for f in t.forms} for group in lexicon.groups}
    assert len(forms) > 1
    assert {group: len(of) for group, of in forms.items() if len(of) < 12} == {}


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_mentions_lie_in_the_text_and_never_overlap(text: str) -> None:
    for lexicon in BY_ATTRIBUTE.values():
        place = 0
        for mention in lexicon.find(text):
            assert mention.start >= place
            assert text[mention.start : mention.end] == mention.written
            place = mention.end


def test_an_oath_and_the_plural_that_anybody_may_be_in_mention_no_man() -> None:
    texts = ["他妈的，这手机真差", "太他妈差了", "客户们说他们喜欢", "他妈妈很好", "她们来了"]
    members = BY_ATTRIBUTE["gender"].members(texts)
    assert members["male"].tolist() == [False, False, False, True, False]
    assert members["female"].tolist()[4]
