"""Companies, universities, agencies, clubs and brands, made up, and some that everybody knows."""

from __future__ import annotations

import random

from sluicegate.data.scrubbing.corpus import names, places, words


def organisation(rng: random.Random) -> str:
    """An organisation by its name."""
    draw = rng.random()
    if draw < 0.16:
        return known(rng)
    if draw < 0.38:
        return agency(rng)
    if draw < 0.48:
        return body(rng)
    if draw < 0.54:
        return rng.choice((team, paper, band, unit))(rng)
    if draw < 0.6:
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


def body(rng: random.Random) -> str:
    """A council, association, service or party, by what it is for or where."""
    q, b = rng.choice(words.listed("organisations.qualifiers")), rng.choice(words.listed("organisations.bodies"))
    x = rng.choice(words.listed("organisations.matters"))
    matter = x.removeprefix("the ")
    forms = (
        f"{q} {matter} {b}",
        f"{q} {matter} {b}",
        f"{q} {b}",
        f"{matter} {b}",
        f"{b} of {x}",
        f"{b} for {x}",
        f"{q} {b} of {x}",
        f"{q} {b} for {x}",
        f"{places.city(rng)} {b}",
        f"{places.city(rng)} {matter} {b}",
        f"{names.last(rng)} {b}",
        f"{words.word(rng, 'noun').title()} {b}",
        f"{b} of {words.word(rng, 'nouns').title()}",
        f"{words.word(rng, 'adj').title()} {words.word(rng, 'nouns').title()} {b}",
    )
    return rng.choice(forms)


def acronym(rng: random.Random) -> str:
    """A body by its letters."""
    letters = "".join(rng.choice("AABCCDEFGHIILMNNOPRSSTUVW") for _ in range(rng.choice((2, 3, 3, 3, 4, 4, 5))))
    return ".".join(letters) + "." if rng.random() < 0.05 else letters


def team(rng: random.Random) -> str:
    """A club as its followers call it."""
    nouns = words.word(rng, "nouns").title()
    return rng.choice((nouns, nouns, f"{places.city(rng)} {nouns}", f"{words.word(rng, 'adj').title()} {nouns}"))


def band(rng: random.Random) -> str:
    """A group or label that is called by words."""
    a, b = words.word(rng, rng.choice(("noun", "adj", "ing"))).title(), words.word(rng, "noun").title()
    return rng.choice((a, f"{a} {b}", f"{a} {b}", f"{a} & the {b}s", f"{a} of {b}", f"{a}{b}", made_up(rng)))


def paper(rng: random.Random) -> str:
    """A newspaper, magazine or journal."""
    title = rng.choice(words.listed("organisations.papers"))
    x = rng.choice(words.listed("organisations.matters")).removeprefix("the ")
    nation = rng.choice(words.listed("english.nationalities"))
    return rng.choice((f"{places.city(rng)} {title}", f"{nation} {title}", f"{x} {title}", f"{title} of {x}"))


def unit(rng: random.Random) -> str:
    """A part of some army."""
    ordinal = rng.choice(words.listed("organisations.ordinals"))
    return f"{ordinal} {rng.choice(words.listed('organisations.units'))}"


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
