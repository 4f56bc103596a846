"""The slots of the English grammar."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from sluicegate.data.scrubbing.corpus import (
    addresses,
    dates,
    identifiers,
    jobs,
    names,
    organisations,
    places,
    words,
)
from sluicegate.data.scrubbing.corpus.grammar import Grammar, Slot
from sluicegate.data.scrubbing.corpus.labelled import Piece

Draw = Callable[[random.Random], str]


def _plain(make: Draw) -> Slot:
    return lambda rng: [(make(rng), "")]


def _typed(entity_type: str, make: Draw) -> Slot:
    def slot(rng: random.Random) -> list[Piece]:
        value = make(rng)
        if value.startswith("the "):  # an article is no part of a name
            return [("the ", ""), (value.removeprefix("the "), entity_type)]
        return [(value, entity_type)]

    return slot


def _of(listed: Sequence[str]) -> Draw:
    return lambda rng: rng.choice(listed)


def _titled(name: Draw) -> Slot:
    def make(rng: random.Random) -> list[Piece]:
        return [(names.title(rng), "TITLE"), (" ", ""), (name(rng), "PERSON")]

    return make


def _someone(rng: random.Random) -> list[Piece]:
    """A person in running text, with a title at times."""
    if rng.random() < 0.14:
        return _titled(rng.choice((names.last, names.last, names.full)))(rng)
    return [(names.person(rng), "PERSON")]


def _user(rng: random.Random) -> str:
    return identifiers.user_name(rng, names.first(rng), names.last(rng), words.word(rng, "noun"))


def _email(rng: random.Random) -> str:
    return identifiers.email(rng, names.first(rng), names.last(rng), words.word(rng, "noun"))


def _url(rng: random.Random) -> str:
    return identifiers.url(rng, words.word(rng, "noun"), words.word(rng, "adj"))


def _number(rng: random.Random) -> str:
    return rng.choice(
        (
            _in_words(rng, rng.randint(1, 99)),
            str(rng.randint(2, 20)),
            str(rng.randint(1, 999)),
            f"{rng.randint(1, 99)},{rng.randint(0, 999):03}",
            f"{rng.randint(0, 99)}.{rng.randint(0, 99)}",
        )
    )


def _in_words(rng: random.Random, number: int) -> str:
    return dates.in_words(number) if rng.random() < 0.3 else str(number)


def _money(rng: random.Random) -> str:
    return rng.choice(words.listed("english.money")).format(n=rng.choice((rng.randint(1, 99), rng.randint(100, 9999))))


def _measure(rng: random.Random) -> str:
    return f"{_number(rng)}{rng.choice((' ', ' ', ''))}{rng.choice(words.listed('english.units'))}"


def _salad(rng: random.Random) -> str:
    return " ".join(words.any_word(rng) for _ in range(rng.randint(1, 5)))


def _heading(rng: random.Random) -> str:
    kinds = ("noun", "nouns", "adj", "ing", "noun")
    return " ".join(words.word(rng, rng.choice(kinds)).title() for _ in range(rng.randint(1, 4)))


def _capital(rng: random.Random) -> str:
    return words.word(rng, rng.choice(("noun", "adj", "ing", "nouns", "adv", "verb"))).title()


def _ambiguous_word(rng: random.Random) -> str:
    return rng.choice(words.listed("names.ambiguous")).lower()


def _interjection(rng: random.Random) -> str:
    made = rng.choice(words.listed("english.interjections"))
    return rng.choice((made, made, made.capitalize(), made.upper()))


def _slang(rng: random.Random) -> str:
    return rng.choice(words.listed("english.slang"))


def _drawn_out(rng: random.Random) -> str:
    """A word with its last vowel, or a mark, held for long."""
    word = rng.choice((words.any_word(rng), _interjection(rng), _slang(rng)))
    at = max((word.rfind(vowel) for vowel in "aeiou"), default=-1)
    if at < 0 or rng.random() < 0.2:
        return word + rng.choice("!?.") * rng.randint(2, 6)
    return word[:at] + word[at] * rng.randint(3, 8) + word[at + 1 :]


def _in_one(name: Draw) -> Draw:
    """A name as a hashtag has it, without spaces."""
    return lambda rng: "".join(filter(str.isalnum, name(rng)))


def _relation(rng: random.Random) -> str:
    return rng.choice(
        [
            "mother",
            "father",
            "sister",
            "brother",
            "wife",
            "husband",
            "son",
            "daughter",
            "aunt",
            "uncle",
            "cousin",
            "boss",
            "neighbour",
            "friend",
            "colleague",
            "partner",
            "fiancé",
            "roommate",
            "landlord",
            "teacher",
            "doctor",
            "boyfriend",
            "girlfriend",
            "ex",
            "grandson",
            "niece",
            "nephew",
            "stepmother",
            "client",
            "tenant",
            "patient",
        ]
    )


@cache
def slots() -> Mapping[str, Slot]:
    """Slot name → what fills it."""
    plain: dict[str, Draw] = {kind: (lambda rng, kind=kind: words.word(rng, kind)) for kind in words.english()}  # type: ignore[misc]
    plain |= {
        "product": _of(words.listed("english.products")),
        "acronym": _of(words.listed("english.acronyms")),
        "relative": _of(words.listed("english.relative")),
        "subject": _of(words.listed("english.birds")),
        "event": _of(words.listed("english.events")),
        "foreign": words.foreign,
        "imperative": lambda rng: words.word(rng, "verb").title(),
        "interjection": _interjection,
        "relation": _relation,
        "slang": _slang,
        "long": _drawn_out,
        "n": _number,
        "money": _money,
        "measure": _measure,
        "ref": identifiers.reference,
        "clock": dates.clock,
        "weekday": _of(dates.WEEKDAYS),
        "salad": _salad,
        "heading": _heading,
        "capital": _capital,
        "ambiguous": _ambiguous_word,
        "small": lambda rng: _in_words(rng, rng.randint(2, 12)),
        "plain_year": dates.year,
        "digits": lambda rng: str(rng.randint(1000, 9999999)),
    }
    typed: dict[str, tuple[str, Draw]] = {
        "first": ("PERSON", names.first),
        "last": ("PERSON", names.last),
        "full": ("PERSON", names.full),
        "person": ("PERSON", names.person),
        "reversed": ("PERSON", names.reversed_full),
        "title": ("TITLE", names.title),
        "job": ("TITLE", jobs.job),
        "job_c": ("TITLE", jobs.heading),
        "known_person": ("PERSON", names.known),
        "ambiguous_name": ("PERSON", names.ambiguous),
        "city": ("LOCATION", places.city),
        "country": ("LOCATION", places.country),
        "region": ("LOCATION", places.region),
        "place": ("LOCATION", places.place),
        "abbreviation": ("LOCATION", places.abbreviation),
        "landmark": ("LOCATION", places.landmark),
        "venue": ("LOCATION", places.venue),
        "stage": ("PERSON", names.stage),
        "tag_place": ("LOCATION", _in_one(places.place)),
        "tag_person": ("PERSON", _in_one(names.full)),
        "tag_org": ("ORGANIZATION", _in_one(organisations.organisation)),
        "address": ("ADDRESS", addresses.address),
        "line": ("ADDRESS", addresses.one_line),
        "street": ("ADDRESS", addresses.partial),
        "postcode": ("POSTCODE", places.postcode),
        "org": ("ORGANIZATION", organisations.organisation),
        "known": ("ORGANIZATION", organisations.known),
        "company": ("ORGANIZATION", organisations.company),
        "agency": ("ORGANIZATION", organisations.agency),
        "council": ("ORGANIZATION", organisations.body),
        "acro": ("ORGANIZATION", organisations.acronym),
        "team": ("ORGANIZATION", organisations.team),
        "band": ("ORGANIZATION", organisations.band),
        "label": ("ORGANIZATION", organisations.made_up),
        "paper": ("ORGANIZATION", organisations.paper),
        "unit": ("ORGANIZATION", organisations.unit),
        "nrp": (
            "NRP",
            lambda rng: rng.choice(
                words.listed("english.nationalities") if rng.random() < 0.7 else words.listed("english.faiths")
            ),
        ),
        "nation": ("NRP", _of(words.listed("english.nationalities"))),
        "faith": ("NRP", _of(words.listed("english.faiths"))),
        "nrps": ("NRP", _of(words.listed("english.plurals"))),
        "date": ("DATE_TIME", dates.date),
        "year": ("DATE_TIME", dates.year),
        "age": ("AGE", dates.age),
        "email": ("EMAIL_ADDRESS", _email),
        "phone": ("PHONE_NUMBER", identifiers.phone),
        "url": ("URL", _url),
        "user": ("USER_NAME", _user),
    }
    for name, kind in (
        ("card", "CREDIT_CARD"),
        ("iban", "IBAN_CODE"),
        ("account", "BANK_ACCOUNT"),
        ("ip", "IP_ADDRESS"),
        ("ssn", "US_SSN"),
        ("nid", "NATIONAL_ID"),
        ("passport", "PASSPORT"),
        ("licence", "DRIVER_LICENSE"),
        ("plate", "LICENSE_PLATE"),
    ):
        typed[name] = (kind, lambda rng, kind=kind: identifiers.number_of(rng, kind))  # type: ignore[misc]
    found: dict[str, Slot] = {name: _plain(make) for name, make in plain.items()}
    found |= {name: _typed(kind, make) for name, (kind, make) in typed.items()}
    return found | {
        "someone": _someone,
        "titled": _titled(names.last),
        "titled_full": _titled(names.full),
        "titled_first": _titled(names.first),
    }


@cache
def grammar() -> Grammar:
    """The English rules."""
    return Grammar(words.DATA / "en.txt", slots())
