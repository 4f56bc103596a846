"""The build without Prefect, as a notebook would walk it: what is left of the whole way without orchestration."""

import os
import sys

from sluicegate.settings import Home, silence_telemetry

silence_telemetry()

from sluicegate import pipeline as steps  # noqa: E402
from sluicegate import releasing  # noqa: E402

build = steps.prepare(Home.from_environment(), sys.argv[1], {}, os.environ)
inputs = steps.fetch_inputs(build)
source = steps.read_source(build)
validated = steps.validate(build, source)
scrubbed = steps.scrub(build, inputs, validated)
cleaned = steps.clean(build, scrubbed)
parts = steps.split(build, cleaned)
taught = steps.plant_canaries(build, parts)
trained = steps.fine_tune(build, inputs, taught)
done = steps.Steps(source, validated, scrubbed, cleaned, parts, taught, trained)
candidate = steps.pack(build, trained)
dossier = steps.evaluate(build, inputs, done, candidate)
for stage in build.spec.stages:
    steps.judge_stage(build, dossier, stage)
gate = steps.open_first_gate(build, candidate, dossier, steps.register(build, done, candidate, dossier))
releasing.brief(build.home, gate.id).to_json()
