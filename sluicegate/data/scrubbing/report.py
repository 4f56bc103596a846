"""What scrubbing did, in counts: nothing in it comes from a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sluicegate.spec import Scrubbing


@dataclass(frozen=True)
class ColumnReport:
    """One column of texts."""

    texts: int
    """Texts that were there; a missing one does not count."""
    characters: int
    """Their length together, in code points."""
    changed_texts: int
    """Texts in which something was found."""
    found: int
    """Finds of every type."""
    characters_found: int
    """Their length together."""

    def to_json(self) -> dict[str, int]:
        """As it is written to the report."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class ScrubReport:
    """What was found, put in its place, left over, and how many of the planted values were found."""

    by_column: Mapping[str, ColumnReport]
    by_entity: Mapping[str, Mapping[str, Any]]
    """Entity type → ``found`` and ``operator``; types that the spec names, and those that were found."""
    residual: Mapping[str, int]
    """Entity type → finds of a second look at the scrubbed texts that are no placeholders."""
    residual_texts: int
    """Scrubbed texts with such a find."""
    canaries: Mapping[str, Mapping[str, int]]
    """Entity type → ``planted`` and ``found``: made-up values of which nothing stayed visible."""
    canary_seed: int
    """What decided which values were planted, and where."""

    def to_json(self) -> dict[str, Any]:
        """As it is written to ``scrubbing.json``; the same for the same texts and settings."""
        columns = self.by_column.values()
        totals = {name: sum(getattr(column, name) for column in columns) for name in ColumnReport.__dataclass_fields__}
        planted, found = (sum(counts[what] for counts in self.canaries.values()) for what in ("planted", "found"))
        return {
            **totals,
            "by_column": {name: column.to_json() for name, column in self.by_column.items()},
            "by_entity": {entity: dict(counts) for entity, counts in sorted(self.by_entity.items())},
            "residual": dict(sorted(self.residual.items())),
            "residual_texts": self.residual_texts,
            "canaries": {
                "planted": planted,
                "found": found,
                "recall": found / planted if planted else None,
                "seed": self.canary_seed,
                "by_entity": {entity: dict(counts) for entity, counts in sorted(self.canaries.items())},
            },
        }


@dataclass
class Tally:
    """Counts on the way to a report."""

    section: Scrubbing
    columns: dict[str, Counter[str]] = field(default_factory=dict)
    found: Counter[str] = field(default_factory=Counter)
    residual: Counter[str] = field(default_factory=Counter)
    residual_texts: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)

    def scrubbed(self, column: str, texts: list[str], answer: Mapping[str, Any]) -> None:
        """Adds what became of a chunk of texts."""
        self._add(column, texts, answer["changed"], sum(answer["found"].values()), answer["characters"])
        self.found.update(answer["found"])
        self.residual.update(answer["residual"])
        self.residual_texts += answer["residual_texts"]

    def searched(self, column: str, texts: list[str], spans: list[list[Any]]) -> None:
        """Adds what was found in a chunk of texts that is left as it is."""
        finds = [find for each in spans for find in each]
        self._add(column, texts, sum(map(bool, spans)), len(finds), sum(find[1] - find[0] for find in finds))
        self.found.update(find[2] for find in finds)

    def canary(self, entity: str, hidden: bool) -> None:
        """Adds one planted value."""
        self.planted[entity] += 1
        self.hidden[entity] += hidden

    def report(self) -> ScrubReport:
        """What it came to."""
        types = set(self.section.entities) | set(self.found)
        operators = {entity: self.section.operator_of(entity) for entity in types}
        return ScrubReport(
            by_column={name: ColumnReport(**counts) for name, counts in self.columns.items()},
            by_entity={
                entity: {"found": self.found[entity], "operator": operator.operator if operator else "none"}
                for entity, operator in operators.items()
            },
            residual=dict(self.residual),
            residual_texts=self.residual_texts,
            canaries={e: {"planted": n, "found": self.hidden[e]} for e, n in self.planted.items()},
            canary_seed=self.section.canary_seed,
        )

    def column(self, name: str) -> Counter[str]:
        """The counts of a column, which is in the report from now on."""
        return self.columns.setdefault(name, Counter(dict.fromkeys(ColumnReport.__dataclass_fields__, 0)))

    def _add(self, column: str, texts: list[str], changed: int, found: int, characters_found: int) -> None:
        counts = self.column(column)
        counts["texts"] += len(texts)
        counts["characters"] += sum(map(len, texts))
        counts["changed_texts"] += changed
        counts["found"] += found
        counts["characters_found"] += characters_found
