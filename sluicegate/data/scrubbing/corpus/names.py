"""Names of persons of many cultures, in Latin letters, whole and in part.

The lists are Faker's (MIT licence), some sixty locales of them; those in Cyrillic, Greek or Georgian letters are
transliterated letter by letter. Romanised Chinese, Korean, Japanese, Arabic, Vietnamese and other names are put
together from lists of ours. A part of the names is made of the head of one name and the tail of another, so that
the classifier learns how names are built and not only which there are. Names in the lists of made-up values
(`invented.py`) are left out: the planted canaries bear those.
"""

from __future__ import annotations

import importlib
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from sluicegate.data.scrubbing.corpus import words
from sluicegate.data.scrubbing.corpus.reserved import RESERVED

Culture = tuple[tuple[str, ...], tuple[str, ...]]
"""First names and last names."""

_FIRSTS = ("first_names", "first_names_male", "first_names_female")
_LASTS = (
    "last_names",
    "last_names_male",
    "last_names_female",
    "last_names_without_suffix",
    "unisex_last_names",
    "last_names_est",
)
_OTHER_LETTERS = ("ru_RU", "uk_UA", "bg_BG", "mk_MK", "el_GR", "ka_GE")
_ENGLISH = ("en_US", "en_GB", "en_IE", "en_NZ")

_SUFFIXES = ("Jr.", "Sr.", "Jr", "Sr", "II", "III", "IV")
_LATIN_NAME = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ'’ .\-]{2,24}")
_ACCENTS = str.maketrans("άέήίόύώϊϋΐΰ", "αεηιουωιυιυ")


def romanised(name: str) -> str:
    """`name` with Cyrillic, Greek and Georgian letters in Latin ones."""
    letters = name.lower().translate(_ACCENTS)
    if letters == name.lower() and not any(c in _letters() for c in letters):
        return name
    return "".join(_letters().get(c, c) for c in letters).title()


@cache
def _letters() -> dict[str, str]:
    """Cyrillic, Greek and Georgian letters in Latin ones."""
    pairs = (entry.split("=") for entry in words.listed("names.letters"))
    return {letter: latin for letter, latin in pairs}


def _put_together() -> Iterator[tuple[str, str, str]]:
    """Cultures of our own lists: name, first names, last names."""
    for line in words.lines("cultures.tsv"):
        name, firsts, lasts = line.split("\t")
        yield name, firsts, lasts


@cache
def cultures() -> dict[str, Culture]:
    """First and last names by culture or locale; reserved names are left out."""
    found = {name: (_usable(a.split()), _usable(b.split())) for name, a, b in _put_together()}
    for locale in (*words.listed("names.faker_latin"), *_OTHER_LETTERS):
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        firsts, lasts = _listed(provider, _FIRSTS), _listed(provider, _LASTS)
        found[locale] = (_usable(firsts), _usable(lasts) or found["african"][1])
    return {name: pair for name, pair in found.items() if len(pair[0]) > 10}


@cache
def _names_of_cultures() -> tuple[str, ...]:
    return tuple(sorted(cultures()))


@cache
def _english() -> Culture:
    provider = importlib.import_module("faker.providers.person.en").Provider
    return _usable(provider.first_names), _usable([n for locale in _ENGLISH for n in cultures()[locale][1]])


def _listed(provider: type, attributes: Sequence[str]) -> list[str]:
    lists = [vars(provider).get(attribute, ()) for attribute in attributes]
    return [name for listed in lists if isinstance(listed, (tuple, list, dict)) for name in listed]


def _reserved(name: str) -> bool:
    return not RESERVED.isdisjoint(re.split(r"[-' ]", name.lower()))


def _usable(names: Iterable[str]) -> tuple[str, ...]:
    romans = dict.fromkeys(romanised(name).strip().replace("’", "'") for name in names)
    return tuple(n for n in romans if _LATIN_NAME.fullmatch(n) and n[0].isalpha() and not _reserved(n))


def culture(rng: random.Random) -> str:
    """A culture; English ones are the most frequent."""
    return rng.choice(_ENGLISH) if rng.random() < 0.3 else rng.choice(_names_of_cultures())


def first(rng: random.Random, of: str | None = None) -> str:
    """A first name."""
    draw = rng.random()
    if draw < 0.05:
        return ambiguous(rng)
    of = of or culture(rng)
    if of in _ENGLISH and draw < 0.65:
        return _kept(rng.choice(words.listed("names.plain_english") if draw < 0.4 else _english()[0]), rng)
    names = cultures()[of][0]
    return crossed(rng, names) if draw > 0.85 else rng.choice(names)


def ambiguous(rng: random.Random) -> str:
    """A first name that is a word as well."""
    return _kept(rng.choice(words.listed("names.ambiguous")), rng)


def known(rng: random.Random) -> str:
    """Somebody whom everybody knows, alive, dead or made up."""
    return rng.choice(words.listed("names.known"))


