"""The build, one function a step, each step keyed by content.

    inputs → source → validate → scrub → clean → split → canaries → fine-tune → evaluate → judge → register → open gate

Every function takes the `Build` and the steps before it and returns a `Step` (or what became of the
gate), so a notebook can walk the same way as the flows: ``parts = split(build, scrub(build, …))``.
A step that was finished before is found by the digests of its inputs, its section of the spec and the
version of its code, and is not done again.
"""

from sluicegate.pipeline.build import Build, prepare
from sluicegate.pipeline.evaluation import Steps, evaluate, judge_stage, lineage
from sluicegate.pipeline.inputs import Inputs, fetch_inputs
from sluicegate.pipeline.opening import open_first_gate, register
from sluicegate.pipeline.preparing import clean, read_source, rows_of, scrub, split, validate
from sluicegate.pipeline.training import fine_tune, pack
from sluicegate.pipeline.training_canaries import plant_canaries

__all__ = [
    "Build",
    "Inputs",
    "Steps",
    "clean",
    "evaluate",
    "fetch_inputs",
    "fine_tune",
    "judge_stage",
    "lineage",
    "open_first_gate",
    "pack",
    "plant_canaries",
    "prepare",
    "read_source",
    "register",
    "rows_of",
    "scrub",
    "split",
    "validate",
]
