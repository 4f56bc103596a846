"""What a release does to each group: the candidate's figure less a live release's, for every group by itself.

A gain over all rows can hide a loss in one group, so each group has a finding of its own, and a limit on the check
holds for all of them. The intervals are each group's own and are not widened for their number: of 40 groups in which
nothing changed, one is expected to lie below 0 with the whole of a 95 % interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_applicable, not_evaluated
from sluicegate.evidence.groups import large_groups, too_many, why_small
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.paired import Members
from sluicegate.evidence.resampling import Estimate, Resampling
from sluicegate.evidence.scores import Indices


@dataclass(frozen=True)
class Grouping:
    """Groups in which candidate and live release are compared."""

    check: str
    """Name of the check, parameter filled in."""
    sizes: Mapping[str, int]
    """Rows of every group."""
    members: Members
    """Which rows are in it, for each group that is large enough."""
    smallest: int
    """Rows that are enough."""
    why: str = ""
    """Why no group is compared; empty if they are."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Groups that are large enough and of which nothing can be concluded all the same → why."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Every group that has a finding of its own."""
        return () if self.why else tuple(self.sizes)

    @property
    def named(self) -> Members:
        """The same members, by a name that no other grouping has."""
        return {self.key(group): of for group, of in self.members.items()}

    def key(self, group: str) -> str:
        """Name of one group among those of all groupings."""
        return f"{self.check}={group}"

    def findings(
        self, measure: str, estimates: Mapping[str, Estimate], resampling: Resampling, against: str
    ) -> list[Finding]:
        """A finding for each group, in order of their names.

        Args:
            measure: Name of the figure; its estimate for a group is ``MEASURE[KEY]``.
            estimates: Of all figures.
            resampling: What is behind them.
            against: Digest of the live release.
        """
        unit = check_of(self.check).unit
        if not self.sizes:
            return [not_applicable(self.check, "no test row mentions a group of it", unit=unit, against=against)]
        if self.why:
            return [not_evaluated(self.check, self.why, unit=unit, against=against)]
        return [
            estimated(
                self.check,
                estimates[f"{measure}[{self.key(group)}]"],
                resampling,
                n=rows,
                unit=unit,
                against=against,
                group=group,
            )
            if group in self.members
            else not_evaluated(self.check, self._why(group), n=rows, unit=unit, against=against, group=group)
            for group, rows in self.sizes.items()
        ]

    def of_several_labels(self, actual_N: Indices) -> Grouping:
        """The same without groups whose rows all have one label, as they show nothing of what is told apart."""
        single = [group for group, of in self.members.items() if len(np.unique(actual_N[of])) < 2]
        return self.without(dict.fromkeys(single, "all rows have the same label"))

    def without(self, left_out: Mapping[str, str]) -> Grouping:
        """The same without groups of which nothing can be concluded → why."""
        members = {group: of for group, of in self.members.items() if group not in left_out}
        return replace(self, members=members, left_out={**self.left_out, **left_out})

    def _why(self, group: str) -> str:
        return self.left_out.get(group) or why_small(self.sizes[group], self.smallest)

    def not_compared(self, why: str, against: str) -> Finding:
        """The one finding where nothing can be compared."""
        return not_evaluated(self.check, why, unit=check_of(self.check).unit, against=against)


def of_column(check: str, column: str, groups_N: Sequence[str], smallest: int, known: Mapping[str, int]) -> Grouping:
    """The groups of a column.

    Args:
        check: Name of the check, without its parameter.
        column: The column's name.
        groups_N: The group of every test row.
        smallest: Rows that are enough.
        known: Group that other rows have → its training rows; one of `smallest` or more is not evaluated where no test
            row has it.
    """
    sizes, members = large_groups(groups_N, smallest, {g: rows for g, rows in known.items() if rows >= smallest})
    rows = {str(name): int(sizes[name]) for name in sorted(sizes.index)}
    why = too_many(len(sizes))
    return Grouping(f"{check}[{column}]", rows, {} if why else members, smallest, why)


def of_attribute(
    check: str, lexicon: Lexicon, texts: Sequence[str], smallest: int, learned: Sequence[str] = ()
) -> Grouping:
    """The groups of an attribute that test rows mention, or `smallest` or more of the texts that were learned from."""
    known = {group for group, of in lexicon.members(learned).items() if of.sum() >= smallest}
    mentioned = {group: of for group, of in lexicon.members(texts).items() if of.any() or group in known}
    sizes = {group: int(of.sum()) for group, of in sorted(mentioned.items())}
    large = {group: np.asarray(mentioned[group]) for group, rows in sizes.items() if rows >= smallest}
    return Grouping(f"{check}[{lexicon.attribute}]", sizes, large, smallest)
