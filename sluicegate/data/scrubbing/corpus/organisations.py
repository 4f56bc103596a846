"""Companies, universities, agencies, clubs and brands, made up, and some that everybody knows."""

from __future__ import annotations

import random

from sluicegate.data.scrubbing.corpus import names, places, words


def organisation(rng: random.Random) -> str:
    """An organisation by its name."""
    draw = rng.random()
    if draw < 0.16:
        return known(rng)
    if draw < 0.42:
        return agency(rng)
    if draw < 0.5:
        return made_up(rng)
    return company(rng)


def known(rng: random.Random) -> str:
    """A company, medium, team or body that everybody knows."""
    return rng.choice(words.listed("organisations.known"))


def agency(rng: random.Random) -> str:
    """A public body, school, hospital, church or club."""
    form = rng.choice(words.listed("organisations.agencies"))
    return form.format(
        x=rng.choice(words.listed("organisations.matters")),
        c=places.city(rng),
        l=names.last(rng),
        f=names.first(rng, "en_GB"),
        p=rng.choice(("French", "German", "Chinese", "American")),
    )


def company(rng: random.Random) -> str:
    """A company, named after people, words, places or nothing."""
    head = rng.choice((names.last(rng), names.last(rng), _compound(rng), places.city(rng), made_up(rng)))
    field, suffix = rng.choice(words.listed("organisations.fields")), rng.choice(words.listed("organisations.suffixes"))
    forms = (
        f"{head} {field}",
        f"{head} {suffix}",
        f"{head} {field} {suffix}",
        f"{head} {rng.choice(('&', 'and'))} {names.last(rng)}",
        f"{head}, {names.last(rng)} {rng.choice(('and', '&'))} {names.last(rng)}",
        f"{head} {rng.choice(('&', 'and'))} {names.last(rng)} {suffix}",
        f"{head}-{names.last(rng)}",
        f"{names.first(rng)}'s {field}",
        f"{head} {words.word(rng, 'noun').title()} {suffix}",
        f"The {words.word(rng, 'adj').title()} {words.word(rng, 'noun').title()}",
        f"{head} {field}",
        f"{head} {suffix}",
        f"{head}, {suffix}",
    )
    return rng.choice(forms)


def _compound(rng: random.Random) -> str:
    a, b = words.word(rng, rng.choice(("noun", "adj"))), words.word(rng, "noun")
    return rng.choice((f"{a.title()}{b}", f"{a.title()}{b.title()}", f"{a.title()} {b.title()}", a.title(), b.title()))


def made_up(rng: random.Random) -> str:
    """A brand-like word, or letters."""
    if rng.random() < 0.25:
        return "".join(rng.choice("ABCDEFGHIKLMNOPRSTUVWX") for _ in range(rng.randint(2, 4)))
    syllables = (
        "".join((rng.choice("bcdfghjklmnprstvwxz"), rng.choice("aeiou"), rng.choice(("", "", "n", "r", "x", "l"))))
        for _ in range(rng.randint(2, 3))
    )
    return "".join(syllables).title() + rng.choice(("", "", "", "ix", "ly", "io", "ify", "tech", "soft", "Corp"))
