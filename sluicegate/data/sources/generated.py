"""Texts that are generated rather than read: the canonical table with a further column `spans`.

The label of such a text says whether it holds ``some`` span or ``none``: nothing learns it, it makes the splits
even. Types that the spec does not name as labels are not marked.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from sluicegate.data.tables import CHUNK_ROWS
from sluicegate.spec import Data
from sluicegate.spec.sources import GeneratedSource
from sluicegate.spec.spans import Span, dump_spans

SOME, NONE = "some", "none"
"""The labels."""


def generated_columns(data: Data) -> list[str]:
    """The columns of the table, in order."""
    return ["id", "text", "label", "spans", *data.groups]


def generated_rows(source: GeneratedSource, data: Data, *, chunk: int = CHUNK_ROWS) -> Iterator[dict[str, list[str]]]:
    """The table, some rows at a time: column → values."""
    from sluicegate.data.scrubbing.corpus import texts

    wanted = set(data.labels)
    made = texts(source.texts, source.seed, source.languages)
    while rows := list(itertools.islice(made, chunk)):
        spans = [[Span(s.start, s.end, s.entity_type) for s in row.spans if s.entity_type in wanted] for row in rows]
        columns = {
            "id": [row.id for row in rows],
            "text": [row.text for row in rows],
            "label": [SOME if of else NONE for of in spans],
            "spans": [dump_spans(of) for of in spans],
            "language": [row.language for row in rows],
        }
        yield {name: columns[name] for name in generated_columns(data)}


def types_in(spans: Sequence[str]) -> Counter[str]:
    """Entity type → rows that hold it, of a column `spans`."""
    return Counter(kind for value in spans for kind in {span["entity_type"] for span in json.loads(value)})
