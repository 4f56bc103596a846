"""Findings about a language model in plain words: a few sentences for each area, without a judgement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.evidence.digits import percent
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.group_words import unmeasured_groups

Figures = Mapping[str, Any]
"""Name of an evidence file, without its ending → what it holds."""


def performance(dossier: Dossier, figures: Figures) -> list[str]:
    """In how few bits the texts are told, and what of them is not."""
    held = figures["performance"]
    bits, perplexity = (held["estimates"][name]["value"] for name in ("bits_per_byte", "perplexity"))
    said = [f"The {held['rows']:,} test rows hold {held['tokens']:,} tokens in {held['bytes']:,} bytes."]
    if bits is not None and perplexity is not None:
        said.append(
            f"It tells them in {bits:.2f} bits a byte, where the bytes themselves take 8; at a token it is left with "
            f"as much doubt as among {perplexity:,.1f} equally likely ones."
        )
    if held["unknown_bytes"]:
        unknown = percent(held["unknown_bytes"] / held["bytes"])
        said.append(f"Its vocabulary cannot spell {unknown} of the bytes; they count 8 bits each.")
    return said


def pseudo_performance(dossier: Dossier, figures: Figures) -> list[str]:
    """The same of a masked model, and what its bits are not.

    Source: Salazar et al., Masked Language Model Scoring (2020).
    """
    said = performance(dossier, figures)
    if figures["performance"]["estimates"]["bits_per_byte"]["value"] is not None:
        said.append(
            "Both rest on a pseudo-likelihood: each token is told from those on both sides. That can take fewer bits "
            "than the texts hold, and is not to be set beside what a causal model takes, or counts from the left."
        )
    return said


def group(dossier: Dossier, figures: Figures) -> list[str]:
    """The weakest and the strongest group of every column."""
    said = [] if figures["groups"] else ["The spec names no group columns, so nothing was broken down."]
    for column in figures["groups"]:
        found = [g for g in column["groups"] if g["status"] == "measured" and g["bits_per_byte"]["value"] is not None]
        if len(found) > 1:
            ordered = sorted(found, key=lambda g: float(g["bits_per_byte"]["value"]))
            low, high = (
                f"“{g['group']}” ({g['bits_per_byte']['value']:.2f} bits a byte, {g['rows']:,} rows)"
                for g in (ordered[0], ordered[-1])
            )
            said.append(f"By {column['column']}: hardest to tell are texts of {high}, easiest of {low}.")
        said += unmeasured_groups(column)
    return said


def comparison(dossier: Dossier, figures: Figures) -> list[str]:
    """What changes for somebody who uses a release that is live."""
    said = []
    for held in figures["comparison"]:
        name = f"the release live in {held['stage']} ({held['against'][:12]}…)"
        if held["status"] != "measured":
            said.append(f"Against {name}: not measured, {held['why']}.")
            continue
        of = held["estimates"]
        said.append(
            f"Against {name}: bits per byte change by {of['change']['value']:+.3f}; "
            f"{percent(of['less_likely']['value'])} of the texts become less likely."
        )
    return said or ["Nothing is live in any stage, so there is nothing to compare with."]
