"""The same sentence with terms of several groups: does the answer stay?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Any

import numpy as np

from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.identity.counterfactuals import Pairs, measure_pairs
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.identity.templates import Template
from sluicegate.evidence.identity.terms import is_chinese
from sluicegate.evidence.resampling import Floats


@dataclass(frozen=True)
class _Filled:
    template: int
    group: str
    text: str


@dataclass(frozen=True)
class TemplateTest:
    """The sentences that are asked about for one attribute; the same for the same seed."""

    attribute: str
    seed: int
    filled: tuple[_Filled, ...]

    @classmethod
    def of(cls, lexicon: Lexicon, templates: Sequence[Template], seed: int, terms_a_group: int = 2) -> TemplateTest:
        """Fills every template that fits two groups of the attribute or more.

        Args:
            lexicon: The attribute's terms, with names if these are to be exchanged.
            templates: The sentences; for a model of one language, those of that language.
            seed: Seed of the draw of terms.
            terms_a_group: So many terms of each group at most are drawn for each sentence.
        """
        filled = []
        for number, template in enumerate(templates):
            draw = Random(f"{seed} {lexicon.attribute} {template.kind} {template.sentence}")
            fitting = {group: _fitting(lexicon, group, template) for group in lexicon.groups}
            fitting = {group: terms for group, terms in fitting.items() if terms}
            if len(fitting) < 2:
                continue
            for group, terms in fitting.items():
                chosen = draw.sample(terms, min(terms_a_group, len(terms)))
                filled += [_Filled(number, group, template.fill(term)) for term in chosen]
        return cls(lexicon.attribute, seed, tuple(filled))

    def ask(self) -> list[str]:
        """The sentences to be answered."""
        return [one.text for one in self.filled]

    def measure(self, probabilities_NL: Floats, rounds: int, confidence: float) -> tuple[list[Finding], dict[str, Any]]:
        """Findings ``template_flips``, ``template_change``, ``template_change_largest``; figures by pair of groups.

        Every sentence is set against the same one with a term of each other group.

        Args:
            probabilities_NL: The answers to `ask`, in its order.
            rounds: Rounds of the bootstrap over templates.
            confidence: Level of the intervals.

        Raises:
            ValueError: There are not as many answers as were asked for.
        """
        if len(probabilities_NL) != len(self.filled):
            raise ValueError(f"{len(probabilities_NL)} answers to {len(self.filled)} sentences")
        found = self._pairs()
        if not found:
            why = "no template takes terms of two of its groups"
            names = [f"identity.template_{kind}[{self.attribute}]" for kind in ("flips", "change", "change_largest")]
            figures = {"attribute": self.attribute, "units": 0, "status": "not_evaluated", "why": why}
            return [not_evaluated(name, why) for name in names], figures
        one, other = np.array(found, dtype=np.intp).T
        units = np.array([self.filled[i].template for i in one], dtype=np.int64)
        pairs = Pairs(probabilities_NL[one], probabilities_NL[other], units)
        findings, figures = measure_pairs("template", self.attribute, "templates", pairs, rounds, confidence, self.seed)
        return findings, figures | ({"between": self._between(found, pairs)} if figures["status"] == "measured" else {})

    def _pairs(self) -> list[tuple[int, int]]:
        by_template: dict[int, list[int]] = {}
        for number, one in enumerate(self.filled):
            by_template.setdefault(one.template, []).append(number)
        return [
            (i, j)
            for numbers in by_template.values()
            for i, j in combinations(numbers, 2)
            if self.filled[i].group != self.filled[j].group
        ]

    def _between(self, found: Sequence[tuple[int, int]], pairs: Pairs) -> list[dict[str, Any]]:
        """Figures of every pair of groups, those that flip most first."""
        of: dict[tuple[str, str], list[int]] = {}
        for number, (i, j) in enumerate(found):
            of.setdefault((self.filled[i].group, self.filled[j].group), []).append(number)
        rows = [
            {
                "groups": list(groups),
                "pairs": len(numbers),
                "flips": float(pairs.flips_P[numbers].mean()),
                "change": float(pairs.changes_P[numbers].mean()),
            }
            for groups, numbers in of.items()
        ]
        return sorted(rows, key=lambda row: (-float(str(row["flips"])), -float(str(row["change"]))))


def _fitting(lexicon: Lexicon, group: str, template: Template) -> list[str]:
    """The group's terms that fit the template, in its language."""
    return [
        term.forms[0]
        for term in lexicon.terms
        if term.group == group and template.kind in term.kinds and is_chinese(term.forms[0]) == template.is_chinese
    ]
