"""Limits and gate rules for each stage, and what they make of a dossier.

A policy is a YAML file; every stage holds all limits of the stage before it, and may tighten one or add
one, never loosen one:

    stages:
      internal:
        - {check: performance.macro_f1, min: 0.60}
        - {check: drift.share, max: 0.5, blocking: false}        # shown, does not block
      public:
        - {check: performance.macro_f1, min: 0.66, hold: interval} # the interval's lower end must hold
        - {check: comparison.macro_f1_change, min: -0.01, not_applicable: allow}
        - {check: data.leaked_share, max: 0, waivable: false}    # nobody may waive it
    gates:
      public: {approvals: 2}                                     # see `rules`
    scorecard: …                                                 # see `objectives`

Verdicts are derived, never stored: dossier × policy × stage × what is live there × waivers. It fails
closed: what the dossier lacks is `not_evaluated` and blocks, what does not apply blocks unless the limit
allows it, and a comparison with another release than the one now live does not count.

    limits     one check's limit
    rules      what it takes to pass a gate
    objectives what a scorecard adds up
    policy     all three, inheritance between stages worked out
    reading    a policy from its file
    looking_up the finding that a check rests on, or why there is none
    judging    dossier × policy × waivers → verdicts
    scoring    dossier × objectives → the scorecard, which overrides no verdict
"""

from sluicegate.policy.judging import Judgement, Outcome, Verdict, judge
from sluicegate.policy.limits import Limit
from sluicegate.policy.objectives import Objective
from sluicegate.policy.policy import Policy, StageLimits
from sluicegate.policy.reading import load_policy
from sluicegate.policy.rules import Approvals, GateRule, default_rule
from sluicegate.policy.scoring import FindingScore, ObjectiveScore, Scorecard, score

__all__ = [
    "Approvals",
    "FindingScore",
    "GateRule",
    "Judgement",
    "Limit",
    "Objective",
    "ObjectiveScore",
    "Outcome",
    "Policy",
    "Scorecard",
    "StageLimits",
    "Verdict",
    "default_rule",
    "judge",
    "load_policy",
    "score",
]
