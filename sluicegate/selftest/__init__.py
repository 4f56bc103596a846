"""Whether the gate catches a bad model: bad candidates made on purpose, and a good one, sent through a real gate.

    faults      what is planted, and which findings look for it
    planting    how: rows of a split changed
    bench       the candidates, made by the pipeline's own steps in a home of their own
    trial       the gate: a ledger and reviewers made for the occasion, who approve whatever they are shown
    report      who was caught, and by what

Everything is what it is in a release: the steps, the policy, the gate, the promotion. Only the reviewers are not: they
always approve, so whatever keeps a bad candidate out is not their doing. The home lies below the installation's own
and shares nothing with it but its inputs, so no bad candidate comes near its ledger or its registry.
"""

from sluicegate.selftest.bench import Bench, Exhibit, NotTried, bad_candidate, good_candidate, opened
from sluicegate.selftest.faults import TRAINED_OR_SCORED, Fault
from sluicegate.selftest.report import Report
from sluicegate.selftest.running import run
from sluicegate.selftest.trial import send

__all__ = [
    "TRAINED_OR_SCORED",
    "Bench",
    "Exhibit",
    "Fault",
    "NotTried",
    "Report",
    "bad_candidate",
    "good_candidate",
    "opened",
    "run",
    "send",
]
