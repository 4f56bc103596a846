"""What a card says otherwise in each language: names of checks, areas, units, figures, and reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sluicegate.evidence.check import AREAS
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.model_card import chinese_titles
from sluicegate.evidence.model_card.chinese_reasons import in_chinese

Counted = Literal["rows", "entities"]
"""What there are so many of."""
_CHINESE_UNITS = {
    "share": "比例",
    "yes (1) or no (0)": "是（1）或否（0）",
    "reach (0 to 3)": "范围（0 至 3）",
    "rows": "条",
    "nats": "奈特",
    "bits": "比特",
    "bits per byte": "比特/字节",
    "per token": "每个词元",
    "epsilon": "ε",
    "probability": "概率",
    "squared distance": "平方距离",
    "kg CO2e": "千克 CO2e",
    "kWh": "千瓦时",
    "ms": "毫秒",
    "measured": "实测",
    "modelled": "估算",
}
_CHINESE_COUNTED: dict[Counted, str] = {"rows": "样本数", "entities": "实体数"}
_ADDED = re.compile(r"(.+) \((measured|modelled|delta .+)\)")
_CHINESE_MEASURES = {
    "accuracy": "准确率",
    "macro_f1": "宏平均 F1",
    "f1": "F1",
    "precision": "精确率",
    "recall": "召回率",
    "entity_f1": "实体 F1",
    "character_f1": "字符 F1",
    "character_precision": "字符精确率",
    "character_recall": "字符召回率",
    "bits_per_byte": "每字节比特数",
}
_ENGLISH_MEASURES = {"f1": "F1", "macro_f1": "macro-F1", "entity_f1": "entity F1", "character_f1": "character F1"}


@dataclass(frozen=True)
class Wording:
    """The words of one language."""

    template: str
    """The card's template."""
    title: Callable[[str], str]
    """A check's name → what it is in plain words."""
    area: Callable[[str], str]
    """An area → its heading."""
    unit: Callable[[str], str]
    """A finding's unit."""
    counted: Callable[[Counted], str]
    """What a table by label or group counts."""
    measure: Callable[[str], str]
    """A figure of a label or a group."""
    sentence: Callable[[str], str]
    """A sentence that the evidence made, such as a reason."""
    to: str
    """Between the ends of an interval."""


def _chinese_title(name: str) -> str:
    base, bracket, rest = name.partition("[")
    title = chinese_titles.TITLES.get(base)
    if title is None:
        return f"{check_of(name).title}（原文）"
    return title.replace("{}", rest[:-1]) if bracket else title


def _chinese_unit(unit: str) -> str:
    if added := _ADDED.fullmatch(unit):
        return f"{_chinese_unit(added[1])}（{_CHINESE_UNITS.get(added[2], added[2])}）"
    return _CHINESE_UNITS.get(unit, unit)


ENGLISH = Wording(
    template="model_card.md.jinja",
    title=lambda name: check_of(name).title,
    area=lambda area: AREAS[area],
    unit=lambda unit: unit,
    counted=lambda what: what,
    measure=lambda name: _ENGLISH_MEASURES.get(name, name.replace("_", " ")),
    sentence=lambda sentence: sentence,
    to="to",
)
CHINESE = Wording(
    template="model_card.zh.md.jinja",
    title=_chinese_title,
    area=lambda area: chinese_titles.AREAS.get(area, AREAS[area]),
    unit=_chinese_unit,
    counted=_CHINESE_COUNTED.__getitem__,
    measure=lambda name: _CHINESE_MEASURES.get(name, name.replace("_", " ")),
    sentence=in_chinese,
    to="至",
)
