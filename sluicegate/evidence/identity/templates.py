"""Sentences with a place for a term, from files that a user can extend.

A line has the kind of term that fits, a tab, and a sentence with ``{}`` in it; which groups can take the place follows
from the kinds of the terms. A sentence with a Chinese character takes Chinese terms, any other the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sluicegate.errors import InputRefused
from sluicegate.evidence.identity.articles import fit_article
from sluicegate.evidence.identity.terms import is_chinese, read_columns

_FOLDER = Path(__file__).parent / "lists"
ENGLISH_TEMPLATES = _FOLDER / "english_templates.tsv"
CHINESE_TEMPLATES = _FOLDER / "chinese_templates.tsv"


@dataclass(frozen=True)
class Template:
    """A sentence with a place for a term."""

    kind: str
    """Kind of the terms that fit."""
    sentence: str
    """Holds ``{}`` once."""

    @property
    def is_chinese(self) -> bool:
        """Whether it takes Chinese terms."""
        return is_chinese(self.sentence)

    def fill(self, term: str) -> str:
        """The sentence with the term, a capital where it begins, and the article that it needs."""
        before, after = self.sentence.split("{}")
        word = term if before else term[:1].upper() + term[1:]
        return fit_article(before, word) + word + after


def read_templates(paths: Sequence[Path] = (ENGLISH_TEMPLATES, CHINESE_TEMPLATES)) -> list[Template]:
    """The templates of several files.

    Raises:
        InputRefused: A file is missing or not UTF-8, or a line holds no kind and sentence with one ``{}``.
    """
    found = []
    for path in paths:
        for number, columns in read_columns(path):
            if len(columns) != 2 or not columns[0] or columns[1].count("{}") != 1:
                raise InputRefused(path, f"line {number}", "holds no kind, tab and sentence with one {} in it")
            found.append(Template(*columns))
    return found
