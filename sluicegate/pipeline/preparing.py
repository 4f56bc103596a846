"""The data half: source, validation, scrubbing, cleaning, split; each step keyed by content.

Every step leaves a ``passage.json``: how many rows it took and passed on, why it dropped the others, and the
digest of the rows. The next step is keyed by that digest, and the data sheet is made of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sluicegate.data import splits
from sluicegate.data.datasheet import Passage, data_sheet
from sluicegate.data.hygiene import table as hygiene
from sluicegate.data.images import hygiene as image_hygiene
from sluicegate.data.images import scrubbing as images
from sluicegate.data.libraries import DATA_LIBRARIES
from sluicegate.data.licences import Terms, narrowest, not_told, reach_number, standing, tells_licences_alone
from sluicegate.data.row_digest import digest_of_rows
from sluicegate.data.scrubbing import table as scrubbing
from sluicegate.data.sources import reading as sources
from sluicegate.data.sources.private import scratch_in
from sluicegate.data.tables import columns_of, database, rows_in
from sluicegate.data.validation import table as validation
from sluicegate.data.vault import plain_folder
from sluicegate.errors import DataRejected
from sluicegate.manifest import digest_of_file, digest_of_value
from sluicegate.pipeline.build import Build, licence_table, scrub_key
from sluicegate.pipeline.files import read_json, write_json
from sluicegate.pipeline.inputs import Inputs
from sluicegate.pipeline.raw import raw_input, raw_keys, raw_output
from sluicegate.spec import GeneratedSource
from sluicegate.steps import Step, code_version, run_step

PARTS = ("train", "validation", "test")
PASSAGE = "passage.json"


def read_source(build: Build) -> Step:
    """The rows as the canonical table (``table.parquet``), and those that could not be read (``refused.parquet``)."""
    data, resolve, inputs = build.spec.data, build.loaded.resolve, build.home.inputs
    with ExitStack() as stack:
        keys = raw_keys(build)
        scratch = stack.enter_context(plain_folder(keys)) if keys else None
        fingerprint = sources.fingerprint(data, resolve, inputs, build.environ, scratch=scratch)
    table = licence_table(build)

    def work(folder: Path, _key: str) -> None:
        with raw_output(build, folder) as raw:
            read = sources.read(data, resolve, inputs, build.environ, folder=raw)
            licences = _stated(raw / sources.TABLE, table)
        report = {"fingerprint": fingerprint, "licence": data.licence, **licences, **read.to_json()}
        write_json(folder / "source.json", report)
        dropped = {f"{each['kind']} ({each['column']})": int(each["rows"]) for each in read.refused}
        dropped |= {"not drawn": read.rows_not_drawn} if read.rows_not_drawn else {}
        _write(folder, Passage("source", read.rows_in_source, read.rows, dropped, read.rows_sha256))

    names = {"licences": digest_of_value(sorted(table))} if data.licence_column else {}
    return _step(build, "source", {"raw": fingerprint, **names}, data.model_dump(mode="json"), work)


def validate(build: Build, source: Step) -> Step:
    """The rows that the suite accepts (``accepted.parquet``), the quarantine, and the reports.

    Raises:
        DataRejected: The suite does not hold; the reports lie where the message says.
    """
    section = build.spec.validation
    references = {name: build.loaded.resolve(path) for name, path in section.references.items()}

    def work(folder: Path, _key: str) -> None:
        try:
            with raw_input(build, source.folder, sources.TABLE) as table, raw_output(build, folder) as raw:
                outcome = validation.validate(
                    table, build.suite_path, section, folder=raw, references=references, cluster=build.spec.cluster
                )
                dropped, digest = dict(_counts(outcome.quarantined, "reasons")), digest_of_rows(outcome.accepted)
        except DataRejected as rejected:
            report = f"report: {folder}/validation.html"
            raise DataRejected(rejected.where, rejected.field, rejected.problem, report) from None
        of = outcome.statistics
        _write(folder, Passage("validate", int(of["rows"]), int(of["accepted_rows"]), dropped, digest))

    given = {f"reference {name}": digest_of_file(path) for name, path in references.items() if path.is_file()}
    return _step(
        build,
        "validate",
        {"table": rows_sha256(source), "suite": digest_of_file(build.suite_path), **given},
        section.model_dump(mode="json", exclude={"suite"}),
        work,
    )


def scrub(build: Build, inputs: Inputs, validated: Step) -> Step:
    """The table without personal data (``scrubbed.parquet``) and the counts (``scrubbing.json``)."""
    section, key = build.spec.scrubbing, scrub_key(build)
    own = build.loaded.resolve(section.recognizers) if section.recognizers else None

    def work(folder: Path, _key: str) -> None:
        out = folder / "scrubbed.parquet"
        with raw_input(build, validated.folder, "accepted.parquet") as table:
            if isinstance(build.spec.data.source, GeneratedSource):
                out.write_bytes(table.read_bytes())
                report = {"skipped": "the texts are generated", "texts": rows_in(out)}
            elif build.spec.data.image is not None:
                report = images.scrub(table, out)
            else:
                model = inputs.named_entity_model
                found = scrubbing.scrub(
                    table, out, section, model=model, key=key, recognizers=own, cluster=build.spec.cluster
                )
                report = found.to_json()
        write_json(folder / "scrubbing.json", report)
        _write(folder, Passage("scrub", rows_in(out), rows_in(out), {}, digest_of_rows(out)))

    return _step(
        build,
        "scrub",
        {
            "table": rows_sha256(validated),
            "named_entity_model": inputs.named_entity_digest,
            "recognizers": digest_of_file(own) if own and own.is_file() else "none",
            "key": digest_of_value({"purpose": "step", "key": key.hex()}) if key else "none",
        },
        section.model_dump(
            mode="json", exclude={"processes", "key_env", "key_block", "named_entity_model", "recognizers"}
        ),
        work,
    )


def clean(build: Build, scrubbed: Step) -> Step:
    """The table without repeats and contamination (``clean.parquet``), what went and why (``dropped.parquet``)."""
    section, resolve = build.spec.hygiene, build.loaded.resolve
    named = section.contamination.evaluation if section.contamination else {}
    evaluation = {name: resolve(each.path) for name, each in named.items()}

    def work(folder: Path, _key: str) -> None:
        table = scrubbed.folder / "scrubbed.parquet"
        if build.spec.data.image is not None:
            found = image_hygiene.clean(table, folder, section)
        else:
            found = hygiene.clean(
                table, folder, section, evaluation=evaluation, resolve=resolve, cluster=build.spec.cluster
            )
        digest = digest_of_rows(folder / hygiene.CLEAN)
        _write(folder, Passage("clean", found.rows, found.kept, found.dropped, digest))

    given = {name: digest_of_file(path) for name, path in evaluation.items() if path.is_file()}
    harm = digest_of_value(hygiene.fingerprint(section.harm, resolve)) if section.harm else "none"
    return _step(
        build,
        "clean",
        {"table": rows_sha256(scrubbed), "harm": harm, **{f"evaluation {n}": digest for n, digest in given.items()}},
        section.model_dump(mode="json"),
        work,
    )


def split(build: Build, cleaned: Step) -> Step:
    """``train.parquet``, ``validation.parquet`` and ``test.parquet``; the test rows' ids are kept with them."""

    def work(folder: Path, _key: str) -> None:
        rows = sum(splits.split(cleaned.folder / hygiene.CLEAN, build.spec.split, folder).values())
        _write(folder, Passage("split", read_json(cleaned.folder / PASSAGE)["rows_out"], rows))

    return _step(build, "split", {"table": rows_sha256(cleaned)}, build.spec.split.model_dump(mode="json"), work)


