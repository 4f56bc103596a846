"""The dossier: all findings with the files that they come from, in one folder.

    dossier.json               findings, lineage, settings, digests (this is what policies read)
    index.html                 the same for a person, self-contained
    performance.json  groups.json  baselines.json  comparison.json  drift.json  data.json
    privacy.json  identity.json  robustness.json  explanations.json  footprint.json
                               what is said of every finding (`evidence_file`), and the figures behind them
    use.json                   what the model is for, and what harm is known, as the spec says it
    classification_report.json precision, recall, F1 and support of every label; none without labels
    model_card.md  model_card.zh.md
                               the model card in English and Chinese, made from the files above
    predictions.parquet        id, label, groups, predicted label, probabilities (or spans, or nats); never a text
    plots/*.png  reports/*.html

Its digest is the digest of the folder's manifest, so every byte that a reviewer may have looked at is
under it. dossier.json lists the digest of every file that was there before it, and what each was computed
from; reading a dossier checks each of these files, and `tracing` goes from a number to the bytes behind it.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from sluicegate.errors import TamperingDetected, Unavailable
from sluicegate.evidence.finding import Finding, repeated
from sluicegate.manifest import Manifest, digest_of_bytes, digest_of_file

DOSSIER = "dossier.json"
FORMAT = 1


class Dossier(BaseModel):
    """What was measured about one candidate."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    format: int = FORMAT
    """Version of this layout."""
    candidate: str
    """Digest of the candidate that was measured."""
    findings: tuple[Finding, ...]
    """Every measurement, in the catalogue's order."""
    lineage: dict[str, Any]
    """Where it comes from: spec, data, base model, steps and their digests."""
    labels: tuple[str, ...] = ()
    """The labels, in the model's order."""
    groups: tuple[str, ...] = ()
    """The group columns."""
    settings: dict[str, Any] = {}
    """The spec's `evidence` section as it was run."""
    live: tuple[dict[str, str], ...] = ()
    """The releases that it was compared with: ``{"stage", "candidate"}`` each."""
    compared_groups: dict[str, tuple[str, ...]] = {}
    """Check → every group of which it has to have a finding against each of these releases."""
    files: dict[str, str] = {}
    """Path → SHA-256 of every other file, but for the page and the model cards: these are made of it."""
    sources: dict[str, dict[str, str]] = {}
    """File → what it was computed from: name → SHA-256 (`sources` says what the names stand for)."""
    folder: Path | None = None
    """Where it was read from; null for one that only lives in memory."""

    @property
    def digest(self) -> str:
        """SHA-256 of the folder's manifest: every byte of it.

        Raises:
            Unavailable: The dossier is not in a folder.
        """
        if self.folder is None:
            raise Unavailable("this dossier was not read from a folder, so it has no digest")
        return Manifest.of_folder(self.folder).digest

    def find(self, check: str, against: str | None = None) -> Finding | None:
        """The finding of `check` about all rows (measured against the release `against`), if there is one."""
        return next((f for f in self.find_all(check, against) if f.group is None), None)

    def find_all(self, check: str, against: str | None = None) -> tuple[Finding, ...]:
        """Every finding of `check` (measured against the release `against`): several where each group has its own."""
        return tuple(f for f in self.findings if f.check == check and f.against == against)


def write_dossier(dossier: Dossier, folder: Path) -> None:
    """Writes dossier.json into `folder`."""
    write_json(dossier.model_dump(mode="json", exclude={"folder"}), folder / DOSSIER)


def write_json(value: Any, path: Path) -> str:
    """Writes a JSON value, numbers that are not finite as null; returns the file's SHA-256."""
    content = json.dumps(_finite(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    path.write_bytes(content.encode("utf-8"))
    return digest_of_bytes(content.encode("utf-8"))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def load_dossier(folder: Path) -> Dossier:
    """The dossier in `folder`, each finding checked against the file that it comes from.

    Raises:
        Unavailable: There is no dossier.
        TamperingDetected: It cannot be read, repeats a finding, or a file is not the one that was measured.
    """
    try:
        value = json.loads((folder / DOSSIER).read_text(encoding="utf-8"))
        dossier = Dossier.model_validate({**value, "folder": folder})
    except FileNotFoundError:
        raise Unavailable(f"{folder}: there is no dossier here") from None
    except (ValueError, TypeError, ValidationError):
        raise TamperingDetected(f"dossier {folder.name}", (f"{DOSSIER} does not hold a dossier",)) from None
    faults = [f"{check} was measured twice" for check in repeated(dossier.findings)]
    faults += [] if dossier.format == FORMAT else [f"its format is {dossier.format}, not {FORMAT}"]
    faults += _changed_files(dossier, folder)
    if faults:
        raise TamperingDetected(f"dossier {folder.name}", tuple(faults))
    return dossier


def _changed_files(dossier: Dossier, folder: Path) -> list[str]:
    """One line for every file that is missing, outside the folder, or other than it was."""
    named = {(f.evidence, f.evidence_sha256) for f in dossier.findings if f.evidence} | set(dossier.files.items())
    faults = []
    for name, digest in sorted(named, key=str):
        path = folder / str(name)
        if not path.resolve().is_relative_to(folder.resolve()):
            faults.append(f"{name} is outside the dossier")
        elif not path.is_file():
            faults.append(f"{name} is missing")
        elif digest_of_file(path) != digest:
            faults.append(f"{name} was changed")
    return faults
