"""Words that mention a group of people, from files that a user can extend.

A line has an attribute, a group, a term and, optionally, kinds, with tabs between: ``religion``, ``Jewish``,
``synagogue(s)``, ``place``. What brackets hold are endings, parted by ``|``: ``wom(an|en)`` is a woman and women, and
``synagogue(s)`` is short for ``synagogue(|s)``. The kinds, with spaces between, say what may stand in the term's place;
a term without any is found and never exchanged. A term alone on a line only looks like one, and keeps a shorter one
inside it from being found. Empty lines and those that begin with ``#`` are skipped.

A term in small letters also stands for itself with a capital and in capitals; one with a capital is not found in small
letters. NOTES.md beside the shipped files says what they leave out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sluicegate.errors import InputRefused
from sluicegate.terms.term_pairs import SHIPPED_NAMES, SHIPPED_WORDS, read_pairs

_FOLDER = Path(__file__).parent / "lists"
ENGLISH_TERMS = _FOLDER / "english_terms.tsv"
CHINESE_TERMS = _FOLDER / "chinese_terms.tsv"
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_BRACKETS = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True)
class Term:
    """One term of one group."""

    attribute: str
    """What groups are told apart by, for example ``religion``."""
    group: str
    forms: tuple[str, ...]
    """How it is written, for example in the singular and the plural."""
    kinds: frozenset[str]
    """What it can be exchanged as; empty if it never is."""


@dataclass(frozen=True)
class Terms:
    """What the files say."""

    terms: tuple[Term, ...]
    no_terms: frozenset[str]
    """What only looks like a term."""

    def attributes(self) -> tuple[str, ...]:
        """In the order in which they first come."""
        return tuple(dict.fromkeys(term.attribute for term in self.terms))


def read_terms(paths: Sequence[Path] = (ENGLISH_TERMS, CHINESE_TERMS)) -> Terms:
    """The terms of several files.

    Raises:
        InputRefused: A file is missing or not UTF-8, or a line holds two columns, more than four, or an empty one.
    """
    terms: list[Term] = []
    no_terms = {a for a, b in read_pairs(SHIPPED_WORDS) if a == b}
    for path in paths:
        for number, columns in read_columns(path):
            if len(columns) not in (1, 3, 4) or not all(columns):
                raise InputRefused(
                    path, f"line {number}", "holds neither a term nor attribute, group and term, and kinds"
                )
            if len(columns) == 1:
                no_terms.update(forms_of(columns[0]))
            else:
                kinds = frozenset(columns[3].split()) if len(columns) == 4 else frozenset[str]()
                terms.append(Term(columns[0], columns[1], forms_of(columns[2]), kinds))
    return Terms(tuple(terms), frozenset(no_terms))


def with_names(terms: Terms, paths: Sequence[Path] = SHIPPED_NAMES) -> Terms:
    """The same with given names of men and women, of the kind ``name``, so that these can be exchanged too."""
    kind = frozenset({"name"})
    names = [
        Term("gender", group, (name,), kind)
        for pair in read_pairs(paths)
        for group, name in zip(("male", "female"), pair, strict=True)
    ]
    return Terms((*terms.terms, *names), terms.no_terms)


def read_columns(path: Path) -> Iterable[tuple[int, list[str]]]:
    """Number and columns of every line that says something.

    Raises:
        InputRefused: The file is missing or not UTF-8.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise InputRefused(path, "", "there is no such file") from None
    except UnicodeDecodeError:
        raise InputRefused(path, "", "is not UTF-8") from None
    except OSError as error:
        raise InputRefused(path, "", f"cannot be read: {error.strerror}") from None
    return [
        (number, [column.strip() for column in line.split("\t")])
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]


def forms_of(term: str) -> tuple[str, ...]:
    """The term with each of the endings in its brackets: ``boy(s)`` → ``boy``, ``boys``."""
    found = _BRACKETS.search(term)
    if found is None:
        return (term,)
    endings = found[1].split("|") if "|" in found[1] else ["", found[1]]
    return tuple(term[: found.start()] + ending + term[found.end() :] for ending in endings)


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return _HAN.search(text) is not None
