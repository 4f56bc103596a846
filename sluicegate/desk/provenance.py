"""What was trained, on what, from where, and who answers for it: the lineage in a reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.desk.times import moment
from sluicegate.gates.state import Gate


def provenance(gate: Gate, lineage: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Name and value of what a reader asks first; what the lineage does not say is left out."""
    data, base, training = (_mapping(lineage.get(key)) for key in ("data", "base_model", "training"))
    found = [
        ("what it does", lineage.get("description")),
        ("intended use", lineage.get("intended_use")),
        ("base model", _with_licence(base.get("name"), base.get("licence"))),
        ("base model digest", base.get("digest")),
        ("trained on", _with_licence(_source(_mapping(data.get("source"))), data.get("licence"))),
        ("data digest", data.get("fingerprint")),
        ("rows", _rows(data)),
        ("canaries", _canaries(_mapping(lineage.get("canaries")))),
        ("labels", ", ".join(map(str, data.get("labels") or ()))),
        ("groups", ", ".join(map(str, data.get("groups") or ()))),
        ("training", _training(training)),
        ("spec", gate.facts.get("spec") or lineage.get("spec")),
        ("registered", _registered(_mapping(gate.facts.get("registered")))),
        ("accountable", gate.accountable or "nobody is named"),
        ("candidate", gate.candidate),
        ("dossier", gate.dossier),
        ("policy", gate.policy),
        ("gate", f"{gate.id}, round {gate.round}, opened {moment(gate.opened)}"),
    ]
    return tuple((name, str(value)) for name, value in found if value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _with_licence(name: Any, licence: Any) -> str:
    return f"{name} (licence {licence})" if name and licence else str(name or "")


def _source(source: Mapping[str, Any]) -> str:
    kind = source.get("kind")
    if kind == "package":
        archive = _mapping(source.get("archive"))
        return (
            f"{archive.get('package')}, {archive['path']}" if archive.get("path") else str(archive.get("package", ""))
        )
    if kind == "generated":
        return f"{source.get('texts', 0):,} generated texts ({source.get('corpus')})"
    if kind == "sql":
        return f"table {source['table']}" if source.get("table") else "a query"
    return str(source.get("path") or "")


def _rows(data: Mapping[str, Any]) -> str:
    parts = _mapping(data.get("parts"))
    counts = ", ".join(f"{rows:,} {part}" for part, rows in parts.items() if isinstance(rows, int))
    quarantined = data.get("quarantined")
    aside = f"; {quarantined:,} set aside" if isinstance(quarantined, int) and quarantined else ""
    return f"{counts}{aside}" if counts else ""


def _canaries(planted: Mapping[str, Any]) -> str:
    if not planted:
        return ""
    return f"{planted['texts']:,} made-up texts planted among the training rows, {planted['rows']:,} rows in all"


def _training(training: Mapping[str, Any]) -> str:
    length = () if training.get("task") == "image-classification" else ("max_length_tokens",)
    shown = ("epochs", "learning_rate", "micro_batch_size", *length, "seed")
    return ", ".join(f"{key.replace('_', ' ')} {training[key]}" for key in shown if key in training)


def _registered(registered: Mapping[str, Any]) -> str:
    said = (("", "model_name"), ("version ", "version"), ("run ", "run_id"))
    return ", ".join(f"{word}{registered[key]}" for word, key in said if registered.get(key))
