"""How often the candidate fails tests of its behaviour, written down before it was trained.

A minimum functionality test fails where the label is not an expected one; an invariance test where
two texts that should be labelled alike are not; a direction test where the score goes the other way
by more than `TOLERANCE`. The score is the mean rank of the label, from 0 (lowest) to 1 (highest).

The cases of a test are fillings of a few templates: the intervals are of the share among such
fillings, not among users' texts.

Source: Ribeiro et al., Beyond Accuracy: Behavioral Testing of NLP Models with CheckList (2020).

Shapes: C cases, A texts asked, L labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.evidence.finding import Finding, Status, measured, not_applicable, not_evaluated
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.robustness.behaviour_file import KINDS, BehaviourFile, BehaviourTest
from sluicegate.evidence.robustness.cases import cases_of
from sluicegate.evidence.usable import why_improper

TOLERANCE = 0.1
"""By how much the score may go the wrong way."""
_WORST = "robustness.failure_share_highest"
_NO_TEST = "there is no such test in the data's languages"
_NONE = np.zeros(0, dtype=np.bool_)


def ask_behaviour(files: Sequence[BehaviourFile], labels: Sequence[str], seed: int) -> list[str]:
    """The texts of every test that applies to these labels, in order."""
    return [
        text
        for file in files
        for test in file.tests
        if not _why_not_applicable(file, test, labels)
        for case in cases_of(file, test, seed)
        for text in case.texts
    ]


def measure_behaviour(
    files: Sequence[BehaviourFile],
    labels: Sequence[str],
    probabilities_AL: Floats,
    confidence: float,
    seed: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """Failure share of each kind and of the worst test, and of every test as JSON.

    Args:
        files: The tests; those of languages that the data is not in are left out by the caller.
        labels: The candidate's labels.
        probabilities_AL: Its answers to `ask_behaviour` of the same files, labels and seed.
        confidence: Level of the intervals.
        seed: Of the cases that were drawn.

    Raises:
        ValueError: There are not as many answers as were asked for.
    """
    tests = _answered(files, labels, probabilities_AL, seed)
    findings = [_of_kind(kind, [t for t in tests if t.kind == kind], confidence, seed) for kind in KINDS]
    figures = {
        "seed": seed,
        "confidence": confidence,
        "tests": [_figures(test, confidence) for test in tests],
        "worst": worst.name if (worst := _worst_of(tests)) else None,
    }
    return [*findings, _worst(tests, confidence, seed)], figures


@dataclass(frozen=True)
class _Tested:
    """One test and which of its cases failed; none of them where it was not measured."""

    name: str
    kind: str
    language: str
    status: Status
    why: str
    failed_C: NDArray[np.bool_]
    given: frozenset[int] = frozenset()
    """Every label that was given in it."""

    @property
    def failures(self) -> int:
        return int(self.failed_C.sum())

    @property
    def share(self) -> float:
        return self.failures / len(self.failed_C)


def _why_not_applicable(file: BehaviourFile, test: BehaviourTest, labels: Sequence[str]) -> str:
    if test.kind == "invariance":
        return ""
    ranks = {label: file.rank_of(label) for label in labels}
    if unknown := sum(rank is None for rank in ranks.values()):
        return f"the file does not say what {unknown} of {len(labels)} labels mean"
    if len(set(ranks.values())) < 2:
        return "the labels all have the same rank"
    if test.kind == "minimum_functionality" and not _expected(file, test, labels):
        return "no label is an expected one"
    return ""


def _expected(file: BehaviourFile, test: BehaviourTest, labels: Sequence[str]) -> list[int]:
    """Indices of the labels that the test expects."""
    ranks = {file.rank_of(name) for name in test.expect}
    return [index for index, label in enumerate(labels) if file.rank_of(label) in ranks]


def _answered(
    files: Sequence[BehaviourFile], labels: Sequence[str], probabilities_AL: Floats, seed: int
) -> list[_Tested]:
    if len(probabilities_AL) != (asked := len(ask_behaviour(files, labels, seed))):
        raise ValueError(f"{len(probabilities_AL)} answers to {asked} texts")
    found, start = [], 0
    for file in files:
        for test in file.tests:
            if why := _why_not_applicable(file, test, labels):
                found.append(_Tested(test.name, test.kind, file.language, "not_applicable", why, _NONE))
                continue
            end = start + sum(len(case.texts) for case in cases_of(file, test, seed))
            found.append(_tested(file, test, labels, probabilities_AL[start:end]))
            start = end
    return _without_constant(found)


def _without_constant(tests: Sequence[_Tested]) -> list[_Tested]:
    """The same tests; no invariance is concluded from a candidate that gives one label to all of them."""
    given = frozenset[int]().union(*(test.given for test in tests if test.kind == "invariance"))
    if len(given) != 1:
        return list(tests)
    why = "all texts are given the same label, so no case could fail"
    return [
        replace(test, status="not_evaluated", why=why, failed_C=_NONE)
        if test.kind == "invariance" and test.status == "measured"
        else test
        for test in tests
    ]


def _tested(file: BehaviourFile, test: BehaviourTest, labels: Sequence[str], answers_AL: Floats) -> _Tested:
    why = why_improper(answers_AL)
    if not why and test.kind == "direction" and np.ptp(_scores(file, labels, answers_AL)) <= TOLERANCE:
        why = f"no two scores are more than {TOLERANCE} apart, so no case could fail"
    if why:
        return _Tested(test.name, test.kind, file.language, "not_evaluated", why, _NONE)
    failed_C = _failed(file, test, labels, answers_AL)
    given = frozenset(answers_AL.argmax(1).tolist())
    return _Tested(test.name, test.kind, file.language, "measured", "", failed_C, given)


def _failed(file: BehaviourFile, test: BehaviourTest, labels: Sequence[str], answers_AL: Floats) -> NDArray[np.bool_]:
    given = answers_AL.argmax(1)
    if test.kind == "minimum_functionality":
        return ~np.isin(given, _expected(file, test, labels))
    if test.kind == "invariance":
        return np.asarray(given[::2] != given[1::2])
    scores = _scores(file, labels, answers_AL)
    rise = scores[1::2] - scores[::2]
    return np.asarray((-rise if test.expect == "higher" else rise) > TOLERANCE)


def _scores(file: BehaviourFile, labels: Sequence[str], answers_AL: Floats) -> Floats:
    """Mean rank of the label of every answer, 0 for the lowest rank that a label has and 1 for the highest."""
    ranks = np.array([file.rank_of(label) for label in labels], dtype=np.float64)
    scores: Floats = answers_AL @ ((ranks - ranks.min()) / np.ptp(ranks))
    return scores


def _of_kind(kind: str, tests: Sequence[_Tested], confidence: float, seed: int) -> Finding:
    check = f"robustness.failure_share[{kind}]"
    applicable = [test for test in tests if test.status != "not_applicable"]
    if not applicable:
        return not_applicable(check, tests[0].why) if tests else not_evaluated(check, _NO_TEST)
    if missing := [test for test in applicable if test.status != "measured"]:
        return not_evaluated(check, _missing(missing, applicable))
    failed = np.concatenate([test.failed_C for test in applicable])
    interval = exact_interval(int(failed.sum()), len(failed), confidence)
    return measured(check, failed.mean(), n=len(failed), interval=interval, confidence=confidence, seed=seed)


def _worst_of(tests: Sequence[_Tested]) -> _Tested | None:
    return max((test for test in tests if test.status == "measured"), key=lambda test: test.share, default=None)


def _worst(tests: Sequence[_Tested], confidence: float, seed: int) -> Finding:
    """The highest share of any test; the interval holds for all tests together."""
    applicable = [test for test in tests if test.status != "not_applicable"]
    worst = _worst_of(tests)
    if not applicable:
        return not_applicable(_WORST, tests[0].why) if tests else not_evaluated(_WORST, _NO_TEST)
    missing = [test for test in applicable if test.status != "measured"]
    if missing or worst is None:
        return not_evaluated(_WORST, _missing(missing, applicable))
    ends = [exact_interval(t.failures, len(t.failed_C), confidence, len(applicable)) for t in applicable]
    interval = (max(low for low, _ in ends), max(high for _, high in ends))
    return measured(_WORST, worst.share, n=len(worst.failed_C), interval=interval, confidence=confidence, seed=seed)


def _missing(missing: Sequence[_Tested], of: Sequence[_Tested]) -> str:
    return f"{len(missing)} of {len(of)} tests are not evaluated; {missing[0].name}: {missing[0].why}"


def _figures(test: _Tested, confidence: float) -> dict[str, Any]:
    held = {"test": test.name, "kind": test.kind, "language": test.language, "status": test.status}
    if test.status != "measured":
        return {**held, "why": test.why}
    interval = exact_interval(test.failures, len(test.failed_C), confidence)
    return {
        **held,
        "cases": len(test.failed_C),
        "failures": test.failures,
        "failure_share": {"value": test.share, "interval": list(interval)},
    }
