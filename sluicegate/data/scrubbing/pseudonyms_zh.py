"""Made-up values for finds in Chinese text, of the same kind as the find and owned by nobody where that can be had.

As in `pseudonyms`, what a find becomes follows from the numbers that are drawn from its HMAC, and nothing is
remembered. A name has as many characters as the find: a surname of 116 and one or two given characters of 252, which
makes 29,000 names of two characters and 7.4 million of three. Any two persons share one with that small a chance.

Numbers that cannot be anybody's:

- mobile numbers begin with 142 or 143, which the Ministry's numbering plan has given to no operator (libphonenumber
  calls none of them valid): 200 million numbers;
- landlines have the area code of the find and a subscriber number that begins with 0, which none may;
- resident ids begin with 990000: there is no province 99 in GB/T 2260. The checksum is right, the birthday is real;
- bank cards begin with 9999: under ISO/IEC 7812 a 9 is followed by the number of a country, and 999 is none. Luhn's
  digit is right;
- plates have the letter I, which no plate bears; passports begin with EO, for O and I are left out too;
- streets, estates and firms are named with words that no list of ours holds for a place, in a city that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

# fmt: off
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
        "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔"
    "白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰梅建国文辉玲红志春燕雪飞鹏云峰波斌宇浩凯鑫佳"
        "欣怡婷雯琳萍莉倩颖洁慧莹蕾薇菲丹晶晨曦东海龙彬博轩子涵梓睿泽然俊豪嘉瑞祥福庆财旺兴盛昌隆达荣光耀"
        "宗德厚仁义礼智信忠孝廉诚恭谦和顺康宁安泰永长青松柏竹菊荷莲蓉芬芝芸茜莎萌萱蓓蕊淑贤惠贞媛妍妮姗娇"
        "婉姝嫣君成勋威振邦定栋梁"
    "坤乾元亨利天宝锋锐锦钧铭珍珠琪琦瑶瑾璐璇瑜琼瑛珏琛玮珂玥思念恩怀远毅恒坚健壮卫保家炳灿焕炜煜烨熙"
        "煦昊昱昕晗晟晖晴暄旭晋亮星辰艺诗书画琴雅歌悦愉心善美如意吉友良才雄侠学章承继绍宏弘广雨露岚凌岳峻"
)
_TOWNS = (
    "云栖 青禾 云舒 澄澜 白榆 松烟 鹿鸣 临溪 星野 竹隐 枫晚 澜泊 霜林 燕归 柳岸 石泉"
)
_STREETS = (
    "晴川 晚霞 观雪 摘星 清渠 采薇 归鸿 沐雨 枕石 折柳 踏歌 雪梅 晓岚 疏桐 映雪 流萤"
)
_FIRMS = (
    "云舟 墨白 知微 青藤 远岫 拾光 山岚 朗星 砚池 棠木 和鸣 澄观 素简 行川 初禾 南枝"
)
_TRADES = ("科技", "贸易", "文化", "食品", "物流", "电子", "纺织", "咨询")
_PEOPLES = ("云栖族", "青禾族", "鹿鸣族", "星野族")
# fmt: on
Draw = Callable[[int], int]
"""A number below the given limit, from the bytes of the find's HMAC; each call takes the next bytes."""

_PLATE_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青川宁琼"
_PLATE_CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_HAN = re.compile("[\u4e00-\u9fff]")
_MOBILE = re.compile(r"(?:\(?(?:\+|00) ?86\)?[ -]?|86)?1[0-9]")
_AREA = re.compile(r"(?:\(?(?:\+|00) ?86\)?[ -]?)?\(?0(?:10|2[0-9]|[3-9][0-9]{2})\)?[ -]?")
_NUMERALS = "〇一二三四五六七八九"
_FIRST_BIRTHDAY, _BIRTHDAYS = date(1950, 1, 1), 50 * 365


def pseudonym_zh(entity: str, find: str, draw: Draw) -> str | None:
    """A made-up value of the kind `entity` for a find in Chinese, or None where this module has no such kind.

    Kinds that are written with Chinese characters are made only for finds that hold one; numbers that only China
    gives out always.
    """
    if entity in _NUMBERS:
        return _NUMBERS[entity](find, draw)
    if entity == "PHONE_NUMBER":
        return _phone(find, draw)
    if entity in _WORDS and _HAN.search(find):
        return _WORDS[entity](find, draw)
    return None


def _pick(values: Sequence[str], draw: Draw) -> str:
    return values[draw(len(values))]


