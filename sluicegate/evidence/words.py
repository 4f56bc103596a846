"""Findings in plain words: a few sentences for each area, without a judgement.

Every sentence is made from findings and figures alone; what they mean for a stage is the policy's to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sluicegate.evidence.attacks.attack_words import attacks_in_words
from sluicegate.evidence.digits import percent, points, share, short
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.fairness_words import fairness_in_words
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.group_words import unmeasured_groups
from sluicegate.evidence.latency import latency_in_words
from sluicegate.evidence.privacy import privacy_in_words
from sluicegate.evidence.training_cost import training_cost_in_words

Figures = Mapping[str, Any]
"""Name of an evidence file, without its ending → what it holds."""
_GAINS = {"macro_f1": "macro-F1", "character_f1": "character F1", "bits_per_byte": "bits per byte"}
"""The figure by which candidates are told apart, as the task has it → what to call it."""


def amount(finding: Finding) -> str:
    """A finding's value with its unit; a dash if it has none."""
    if finding.value is None:
        return "–"
    if finding.unit == "share":
        return share(finding.value, _sign(finding))
    if finding.unit.startswith("yes"):
        return "yes" if finding.value == 1 else "no"
    number = f"{finding.value:,.0f}" if finding.unit == "rows" else short(finding.value, 3)
    return f"{number} {finding.unit}"


def span(finding: Finding) -> str:
    """A finding's interval: ``0.676 to 0.726``; empty if it has none."""
    if finding.interval is None:
        return ""
    sign = _sign(finding)
    shown = [share(end, sign) if finding.unit == "share" else short(end, sign=sign) for end in finding.interval]
    return " to ".join(shown)


def of_measure(value: float, measure: str, sign: str = "") -> str:
    """A figure by its measure's name, ``macro_f1``, or a change in it: a share, unless it is one of bits."""
    return f"{value:{sign}.3f}" if measure == "bits_per_byte" else share(value, sign)


def performance(dossier: Dossier, figures: Figures) -> list[str]:
    """How many answers are right, which label is hardest, and how sure the model is."""
    held = figures["performance"]
    accuracy = dossier.find("performance.accuracy")
    said = []
    if accuracy is not None and accuracy.value is not None:
        right, rows = round(accuracy.value * held["rows"]), held["rows"]
        sure = f" ({_interval_in_percent(accuracy)})" if accuracy.interval else ""
        commonest = max(held["labels"], key=lambda label: label["rows"])
        said.append(f"It gives {right:,} of {rows:,} test rows their own label: {percent(accuracy.value)}{sure}.")
        said.append(
            f"Always answering “{commonest['label']}”, the commonest label, would be right on "
            f"{percent(commonest['rows'] / rows)}."
        )
    scored = [label for label in held["labels"] if label["f1"]["value"] is not None]
    if scored:
        hardest = min(scored, key=lambda label: label["f1"]["value"])
        said.append(
            f"The hardest label is “{hardest['label']}”: F1 {share(hardest['f1']['value'])} on "
            f"{hardest['rows']:,} rows."
        )
    return said + _commonest_mistake(held["confusion"])


def group(dossier: Dossier, figures: Figures) -> list[str]:
    """The weakest and the strongest group of every column, and what the training did about it."""
    said = [] if figures["groups"] else ["The spec names no group columns, so nothing was broken down."]
    for column in figures["groups"]:
        found = [g for g in column["groups"] if g["status"] == "measured"]
        if len(found) > 1:
            ordered = sorted(found, key=lambda g: float(g["macro_f1"]["value"]))
            low, high = ordered[0], ordered[-1]
            said.append(
                f"By {column['column']}: weakest in “{low['group']}” (macro-F1 {share(low['macro_f1']['value'])}, "
                f"{low['rows']:,} rows), strongest in “{high['group']}” ({share(high['macro_f1']['value'])}, "
                f"{high['rows']:,} rows)."
            )
        said += unmeasured_groups(column)
    return said + fairness_in_words(dossier.lineage.get("fairness") or {})


