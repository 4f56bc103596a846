"""What is measured about a candidate, where it comes from, and what the policy makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluicegate.errors import Unavailable
from sluicegate.gates.releases import current_releases, live
from sluicegate.gates.state import Release
from sluicegate.manifest import digest_of_file, digest_of_value
from sluicegate.pipeline.build import Build, lists
from sluicegate.pipeline.files import read_json
from sluicegate.pipeline.inputs import Inputs
from sluicegate.pipeline.preparing import data_reports, passages, rows_of, rows_sha256
from sluicegate.pipeline.timing import time_answers, timings
from sluicegate.pipeline.training import training_summary
from sluicegate.pipeline.training_canaries import drawn_texts, planted_summary
from sluicegate.policy import Judgement, judge, load_policy
from sluicegate.registry import archive
from sluicegate.settings import Home
from sluicegate.spec import GeneratedSource, ImageScratch, PinnedPackage, Spec
from sluicegate.spec.model import FromScratch
from sluicegate.steps import RECORD, Step, code_version, run_step

EVIDENCE_CODE = ("sluicegate.evidence", "sluicegate.spec", "sluicegate.spelling", "sluicegate.terms")
EVIDENCE_LIBRARIES = (
    "captum",
    "evidently",
    "fairlearn",
    "huggingface-hub",
    "matplotlib",
    "numpy",
    "pandas",
    "regex",
    "safetensors",
    "scipy",
    "tokenizers",
    "pillow",
    "scikit-learn",
    "torch",
    "transformers",
    "vaderSentiment",
)


@dataclass(frozen=True)
class Steps:
    """The finished steps that led to a candidate."""

    source: Step
    validated: Step
    scrubbed: Step
    cleaned: Step
    parts: Step
    taught: Step
    """What was trained on: the parts, with canaries among the training rows where the spec plants any."""
    trained: Step


def lineage(build: Build, inputs: Inputs, steps: Steps) -> dict[str, Any]:
    """Where a candidate comes from: digests, counts, licences, settings, what was done for fairness; no text."""
    spec, trained = build.spec, training_summary(steps.trained)
    validated = passages([steps.validated])[0]
    return {
        "model": spec.model,
        "description": spec.description,
        "intended_use": spec.intended_use,
        "use": spec.use.model_dump(mode="json"),
        "owner": spec.owner,
        "spec": build.loaded.path.name,
        "data": {
            **read_json(steps.source.folder / "source.json"),
            "source": _source(spec),
            "accepted": validated.rows_out,
            "quarantined": validated.rows_in - validated.rows_out,
            "parts": {row["part"]: row["rows"] for row in rows_of(steps.parts)},
            "labels": spec.data.labels,
            "groups": spec.data.groups,
            "languages": _languages(spec),
        },
        "base_model": {
            "name": _base_name(build),
            "digest": inputs.base_model_digest,
            "licence": spec.training.base_model_licence,
        },
        "training": {
            **spec.training.model_dump(mode="json", exclude={"base_model", "base_model_licence", "engine"}),
            "engine": trained["settings"]["engine"],  # with which it was trained, which may have been another run's
        },
        "fairness": trained["fairness"],
        "canaries": planted_summary(build, steps.taught),
        "steps": {name: step.folder.name for name, step in vars(steps).items()},
        "outputs": {
            "accepted": rows_sha256(steps.validated),
            "scrubbed": rows_sha256(steps.scrubbed),
            "cleaned": rows_sha256(steps.cleaned),
            **{
                part: digest_of_file(steps.parts.folder / f"{part}.parquet") for part in ("train", "validation", "test")
            },
            **({"planted": digest_of_file(steps.taught.folder / "train.parquet")} if spec.training_canaries else {}),
        },
        "reports": _reports(vars(steps)),
    }


def _reports(steps: Mapping[str, Step]) -> dict[str, str]:
    """STEP/FILE → SHA-256 of every report that the steps left."""
    return {
        f"{name}/{path.name}": digest_of_file(path)
        for name, step in steps.items()
        for path in sorted(step.folder.glob("*.json"))
        if path.name != RECORD
    }


def _base_name(build: Build) -> str:
    """A package by its pin, a folder by its own name, a hub's model by the whole of it."""
    base = build.spec.training.base_model
    if isinstance(base, PinnedPackage):
        return base.package
    if isinstance(base, FromScratch):
        size = base.scratch
        if isinstance(size, ImageScratch):
            patches = f"images of {size.image_size} pixels in patches of {size.patch_size}"
            return f"none: from scratch, {size.layers} layers, {size.hidden} wide, {patches}"
        return f"none: from scratch, {size.layers} layers, {size.hidden} wide, {size.vocabulary} word pieces at most"
    return Path(base).name if build.loaded.resolve(base).is_dir() else base


