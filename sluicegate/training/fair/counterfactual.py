"""Copies of texts with gendered words and names exchanged, for the training rows.

A model that has seen "she is a nurse" and "he is a nurse" with one label has less to learn from the pronoun. The
copy keeps the row's label, so this is for labels that do not depend on the gender of who is in the text. Sources:
Lu et al., Gender Bias in Neural Natural Language Processing (2020), for words; Hall Maudslay et al., It's All in
the Name (2019), for names.

What it does not do: it leaves verbs and adjectives that agree with gender as they are (English and Chinese have none),
and it knows nothing of whom a text is about; a queen on a chessboard becomes a king.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluicegate.errors import InputRefused
from sluicegate.spec.spans import Span, dump_spans, parse_spans
from sluicegate.training.fair.longest_term import find_longest
from sluicegate.training.fair.pronouns import PRONOUNS, partner
from sluicegate.training.fair.term_pairs import exchange_table
from sluicegate.training.text_edits import Edit, apply_edits, move_spans, sparing_borders

COPY_SUFFIX = "~exchanged"
"""Ends the id of a copy."""
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Augmented:
    """What became of a file's rows."""

    rows: int
    """Rows of the original."""
    copies: int
    """Rows that were added; a text in which nothing is exchanged has no copy."""


class Exchange:
    """Exchanges the terms of pairs, and the English pronouns, with their case kept.

    Args:
        pairs: As `read_pairs` gives them; the longest term that fits is taken.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._table = exchange_table(pairs)
        self._pronouns = {
            form: pronoun
            for pronoun in PRONOUNS
            for form in (pronoun, pronoun.capitalize(), pronoun.upper())
            if form not in self._table
        }
        self._terms = find_longest([*self._table, *self._pronouns])

    def swap(self, text: str, spans: Sequence[Span] = ()) -> tuple[str, list[Span]] | None:
        """The text with every term exchanged and its spans moved along; None if that changes nothing.

        A term that a span covers in part is left as it is. Where the pairs are one to one and none of the four
        ambiguous pronouns occurs, the swap of a swap is the text itself.
        """
        edits = sparing_borders([edit for edit in self._edits(text) if edit.new != text[edit.start : edit.end]], spans)
        return (apply_edits(text, edits), move_spans(spans, edits)) if edits else None

    def _edits(self, text: str) -> Iterator[Edit]:
        for match in self._terms.finditer(text):
            term = match[0]
            new = self._table[term] if term in self._table else self._pronoun(term, text, match.end())
            yield Edit(match.start(), match.end(), new)

    def _pronoun(self, form: str, text: str, end: int) -> str:
        new = partner(self._pronouns[form], text, end)
        return new.upper() if form.isupper() else new.capitalize() if form[0].isupper() else new


def write_augmented(source: Path, target: Path, exchange: Exchange) -> Augmented:
    """Writes the rows of `source` with their copies, in memory that does not grow with the file.

    A copy keeps all columns but ``text``, ``spans`` (moved) and ``id`` (with `COPY_SUFFIX`). Only training rows may
    go through this: a copy in the validation or test rows would count a text twice.

    Args:
        source: Parquet with a column text, and maybe spans and id.
        target: The Parquet to write.
        exchange: What is exchanged.

    Raises:
        InputRefused: The file cannot be read, has no column text, or a text or its spans are broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = copies = 0
    try:
        with pq.ParquetFile(source) as file:
            if "text" not in (schema := file.schema_arrow).names:
                raise InputRefused(source, "text", "there is no such column")
            with pq.ParquetWriter(target, schema) as writer:
                for batch in file.iter_batches(_ROWS_AT_ONCE):
                    writer.write_batch(batch)
                    copied = [
                        copy
                        for i, row in enumerate(batch.to_pylist(), rows + 1)
                        if (copy := _copy(row, exchange, source, i))
                    ]
                    if copied:
                        writer.write_batch(pa.RecordBatch.from_pylist(copied, schema=schema))
                    rows, copies = rows + batch.num_rows, copies + len(copied)
    except FileNotFoundError:
        raise InputRefused(source, "", "there is no such file") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise InputRefused(source, "", f"cannot be read as Parquet ({type(error).__name__})") from None
    return Augmented(rows, copies)


def _copy(row: dict[str, Any], exchange: Exchange, source: Path, number: int) -> dict[str, Any] | None:
    """The row with its text exchanged; None if that changes nothing."""
    text = row["text"]
    if not isinstance(text, str):
        raise InputRefused(source, f"text of row {number}", "is missing")
    spans = []
    if row.get("spans") is not None:
        try:
            spans = parse_spans(row["spans"], len(text))
        except (ValueError, TypeError) as error:
            raise InputRefused(source, f"spans of row {number}", str(error)) from None
    if (swapped := exchange.swap(text, spans)) is None:
        return None
    copy = {**row, "text": swapped[0]}
    if row.get("spans") is not None:
        copy["spans"] = dump_spans(swapped[1])
    if isinstance(row.get("id"), str):
        copy["id"] = row["id"] + COPY_SUFFIX
    return copy
