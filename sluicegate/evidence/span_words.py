"""Findings about a tagger in plain words: a few sentences for each area, without a judgement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.evidence.digits import percent, share
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.question_words import odd, spoken

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
            f"It marks {percent(recall)} of the characters inside entities with their type; of the characters that it "
            f"marks, {percent(precision)} are inside an entity of that type."
        )
    scored = [label for label in held["labels"] if label["recall"]["value"] is not None]
    if scored:
        hardest = min(scored, key=lambda label: label["recall"]["value"])
        said.append(
            f"It misses most of “{hardest['label']}”: character recall {share(hardest['recall']['value'])} on "
            f"{hardest['rows']:,} entities."
        )
    if absent := [label["label"] for label in held["labels"] if not label["rows"]]:
        said.append(f"The test rows hold no {', '.join(absent)}: nothing is known of these.")
    if scarce := [label["label"] for label in held["labels"] if label["rows"] and label["recall"]["value"] is None]:
        said.append(f"The test rows hold too few {', '.join(scarce)} to measure.")
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
                f"By {column['column']}: weakest in “{low['group']}” "
                f"(character F1 {share(low['character_f1']['value'])}, {low['rows']:,} rows), strongest in "
                f"“{high['group']}” ({share(high['character_f1']['value'])}, {high['rows']:,} rows)."
            )
        if left := len(column["groups"]) - len(found):
            of = f"{left} of {len(column['groups'])} groups"
            said.append(f"By {column['column']}: {of} have too few rows or entities to measure.")
    return said


def robustness(dossier: Dossier, figures: Figures) -> list[str]:
    """The perturbation that hides most, and odd inputs that were not answered."""
    held = figures["robustness"]
    kinds = {kind["kind"]: kind for kind in held["perturbed"]["kinds"]}
    said, worst = [], kinds.get(held["perturbed"]["worst"])
    if worst is not None:
        said.append(
            f"Of {held['perturbed']['sampled_rows']:,} sampled test rows, “{spoken(worst['kind'])}” does most harm: of "
            f"what was marked in the {worst['changed_rows']:,} texts that it changes, "
            f"{percent(worst['recall_kept']['value'])} of the characters still are."
        )
    return [*said, fault] if (fault := odd(held)) else said


def identity(dossier: Dossier, figures: Figures) -> list[str]:
    """The attribute whose exchange hides most, of those that rows mention."""
    kept = {
        held["attribute"]: held["exchanges"]
        for held in figures["identity"]
        if held["exchanges"].get("recall_kept", {}).get("value") is not None
    }
    if not kept:
        return ["Too few test rows have terms of groups that could be exchanged."]
    attribute, worst = min(kept.items(), key=lambda one: float(one[1]["recall_kept"]["value"]))
    return [
        f"Groups and names were exchanged for others; {attribute} hides most: of what was marked in {worst['units']:,} "
        f"test rows, {percent(worst['recall_kept']['value'])} of the characters still are."
    ]