def baseline(dossier: Dossier, figures: Figures) -> list[str]:
    """How far the candidate is ahead of each simple model."""
    said = []
    for held in figures["baselines"]:
        found = {name: dossier.find(f"baseline.{name}_gain[{held['baseline']}]") for name in _GAINS}
        measure, gain = next(((name, gain) for name, gain in found.items() if gain is not None), ("", None))
        if gain is None or gain.value is None:
            said.append(f"{held['baseline']}: not measured, {held.get('why', 'the figure is undefined')}.")
            continue
        way = "ahead of" if gain.value >= 0 else "behind"
        sure = f" (interval of the difference {span(gain)})" if gain.interval else ""
        far = f"{of_measure(abs(gain.value), measure)} in {_GAINS[measure]}"
        said.append(f"It is {far} {way} {held['baseline']}{sure}: {held['what']}.")
    return said or ["The spec names no simple model to compare with."]


def comparison(dossier: Dossier, figures: Figures) -> list[str]:
    """What changes for somebody who uses a release that is live."""
    said = []
    for held in figures["comparison"]:
        name = f"the release live in {held['stage']} ({held['against'][:12]}…)"
        if held["status"] != "measured":
            said.append(f"Against {name}: not measured, {held['why']}.")
            continue
        of = held["estimates"]
        measure, called = next((key, called) for key, called in _GAINS.items() if key in of)
        change = of[measure]["value"]
        changes = "" if change is None else f"{called} changes by {of_measure(change, measure, '+')}; "
        said.append(
            f"Against {name}: {changes}{percent(of['disagreement']['value'])} of the answers differ, "
            f"{percent(of['mended']['value'])} become right and {percent(of['regressed']['value'])} become wrong."
        )
        said += _exchanged(held.get("exchanges", ()), _with_copies(dossier.lineage))
    return said or ["Nothing is live in any stage, so there is nothing to compare with."]


def drift(dossier: Dossier, figures: Figures) -> list[str]:
    """Which columns differ between the training rows and the test rows, or the live releases' rows."""
    held = figures["drift"]
    said = [f"Test rows against training rows: {_columns(held['train_test'])}"]
    for previous in held["previous"]:
        name = f"Against the data of the release live in {previous['stage']}"
        said.append(
            f"{name}: {_columns(previous)}" if "columns" in previous else f"{name}: not measured, {previous['why']}."
        )
    return said


def data(dossier: Dossier, figures: Figures) -> list[str]:
    """How many rows there are, how the labels are shared out, what was scrubbed."""
    held = figures["data"]
    rows = held["rows"]
    said = [f"{rows['train']:,} rows to train on, {rows['validation']:,} to stop by, {rows['test']:,} to measure on."]
    if shares := [f"{label} {percent(count / rows['train'])}" for label, count in held["labels"]["train"].items()]:
        said.append(f"Labels of the training rows: {', '.join(shares)}.")
    by_entity = held["scrubbing"].get("by_entity") or {}
    if found := {kind: entry["found"] for kind, entry in by_entity.items() if entry.get("found")}:
        said.append("Scrubbed: " + ", ".join(f"{kind} {count:,}" for kind, count in sorted(found.items())) + ".")
    if (metadata := held["scrubbing"].get("with_metadata")) is not None:
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in held["scrubbing"]["metadata"].items()) or "none"
        said.append(f"Metadata was taken out of {metadata:,} images ({kinds}). Faces and writing were not looked for.")
    if why := held["scrubbing"].get("skipped"):
        said.append(f"Nothing was scrubbed: {why}.")
    if went := {why: rows for why, rows in (held["hygiene"].get("dropped") or {}).items() if rows}:
        of = ", ".join(f"{why.replace('_', ' ')} {rows:,}" for why, rows in sorted(went.items()))
        said.append(f"Dropped in cleaning: {of}.")
    if left := (held["hygiene"].get("near") or {}).get("pairs_not_compared"):
        said.append(f"Near duplicates may be left: {left:,} pairs that share a bucket were not compared.")
    for what, name in (("data", "the data"), ("base_model", "the base model")):
        if duties := (held["licences"].get(what) or {}).get("duties"):
            said.append(f"The licence of {name} asks to: {', '.join(duties)}.")
    return said


def privacy(dossier: Dossier, figures: Figures) -> list[str]:
    """What a private training has spent, and what attacks found out."""
    held = figures["privacy"]
    return [privacy_in_words(held["account"]), *attacks_in_words(dossier.find, held)]


