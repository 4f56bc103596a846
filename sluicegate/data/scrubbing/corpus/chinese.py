"""The slots of the Chinese grammar."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache

from sluicegate.data.scrubbing.corpus import chinese_values, english, identifiers, words
from sluicegate.data.scrubbing.corpus.grammar import Grammar, Slot
from sluicegate.data.scrubbing.corpus.labelled import Piece


def _titled(rng: random.Random) -> list[Piece]:
    who = rng.choice((chinese_values.surname(rng), chinese_values.surname(rng), chinese_values.full(rng)))
    return [(who, "PERSON"), (rng.choice(words.listed("chinese.titles")), "TITLE")]


def _someone(rng: random.Random) -> list[Piece]:
    return _titled(rng) if rng.random() < 0.15 else [(chinese_values.person(rng), "PERSON")]


def _words(rng: random.Random) -> str:
    kinds = words.chinese()
    return "".join(
        rng.choice(kinds[rng.choice(("n", "v", "a", "d", "vn", "i", "n", "v", "c", "r", "l"))])
        for _ in range(rng.randint(1, 4))
    )


@cache
def slots() -> Mapping[str, Slot]:
    """Slot name → what fills it."""
    shared = {
        name: english.slots()[name]
        for name in (
            "email",
            "phone",
            "url",
            "user",
            "card",
            "iban",
            "account",
            "ip",
            "passport",
            "ref",
            "product",
        )
    }
    found: dict[str, Slot] = dict(shared)
    for kind in words.chinese():
        found[kind] = lambda rng, kind=kind: [(rng.choice(words.chinese()[kind]), "")]  # type: ignore[misc]
    typed = {
        "person": ("PERSON", chinese_values.person),
        "full": ("PERSON", chinese_values.full),
        "place": ("LOCATION", chinese_values.place),
        "address": ("ADDRESS", chinese_values.address),
        "road": ("ADDRESS", chinese_values.road_address),
        "org": ("ORGANIZATION", chinese_values.organisation),
        "date": ("DATE_TIME", chinese_values.date),
        "nrp": ("NRP", lambda rng: rng.choice(words.listed("chinese.ethnic"))),
        "age": (
            "AGE",
            lambda rng: rng.choice(
                (
                    str(rng.randint(1, 99)),
                    str(rng.randint(18, 70)),
                    rng.choice("三四五六七八") + "十" + rng.choice("一二三四五六七八九"),
                )
            ),
        ),
        "mobile": (
            "PHONE_NUMBER",
            lambda rng: identifiers.shaped(
                rng,
                rng.choice(
                    (
                        "13#########",
                        "15#########",
                        "18#########",
                        "19# #### ####",
                        "0##-########",
                        "+86 13#########",
                        "400-###-####",
                    )
                ),
            ),
        ),
        "number": ("", lambda rng: str(rng.choice((rng.randint(1, 12), rng.randint(10, 9999))))),
        "nid": (
            "NATIONAL_ID",
            lambda rng: (
                identifiers.shaped(
                    rng, rng.choice(("1101011990######", "##############X", "4##############X", "33010619######"))
                )
                + identifiers.shaped(rng, "##")
            ),
        ),
        "plate": (
            "LICENSE_PLATE",
            lambda rng: (
                rng.choice("京沪粤浙苏川鄂湘鲁豫闽赣皖渝津")
                + identifiers.shaped(rng, rng.choice(("@·#####", "@#####", "@@####", "@D#####")))
            ),
        ),
    }
    for name, (kind, make) in typed.items():
        found[name] = lambda rng, make=make, kind=kind: [(make(rng), kind)]  # type: ignore[misc]
    return found | {"titled": _titled, "someone": _someone, "words": lambda rng: [(_words(rng), "")]}


@cache
def grammar() -> Grammar:
    """The Chinese rules."""
    return Grammar(words.DATA / "zh.txt", slots())


def text(rng: random.Random) -> list[Piece]:
    """A Chinese text."""
    pieces = grammar().text(rng)
    draw = rng.random()
    if draw < 0.05:
        return [(t.replace("，", " ").replace("。", " "), k) for t, k in pieces]
    if draw < 0.1:
        return [(t.replace("，", ",").replace("。", ".").replace("：", ":"), k) for t, k in pieces]
    return pieces
