"""Cities, regions, countries, landmarks and postcodes.

`data/cities.tsv` holds the larger cities of the world by country, from GeoNames (CC BY 4.0).
"""

from __future__ import annotations

import importlib
import random
from functools import cache

from sluicegate.data.scrubbing.corpus import names, words
from sluicegate.data.scrubbing.corpus.identifiers import shaped
from sluicegate.data.scrubbing.corpus.reserved import RESERVED


@cache
def _cities() -> dict[str, tuple[str, ...]]:
    found = {}
    for line in words.lines("cities.tsv"):
        country, listed = line.split("\t")
        found[country] = tuple(n for n in listed.split("|") if n.lower() not in RESERVED)
    return found


@cache
def _all_cities() -> tuple[str, ...]:
    return tuple(name for listed in _cities().values() for name in listed)


@cache
def towns_and_streets() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cities and streets of Faker's locales."""
    cities: dict[str, None] = {}
    streets: dict[str, None] = {}
    for locale in (
        "cs_CZ",
        "da_DK",
        "de_DE",
        "de_AT",
        "en_IN",
        "es_CO",
        "fi_FI",
        "hr_HR",
        "nl_BE",
        "nl_NL",
        "pl_PL",
        "pt_PT",
        "ro_RO",
        "sk_SK",
        "id_ID",
    ):
        provider = importlib.import_module(f"faker.providers.address.{locale}").Provider
        cities |= dict.fromkeys(_names(getattr(provider, "cities", ())))
        streets |= dict.fromkeys(_names(getattr(provider, "streets", getattr(provider, "street_names", ()))))
    return tuple(cities), tuple(streets)


def _names(listed: tuple[object, ...]) -> list[str]:
    return [name for name in listed if isinstance(name, str) and 2 < len(name) < 25 and "{" not in name]


@cache
def _countries() -> tuple[str, ...]:
    provider = importlib.import_module("faker.providers.address.en").Provider
    return tuple(name.split(" (")[0] for name in provider.countries)


def city(rng: random.Random, country: str | None = None) -> str:
    """A city, of `country` by its two letters if given."""
    if country is not None:
        return rng.choice(_cities()[country])
    draw = rng.random()
    if draw < 0.35:
        return rng.choice(_all_cities())
    if draw < 0.6:  # the large ones
        listed = _cities()[rng.choice(tuple(_cities()))]
        return listed[int(len(listed) * rng.random() ** 3)]
    if draw < 0.72:
        return rng.choice(_cities()[rng.choice(("US", "US", "GB", "CA", "AU", "IE", "NZ"))])
    if draw < 0.84:
        return rng.choice(towns_and_streets()[0])
    made = rng.choice(words.listed("places.stems")) + rng.choice(words.listed("places.after"))
    return f"{rng.choice(words.listed('places.before'))} {made}" if draw > 0.95 else made


def country(rng: random.Random) -> str:
    """A country."""
    return rng.choice(words.listed("places.countries")) if rng.random() < 0.7 else rng.choice(_countries())


def region(rng: random.Random) -> str:
    """A state, county, province or part of the world."""
    return (
        rng.choice(words.listed("places.states"))[:-3]
        if rng.random() < 0.4
        else rng.choice(words.listed("places.regions"))
    )


def abbreviation(rng: random.Random) -> str:
    """A place as people shorten or nickname it."""
    return rng.choice(words.listed("places.abbreviations"))


def landmark(rng: random.Random) -> str:
    """A lake, mountain, square, quarter or the like."""
    if rng.random() < 0.6:
        return rng.choice(words.listed("places.landmarks"))
    thing, name = rng.choice(words.listed("places.nature")), rng.choice((city(rng), names.last(rng)))
    return f"{thing} {name}" if thing in ("Lake", "Mount") else f"{name} {thing}"


def venue(rng: random.Random) -> str:
    """Where people go out, stay or meet: a bar, a hall, a park, a church."""
    kind = rng.choice(words.listed("places.venues"))
    a, b = (words.word(rng, rng.choice(("noun", "adj", "ing", "nouns"))).title() for _ in range(2))
    owner = rng.choice((names.first, names.last))(rng)
    return rng.choice(
        (
            f"{a} {kind}",
            f"{a} {kind}",
            f"{a} {b} {kind}",
            f"{owner} {kind}",
            f"{owner}'s {kind}",
            f"{owner}'s",
            f"{city(rng)} {kind}",
            f"{city(rng)} {a} {kind}",
            f"{kind} {rng.choice((a, owner, city(rng)))}",
            f"the {a} {rng.choice((kind, b))}",
            f"the {a}",
            f"{a} {rng.choice(('and', '&', 'n'))} {b}",
            f"{rng.choice(('La', 'El', 'Le', 'Il', 'Casa', 'Chez', 'Los'))} {rng.choice((a, owner))}",
        )
    )


def place(rng: random.Random) -> str:
    """A place by name, of any size."""
    draw = rng.random()
    if draw < 0.47:
        return city(rng)
    if draw < 0.5:
        return abbreviation(rng)
    if draw < 0.72:
        return country(rng)
    if draw < 0.86:
        return region(rng)
    return (
        landmark(rng)
        if draw < 0.93
        else f"{city(rng)}, {rng.choice((region(rng), country(rng), rng.choice(words.listed('places.states'))[-2:]))}"
    )


def postcode(rng: random.Random) -> str:
    """A postcode as it stands alone."""
    return shaped(
        rng,
        rng.choice(
            (
                "@# #@@",
                "@## #@@",
                "@@# #@@",
                "@@## #@@",
                "@#@ #@@",
                "#####",
                "#####",
                "#####-####",
                "@#@ #@#",
                "@#@#@#",
                "####",
                "#### @@",
                "### ##",
                "######",
                "##-###",
            )
        ),
    )
