from __future__ import annotations

import math
import re
import subprocess
import sys

import pytest

from sluicegate.evidence.catalogue import CATALOGUE
from sluicegate.evidence.checks import AREAS, check_of, checks_for
from sluicegate.evidence.image_catalogue import IMAGE_CATALOGUE
from sluicegate.evidence.language_catalogue import LANGUAGE_CATALOGUE
from sluicegate.evidence.robustness.kinds import PERTURBED
from sluicegate.evidence.robustness.perturbations import PERTURBATIONS
from sluicegate.evidence.span_catalogue import SPAN_CATALOGUE
from sluicegate.evidence.text_catalogue import TEXT_CATALOGUE


def test_no_two_checks_have_the_same_name() -> None:
    assert len({check.name for check in CATALOGUE}) == len(CATALOGUE)


def test_a_name_means_the_same_for_every_task() -> None:
    shared = {check.name: check for check in CATALOGUE}
    others = (*SPAN_CATALOGUE, *LANGUAGE_CATALOGUE, *IMAGE_CATALOGUE)
    assert all(shared.get(check.name, check) == check for check in others)


def test_a_tagger_is_not_held_to_a_classifiers_checks() -> None:
    names = checks_for(["PERSON"], ["language"], ["lookup"], "token-classification")
    assert {"performance.character_recall", "performance.character_recall_of[PERSON]", "data.leaked_share"} <= set(
        names
    )
    assert not {"performance.macro_f1", "performance.f1[PERSON]", "group.macro_f1_gap[language]"} & set(names)
    assert [check.area for check in names.values()] == sorted((c.area for c in names.values()), key=list(AREAS).index)


@pytest.mark.parametrize(
    "check",
    {c.name: c for c in (*CATALOGUE, *SPAN_CATALOGUE, *LANGUAGE_CATALOGUE, *IMAGE_CATALOGUE)}.values(),
    ids=lambda check: check.name,
)
def test_every_check_says_what_it_means(check) -> None:
    assert check.area in AREAS
    assert check.definition.endswith(".")
    assert ("{}" in check.title) <= bool(check.parameter)  # a check of no parameter has no room for one


def test_one_share_less_another_may_be_below_0_and_no_other_share() -> None:
    shares = {c.name: c for c in (*TEXT_CATALOGUE, *SPAN_CATALOGUE, *LANGUAGE_CATALOGUE) if c.unit == "share"}
    below = {name for name, check in shares.items() if check.least_and_most == (-1, 1)}
    assert below == {name for name in shares if re.search(r"_(gain|drop|excess)$|^comparison\..*_change$", name)}
    beyond = {name: c.least_and_most for name, c in shares.items() if name not in below and c.least_and_most != (0, 1)}
    assert beyond == {"explanation.completeness_error": (0, math.inf)}


def test_a_check_is_expanded_for_each_label_group_and_baseline() -> None:
    names = checks_for(["no", "yes"], ["shop"], ["tfidf"])
    assert {"performance.f1[no]", "performance.f1[yes]", "group.macro_f1_gap[shop]", "baseline.macro_f1[tfidf]"} <= set(
        names
    )
    assert "performance.f1" not in names
    assert names["performance.f1[no]"].title == "F1 of “no”"


def test_a_check_that_is_measured_for_no_group_is_not_known() -> None:
    found = checks_for(["no", "yes"], [], [], attributes=[])
    assert {check.parameter for check in found.values() if check.parameter} == {"label", "perturbation", "behaviour"}


@pytest.mark.parametrize(
    "name", ["performance.speed", "performance.f1", "performance.accuracy[no]", "performance.f1[no", ""]
)
def test_a_name_outside_the_catalogue_is_not_found(name: str) -> None:
    with pytest.raises(KeyError):
        check_of(name)


def test_a_label_with_brackets_keeps_them() -> None:
    assert check_of("performance.f1[a[b]]").title == "F1 of “a[b]”"


def test_every_perturbation_has_its_checks() -> None:
    assert tuple(PERTURBATIONS) == PERTURBED


def test_names_of_checks_are_known_without_the_libraries_that_measure_them() -> None:
    """Every command that reads a policy or a ledger imports them, and numpy alone would make it twice as slow."""
    heavy = ("numpy", "pandas", "scipy", "torch", "captum")
    script = f"import sys, sluicegate.policy; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "[]"
