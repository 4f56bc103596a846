"""Terms that are exchanged, from files that a user can extend.

A file has two terms a line with a tab between them; each takes the other's place. A term alone on a line is left
as it is, which keeps a shorter one inside it from being found (``其他`` holds ``他`` and is no pronoun). Lines
that begin with ``#``, and empty ones, are skipped. Where a term is in several pairs, the first one counts, and
files are read in the order in which they are given: ``Mrs`` becomes ``Mr``, and ``Mr`` becomes ``Ms``.

A term in small letters also stands for itself with a capital and in capitals. One with a capital, such as a name,
is not found in small letters: ``Mark`` is a name, ``mark`` is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sluicegate.errors import InputRefused

_FOLDER = Path(__file__).parent / "pairs"
SHIPPED_WORDS = (_FOLDER / "english_words.tsv", _FOLDER / "chinese_words.tsv")
"""Gendered words of English and Chinese."""
SHIPPED_NAMES = (_FOLDER / "english_names.tsv", _FOLDER / "chinese_names.tsv")
"""Given names of men and women. Family names such as James and Scott are exchanged too, for want of a way to tell."""


def read_pairs(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """The pairs of several files, in order; a term that is left as it is comes as a pair with itself.

    Raises:
        InputRefused: A file is missing or not UTF-8, or a line holds more than two terms or an empty one.
    """
    return [pair for path in paths for pair in _read(path)]


def _read(path: Path) -> list[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise InputRefused(path, "", "there is no such file") from None
    except UnicodeDecodeError:
        raise InputRefused(path, "", "is not UTF-8") from None
    pairs = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        terms = [term.strip() for term in line.split("\t")]
        if len(terms) > 2 or not all(terms):
            raise InputRefused(path, f"line {number}", "holds neither a term nor two terms with one tab between them")
        pairs.append((terms[0], terms[-1]))
    return pairs


def exchange_table(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Each term, in every case in which it is found, and what takes its place."""
    table: dict[str, str] = {}
    for pair in pairs:
        for a, b in (pair, pair[::-1]):
            for in_case in (_as_it_is, _with_capital, str.upper):
                table.setdefault(in_case(a), in_case(b))
    return table


def is_one_to_one(table: Mapping[str, str]) -> bool:
    """Whether every exchange leads back to where it came from."""
    return all(table.get(other) == term for term, other in table.items())


def _as_it_is(term: str) -> str:
    return term


def _with_capital(term: str) -> str:
    return term[:1].upper() + term[1:]
