"""What a dossier's folder holds, as far as a card is made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluicegate.evidence.dossier import DOSSIER, Dossier, load_dossier
from sluicegate.manifest import digest_of_file

_FIGURES = ("performance", "groups", "data", "use")
_SHEET = "data_sheet"


@dataclass(frozen=True)
class Held:
    """The parts of a dossier that a card tells of, as they were read."""

    dossier: Dossier
    figures: Mapping[str, Any]
    """Name of an evidence file, without its ending → what it holds."""
    sheet: Mapping[str, Any]
    """The data sheet."""
    digest: str
    """SHA-256 of dossier.json."""

    @property
    def model(self) -> str:
        """What the model is called."""
        return str(self.dossier.lineage.get("model") or "Candidate")

    @property
    def task(self) -> str | None:
        """What it does, by the spec's name; None if the lineage does not say."""
        task = self.part("training").get("task")
        return str(task) if task else None

    def part(self, *names: str) -> Mapping[str, Any]:
        """A section of the lineage; empty if there is none."""
        value: Any = self.dossier.lineage
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) else {}

    def answer(self, field: str) -> str | None:
        """What the form on harm and use says in a field; None for a blank."""
        return next((entry["answer"] for entry in self.figures["use"]["form"] if entry["field"] == field), None)


def read_folder(folder: Path) -> Held:
    """Reads a dossier's folder, each evidence file checked against its findings.

    Raises:
        Unavailable: There is no dossier.
        TamperingDetected: A file is not the one that was measured.
    """
    dossier = load_dossier(folder)
    named = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in (*_FIGURES, _SHEET)}
    figures = {name: named[name]["figures"] for name in _FIGURES}
    return Held(dossier, figures, named[_SHEET], digest_of_file(folder / DOSSIER))