def rows_of(parts: Step) -> list[dict[str, Any]]:
    """How many rows each part of a split has: ``[{"part", "rows"}, …]``."""
    return [{"part": part, "rows": rows_in(parts.folder / f"{part}.parquet")} for part in PARTS]


def rows_sha256(step: Step) -> str:
    """The digest of the rows that a step passed on; the same whether they lie in the clear or sealed."""
    return str(read_json(step.folder / PASSAGE)["sha256"])


def passages(steps: Sequence[Step]) -> list[Passage]:
    """What the steps did to the rows, in order."""
    return [Passage(**read_json(step.folder / PASSAGE)) for step in steps]


def data_reports(build: Build, steps: Sequence[Step]) -> dict[str, dict[str, Any]]:
    """What the steps source, validate, scrub, clean and split reported, the licences, and the data sheet."""
    source, validated, scrubbed, cleaned, parts = steps
    read = read_json(source.folder / "source.json")
    licences = _licences(build, read)
    origin = {
        "source": build.spec.data.source.kind,
        "licence": build.spec.data.licence,
        "duties": "; ".join(licences["data"]["duties"]) or "none",
        "digest of the source": read["fingerprint"],
        "kept encrypted": "yes" if build.spec.vault else "no",
    }
    return {
        "source": read,
        "validation": read_json(validated.folder / "validation.json"),
        "scrubbing": read_json(scrubbed.folder / "scrubbing.json"),
        "hygiene": read_json(cleaned.folder / hygiene.REPORT),
        "licences": licences,
        "sheet": data_sheet(origin, passages([source, validated, scrubbed, cleaned, parts])),
    }


