"""Names, places, addresses, organisations and dates in Chinese characters.

Place names are from the dictionary of jieba 0.42 (MIT licence), provinces and districts from Faker (MIT licence).
"""

from __future__ import annotations

import importlib
import random
from functools import cache

from sluicegate.data.scrubbing.corpus import names, words
from sluicegate.data.scrubbing.corpus.reserved import RESERVED

_DIGITS = "〇一二三四五六七八九"


@cache
def _given() -> str:
    return words.lines("zh_given.txt")[0]


@cache
def _surnames() -> tuple[str, ...]:
    return tuple(importlib.import_module("faker.providers.person.zh_CN").Provider.last_names)


@cache
def _places() -> tuple[str, ...]:
    return words.lines("zh_places.txt")


@cache
def _countries() -> tuple[str, ...]:
    return tuple(importlib.import_module("faker.providers.address.zh_CN").Provider.countries)


def surname(rng: random.Random) -> str:
    """A surname, of two characters at times."""
    draw = rng.random()
    if draw < 0.05:
        return rng.choice(words.listed("chinese.compound"))
    return rng.choice(words.characters("chinese.surnames")) if draw < 0.8 else rng.choice(_surnames())


def _given_name(rng: random.Random) -> str:
    chars = [_character(rng) for _ in range(1 if rng.random() < 0.22 else 2)]
    return "".join(chars if rng.random() > 0.03 else chars[:1] * 2)


