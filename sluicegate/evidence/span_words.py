"""Findings about a tagger in plain words: a few sentences for each area, without a judgement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.evidence.dossier import Dossier

Figures = Mapping[str, Any]
"""Name of an evidence file, without its ending → what it holds."""


def performance(dossier: Dossier, figures: Figures) -> list[str]:
    """How many entities are found, how much of them, and which type is hardest."""
    held = figures["performance"]
    entities, estimates = held["entities"], held["estimates"]
    there, found = entities["there"], entities["found"]
    said = [f"The {held['rows']:,} test rows hold {there:,} entities; the candidate marks {found:,}."]
    recall, precision = (estimates[f"character_{name}"]["value"] for name in ("recall", "precision"))
    if recall is not None and precision is not None:
        said.append(
            f"It marks {_percent(recall)} of the characters inside entities with their type; of the characters that it "
            f"marks, {_percent(precision)} are inside an entity of that type."
        )
    scored = [label for label in held["labels"] if label["recall"]["value"] is not None]
    if scored:
        hardest = min(scored, key=lambda label: label["recall"]["value"])
        said.append(
            f"It misses most of “{hardest['label']}”: character recall {hardest['recall']['value']:.3f} on "
            f"{hardest['rows']:,} entities."
        )
    if absent := [label["label"] for label in held["labels"] if not label["rows"]]:
        said.append(f"The test rows hold no {', '.join(absent)}: nothing is known of these.")
    return said


def group(dossier: Dossier, figures: Figures) -> list[str]:
    """The weakest and the strongest group of every column."""
    said = [] if figures["groups"] else ["The spec names no group columns, so nothing was broken down."]
    for column in figures["groups"]:
        found = [g for g in column["groups"] if g["status"] == "measured" and g["character_f1"]["value"] is not None]
        if len(found) > 1:
            ordered = sorted(found, key=lambda g: float(g["character_f1"]["value"]))
            low, high = ordered[0], ordered[-1]
            said.append(
                f"By {column['column']}: weakest in “{low['group']}” (character F1 {low['character_f1']['value']:.3f}, "
                f"{low['rows']:,} rows), strongest in “{high['group']}” ({high['character_f1']['value']:.3f}, "
                f"{high['rows']:,} rows)."
            )
        if left := len(column["groups"]) - len(found):
            said.append(f"By {column['column']}: {left} of {len(column['groups'])} groups are too small to measure.")
    return said


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %")
