"""Street addresses in the forms of some seventy countries, whole and in part."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from sluicegate.data.scrubbing.corpus import names, words
from sluicegate.data.scrubbing.corpus.identifiers import shaped
from sluicegate.data.scrubbing.corpus.places import city, region, towns_and_streets

_AUSTRALIAN = ("NSW", "VIC", "QLD", "WA", "SA", "TAS", "ACT", "NT", "New South Wales", "Victoria", "Queensland")
_WINDS = ("N", "S", "E", "W", "North", "South", "East", "West", "NE", "SW", "N.", "W.")
_ESTATES = ("Towers", "Heights", "Mansions", "Apartments", "Gardens", "Estate", "Park", "Centre")
_HOUSES = ("House", "Cottage", "Court", "Lodge", "Farm", "Villa")


def street(rng: random.Random) -> str:
    """A street's name without a number."""
    draw = rng.random()
    if draw < 0.12:
        return f"{rng.choice(_WINDS)} {_stem(rng)} {rng.choice(words.listed('places.suffixes'))}"
    if draw < 0.2:
        return f"{_ordinal(rng)} {rng.choice(('Street', 'St', 'Ave', 'Avenue', 'Street'))}"
    if draw < 0.24:
        return rng.choice(
            ("Highway {}", "Route {}", "County Road {}", "State Road {}", "US Hwy {}", "Old Mill Road {}")
        ).format(rng.randint(1, 400))
    return f"{_stem(rng)} {rng.choice(words.listed('places.suffixes'))}"