def _character(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.5:
        return rng.choice(words.characters("chinese.common_given"))
    if draw < 0.97:
        return rng.choice(_given())
    return chr(rng.randint(0x4E00, 0x9FA5))


def full(rng: random.Random) -> str:
    """A surname and a given name."""
    made = surname(rng) + _given_name(rng)
    return made if made.lower() not in RESERVED else surname(rng) + rng.choice(words.characters("chinese.common_given"))


def person(rng: random.Random) -> str:
    """A person as running text names them."""
    draw = rng.random()
    if draw < 0.72:
        return full(rng)
    if draw < 0.8:
        return rng.choice(words.listed("chinese.nick")).format(
            s=surname(rng), g=rng.choice(words.characters("chinese.common_given"))
        )
    if draw < 0.86:
        return (
            _given_name(rng)
            if rng.random() < 0.5
            else surname(rng)
            + rng.choice(("某", "某某", "女士", "先生"))[:2].replace("女士", "某").replace("先生", "某某")
        )
    if draw < 0.95:
        parts = [
            "".join(rng.choice(words.listed("chinese.foreign")) for _ in range(rng.randint(2, 4)))
            for _ in range(rng.choice((1, 2, 2)))
        ]
        return "·".join(parts)
    return names.first(rng) if rng.random() < 0.5 else names.full(rng)


def place(rng: random.Random) -> str:
    """A province, city, country or landmark."""
    draw = rng.random()
    if draw < 0.25:
        return rng.choice(words.listed("chinese.cities")) + rng.choice(("", "", "市"))
    if draw < 0.35:
        return rng.choice(words.listed("chinese.provinces"))
    if draw < 0.75:
        return rng.choice(_places())
    if draw < 0.85:
        return rng.choice(_countries())
    return (
        rng.choice(words.lines("zh_landmarks.txt"))
        if draw < 0.92
        else rng.choice(words.listed("chinese.provinces")) + rng.choice(words.listed("chinese.cities"))
    )


def _road(rng: random.Random) -> str:
    made = rng.choice(
        (
            rng.choice(words.listed("chinese.roads")),
            rng.choice(words.listed("chinese.roads")),
            _character(rng) + _character(rng),
            rng.choice(words.listed("chinese.cities")),
        )
    )
    return made + rng.choice(
        ("路", "路", "街", "大道", "大街", "巷", "东路", "西路", "南路", "北路", "中路", "胡同", "里")
    )


def _estate(rng: random.Random) -> str:
    return (
        _character(rng)
        + _character(rng)
        + rng.choice(("", "", _character(rng)))
        + rng.choice(words.listed("chinese.estates"))
    )


def address(rng: random.Random) -> str:
    """A Chinese postal address, from the province down to the room or a part of that."""
    parts: list[str] = []
    city = rng.choice(words.listed("chinese.cities"))
    if rng.random() < 0.6:
        parts.append(rng.choice(words.listed("chinese.provinces")) + rng.choice(("省", "省", "")))
    if rng.random() < 0.75:
        parts.append(city + rng.choice(("市", "市", "")))
    if rng.random() < 0.75:
        parts.append(
            rng.choice(
                (
                    rng.choice(words.listed("chinese.districts")) + "区",
                    rng.choice(words.listed("chinese.districts")) + "区",
                    rng.choice(_places()),
                )
            )
        )
    if rng.random() < 0.15:
        parts.append(_character(rng) + _character(rng) + rng.choice(("镇", "乡", "街道", "村")))
    n = rng.randint(1, 999)
    core = rng.choice(("road", "road", "both", "both", "estate", "village"))
    if core in ("road", "both"):
        parts.append(f"{_road(rng)}{n}{rng.choice(('号', '号', '弄'))}")
    if core in ("estate", "both"):
        parts.append(_estate(rng))
    if core == "village":
        parts.append(f"{_character(rng)}{_character(rng)}村{rng.randint(1, 20)}组{rng.choice(('', f'{n}号'))}")
    if rng.random() < 0.65:
        a, b, c = rng.randint(1, 40), rng.randint(1, 6), rng.randint(101, 3205)
        parts.append(
            rng.choice(
                (
                    f"{a}号楼{b}单元{c}室",
                    f"{a}栋{c}室",
                    f"{a}幢{b}单元{c}",
                    f"{a}楼{c}",
                    f"{a}座{c}室",
                    f"{a}-{b}-{c}",
                    f"{c}室",
                    f"{a}层",
                    f"{chr(64 + b)}座{a}楼",
                )
            )
        )
    return rng.choice(("", "", "", " ")).join(parts)


def road_address(rng: random.Random) -> str:
    """A street with a number or without, a crossing, a block of an estate."""
    return rng.choice(
        (
            f"{_road(rng)}{rng.randint(1, 999)}号",
            _road(rng),
            f"{_road(rng)}与{_road(rng)}交叉口",
            _estate(rng) + f"{rng.randint(1, 30)}栋",
        )
    )


def organisation(rng: random.Random) -> str:
    """A company, school, hospital or agency."""
    draw = rng.random()
    if draw < 0.25:
        return rng.choice(words.listed("chinese.known"))
    where = rng.choice(
        (
            rng.choice(words.listed("chinese.cities")),
            rng.choice(words.listed("chinese.provinces")),
            rng.choice(_places()).rstrip("市县区省"),
        )
    )
    if draw < 0.6:
        return rng.choice(words.listed("chinese.agency")).format(p=where, d=rng.choice("一二三四五六七八九"))
    head = "".join(rng.choice(words.listed("chinese.company_heads")) for _ in range(2))
    tail = rng.choice(("有限公司", "有限公司", "股份有限公司", "集团", "公司", "有限责任公司", "集团有限公司", ""))
    return rng.choice((where, where + "市", "", "")) + head + rng.choice(words.listed("chinese.company")) + tail


def date(rng: random.Random) -> str:
    """A day or month as Chinese texts write it."""
    y, m, d = rng.randint(1940, 2030), rng.randint(1, 12), rng.randint(1, 28)
    chinese_year = "".join(_DIGITS[int(c)] for c in str(y))
    forms = (
        f"{y}年{m}月{d}日",
        f"{y}年{m}月{d}日",
        f"{y}年{m}月",
        f"{m}月{d}日",
        f"{m}月{d}号",
        f"{y}-{m:02}-{d:02}",
        f"{y}.{m}.{d}",
        f"{y}/{m}/{d}",
        f"{chinese_year}年{m}月",
        f"{y % 100:02}年{m}月",
        f"{y}{m:02}{d:02}",
        f"{y} 年 {m} 月 {d} 日",
    )
    return rng.choice(forms)
