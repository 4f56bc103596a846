"""Pairs of terms from files, and the pattern that finds them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.errors import InputRefused
from sluicegate.terms.longest_term import find_longest
from sluicegate.terms.term_pairs import (
    SHIPPED_NAMES,
    SHIPPED_WORDS,
    exchange_table,
    is_one_to_one,
    read_pairs,
)


def test_a_file_has_pairs_terms_left_alone_and_remarks(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text("# mine\nalpha\tbeta\n\n其他\n", encoding="utf-8")
    assert read_pairs([path]) == [("alpha", "beta"), ("其他", "其他")]


@pytest.mark.parametrize("line", ["a\tb\tc", "a\t", "\tb"])
def test_a_line_that_is_no_pair_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "own.tsv"
    path.write_text(f"# mine\n{line}\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="line 2: holds neither"):
        read_pairs([path])


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no such file"):
        read_pairs([tmp_path / "absent.tsv"])
    (tmp_path / "own.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(InputRefused, match="not UTF-8"):
        read_pairs([tmp_path / "own.tsv"])


def test_the_first_pair_of_a_term_counts() -> None:
    table = exchange_table([("mr", "ms"), ("mrs", "mr")])
    assert (table["mr"], table["Ms"], table["MRS"]) == ("ms", "Mr", "MR")
    assert not is_one_to_one(table)
    assert is_one_to_one(exchange_table([("mr", "ms"), ("son", "daughter")]))


def test_a_name_is_not_found_in_small_letters() -> None:
    assert exchange_table([("Mark", "Anna")]) == {"Mark": "Anna", "MARK": "ANNA", "Anna": "Mark", "ANNA": "MARK"}


def test_the_shipped_names_are_one_to_one_and_no_name_is_also_a_word() -> None:
    names, words = exchange_table(read_pairs(SHIPPED_NAMES)), exchange_table(read_pairs(SHIPPED_WORDS))
    assert is_one_to_one(names)
    assert not {name.lower() for name in names} & {word.lower() for word in words}


@given(st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=8), st.text("abc ", max_size=20))
def test_the_longest_term_is_found_as_a_word_of_its_own(terms: list[str], text: str) -> None:
    one_by_one = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    expected = [match.span() for match in re.finditer(rf"(?<!\w)(?:{one_by_one})(?!\w)", text)]
    assert [match.span() for match in find_longest(terms).finditer(text)] == expected


@given(st.lists(st.text("他她其", min_size=1, max_size=3), min_size=1, max_size=6), st.text("他她其a", max_size=20))
def test_a_chinese_term_is_found_anywhere(terms: list[str], text: str) -> None:
    one_by_one = "|".join(sorted(terms, key=len, reverse=True))
    expected = [match.span() for match in re.finditer(one_by_one, text)]
    assert [match.span() for match in find_longest(terms).finditer(text)] == expected


def test_no_terms_find_nothing() -> None:
    assert find_longest([]).search("anything") is None
