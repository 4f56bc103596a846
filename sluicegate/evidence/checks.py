"""The catalogue read by name: every check that evidence is gathered for, with what its number means.

A name is ``area.measure``, or ``area.measure[parameter]`` where it is measured once for each label, group column,
baseline or attribute of the spec, kind of perturbation or kind of behavioural test. The catalogue is the one place
where a check's direction, unit and meaning are said; policies are read against it, and the dossier's page is written
from it. Each task has its own; a name means the same in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sluicegate.evidence.check import AREAS, Check
from sluicegate.evidence.image_catalogue import IMAGE_CATALOGUE
from sluicegate.evidence.language_catalogue import LANGUAGE_CATALOGUE
from sluicegate.evidence.robustness.behaviour_file import KINDS
from sluicegate.evidence.robustness.kinds import PERTURBED
from sluicegate.evidence.span_catalogue import SPAN_CATALOGUE
from sluicegate.evidence.text_catalogue import TEXT_CATALOGUE
from sluicegate.spec import Spec
from sluicegate.spec.evidence import ATTRIBUTES
from sluicegate.spec.model import Task

__all__ = ["AREAS", "Check", "check_of", "checks_for", "known_checks"]

_OF_TASK: dict[Task, tuple[Check, ...]] = {
    "sequence-classification": TEXT_CATALOGUE,
    "token-classification": SPAN_CATALOGUE,
    "causal-lm": LANGUAGE_CATALOGUE,
    "masked-lm": LANGUAGE_CATALOGUE,
    "image-classification": IMAGE_CATALOGUE,
}
_BY_BASE = {check.name: check for check in (*TEXT_CATALOGUE, *SPAN_CATALOGUE, *LANGUAGE_CATALOGUE, *IMAGE_CATALOGUE)}


def check_of(name: str) -> Check:
    """The check that `name` calls, parameter filled in; whether a spec has that parameter is not asked.

    Raises:
        KeyError: The catalogue does not hold it.
    """
    base, bracket, rest = name.partition("[")
    check = _BY_BASE[base]
    if bool(check.parameter) != bool(bracket) or (bracket and not rest.endswith("]")):
        raise KeyError(name)
    return check.of(rest[:-1]) if bracket else check


def checks_for(
    labels: Sequence[str],
    groups: Sequence[str],
    baselines: Sequence[str],
    task: Task = "sequence-classification",
    attributes: Sequence[str] = ATTRIBUTES,
) -> dict[str, Check]:
    """Every check that is measured for these labels, group columns, baselines and attributes, in reading order."""
    parameters: dict[str, Sequence[str]] = {
        "label": labels,
        "group": groups,
        "baseline": baselines,
        "attribute": attributes,
        "perturbation": PERTURBED,
        "behaviour": KINDS,
    }
    found: dict[str, Check] = {}
    for check in _OF_TASK[task]:
        expanded = [check.of(p) for p in parameters[check.parameter]] if check.parameter else [check]
        found |= {c.name: c for c in expanded}
    return found


def known_checks(spec: Spec) -> dict[str, Check]:
    """Every check that is measured under `spec`, by name, in reading order; a policy may name these and no others."""
    evidence = spec.evidence
    return checks_for(
        spec.data.labels, spec.data.groups, evidence.baselines, spec.training.task, evidence.identity.attributes
    )