def footprint(dossier: Dossier, figures: Figures) -> list[str]:
    """How large the candidate is, what its training took, and how long it takes to answer."""
    held = figures["footprint"]
    size = f"The candidate is {held['size_mb']:,.1f} MB in {len(held['files'])} files."
    latency = latency_in_words(held["latency"], dossier.findings)
    return [size, training_cost_in_words(held["training"]), *latency]


def _is_difference(check: str) -> bool:
    """Whether the figure has a sign: a change against something else, not the size of a change."""
    name = check.partition("[")[0]  # without the label or group, which anybody may call anything
    return name.endswith(("_gain", "_drop", "_excess")) or (name.startswith("comparison.") and "_change" in name)


def _sign(finding: Finding) -> str:
    return "+" if _is_difference(finding.check) else ""


def level(confidence: float) -> str:
    """A confidence level in percent: 95 %, 97.5 %."""
    return f"{100 * confidence:.10g} %"


def _interval_in_percent(finding: Finding) -> str:
    low, high = finding.interval or (0.0, 0.0)
    return f"{level(finding.confidence or 0)} interval {points(low)} to {percent(high)}"


def _commonest_mistake(confusion: Mapping[str, Any]) -> list[str]:
    names: Sequence[str] = confusion["labels"]
    counts = confusion["actual_by_predicted"]
    mistakes = [
        (counts[actual][given], names[actual], names[given])
        for actual in range(len(names))
        for given in range(len(names))
        if actual != given
    ]
    count, actual_name, given_name = max(mistakes, key=lambda mistake: mistake[0])
    return [f"The commonest mistake: {count:,.0f} rows of “{actual_name}” are called “{given_name}”."] if count else []


def _with_copies(lineage: Mapping[str, Any]) -> bool:
    """Whether the candidate was trained with counterfactual copies, as far as its lineage says."""
    fairness = (lineage.get("training") or {}).get("fairness") or {}
    return fairness.get("counterfactual") is not None


def _exchanged(held: Sequence[Mapping[str, Any]], with_copies: bool) -> list[str]:
    """Which share of decisions flips if a group is exchanged, of the candidate's and the live release's."""
    of = [
        f"{told['attribute']} {percent(told['candidate'])} (of {told['texts']:,}; the live release's "
        f"{percent(told['live'])})"
        for told in held
        if told["status"] == "measured"
    ]
    if not of:
        return []
    trained = " It was trained with counterfactual copies." if with_copies else ""
    return [f"Decisions that flip if a group is exchanged in a test row: {', '.join(of)}.{trained}"]


def _columns(held: Mapping[str, Any]) -> str:
    moved = [column["column"] for column in held["columns"] if column["drifted"]]
    names = f" ({', '.join(moved)})" if moved else ""
    what, auc = ("words", held["text_auc"]) if "text_auc" in held else ("pixels", held["image_auc"])
    words = (
        "" if auc is None else f" By their {what} they can be told apart with ROC AUC {share(auc)} (0.5 is not at all)."
    )
    why = held["undefined"].get("share")
    columns = f"{len(moved)} of {len(held['columns'])} described columns differ{names}."
    said = f"the described columns are not compared: {why}." if why else columns
    return f"{said}{words}{_embedded(held['embeddings'])}{_telling(held)}"


def _embedded(held: Mapping[str, Any]) -> str:
    """How far they lie apart in embeddings, and how far chance would take them."""
    if why := held.get("why"):
        return f" How far they lie apart by {held['of']} is not measured: {why}."
    rows = held["rows"]
    return (
        f" By {held['of']}, {rows['reference']:,} and {rows['current']:,} sampled rows lie {held['distance']:.4f} "
        f"apart; chance takes 95 of 100 draws no further than {held['by_chance_95']:.4f} (p = {held['p_value']:.3f})."
    )


def _telling(held: Mapping[str, Any]) -> str:
    """Words that stand in more of one side's texts than chance explains."""
    said = [
        f"“{word['word']}” ({percent(word['current'])} of the texts, not {percent(word['reference'])})"
        for word in held.get("words", [])
    ]
    return f" Words whose share differs: {', '.join(said)}." if said else ""
