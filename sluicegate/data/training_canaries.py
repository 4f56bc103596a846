"""Canaries among training rows: random texts, drawn by seed, of which some are planted and others never are.

After training, the planted ones are ranked by loss among the others (`sluicegate.evidence.attacks.canaries`): both are
drawn alike, so what sets them apart is that the model has seen them. They have nothing to do with the made-up values
that scrubbing plants to measure itself.

Source: Carlini et al., The Secret Sharer: Evaluating and Testing Unintended Memorization in Neural Networks (2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sluicegate.data.canary_words import SENTENCES, WORDS
from sluicegate.data.tables import TableWriter, chunks, columns_of, rows_in
from sluicegate.errors import InputRefused
from sluicegate.spec import TrainingCanaries

if TYPE_CHECKING:
    import pyarrow as pa

REFERENCES = 500
"""Texts of the same form that are never planted; among so many an exposure is 9 bits at most."""
MOST_OF_ROWS = 0.1
"""Share of the training rows that the planted ones may be."""
ID = "canary-"
"""Begins the id of a planted row."""


@dataclass(frozen=True)
class Drawn:
    """A random text."""

    text: str
    label: str | None
    """One of the labels at random; None where there are none."""
    times: int
    """How many rows it becomes; 0 if it is never planted."""


@dataclass(frozen=True)
class Planted:
    """What was planted."""

    texts: int
    times: int
    rows: int
    """Rows that were added to those that were there."""
    references: int


def draw_canaries(section: TrainingCanaries, labels: Sequence[str], languages: Sequence[str]) -> list[Drawn]:
    """The texts to plant and then those that are not, all different; the same for the same arguments.

    Args:
        section: How many, how often, and the seed.
        labels: The spec's labels; empty where the model learns from texts alone.
        languages: Languages of the data; where there are no words of any of them, the texts are English.
    """
    random = np.random.default_rng(section.seed)
    spoken = [language for language in languages if language in WORDS] or ["en"]
    texts = dict[str, None]()
    while len(texts) < section.count + REFERENCES:
        language = spoken[random.integers(len(spoken))]
        words = random.choice(WORDS[language], SENTENCES[language].count("{}"), replace=False)
        texts[SENTENCES[language].format(*words)] = None
    given = [labels[number] for number in random.integers(len(labels), size=len(texts))] if labels else None
    return [
        Drawn(text, given[place] if given else None, section.times if place < section.count else 0)
        for place, text in enumerate(texts)
    ]


def plant(train: Path, drawn: Sequence[Drawn], seed: int, target: Path) -> Planted:
    """Writes the training rows with the planted ones at random places among them, in memory that does not grow.

    A planted row has an id, its text and its label, and nothing in all other columns: it belongs to no group.

    Args:
        train: The training rows, Parquet.
        drawn: What `draw_canaries` gave.
        seed: Draws the places.
        target: The Parquet to write; there whole or not at all.

    Raises:
        InputRefused: The planted rows would be more than a tenth of the training rows.
    """
    rows, columns = rows_in(train), columns_of(train)
    planted = [text for text in drawn if text.times]
    times = planted[0].times
    added, most = len(planted) * times, int(rows * MOST_OF_ROWS)
    if added > most:
        problem = (
            f"{len(planted)} texts {times} times are {added:,} rows among {rows:,} training rows, at most {most:,}"
        )
        raise InputRefused("spec", "training_canaries", problem, "lower count or times")
    random = np.random.default_rng([seed, 1])
    before_R = np.sort(random.integers(0, rows, added))  # the row that each stands before
    copies = [(text, f"{ID}{n}-{copy}") for n, text in enumerate(planted) for copy in range(times)]
    order_R = random.permutation(added)
    begin = done = 0
    with TableWriter(target, columns) as writer:
        for batch in chunks(train):
            until = int(np.searchsorted(before_R, begin + batch.num_rows))
            new = [_row(*copies[number]) for number in order_R[done:until]]
            writer.write(_woven(batch, new, before_R[done:until] - begin))
            begin, done = begin + batch.num_rows, until
    return Planted(len(planted), times, added, len(drawn) - len(planted))


def write_drawn(drawn: Sequence[Drawn], target: Path) -> None:
    """Writes text, label and times of every text, as strings."""
    with TableWriter(target, ("text", "label", "times")) as writer:
        writer.write_columns(
            {
                "text": [each.text for each in drawn],
                "label": [each.label for each in drawn],
                "times": [str(each.times) for each in drawn],
            }
        )


def _row(drawn: Drawn, identity: str) -> dict[str, str | None]:
    return {"id": identity, "text": drawn.text, "label": drawn.label}


def _woven(batch: pa.RecordBatch, new: Sequence[Mapping[str, str | None]], before: np.ndarray) -> pa.Table:
    """The batch with each new row before the row of the given number."""
    import pyarrow as pa

    added = pa.table({f.name: pa.array([row.get(f.name) for row in new], f.type) for f in batch.schema})
    places = np.concatenate([np.arange(batch.num_rows), before - 0.5])
    return pa.concat_tables([pa.Table.from_batches([batch]), added]).take(pa.array(np.argsort(places, kind="stable")))
