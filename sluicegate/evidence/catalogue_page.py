"""The catalogue as a page: `python -m sluicegate.evidence.catalogue_page > docs/checks.md`."""

from __future__ import annotations

from collections.abc import Iterable

from sluicegate.evidence.check import AREAS, Check
from sluicegate.evidence.image_catalogue import IMAGE_CATALOGUE
from sluicegate.evidence.language_catalogue import LANGUAGE_CATALOGUE
from sluicegate.evidence.span_catalogue import SPAN_CATALOGUE
from sluicegate.evidence.text_catalogue import TEXT_CATALOGUE

_HEAD = """# Checks

What evidence is gathered for, by name; policies limit these and no others (see [policy.md](policy.md)). This page is \
made from the catalogue in `sluicegate/evidence/`.

Names with brackets are measured once for each label, group column or simple model of the spec, for each attribute \
that tells groups of people apart, or for each kind of perturbation or behavioural test: `performance.f1[negative]`, \
`group.accuracy_gap[domain]`, `identity.template_flips[gender]`. `limit` says which of `min` and `max` the check \
takes. Values without a unit are shares from 0 to 1, or differences of such.

Intervals come from resampling the test rows (`evidence.bootstrap_rounds`, `evidence.confidence`) unless the check \
says otherwise. What could not be measured, or on so few rows that the figure would mean nothing, is \
`not_evaluated` with its reason, and a limit on it is not passed: a model's figures on fewer test rows than \
`evidence.minimum_group_size`; a classifier's on rows of a single label; a label's figures on fewer rows of it; a mean \
over labels where a label has no test row; how evenly groups are treated where all rows are given the same answer; a \
tagger's figures on fewer entities than that, all of them, of the type or in the group, of which precision counts \
those that were found, and all else those that are there.

Where every resample comes to the same, as where all rows are answered rightly, an interval of no width would claim to \
be sure: there it is what none of so many rows leaves possible (of 30 rows without a mistake, 0.88 to 1), and where a \
figure has no such limit (`performance.pr_auc`), there is none. What is lowest of several, or the widest gap between \
them, has the interval that theirs leave possible together (Bonferroni): of groups that are equal in truth one always \
seems the worst.

The checks under “How evenly it does across groups” are not evaluated where one group of the column has fewer test \
rows than `evidence.minimum_group_size` (or none, though as many training rows have it), or for a tagger fewer \
entities in them, or where the column has a single group or more than 50; `group.evaluated_share` is.
"""
_TABLE = "| check | meaning | limit | interval | source |\n|---|---|---|---|---|\n"
_TASKS = (
    ("a model for images", "image-classification", IMAGE_CATALOGUE),
    ("a tagger", "token-classification", SPAN_CATALOGUE),
    ("a language model", "causal-lm` or `masked-lm", LANGUAGE_CATALOGUE),
)


def catalogue_page() -> str:
    """Every check of text classification by area, then what the other tasks have besides."""
    parts = [_HEAD, "## Checks of a text classifier\n"]
    for area, heading in AREAS.items():
        if of := [check for check in TEXT_CATALOGUE if check.area == area]:
            parts.append(f"### {heading}\n\n{_table(of)}")
    names = {check.name for check in TEXT_CATALOGUE}
    for what, task, catalogue in _TASKS:
        own = [check for check in catalogue if check.name not in names]
        common = ", ".join(f"`{check.name}`" for check in catalogue if check.name in names)
        parts.append(
            f"## Checks of {what}\n\nWhere `training.task` is `{task}`, there are these:\n\n{_table(own)}\n"
            f"and of those above: {common}.\n"
        )
    return "\n".join(parts)


def _table(checks: Iterable[Check]) -> str:
    return _TABLE + "".join(_row(check) for check in checks)


def _row(check: Check) -> str:
    name = f"{check.name}[{check.parameter}]" if check.parameter else check.name
    unit = "" if check.unit == "share" else f" Unit: {check.unit}."
    against = " Against each release that is live." if check.compared else ""
    limit = "min" if check.better == "higher" else "max"
    meaning = f"**{check.title.replace('{}', 'each')}.** {check.definition}{unit}{against}"
    return f"| `{name}` | {meaning} | `{limit}` | {'yes' if check.interval else 'no'} | {check.source or '–'} |\n"


if __name__ == "__main__":
    print(catalogue_page(), end="")
