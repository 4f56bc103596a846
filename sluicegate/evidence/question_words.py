"""What a text classifier makes of other texts than the test rows, in plain words and without a judgement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.evidence.digits import percent
from sluicegate.evidence.dossier import Dossier

Figures = Mapping[str, Any]


def robustness(dossier: Dossier, figures: Figures) -> list[str]:
    """The perturbation that costs most, the worst behavioural test and slice, and odd inputs that were not answered."""
    held = figures.get("robustness")
    if held is None:
        return []
    return [said for said in (_perturbed(held), _behaviours(held), _trigger(held), _slice(held), odd(held)) if said]


def identity(dossier: Dossier, figures: Figures) -> list[str]:
    """How many rows mention groups of each attribute, and where decisions flip most."""
    return [_attribute(held) for held in figures.get("identity", ())]


def explanation(dossier: Dossier, figures: Figures) -> list[str]:
    """How far the explanations below can be believed."""
    gradients = dossier.find("explanation.completeness_error")
    if gradients is None:
        return []
    if gradients.value is None:
        return [f"Nothing is explained: {gradients.why}."]
    missing = ", ".join(figures.get("explanations", {}).get("not_explained", ()))
    said = [f"The spec names rows that are no test rows, were trained on too, or have no word: {missing}."]
    return (said if missing else []) + [
        f"Explanations of {gradients.n} test rows were checked: the weights of a text's words miss the change of the "
        f"answer that they should add up to by {percent(gradients.value)} on average.",
    ]


def _perturbed(held: Mapping[str, Any]) -> str:
    perturbed = held["perturbed"]
    kinds = {kind["kind"]: kind for kind in perturbed["kinds"]}
    worst = kinds.get(perturbed["worst"])
    if worst is None:
        return ""
    return (
        f"Of {perturbed['sampled_rows']:,} sampled test rows, “{spoken(worst['kind'])}” does most harm: "
        f"{percent(worst['accuracy_kept']['value'])} of the right answers among the {worst['changed_rows']:,} texts "
        "that it changes stay right."
    )


def _behaviours(held: Mapping[str, Any]) -> str:
    tests = [test for test in held["behaviours"]["tests"] if test["status"] == "measured"]
    if not tests:
        return ""
    worst = max(tests, key=lambda test: float(test["failure_share"]["value"]))
    return (
        f"{len(tests)} behavioural tests were asked; the worst, “{spoken(worst['test'])}” "
        f"({spoken(worst['kind'])}), fails in {worst['failures']:,} of {worst['cases']:,} cases."
    )


def _trigger(held: Mapping[str, Any]) -> str:
    words = held["triggers"]["words"]
    if not words:
        return ""
    worst, why = words[0], held["triggers"].get("why")
    not_all = f" Not every such word was tried: {why}." if why else ""
    return (
        f"Of {len(words)} words that betray a label in the training rows, “{worst['word']}” turns most answers: put in "
        f"front of {worst['rows']:,} test rows it makes {percent(worst['turned']['value'])} of them "
        f"“{worst['label']}”.{not_all}"
    )


def _slice(held: Mapping[str, Any]) -> str:
    measured = {found["slice"]: found for found in held["slices"]["slices"] if found["status"] == "measured"}
    worst = measured.get(held["slices"]["worst"])
    if worst is None:
        return ""
    right = f"{percent(worst['accuracy']['value'])} of {worst['rows']:,} answers are right"
    return f"Of {len(measured)} slices of the test rows, “{worst['slice']}” is the worst: {right}."


def odd(held: Mapping[str, Any]) -> str:
    """Odd inputs that are not answered; empty if all are."""
    faults = [found for found in held["odd_inputs"]["inputs"] if not found["held"]]
    named = "; ".join(f"{spoken(found['input'])}: {found['why']}" for found in faults)
    return f"Odd inputs that it does not answer: {named}." if faults else ""


def _attribute(held: Mapping[str, Any]) -> str:
    groups = held["mentions"]["groups"]
    rows = {group["group"]: group["rows"] for group in groups if group["rows"]}
    most = sorted(rows, key=lambda group: -rows[group])[:3]
    named = ", ".join(f"{group} {rows[group]:,}" for group in most)
    said = f"{held['attribute'].capitalize()}: " + (
        f"test rows mention {named}." if most else "no test row mentions a group of it."
    )
    between = held["templates"].get("between") or []
    if between and between[0]["flips"]:
        one, other = between[0]["groups"]
        flips = percent(between[0]["flips"])
        return f"{said} In made-up sentences, {one} for {other} flips {flips} of the decisions, the most of any pair."
    return said


def spoken(name: str) -> str:
    """A name of the figures as a person says it: ``word_drop`` → ``word drop``."""
    return name.replace("_", " ")
