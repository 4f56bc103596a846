"""A file scrubbed, searched or restored, outside any run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sluicegate.data.scrubbing.encryption import Cipher
from sluicegate.data.scrubbing.files.opening import ENDINGS, chosen, opened, output
from sluicegate.data.scrubbing.operators import check_key, check_length
from sluicegate.data.scrubbing.pool import ScrubbingPool, Setup
from sluicegate.data.scrubbing.report import ScrubReport
from sluicegate.data.scrubbing.stream import Stream
from sluicegate.errors import InputRefused
from sluicegate.progress import report


@dataclass(frozen=True)
class RestoreReport:
    """What became of the tokens in a file."""

    opened: int
    """Tokens that were restored."""
    closed: int
    """What looks like a token and does not open with this key; it stays as it is."""


def scrub_file(
    source: Path,
    out: Path | None,
    setup: Setup,
    *,
    columns: Sequence[str] = (),
    force: bool = False,
    pool: ScrubbingPool | None = None,
) -> ScrubReport:
    """Writes the file with the personal data of its texts replaced.

    Args:
        source: CSV, TSV, JSON Lines, Parquet, or text with one text a line.
        out: Where it goes, in the same format; None is standard output.
        setup: Section, model, recognizers and key.
        columns: The columns with texts; none takes ``text``, or the only one that holds text.
        force: Whether a file may be replaced.
        pool: Processes with this set-up that are running already, for more files than one.

    Raises:
        InputRefused: A file cannot be read or written, or its texts cannot be told from the rest.
        DataRejected: A row cannot be read.
        Unavailable: A scrubbing process ended before its work did.
    """
    check_key(setup.section, setup.key)
    file = opened(source)
    names = chosen(file, source, columns)
    _check_format(source, out)
    stream = Stream(setup, "scrub", pool=pool)
    with output(source, out, force=force) as target, file.writer(target, names) as write:
        for rows, texts in stream.through(file.rows(names)):
            write(rows, texts)
    return stream.tally.report()


def find_in_file(
    source: Path,
    out: Path | None,
    setup: Setup,
    *,
    columns: Sequence[str] = (),
    force: bool = False,
    pool: ScrubbingPool | None = None,
) -> ScrubReport:
    """Writes where there is personal data: JSON Lines, one line a text, row by row and column by column.

    Each line is ``{"spans": [{"start", "end", "entity_type", "score"}]}``, with offsets in code points of the text; a
    missing text has none. For arguments and errors see `scrub_file`.
    """
    file = opened(source)
    names = chosen(file, source, columns)
    stream = Stream(setup, "find", pool=pool)
    with output(source, out, force=force) as target:
        for rows, found in stream.through(file.rows(names)):
            for i, spans in enumerate(zip(*found.values(), strict=True)):
                if not (isinstance(rows.payload, list) and _is_no_record(rows.payload[i])):
                    target.write(b"".join(map(_line, spans)))
    return stream.tally.report()


def restore_file(
    source: Path, out: Path | None, key: bytes, *, columns: Sequence[str] = (), force: bool = False
) -> RestoreReport:
    """Writes the file with every find restored that was encrypted under `key`; see `scrub_file`.

    Raises:
        InputRefused: There are tokens, and none of them opens with this key.
    """
    check_length(key, "key", "")
    file, cipher = opened(source), Cipher(key)
    names = chosen(file, source, columns)
    _check_format(source, out)
    opened_, closed, done = 0, 0, 0
    with output(source, out, force=force, private=True) as target, file.writer(target, names) as write:
        for rows in file.rows(names):
            restored = {
                name: [None if text is None else cipher.restore(text) for text in texts]
                for name, texts in rows.texts.items()
            }
            every = [each for column in restored.values() for each in column if each is not None]
            opened_ += sum(each.opened for each in every)
            closed += sum(each.closed for each in every)
            write(
                rows,
                {
                    name: [each.text if each is not None else None for each in column]
                    for name, column in restored.items()
                },
            )
            done += len(every)
            report("restore", done, 0, "texts")
        if closed and not opened_:
            raise InputRefused(source, "", f"none of {closed} encrypted finds opens with this key")
    return RestoreReport(opened_, closed)


def _is_no_record(record: object) -> bool:
    """Whether this is an empty line between the records of a CSV or JSON Lines file."""
    return record == [] or (isinstance(record, tuple) and record[1] is None)


def _line(spans: Sequence[Sequence[object]]) -> bytes:
    named = [dict(zip(("start", "end", "entity_type", "score"), span, strict=True)) for span in spans]
    return (json.dumps({"spans": named}) + "\n").encode()


def _check_format(source: Path, out: Path | None) -> None:
    mine = ENDINGS[source.suffix.lower()]
    if out is None and mine == "parquet":
        raise InputRefused("OUT", "", "must be named for a Parquet file")
    theirs = ENDINGS.get(out.suffix.lower()) if out is not None else None
    if theirs is not None and (
        theirs != mine or (source.suffix.lower() == ".tsv") != (str(out).lower().endswith(".tsv"))
    ):
        raise InputRefused(str(out), "", f"is to be of the same format as {source}, which its ending denies")