def stage(rng: random.Random) -> str:
    """What a singer, a gamer, somebody in a story or a friend is called: "Lil Tarn", "AdaPlays", "Oke the Brave"."""
    word = words.word(rng, rng.choice(("noun", "adj", "noun", "ing"))).title()
    thing = words.word(rng, "noun").title()
    name = rng.choice((first, first, last))(rng)
    head = rng.choice(words.listed("names.stage_heads"))
    forms = (
        f"{head} {rng.choice((name, word, thing))}",
        f"{head} {name}",
        f"{name} {thing}",
        f"{word} {name}",
        f"{name} the {thing}",
        f"{word} {rng.choice(('Boy', 'Man', 'Girl', 'Kid', 'Boyz', 'Queen', 'Bear', thing))}",
        f"{word}{rng.choice(('man', 'boy', 'girl', 'zilla', 'inator', 'y', 'z', 'o', 'ie', 'bae', 'x'))}",
        f"{name[: rng.randint(2, 4)]}{rng.choice(('y', 'z', 'zy', 'bo', 'ie', 'o', 'zo', 'ster', 'x'))}".title(),
        f"{name}{rng.choice((thing, thing.lower(), word.lower(), rng.choice(('TV', 'Gaming', 'Plays', 'xo', 'HD'))))}",
        f"{word.lower()}{name.lower()}",
        f"{rng.choice('ABCDJKLMPRTZ')}{rng.choice('ABCDJKLMPRTZ')}{rng.choice(('', f' {name}'))}",
        f"{thing}{rng.randint(1, 99)}",
    )
    return rng.choice(forms)


def last(rng: random.Random, of: str | None = None) -> str:
    """A last name, of one part or more."""
    of = of or culture(rng)
    draw = rng.random()
    if draw < 0.04:
        return _kept(rng.choice(words.listed("names.ambiguous_last")), rng)
    names = _english()[1] if of in _ENGLISH else cultures()[of][1]
    name = crossed(rng, names) if draw > 0.85 else rng.choice(names)
    if draw < 0.075:
        return f"{name}{rng.choice(('-', '-', ' ', ' y '))}{rng.choice(names)}"
    if draw < 0.11 and " " not in name:
        return f"{rng.choice(words.listed('names.particles'))} {name}"
    if draw < 0.125:
        return f"{rng.choice(('Mc', 'O’', 'Mac', 'Fitz', 'D’', 'De', 'Van', 'Le')).replace('’', chr(39))}{name}"
    return name


def _kept(name: str, rng: random.Random) -> str:
    return name if not _reserved(name) else rng.choice(cultures()["en_GB"][0])


def crossed(rng: random.Random, names: tuple[str, ...]) -> str:
    """The head of one name and the tail of another, if that is neither reserved nor a word."""
    a, b = rng.choice(names), rng.choice(names)
    made = a[: max(2, len(a) // 2 + rng.randint(-1, 1))] + b[
        -max(2, len(b) // 2 + rng.randint(-1, 1)) :
    ].lower().lstrip(" -'.")
    return a if _reserved(made) or made.lower() in words.known() or " " in made else made


def initial(rng: random.Random) -> str:
    """An initial with its full stop, mostly."""
    return rng.choice("ABCDEFGHIJKLMNOPRSTVW") + rng.choice((".", ".", ""))


def full(rng: random.Random) -> str:
    """A whole name in one of many forms, without a title."""
    of = culture(rng)
    a, b = first(rng, of), last(rng, of)
    draw = rng.random()
    if draw < 0.55:
        return _eastern(rng, of, a, b)
    forms: tuple[tuple[float, Callable[[], str]], ...] = (
        (0.65, lambda: f"{a} {initial(rng)} {b}"),
        (0.72, lambda: f"{a} {first(rng, of)} {b}"),
        (0.77, lambda: f"{initial(rng)} {b}"),
        (0.80, lambda: f"{initial(rng)}{rng.choice(('', ' '))}{initial(rng)} {b}"),
        (0.84, lambda: f"{a}-{first(rng, of)} {b}"),
        (0.88, lambda: f"{a} {b} {last(rng, of)}"),
        (0.90, lambda: f"{a} {rng.choice(words.listed('names.particles'))} {b}"),
        (0.92, lambda: f"{a} {b} {rng.choice(_SUFFIXES)}"),
        (0.93, lambda: f'{a} "{first(rng)}" {b}'),
        (0.95, lambda: f"{a} {b[0]}."),
        (0.96, lambda: f"{a} {first(rng, of)} {first(rng, of)} {b}"),
        (
            0.97,
            lambda: f"{a} {rng.choice(('bin', 'binti', 'bint', 'ibn', 'ben', 'al', 'Abu'))} {first(rng, 'arabic')} {b}",
        ),
        (1.00, lambda: f"{a} {last(rng)}"),
    )
    return next(form() for limit, form in forms if draw < limit)


def _eastern(rng: random.Random, of: str, a: str, b: str) -> str:
    if of in ("chinese", "korean", "japanese", "hu_HU") and rng.random() < 0.5:
        return f"{b} {a}"
    if of == "vietnamese":
        return f"{b} {first(rng, of)} {a}"
    return f"{a} {b}"


def reversed_full(rng: random.Random) -> str:
    """A name as registers write it, the last name first."""
    of = culture(rng)
    b = last(rng, of)
    middle = rng.choice(("", "", f" {initial(rng)}", f" {first(rng, of)}"))
    return f"{b.upper() if rng.random() < 0.3 else b}, {first(rng, of)}{middle}"


def person(rng: random.Random) -> str:
    """A person as running text names them: whole mostly, else by the first or the last name."""
    draw = rng.random()
    if draw > 0.98:
        return known(rng)
    return full(rng) if draw < 0.54 else first(rng) if draw < 0.86 else last(rng)


def title(rng: random.Random) -> str:
    """A title that stands before a name."""
    return rng.choice(words.listed("names.common_titles") if rng.random() < 0.7 else words.listed("names.titles"))
