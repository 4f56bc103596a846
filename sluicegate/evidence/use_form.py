"""Harm and use: the form that a person fills in, how much of it is filled in, and which checks for harm ran.

Nothing measures what a model is for. What can be measured is whether somebody said it: a blank counts as a
blank, and so does a word that only holds its place (TODO, TBD, n.a., unknown, x, a dash).

Source of the questions: Mitchell et al., Model Cards for Model Reporting (2019), intended use and ethics.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from sluicegate.evidence.check import Check
from sluicegate.evidence.finding import Finding, measured

QUESTIONS = {
    "intended_use": "What it is for",
    "out_of_scope_uses": "What it is not for",
    "users": "Who is meant to use it",
    "affected_people": "Whom its answers are about, or have consequences for",
    "known_harms": "Harm that is known or likely",
    "mitigations": "What is done against it",
    "contact": "Where harm and errors are reported",
}
"""Field of the form → what it asks, in reading order."""
NOT_FILLED_IN = "not filled in"
NO_CHECK_RAN = "no check for harmful text ran: the spec names none (hygiene.harm)"
NOTHING_SCORED = "the check for harmful text scored no row"
FORM_FILLED = Check(
    "transparency.form_filled",
    "Fields of the harm and use form that are filled in",
    f"Share of the form's {len(QUESTIONS)} fields in which the spec says something (intended_use, use); a blank, TODO, "
    "TBD, n.a., unknown, x and a dash count as blank. It says that somebody wrote something, not that it is true or "
    "enough.",
    "higher",
    source="Mitchell et al., Model Cards for Model Reporting (2019), for the questions",
    interval=False,
)
_PLACEHOLDER = re.compile(
    r"(?:see )?(?:to\W?do|t\W*b\W*[adc]|fixme|to be (?:added|confirmed|decided|defined|determined|done|filled in)"
    r"|待定|待填|待填写|待补充|待确认)(?:\s*[^\w\s].*| (?:by \w+|later|soon|still))?"
    r"|(?:not |to )?(?:be )?fill(?:ed)? in|pending|n\W*a|not (?:applicable|available|known)|unknown|x+|不适用|未知|不详"
)
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def measure_use_form(lineage: Mapping[str, Any], hygiene: Mapping[str, Any]) -> tuple[list[Finding], dict[str, Any]]:
    """How much of the form is filled in; the form, and the checks for harm, as JSON.

    Args:
        lineage: Where the candidate comes from; of it ``intended_use`` and ``use`` are read.
        hygiene: What the cleaning reported; of it ``harm`` is read (``scored``, ``harmful``, ``threshold``, ``kind``,
            ``classifier``, ``limits``).
    """
    answers = {"intended_use": lineage.get("intended_use"), **(lineage.get("use") or {})}
    form = [
        {"field": field, "question": question, "answer": None if is_blank(answers.get(field)) else answers[field]}
        for field, question in QUESTIONS.items()
    ]
    filled = sum(entry["answer"] is not None for entry in form)
    finding = measured(FORM_FILLED.name, filled / len(form), n=len(form))
    return [finding], {"form": form, "filled": filled, "harm_checks": [_harm_check(hygiene.get("harm") or {})]}


def is_blank(answer: str | None) -> bool:
    """Whether an answer says nothing: empty, signs alone, or a word that only holds the place."""
    if answer is None:
        return True
    seen = "".join(c for c in unicodedata.normalize("NFKC", answer) if unicodedata.category(c) != "Cf")
    said = _EDGES.sub("", " ".join(seen.split()).casefold())
    return not said or _PLACEHOLDER.fullmatch(said) is not None


def why_no_harm_check(harm: Mapping[str, Any]) -> str:
    """Why nothing was scored for harm; empty if something was."""
    if harm.get("scored"):
        return ""
    return NOTHING_SCORED if harm else NO_CHECK_RAN


def _harm_check(harm: Mapping[str, Any]) -> dict[str, Any]:
    """What looked for harm among the rows, and what it found; or that nothing did."""
    about = {"check": "data.harmful_share"}
    if why := why_no_harm_check(harm):
        return {**about, "status": "not_evaluated", "why": why}
    counted = {"scored": int(harm["scored"]), "harmful": int(harm["harmful"]), "threshold": harm.get("threshold")}
    told = {name: harm.get(name) for name in ("kind", "classifier", "limits")}
    return {**about, "status": "measured", "share": harm["harmful"] / harm["scored"], **counted, **told}


def use_form_in_words(figures: Mapping[str, Any]) -> list[str]:
    """How much is filled in, and what the checks for harm read."""
    return [
        f"{figures['filled']} of {len(figures['form'])} fields of the form are filled in, by whoever wrote the spec; "
        "nobody here checks what they say.",
        "Checks for harmful text read the rows that the model learns from. What the model answers is not checked.",
    ]
