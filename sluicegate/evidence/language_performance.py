"""How well a language model tells the test rows, and how evenly across the groups of a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.enough import why_few_rows
from sluicegate.evidence.extremes import gap, largest, together
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.groups import NO_OTHERS, Members, size_groups, why_small
from sluicegate.evidence.language_scores import bits_per_byte, figures, finding
from sluicegate.evidence.predictions import Likelihoods
from sluicegate.evidence.resampling import UNDEFINED, Behind, Estimate, Floats, Resampling

_SUMMARIES = ("bits_per_byte_highest", "bits_per_byte_gap")


def measure_language(said: Likelihoods, resampling: Resampling, smallest: int) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `performance`, and the figures behind them as JSON.

    Args:
        said: What the candidate says.
        resampling: Settings of the bootstrap over the same rows.
        smallest: Of fewer rows nothing is concluded.
    """
    behind = {"unknown_share": Behind((resampling.rows,))}
    estimates = resampling.estimates(lambda weights_RN: figures(weights_RN, said), behind)
    if why := why_few_rows(resampling.rows, smallest):
        estimates = dict.fromkeys(estimates, UNDEFINED)
        names = [f"performance.{name}" for name in estimates]
        findings = [not_evaluated(name, why, unit=check_of(name).unit, n=resampling.rows) for name in names]
    else:
        findings = [finding(f"performance.{name}", estimate, resampling) for name, estimate in estimates.items()]
    return findings, {
        "rows": resampling.rows,
        "tokens": int(said.tokens_N.sum()),
        "bytes": int(said.bytes_N.sum()),
        "unknown_bytes": int(said.unknown_N.sum()),
        "estimates": {name: estimate.to_json() for name, estimate in estimates.items()},
        "labels": [],
    }


def measure_language_groups(
    said: Likelihoods,
    column: str,
    groups_N: Sequence[str],
    resampling: Resampling,
    smallest: int,
    known: Mapping[str, int] = NO_OTHERS,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `group` for one column, and the figures of each of its groups as JSON.

    Args:
        said: What the candidate says.
        column: The group column's name.
        groups_N: The group of every row.
        resampling: Settings of the bootstrap.
        smallest: A group with fewer rows is not evaluated.
        known: Group that other rows have → its training rows; one of `smallest` or more keeps a summary from being
            measured where no test row has it, a rarer one is told alone.
    """
    found = size_groups(column, groups_N, smallest, known)
    sizes, members, why, share = found.sizes, found.members, found.why, found.evaluated_share
    if found.too_many:
        return [*_no_summaries(column, why), share], {"column": column, "groups": []}
    estimates = _estimates(said, members, resampling) if members else {}
    summaries = (
        _no_summaries(column, why)
        if why
        else [finding(f"group.{name}[{column}]", estimates[name], resampling) for name in _SUMMARIES]
    )
    groups = [
        {"group": name, "rows": int(sizes[name]), "status": "measured", "bits_per_byte": estimates[name].to_json()}
        if name in members
        else {
            "group": name,
            "rows": int(sizes[name]),
            "status": "not_evaluated",
            "why": why_small(int(sizes[name]), smallest),
        }
        for name in map(str, sorted(sizes.index))
    ]
    return [*summaries, share], {"column": column, "smallest": smallest, "groups": groups}


def _estimates(said: Likelihoods, members: Members, resampling: Resampling) -> dict[str, Estimate]:
    """Bits per byte of each group, and what is highest or farthest apart among them."""

    def statistics(weights_RN: Floats) -> dict[str, Floats]:
        return {
            name: bits_per_byte(weights_RN[:, of], said.nats_N[of], said.bytes_N[of]) for name, of in members.items()
        }

    resampled = resampling.resampled(statistics)
    parts = together(list(resampled.values()), resampling.confidence)
    return {name: of.estimate(resampling.confidence) for name, of in resampled.items()} | {
        "bits_per_byte_highest": largest(parts),
        "bits_per_byte_gap": gap(parts),
    }


def _no_summaries(column: str, why: str) -> list[Finding]:
    names = [f"group.{name}[{column}]" for name in _SUMMARIES]
    return [not_evaluated(name, why, unit=check_of(name).unit) for name in names]