def _stem(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.4:
        return rng.choice(words.listed("places.street_words"))
    if draw < 0.6:
        return names.last(rng, "en_GB")
    if draw < 0.75:
        return rng.choice((names.first(rng), city(rng, "GB"), city(rng, "US")))
    if draw < 0.9:
        return f"{rng.choice(words.listed('places.street_words'))} {rng.choice(words.listed('places.street_words'))}"
    return words.word(rng, rng.choice(("noun", "adj"))).title()


def _ordinal(rng: random.Random) -> str:
    number = rng.randint(1, 190)
    return f"{number}{'th' if 10 <= number % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _unit(rng: random.Random) -> str:
    number = rng.choice(
        (str(rng.randint(1, 40)), str(rng.randint(100, 3200)), shaped(rng, "#@"), shaped(rng, "@"), shaped(rng, "@#"))
    )
    return rng.choice(
        (
            "Apt {}",
            "Apt. {}",
            "Apartment {}",
            "Suite {}",
            "Ste {}",
            "Ste. {}",
            "Unit {}",
            "#{}",
            "Flat {}",
            "Floor {}",
            "Room {}",
            "Rm {}",
            "Bldg {}",
            "Lot {}",
        )
    ).format(number)


def _number(rng: random.Random) -> str:
    return rng.choice(
        (
            str(rng.randint(1, 299)),
            str(rng.randint(1, 99)),
            str(rng.randint(100, 9999)),
            str(rng.randint(1000, 29999)),
            f"{rng.randint(1, 99)}{rng.choice('abcABC')}",
            f"{rng.randint(1, 60)}-{rng.randint(61, 99)}",
        )
    )


def _separator(rng: random.Random) -> str:
    return rng.choice((", ", ", ", ", ", ", ", "\n", "\n", " ", ",\n", " - "))


def _military(rng: random.Random) -> str:
    """An address of the American forces abroad: a unit or ship, a post office, and AA, AE or AP for the state."""
    box = rng.randint(1, 9999)
    line = rng.choice(
        (
            f"PSC {rng.randint(1, 9999)}, Box {box}",
            f"PSC {rng.randint(1, 9999)} Box {box}",
            f"Unit {rng.randint(1, 99999)} Box {box}",
            f"CMR {rng.randint(1, 999)} Box {box}",
            f"USS {names.last(rng, 'en_US')}",
            f"USNS {names.last(rng, 'en_US')}",
            f"USCGC {names.last(rng, 'en_US')}",
        )
    )
    office, area = rng.choice(("APO", "FPO", "DPO")), rng.choice(("AA", "AE", "AP"))
    return f"{line}{_separator(rng)}{office}{rng.choice((' ', ', '))}{area} {shaped(rng, '#####')}"


def _american(rng: random.Random) -> str:
    if rng.random() < 0.05:
        return _military(rng)
    line = (
        f"{_number(rng)} {street(rng)}"
        if rng.random() < 0.9
        else f"{rng.choice(('PO Box', 'P.O. Box', 'P. O. Box', 'Box'))} {rng.randint(1, 9999)}"
    )
    if rng.random() < 0.3:
        line += rng.choice((", ", " ", "\n")) + _unit(rng)
    state = rng.choice(words.listed("places.states"))
    state = state[-2:] if rng.random() < 0.75 else state[:-3]
    town = rng.choice((city(rng, "US"), city(rng, "US"), city(rng)))
    code = shaped(rng, rng.choice(("#####", "#####", "#####", "#####-####")))
    separator = _separator(rng)
    tail = rng.choice(
        (
            f"{town}, {state} {code}",
            f"{town}, {state} {code}",
            f"{town}, {state}, {code}",
            f"{town} {state} {code}",
            f"{town}, {state}",
            f"{town}",
            f"{town}{separator}{state} {code}",
            f"{town}\n {state} {code}",
        )
    )
    return f"{line}{separator}{tail}" + (
        f"{separator}{rng.choice(('USA', 'United States', 'US', 'U.S.A.'))}" if rng.random() < 0.15 else ""
    )


def _british(rng: random.Random) -> str:
    house = rng.choice(("", "", "", f"{_unit(rng)}, ", f"{_house(rng)}, "))
    separator = _separator(rng)
    middle = rng.choice(("", "", f"{city(rng, 'GB')}{separator}"))
    code = shaped(rng, rng.choice(("@# #@@", "@## #@@", "@@# #@@", "@@## #@@", "@@#@ #@@")))
    county = rng.choice(("", "", "", f"{separator}{region(rng)}"))
    tail = rng.choice((f"{separator}{code}", f" {code}", ""))
    land = rng.choice(("", "", "", f"{separator}{rng.choice(('UK', 'United Kingdom', 'England', 'Ireland'))}"))
    town = city(rng, rng.choice(("GB", "GB", "IE")))
    return f"{house}{_number(rng)} {street(rng)}{separator}{middle}{town}{county}{tail}{land}"


def _australian(rng: random.Random) -> str:
    where, states, code = rng.choice(
        (
            ("AU", _AUSTRALIAN, "####"),
            ("CA", words.listed("places.provinces"), "@#@ #@#"),
            ("NZ", ("",), "####"),
            ("ZA", ("", "Gauteng", "Western Cape"), "####"),
        )
    )
    separator = _separator(rng)
    unit = rng.choice(("", "", f"{_unit(rng)}, ", f"{rng.randint(1, 30)}/"))
    inner = rng.choice((" ", ", "))
    state = rng.choice(states)
    land = rng.choice(("", "", f"{separator}{rng.choice(('Australia', 'Canada', 'New Zealand', 'South Africa'))}"))
    town = f"{city(rng, where)}{inner if state else ''}{state}"
    return f"{unit}{_number(rng)} {street(rng)}{separator}{town} {shaped(rng, code)}{land}"


@cache
def _continental_forms() -> tuple[tuple[str, ...], ...]:
    """By country: its lines, postcodes, where the postcode stands, its names, and the culture of its street names."""
    return tuple(tuple(line.split("\t")) for line in words.lines("addresses.tsv"))


def _continental(rng: random.Random) -> str:
    where, lines, codes, order, countries, of = rng.choice(_continental_forms())
    line = rng.choice(lines.split("|")).format(
        n=_number(rng),
        u=rng.randint(1, 60),
        l=names.last(rng, of),
        f=names.first(rng, of),
        w=rng.choice(words.listed("places.stems")),
        a=rng.choice("ABC"),
    )
    if rng.random() < 0.15:
        line = f"{rng.choice(towns_and_streets()[1])} {_number(rng)}"
    code, town, separator = shaped(rng, rng.choice(codes.split("|"))), city(rng, where), _separator(rng)
    tail = f"{code} {town}" if order == "before" else rng.choice((f"{town} {code}", f"{town}, {code}", town))
    tail = town if rng.random() < 0.12 else tail
    return f"{line}{separator}{tail.strip()}" + (
        f"{separator}{rng.choice(countries.split('|'))}" if rng.random() < 0.35 else ""
    )


def _in_any_order(rng: random.Random) -> str:
    """The parts of an address as people put them who do not know how it is done there."""
    where, codes, countries = rng.choice([(form[0], form[2], form[4]) for form in _continental_forms()])
    code, country = shaped(rng, rng.choice(codes.split("|"))), rng.choice(countries.split("|"))
    road = rng.choice((street(rng), rng.choice(towns_and_streets()[1])))
    line = rng.choice((f"{_number(rng)} {road}", f"{road} {_number(rng)}", f"{road}, {_number(rng)}", road))
    tail = rng.choice(
        (
            (city(rng, where), f"{country} {code}"),
            (city(rng, where), f"{code} {country}"),
            (f"{code} {city(rng, where)}", country),
            (city(rng, where), code, country),
            (city(rng, where), region(rng), code),
            (f"{city(rng, where)} {code}", country),
            (code, city(rng, where)),
            (city(rng, where), country),
        )
    )
    head = rng.choice(((), (), (), (_unit(rng),), (_house(rng),)))
    after = rng.choice(((), (), (_unit(rng),), (_unit(rng),)))
    return _separator(rng).join((*head, line, *after, *tail))


def _house(rng: random.Random) -> str:
    """What a house, block or estate is called."""
    name = rng.choice(
        (words.word(rng, "noun").title(), names.last(rng), rng.choice(words.listed("places.street_words")))
    )
    return rng.choice(
        (
            f"{name} {rng.choice(_HOUSES)}",
            f"The {name} {rng.choice(_HOUSES)}",
            f"{name} {rng.choice(_ESTATES)}",
            f"Block {rng.choice('ABCDEF')}, {name} {rng.choice(_HOUSES)}",
            f"Building {rng.randint(1, 30)}",
            f"{name} Building, {rng.randint(1, 30)}{rng.choice(('th', 'nd', 'st'))} Floor",
            f"{rng.choice(('c/o', 'C/O', 'Attn'))} {names.full(rng)}",
        )
    )


_FORMS: tuple[tuple[float, Callable[[random.Random], str]], ...] = (
    (0.30, _american),
    (0.46, _british),
    (0.58, _australian),
    (0.72, _in_any_order),
    (1.0, _continental),
)


def address(rng: random.Random) -> str:
    """A postal address in one piece, on one line or several; a part of it at times."""
    draw = rng.random()
    if draw < 0.08:
        return f"{_number(rng)} {street(rng)}"
    if draw < 0.11:
        return f"{_number(rng)} {street(rng)}, {_unit(rng)}"
    draw = rng.random()
    return next(make(rng) for limit, make in _FORMS if draw < limit)


def one_line(rng: random.Random) -> str:
    """An address without line ends."""
    return ", ".join(part.strip(" ,") for part in address(rng).split("\n"))


def partial(rng: random.Random) -> str:
    """A street, with a number or without, and perhaps the town."""
    road = street(rng)
    return rng.choice((f"{_number(rng)} {road}", f"{_number(rng)} {road}", road, f"{_number(rng)} {road}, {city(rng)}"))
