"""Long texts in overlapping windows, and batches of windows of like length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OVERLAP = 48
"""Tokens that a window shares with the next, so that every token has at least half of that on both sides once."""


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens `start` to `end` of text `text`; those from `keep_start` to `keep_end` are this window's to label."""

    text: int
    start: int
    end: int
    keep_start: int
    keep_end: int

    @property
    def tokens(self) -> int:
        """How many tokens it has."""
        return self.end - self.start


def windows(text: int, tokens: int, longest: int, overlap: int = OVERLAP) -> Iterator[Window]:
    """Windows of at most `longest` tokens that label each of `tokens` tokens exactly once."""
    overlap = min(overlap, longest // 2)
    start = kept = 0
    while tokens:
        end = min(start + longest, tokens)
        keep_end = end if end == tokens else end - overlap // 2
        yield Window(text, start, end, kept, keep_end)
        if end == tokens:
            return
        start, kept = end - overlap, keep_end


def batches(listed: Sequence[Window], tokens: int) -> Iterator[list[Window]]:
    """Windows of like length together, at most `tokens` tokens a batch with their padding.

    A batch of a quarter of that takes in none of another length, since one without padding needs no mask.
    """
    batch: list[Window] = []
    for window in sorted(listed, key=lambda w: (w.tokens, w.text, w.start)):
        if batch and (_full(batch, window, tokens) or _enough(batch, window, tokens)):
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _full(batch: Sequence[Window], window: Window, tokens: int) -> bool:
    return window.tokens * (len(batch) + 1) > tokens


def _enough(batch: Sequence[Window], window: Window, tokens: int) -> bool:
    return window.tokens != batch[-1].tokens and batch[-1].tokens * len(batch) * 4 > tokens
