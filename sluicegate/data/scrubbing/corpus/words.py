"""Everyday words by their class, so that a word unlike any template's is not taken for a name.

`data/en_words.tsv` holds English words that occur at least four times in lower case in the texts of Hutto and Gilbert
(2014, MIT licence) with the class that they mostly have there; `data/en_rare_words.tsv` the other words of three
letters and more that SCOWL 2020.12 has in lower case (its American or British list of the usual size) and that are
neither a given name nor a large town, with the classes that lemminflect 0.2.3 has of them from the SPECIALIST Lexicon
and `other` for those it lacks;
`data/zh_words.tsv` the most frequent Chinese words of each class in the dictionary of jieba 0.42 (MIT licence).
"""

from __future__ import annotations

import importlib
import random
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
_RARE = 0.3
_TONGUES = ("cs_CZ", "da_DK", "de_DE", "es_ES", "fr_FR", "it_IT", "la", "nl_NL", "pl_PL", "tl_PH")


@cache
def english() -> dict[str, tuple[str, ...]]:
    """Class (`noun`, `nouns`, `verb`, `verbs`, `past`, `done`, `ing`, `adj`, `adv`) → its words."""
    return _table("en_words.tsv")


@cache
def rare() -> dict[str, tuple[str, ...]]:
    """Class, those of `english` and `other` → rarer English words."""
    return _table("en_rare_words.tsv")


@cache
def chinese() -> dict[str, tuple[str, ...]]:
    """Class (`n`, `v`, `a`, `d`, `vn`, `i`, `l`, `c`, `r`) → its words."""
    return _table("zh_words.tsv")


@cache
def _everyday() -> tuple[str, ...]:
    return tuple(sorted({word for words in english().values() for word in words}))


@cache
def _all_rare() -> tuple[str, ...]:
    return tuple(sorted({word for words in rare().values() for word in words}))


@cache
def known() -> frozenset[str]:
    """Every English word, to tell whether a made-up name is one."""
    return frozenset((*_everyday(), *_all_rare()))


def lines(name: str) -> tuple[str, ...]:
    """The lines of a file in `data/`."""
    return tuple((DATA / name).read_text(encoding="utf-8").split("\n")[:-1])


@cache
def _lists() -> dict[str, str]:
    return {key: entries for key, entries in (line.split("\t") for line in lines("lists.tsv"))}


@cache
def listed(key: str) -> tuple[str, ...]:
    """The entries of the list `key` in `data/lists.tsv`."""
    return tuple(_lists()[key].split("|"))


def characters(key: str) -> str:
    """The characters of the list `key` in `data/lists.tsv`, which are its entries."""
    return _lists()[key]


def word(rng: random.Random, kind: str) -> str:
    """An English word of the class `kind`, a rare one in three cases of ten."""
    words = rare()[kind] if rng.random() < _RARE else english()[kind]
    return words[int(len(words) * rng.random() ** rng.choice((1, 2)))]


def any_word(rng: random.Random) -> str:
    """An English word of whatever class, a rare one in every second case."""
    return rng.choice(_everyday() if rng.random() < 0.5 else _all_rare())


@cache
def _foreign(tongue: str) -> tuple[str, ...]:
    return tuple(importlib.import_module(f"faker.providers.lorem.{tongue}").Provider.word_list)


def foreign(rng: random.Random) -> str:
    """A few words of one language that is neither English nor Chinese, from Faker's lists (MIT licence)."""
    listed = _foreign(rng.choice(_TONGUES))
    made = " ".join(rng.choice(listed) for _ in range(rng.randint(2, 9)))
    return made[:1].upper() + made[1:] if rng.random() < 0.6 else made


def _table(name: str) -> dict[str, tuple[str, ...]]:
    return {kind: tuple(words.split()) for kind, words in (line.split("\t") for line in lines(name))}
