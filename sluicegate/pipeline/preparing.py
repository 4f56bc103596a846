"""The data half: source, validation, scrubbing, split; each step keyed by content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sluicegate.data import splits
from sluicegate.data.scrubbing import table as scrubbing
from sluicegate.data.sources import reading as sources
from sluicegate.data.validation import table as validation
from sluicegate.errors import DataRejected
from sluicegate.manifest import digest_of_file, digest_of_value
from sluicegate.pipeline.build import Build, scrub_key
from sluicegate.pipeline.files import rows_in, write_json
from sluicegate.pipeline.inputs import Inputs
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


def read_source(build: Build) -> Step:
    """The rows as the canonical table: ``table.parquet``."""
    data, home = build.spec.data, build.home
    fingerprint = sources.fingerprint(data, build.loaded.resolve, home.inputs, build.environ)

    def work(folder: Path, _key: str) -> None:
        table = sources.read(data, build.loaded.resolve, home.inputs, build.environ)
        table.to_parquet(folder / "table.parquet", index=False)
        write_json(folder / "source.json", {"fingerprint": fingerprint, "rows": len(table), "licence": data.licence})

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
        write_json(folder / "scrubbing.json", scrubbed.report)

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
    return [{"part": part, "rows": rows_in(parts.folder / f"{part}.parquet")} for part in PARTS]