def _person(find: str, draw: Draw) -> str:
    surname, first, second = _pick(_SURNAMES, draw), _pick(_GIVEN, draw), _pick(_GIVEN, draw)
    return surname if len(find) == 1 else surname + first if len(find) == 2 else surname + first + second


def _title(find: str, draw: Draw) -> str:
    return find  # 先生 says no more than that it is a person, and a made-up one would often be wrong


def _location(find: str, draw: Draw) -> str:
    ending = next((e for e in ("省", "市", "区", "县", "镇", "村") if find.endswith(e)), "")
    return _pick(_TOWNS.split(), draw) + ending


def _address(find: str, draw: Draw) -> str:
    return (
        f"{_pick(_TOWNS.split(), draw)}市{_pick(_STREETS.split(), draw)}路{1 + draw(999)}号{1 + draw(30)}栋"
        f"{1 + draw(30)}{draw(10):02}"
        f"室"
    )


def _organisation(find: str, draw: Draw) -> str:
    name = _pick(_FIRMS.split(), draw) + _pick(_FIRMS.split(), draw)
    for ending in ("大学", "学院", "中学", "小学", "幼儿园", "医院", "银行", "研究院", "委员会", "酒店"):
        if find.endswith(ending):
            return name + ending
    return f"{_pick(_TOWNS.split(), draw)}{name}{_pick(_TRADES, draw)}有限公司"


def _day(find: str, draw: Draw) -> str:
    day = _FIRST_BIRTHDAY + timedelta(days=draw(_BIRTHDAYS))
    return f"{day.year}年{day.month}月{day.day}日"


def _age(find: str, draw: Draw) -> str:
    return f"{18 + draw(60)}岁"


def _phone(find: str, draw: Draw) -> str | None:
    """A number in the find's own spelling; None for one that is no number of the mainland."""
    if all(c in _NUMERALS + "零幺壹贰叁肆伍陆柒捌玖 -" for c in find):
        return "一四二" + "".join(_NUMERALS[draw(10)] for _ in range(8))
    if prefix := _MOBILE.match(find):
        head = prefix[0][:-2]
        return head + _spelt_like(find[len(head) :], f"14{2 + draw(2)}{draw(10**8):08}")
    if area := _AREA.match(find):
        return area[0] + _spelt_like(find[area.end() :], "0" + "".join(str(draw(10)) for _ in find))
    if find[:3] in ("400", "800"):
        return find[:3] + _spelt_like(find[3:], "000" + "".join(str(draw(10)) for _ in find))
    return None


def _spelt_like(find: str, digits: str) -> str:
    """`digits` with the separators of `find`."""
    rest = iter(digits)
    return "".join(next(rest, "0") if c.isnumeric() else c for c in find)


def _resident_id(find: str, draw: Draw) -> str:
    day = _FIRST_BIRTHDAY + timedelta(days=draw(_BIRTHDAYS))
    if sum(map(str.isnumeric, find)) <= 15 and "*" not in find:
        return f"990000{day:%y%m%d}{draw(1000):03}"
    body = f"990000{day:%Y%m%d}{draw(1000):03}"
    return f"{body}{mod_11_2.calc_check_digit(body)}"


def _card(find: str, draw: Draw) -> str:
    length = sum(map(str.isnumeric, find))
    if length < 8:  # the last digits alone
        return _spelt_like(find, "".join(str(draw(10)) for _ in range(length)))
    body = "9999" + "".join(str(draw(10)) for _ in range(length - 5))
    return _spelt_like(find, f"{body}{luhn.calc_check_digit(body)}")


def _passport(find: str, draw: Draw) -> str:
    return f"EO{draw(10**7):07}"


def _plate(find: str, draw: Draw) -> str:
    rest = "".join(_pick(_PLATE_CHARACTERS, draw) for _ in range(4))
    return f"{_pick(_PLATE_PROVINCES, draw)}{_pick('ABCDEFGH', draw)}I{rest}"


_NUMBERS: dict[str, Callable[[str, Draw], str]] = {
    "CN_RESIDENT_ID": _resident_id,
    "CREDIT_CARD": _card,
    "PASSPORT": _passport,
}
_WORDS: dict[str, Callable[[str, Draw], str]] = {
    "PERSON": _person,
    "TITLE": _title,
    "LOCATION": _location,
    "ADDRESS": _address,
    "ORGANIZATION": _organisation,
    "DATE_TIME": _day,
    "AGE": _age,
    "NRP": lambda find, draw: _pick(_PEOPLES, draw),
    "LICENSE_PLATE": _plate,
}
