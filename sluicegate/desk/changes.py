"""What is new since the release that is now live in a gate's stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sluicegate.desk.figures import change, figure, span, title_of
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.first_look import is_worse
from sluicegate.policy import Judgement

_SECTIONS = ("data", "canaries", "base_model", "training", "owner")
_MOST_SETTINGS = 12


@dataclass(frozen=True)
class Previous:
    """The release that is now live in the stage."""

    candidate: str
    """Digest of its candidate."""
    dossier: Dossier
    """The dossier on which it was released."""
    time: str = ""
    """When it was released, UTC."""


@dataclass(frozen=True)
class Change:
    """One thing that differs."""

    what: str
    before: str
    now: str
    detail: str = ""


def changes(dossier: Dossier, judgement: Judgement, previous: Previous) -> tuple[Change, ...]:
    """Everything that differs.

    First figures that do not compare, then what was compared on the same rows, then the other figures, then data and
    settings.
    """
    return (
        *_incomparable(dossier, judgement, previous),
        *_compared(dossier, previous),
        *_figures(dossier, judgement, previous),
        *_settings(previous.dossier.lineage, dossier.lineage),
    )


def _compared(dossier: Dossier, previous: Previous) -> list[Change]:
    found = []
    for finding in dossier.findings:
        if finding.against != previous.candidate or finding.value is None:
            continue
        if finding.group is not None and not is_worse(finding):
            continue  # the dossier has them all
        # A share of answers that differ has no sign; a difference between two figures has.
        signed = "change" in finding.check
        now = change(finding.value, finding.unit) if signed else figure(finding.value, finding.unit)
        within = f"interval {span(finding.interval, finding.unit)}" if finding.interval else ""
        found.append(Change(title_of(finding.check, finding.group), "", now, within))
    return found


def _figures(dossier: Dossier, judgement: Judgement, previous: Previous) -> list[Change]:
    """Figures that the policy names, each release's on its own test rows."""
    found = []
    rows = [_flat(lineage).get("outputs.test") for lineage in (previous.dossier.lineage, dossier.lineage)]
    where = "" if rows[0] == rows[1] and rows[0] is not None else ", on other test rows"
    for before, now in _both(dossier, judgement, previous):
        if before.unit != now.unit or before.value == now.value:
            continue
        difference = change((now.value or 0.0) - (before.value or 0.0), now.unit) + where
        found.append(_step(before, now, difference))
    return found


def _incomparable(dossier: Dossier, judgement: Judgement, previous: Previous) -> list[Change]:
    """Figures of another unit than before: an epsilon at another delta, energy modelled where it was measured."""
    return [
        _step(before, now, "they do not compare: the units differ")
        for before, now in _both(dossier, judgement, previous)
        if before.unit != now.unit
    ]


def _both(dossier: Dossier, judgement: Judgement, previous: Previous) -> Iterator[tuple[Finding, Finding]]:
    """The findings that the policy names, before and now, where both were measured."""
    for verdict in judgement.verdicts:
        before, now = previous.dossier.find(verdict.check), dossier.find(verdict.check)
        if before is not None and now is not None and before.value is not None and now.value is not None:
            yield before, now


def _step(before: Finding, now: Finding, detail: str) -> Change:
    was, has = (figure(finding.value, finding.unit) for finding in (before, now))
    return Change(title_of(now.check), was, has, detail)


def _settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    old, new = (_flat({key: lineage[key] for key in _SECTIONS if key in lineage}) for lineage in (before, now))
    differing = [key for key in [*new, *(k for k in old if k not in new)] if old.get(key) != new.get(key)]
    found = [Change(key, str(old.get(key, "not set")), str(new.get(key, "not set"))) for key in differing]
    if len(found) > _MOST_SETTINGS:
        rest = len(found) - _MOST_SETTINGS
        found = [*found[:_MOST_SETTINGS], Change(f"and {rest} more settings", "", "", "see the lineage in the dossier")]
    return found


def _flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            flat |= _flat(inner, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = ", ".join(map(str, inner)) if isinstance(inner, list | tuple) else inner
    return flat
