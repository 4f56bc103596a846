"""Spans of a text as one tag a token: the entity type inside a span, ``O`` outside.

The tags do not mark where a span begins (IO, not BIO): neighbouring entities of one type are rare, and running
them together hides both. That halves the tags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.spec.spans import Span

OUTSIDE = "O"
NOT_TRAINED = -100
"""Tag of what teaches nothing: special tokens and padding. PyTorch's cross-entropy leaves it out."""


def tag_tokens(
    spans: Sequence[Span], offsets: Sequence[tuple[int, int]], number: Mapping[str, int]
) -> NDArray[np.int64]:
    """The tag of each token, shape (T,): that of the first span that it overlaps.

    Args:
        spans: In order, not overlapping.
        offsets: Start and end of each token in the text; an empty one is a special token.
        number: Tag → its number.
    """
    tags_T = np.full(len(offsets), number[OUTSIDE], dtype=np.int64)
    place = 0
    for token, (start, end) in enumerate(offsets):
        while place < len(spans) and spans[place].end <= start:
            place += 1
        if start == end:
            tags_T[token] = NOT_TRAINED
        elif place < len(spans) and spans[place].start < end:
            tags_T[token] = number[spans[place].entity_type]
    return tags_T
