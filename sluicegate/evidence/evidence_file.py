"""What an evidence file holds of each finding that rests on it, and how that differs from dossier.json.

    measured        key → value, interval, confidence, n, seed and unit of each finding that has a value
    not_measured    key → status, why, n, seed and unit of each that has none
    figures         what is behind them

A key is the check's name, with the group and the release that it is about. Files that were written before there was
`not_measured` hold value and interval alone, of measured findings alone; what they do not hold cannot be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from sluicegate.errors import TamperingDetected
from sluicegate.evidence.finding import Finding

_NUMBER = ("value", "interval", "confidence", "n", "seed", "unit")
_REASON = ("status", "why", "n", "seed", "unit")
_HELD_BEFORE = ("value", "interval")
NOT_HELD_BEFORE = tuple(field for field in _NUMBER if field not in _HELD_BEFORE)
"""Of a finding with a value, what older files do not hold."""
Entries = Mapping[str, Mapping[str, Any]]


def held_of(findings: Iterable[Finding]) -> dict[str, dict[str, dict[str, Any]]]:
    """`measured` and `not_measured` of the evidence file on which these findings rest."""
    held: dict[str, dict[str, dict[str, Any]]] = {"measured": {}, "not_measured": {}}
    for finding in findings:
        if finding.status == "measured":
            held["measured"][key_of(finding)] = _told(finding, _NUMBER)
        else:
            held["not_measured"][key_of(finding)] = _told(finding, _REASON)
    return held


def key_of(finding: Finding) -> str:
    """By what a finding is known in its evidence file."""
    of = f" of “{finding.group}”" if finding.group is not None else ""
    return f"{finding.check}{of} against {finding.against}" if finding.against else f"{finding.check}{of}"


def is_of(key: str, check: str) -> bool:
    """Whether a finding with this key is of the check; of one without its parameter they all are."""
    return key == check or key.startswith((f"{check}[", f"{check} of “", f"{check} against "))


class EvidenceFile(BaseModel):
    """The findings' part of one evidence file."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    name: str
    measured: dict[str, dict[str, Any]]
    not_measured: dict[str, dict[str, Any]] | None = None
    """Null in a file that was written before it was kept."""

    @classmethod
    def read(cls, folder: Path, name: str) -> EvidenceFile:
        """The evidence file `name` of a dossier's folder.

        Raises:
            TamperingDetected: It is missing, or does not hold findings.
        """
        try:
            held = json.loads((folder / name).read_bytes())
            return cls.model_validate({**held, "name": name})
        except OSError:
            raise TamperingDetected(name, (f"{name} cannot be read",)) from None
        except (ValueError, TypeError):
            fault = f"{name} is no evidence file: it holds no findings under measured"
            raise TamperingDetected(name, (fault,)) from None

    @property
    def is_older(self) -> bool:
        """Whether it holds values and intervals alone."""
        return self.not_measured is None

    def differences(self, findings: Iterable[Finding]) -> dict[str, str]:
        """Key → how dossier.json differs from this file, one line for each finding that does.

        Args:
            findings: All findings of dossier.json that name this file.
        """
        told = {key_of(finding): finding for finding in findings}
        here = self.measured.keys() | (self.not_measured or {}).keys()
        missing = f"stands in {self.name}, but dossier.json has no such finding from there"
        lines = {key: f"{key} {missing}" for key in here - told.keys()}
        return lines | {key: line for key, finding in told.items() if (line := self._difference(key, finding))}

    def _difference(self, key: str, finding: Finding) -> str:
        """Empty where there is none."""
        if finding.status != "measured" and key in self.measured:
            return f"{key} is measured in {self.name}, but {finding.status} in dossier.json"
        if finding.status == "measured":
            return _unlike(key, finding, self.measured, _HELD_BEFORE if self.is_older else _NUMBER, self.name)
        return "" if self.not_measured is None else _unlike(key, finding, self.not_measured, _REASON, self.name)


def _unlike(key: str, finding: Finding, entries: Entries, fields: Iterable[str], name: str) -> str:
    if key not in entries:
        return f"{key} is {finding.status} in dossier.json, but not in {name}"
    told = _told(finding, fields)
    unlike = [field for field in told if told[field] != entries[key].get(field)]
    if not unlike:
        return ""
    both = ", ".join(f"{field} {told[field]!r} and there {entries[key].get(field)!r}" for field in unlike)
    return f"{key} is not the {'number' if finding.status == 'measured' else 'one'} in {name}: {both}"


def _told(finding: Finding, fields: Iterable[str]) -> dict[str, Any]:
    return finding.model_dump(mode="json", include=set(fields))
