"""What the training did so that groups are treated alike, in plain words, from the lineage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.evidence.digits import share


def fairness_in_words(fairness: Mapping[str, Any]) -> list[str]:
    """A sentence for each measure that the training reported; none where it reported nothing."""
    said = []
    if weighed := fairness.get("reweighing"):
        by = " & ".join(weighed["groups"])
        weights = [weight for of in weighed["weights"].values() for weight in of.values()]
        gap = weighed["label_share_gap"]
        left = f"; {weighed['absent_cells']} pairs of group and label have no row" if weighed["absent_cells"] else ""
        said.append(
            f"Training rows were weighed by {by} and label, from {min(weights):.2f} to {max(weights):.2f}, "
            f"to make the two independent{left}: the largest difference between groups in a label's share went "
            f"from {share(gap['before'])} to {share(gap['after'])}."
        )
    if copied := fairness.get("counterfactual"):
        said.append(f"{copied['copies']:,} copies of {copied['rows']:,} training rows had terms exchanged.")
    if cut := fairness.get("thresholds"):
        said.append(_threshold(cut))
    return said


def _threshold(cut: Mapping[str, Any]) -> str:
    before, limit = share(cut["disparity_before"]), f"{cut['limit']:g}"
    what = f"{cut['criterion']}, “{cut['label']}”"
    of = f"On the validation rows, the difference between groups of {cut['group']} ({what})"
    if not cut["met"] and not cut["applied"]:
        return f"{of} was {before}; no threshold kept it to {limit}, so the model is as it was trained."
    if not cut["applied"]:
        return f"{of} was {before}, within {limit}, so the model is as it was trained."
    above = "" if cut["met"] else f" (above {limit}, as the weights are rounded where they are stored)"
    return (
        f"{of} went from {before} to {share(cut['disparity'])}{above} by a threshold in the head's bias; balanced "
        f"accuracy went from {share(cut['balanced_accuracy_before'])} to {share(cut['balanced_accuracy'])}."
    )
