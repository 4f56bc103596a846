from __future__ import annotations

import numpy as np

from sluicegate.evidence.attacks.canaries import measure_canaries
from sluicegate.evidence.attacks.catalogue import ATTACKS
from sluicegate.evidence.attacks.epsilon import measure_epsilon
from sluicegate.evidence.attacks.extraction import measure_extraction
from sluicegate.evidence.attacks.membership import Scores, measure_membership
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.resampling import Resampling

RESAMPLING = Resampling(1, 100, 0.95, 0)


def every_finding(rows: int) -> list[Finding]:
    """What is found of `rows` members and others, canaries and texts."""
    random = np.random.default_rng(0)
    scores = Scores(random.normal(size=rows), random.normal(size=rows))
    questions, answers = [], list[list[int]]()
    account = {"epsilon_rdp": 1.0, "epsilon_prv": 0.9, "delta": 1e-6}
    times = np.ones(rows, dtype=np.int64)
    return [
        *measure_membership(scores, RESAMPLING)[0],
        *measure_membership(scores, RESAMPLING, "shadow_membership")[0],
        *measure_canaries(scores.members_M, scores.others_N, times, RESAMPLING)[0],
        *measure_epsilon({"loss": scores}, account, RESAMPLING)[0],
        *measure_extraction(questions, answers, questions, answers, RESAMPLING)[0],
    ]


def test_every_finding_has_its_check_in_order_with_the_same_unit() -> None:
    for rows in (2, 1000):
        found = every_finding(rows)
        assert [f.check for f in found] == [check.name for check in ATTACKS]
        assert [f.unit.partition(" (")[0] for f in found] == [check.unit for check in ATTACKS]


def test_every_check_is_defined_and_has_its_source() -> None:
    for check in ATTACKS:
        assert check.area == "privacy"
        assert check.better == "lower"
        assert check.definition
        assert check.source
    intervals = {check.name: check.interval for check in ATTACKS}
    assert all(intervals[f.check] or f.interval is None for f in every_finding(1000))
