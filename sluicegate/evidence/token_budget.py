"""How many texts are looked at in all, and together at once, where the work goes with their tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sluicegate.evidence.scores import Indices


def within_budget(
    order: Sequence[int] | Indices, lengths_N: Sequence[int], most_tokens: int, fewest: int = 1
) -> Indices:
    """The first of `order` that have at most `most_tokens` tokens together.

    Args:
        order: Numbers of texts, in the order of a draw.
        lengths_N: Tokens of every text.
        most_tokens: Of all that are kept.
        fewest: So many are kept in any case, as far as there are any.
    """
    chosen = np.asarray(order, dtype=np.int64)
    together = np.cumsum(np.asarray(lengths_N, dtype=np.int64)[chosen])
    return chosen[: max(fewest, int((together <= most_tokens).sum()))]


def by_length(lengths_N: Sequence[int], most_tokens: int) -> Iterator[list[int]]:
    """Numbers of texts in batches of like length, each padded to `most_tokens` at most or of a single text."""
    batch: list[int] = []
    for row in sorted(range(len(lengths_N)), key=lambda row: lengths_N[row]):
        if batch and (len(batch) + 1) * lengths_N[row] > most_tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