def _licences(build: Build, read: Mapping[str, Any]) -> dict[str, Any]:
    """How widely the model may go: under the licences of the data and its rows, and of the base weights."""
    table, of_rows = licence_table(build), read.get("licences") or {}
    stated = [standing(each, table) for each in (build.spec.data.licence, *of_rows)]
    if (unknown := read["unknown_licences"])["rows"]:
        stated.append(not_told(unknown["rows"], unknown["values"]))
    data = narrowest(stated)
    found = {"data": data, "base_model": standing(build.spec.training.base_model_licence, table)}
    return {
        name: {**asdict(each), "duties": list(each.duties), "number": reach_number(each.reach) if each.reach else None}
        for name, each in found.items()
    }


def _step(build: Build, name: str, inputs: Mapping[str, str], section: Any, work: Any) -> Step:
    vault = build.spec.vault
    sealed = {"vault": vault.recipient} if vault else {}
    code = code_version("sluicegate.data", "sluicegate.spelling", libraries=DATA_LIBRARIES)
    return run_step(build.home.steps, name, inputs={**inputs, **sealed}, section=section, code=code, work=work)


def _write(folder: Path, passage: Passage) -> None:
    write_json(folder / PASSAGE, asdict(passage))


def _stated(table: Path, terms: Mapping[str, Terms]) -> dict[str, Any]:
    """Licence → rows that state it, and how many rows and texts there are besides, which are not shown."""
    licences: dict[str, int] = {}
    unknown = {"rows": 0, "values": 0}
    for text, rows in _counts(table, "licence"):
        if tells_licences_alone(text, terms):
            licences[text] = rows
        else:
            unknown = {"rows": unknown["rows"] + rows, "values": unknown["values"] + 1}
    return {"licences": licences, "unknown_licences": unknown}


def _counts(table: Path, column: str) -> Iterator[tuple[str, int]]:
    """The values of a column and their rows, the most frequent first; nothing if there is no such column."""
    if column not in columns_of(table):
        return
    query = f"SELECT coalesce(\"{column}\", ''), count(*) FROM read_parquet(?) GROUP BY 1 ORDER BY 2 DESC, 1"
    with scratch_in(table.parent) as scratch, database(scratch) as connection:
        found = connection.execute(query, [str(table)])
        while rows := found.fetchmany(10_000):
            yield from ((str(value), int(count)) for value, count in rows)
