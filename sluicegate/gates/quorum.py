"""Whether the people who approved are those that a gate asks for.

A rule asks for so many approvals of these roles and so many of those. Each is a place to be filled, and
one person fills one place, whatever their roles; who fills which is a matching between places and people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from sluicegate.policy import Approvals, GateRule

Roles = tuple[str, ...]
"""Any of which is enough; empty: anybody."""


def filled(approvals: Sequence[Approvals], people: Mapping[str, Collection[str]]) -> bool:
    """Whether distinct people fill every place.

    Args:
        approvals: What the stage's rule asks for.
        people: Id → roles of everybody whose approval counts.
    """
    return _all_filled(_places(approvals), people)


def missing(rule: GateRule, people: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """What is still needed, in words: ``one more approval from legal``; empty once every place is filled.

    Where people could change places, the words name every role with which the next one could help.

    Args:
        rule: The rule of the gate's stage.
        people: Id → roles of everybody whose approval counts.
    """
    taken: list[Roles] = []
    empty: list[Roles] = []
    for place in _places(rule.approvals):
        (taken if _all_filled([*taken, place], people) else empty).append(place)
    counts: Counter[Roles] = Counter()
    for place, count in Counter(empty).items():
        counts[_helping(place, taken, people)] += count
    return tuple(_words(roles, count) for roles, count in counts.items())


def fits(wanted: Collection[str], roles: Collection[str]) -> bool:
    """Whether somebody with `roles` can fill a place that wants one of `wanted`; empty: anybody can."""
    return not wanted or not set(wanted).isdisjoint(roles)


def _helping(place: Roles, taken: Sequence[Roles], people: Mapping[str, Collection[str]]) -> Roles:
    """Roles with which somebody new would lead to `place` being filled; empty: any."""
    free = [place]
    for number, other in enumerate(taken):
        if _all_filled([*taken[:number], *taken[number + 1 :], place], people):
            free.append(other)
    return () if () in free else tuple(sorted({role for roles in free for role in roles}))


def _places(approvals: Sequence[Approvals]) -> list[Roles]:
    """One for each approval, as the roles that it may come from (empty: any); the choosier ones first."""
    places = [part.roles for part in approvals for _ in range(part.count)]
    return sorted(places, key=lambda roles: (not roles, roles))


def _all_filled(places: Sequence[Roles], people: Mapping[str, Collection[str]]) -> bool:
    if not places or len(places) > len(people):
        return False  # a rule that asks for nobody is not one that anybody wrote
    if len(places) == 1:
        return any(fits(places[0], roles) for roles in people.values())  # by far the most common, and often asked
    suitable = np.array([[fits(place, roles) for roles in people.values()] for place in places])
    return bool((maximum_bipartite_matching(csr_matrix(suitable), perm_type="column") >= 0).all())


def _words(roles: Roles, count: int) -> str:
    number = "one more approval" if count == 1 else f"{count} more approvals"
    return f"{number} from {' or '.join(roles)}" if roles else number
