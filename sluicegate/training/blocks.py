"""Texts one after the other as one stream of tokens, cut into blocks of equal length.

Source: Brown et al., Language Models are Few-Shot Learners (2020), appendix B: no masking between documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def blocks(stream: Iterable[Sequence[int]], size: int, *, ahead: int = 0) -> Iterator[list[int]]:
    """The tokens of `stream` in blocks of `size`, each followed by the `ahead` tokens with which the next begins.

    Every token but the first `ahead` of all is beyond the first `ahead` of a block exactly once; only the last block
    is shorter. No more than a block is held, beside one part of `stream`.
    """
    held: list[int] = []
    for tokens in stream:
        held += tokens
        start = 0
        while len(held) - start >= size + ahead:
            yield held[start : start + size + ahead]
            start += size
        del held[:start]
    if len(held) > ahead:
        yield held