def _source(spec: Spec) -> dict[str, Any]:
    """The source without the folders of whoever built it: a dossier travels."""
    source: dict[str, Any] = spec.data.source.model_dump(mode="json", exclude_none=True)
    names_a_file = spec.data.source.kind in ("csv", "jsonl", "parquet")
    return source | {"path": Path(source["path"]).name} if names_a_file else source


def _languages(spec: Spec) -> list[str]:
    """Languages of the texts, where the spec says them; of generated texts the source does."""
    source = spec.data.source
    if isinstance(source, GeneratedSource):
        return list(source.languages)
    if "languages" in spec.evidence.model_fields_set:
        return list(spec.evidence.languages)
    return list(spec.scrubbing.languages) if "languages" in spec.scrubbing.model_fields_set else []


def evaluate(build: Build, inputs: Inputs, steps: Steps, candidate: str) -> str:
    """Measures the candidate's own bytes, keeps the dossier in the archive, and returns its digest."""
    from sluicegate.evidence.measure import LiveRelease, measure

    spec, home = build.spec, build.home
    origin, timed = lineage(build, inputs, steps), time_answers(build, steps.parts, candidate)
    origin["steps"]["latency"] = timed.folder.name
    origin["reports"] |= _reports({"latency": timed})
    present = {r.stage: r for r in current_releases(build.ledger(), spec.model) if r.candidate != candidate}
    section = {
        "evidence": spec.evidence.model_dump(mode="json"),
        "labels": spec.data.labels,
        "groups": spec.data.groups,
        "task": spec.training.task,
    }
    reports = data_reports(build, [steps.source, steps.validated, steps.scrubbed, steps.cleaned, steps.parts])
    own = lists(build)
    summary = training_summary(steps.trained)
    canaries = drawn_texts(build, steps.taught)
    reports["training"] = {"energy": summary["energy"], "privacy": summary["privacy"]}
    reports["latency"] = timings(timed)

    def work(folder: Path, _key: str) -> None:
        (folder / "dossier").mkdir(exist_ok=True)
        measure(
            candidate=archive.candidate(home, candidate),
            candidate_digest=candidate,
            split=steps.parts.folder,
            spec_evidence=spec.evidence,
            labels=spec.data.labels,
            groups=spec.data.groups,
            live=[
                LiveRelease(stage, r.candidate, archive.candidate(home, r.candidate), _split_of(home, r))
                for stage, r in present.items()
            ],
            lineage=origin,
            data_reports=reports,
            folder=folder / "dossier",
            task=spec.training.task,
            base_model=inputs.base_model,
            lists=own,
            canaries=canaries,
        )

    step = run_step(
        home.steps,
        "evaluate",
        inputs={
            "candidate": candidate,
            "lineage": digest_of_value(origin),
            "live": digest_of_value({s: r.candidate for s, r in present.items()}),
            "reports": digest_of_value(reports),
            "canaries": digest_of_file(canaries) if canaries else "none",
            "lists": digest_of_value({name: [digest_of_file(p) for p in files] for name, files in vars(own).items()}),
        },
        section=section,
        code=code_version(*EVIDENCE_CODE, libraries=EVIDENCE_LIBRARIES),
        work=work,
    )
    return archive.keep(step.folder / "dossier", home.dossiers).name


def _split_of(home: Home, release: Release) -> Path | None:
    """The split on which a released candidate was trained, if this home still has it."""
    from sluicegate.evidence.dossier import load_dossier

    try:
        origin = load_dossier(archive.dossier(home, release.dossier)).lineage
    except Unavailable:
        return None
    folder = home.steps / str(origin["steps"]["parts"])
    return folder if (folder / "train.parquet").is_file() else None


def judge_stage(build: Build, dossier: str, stage: str) -> Judgement:
    """The verdicts of this dossier under the spec's policy, for one stage."""
    from sluicegate.evidence.dossier import load_dossier

    policy = load_policy(build.policy_path, build.spec)
    in_stage = live(build.ledger(), build.spec.model, stage)
    return judge(load_dossier(archive.dossier(build.home, dossier)), policy, stage, live=in_stage)
