"""What is new since the release that is now live in a gate's stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluicegate.desk.figures import change, figure, span, title_of
from sluicegate.evidence.dossier import Dossier
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
    """Everything that differs: first what was compared on the same rows, then figures, then data and settings."""
    return (
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
    for verdict in judgement.verdicts:
        now, before = dossier.find(verdict.check), previous.dossier.find(verdict.check)
        if now is None or before is None or now.value is None or before.value is None or now.value == before.value:
            continue
        difference = change(now.value - before.value, now.unit) + where
        found.append(
            Change(title_of(verdict.check), figure(before.value, now.unit), figure(now.value, now.unit), difference)
        )
    return found


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
