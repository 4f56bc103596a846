"""The texts that come of a behavioural test's templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from random import Random

from sluicegate.evidence.robustness.behaviour_file import SLOT, BehaviourFile, BehaviourTest

MOST_CASES = 60
"""Cases of one test at most."""


@dataclass(frozen=True)
class Case:
    """One text, and what it is changed to; a minimum functionality test has no second one."""

    text: str
    changed: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What the candidate is asked."""
        return (self.text,) if self.changed is None else (self.text, self.changed)


def cases_of(file: BehaviourFile, test: BehaviourTest, seed: int, most: int = MOST_CASES) -> list[Case]:
    """At most `most` different cases, shared out evenly among the templates as far as these go."""
    random = Random(f"{seed} {test.name}")
    by_template = [_fillings(file, template, test, random, most) for template in test.templates]
    turns = [case for turn in range(most) for cases in by_template for case in cases[turn : turn + 1]]
    return list(dict.fromkeys(turns))[:most]


def _fillings(file: BehaviourFile, template: str, test: BehaviourTest, random: Random, most: int) -> list[Case]:
    """Cases of one template in a random order, every combination of words at most once."""
    slots = list(dict.fromkeys(SLOT.findall(template)))
    sizes = [len(file.slots[slot]) for slot in slots]
    total = prod(sizes)
    return [
        _case(file, template, _words(file, slots, number), test, random)
        for number in random.sample(range(total), min(most, total))
    ]


def _words(file: BehaviourFile, slots: Sequence[str], number: int) -> dict[str, str]:
    """The combination of words with this number, read as digits to the base of each slot's size."""
    words = {}
    for slot in slots:
        number, at = divmod(number, len(file.slots[slot]))
        words[slot] = file.slots[slot][at]
    return words


def _case(file: BehaviourFile, template: str, words: dict[str, str], test: BehaviourTest, random: Random) -> Case:
    text = _filled(template, words)
    if test.kind == "minimum_functionality":
        return Case(text)
    if test.exchange:
        others = {slot: random.choice([w for w in file.slots[slot] if w != words[slot]]) for slot in test.exchange}
        return Case(text, _filled(template, words | others))
    added = random.choice(test.add)
    drawn = {slot: random.choice(file.slots[slot]) for slot in SLOT.findall(added)}
    return Case(text, text + _filled(added, drawn))


def _filled(template: str, words: dict[str, str]) -> str:
    return SLOT.sub(lambda found: words[found.group(1)], template)
