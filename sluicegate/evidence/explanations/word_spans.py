"""The words of a text: what a weight is told of, and what can be left out.

A word is a placeholder of the scrubbing, a run of letters and digits, a single Chinese character, or a run of
anything else but white space. The white space behind a word goes with it.

Shapes: W words, T tokens.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import numpy as np
import regex

from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.texts import PLACEHOLDER
from sluicegate.evidence.white_box import Reading

_LETTER = r"[[\p{L}\p{M}\p{N}_]--\p{Han}]"
_OTHER = rf"(?:(?!{PLACEHOLDER.pattern})[^\s\p{{L}}\p{{M}}\p{{N}}_])"
_WORD = regex.compile(
    rf"{PLACEHOLDER.pattern}|\p{{Han}}|{_LETTER}+(?:['’]{_LETTER}+)*|{_OTHER}+",
    regex.V1,
)


class Words:
    """The words of one text, as far as they were read."""

    def __init__(self, text: str, until: int) -> None:
        """Cuts the text after the word in which position `until` lies."""
        spans = [found.span() for found in _WORD.finditer(text)]
        self._starts = [start for start, _ in spans if start < until]
        self._ends = [end for start, end in spans if start < until]
        self._text = text[: self._ends[-1]] if self._ends else ""
        self.is_cut = len(self._starts) < len(spans)
        """Whether the text goes on behind these words."""

    @classmethod
    def read(cls, text: str, reading: Reading) -> Words:
        """Those that a token stands for, and the ones between them."""
        return cls(text, max((end for _, end in reading.offsets), default=0))

    def __len__(self) -> int:
        return len(self._starts)

    def told(self) -> list[tuple[str, bool]]:
        """Each word, and whether white space follows."""
        after = [*self._starts, len(self._text)][1:]
        return [
            (self._text[start:end], end < following)
            for start, end, following in zip(self._starts, self._ends, after, strict=True)
        ]

    def text(self) -> str:
        """The text as far as it was read."""
        return self._text

    def only(self, kept: Iterable[int]) -> str:
        """The text of these words alone, in their order."""
        bounds = [*self._starts, len(self._text)]
        return "".join(self._text[bounds[word] : bounds[word + 1]] for word in sorted(kept)).strip()

    def without(self, gone: Iterable[int]) -> str:
        """The text but for these words."""
        return self.only(set(range(len(self))) - set(gone))

    def sums(self, reading: Reading, weights_T: Sequence[float] | Floats) -> Floats:
        """What the tokens of each word weigh together, shape (W,); what stands for no word is left out."""
        found_W = np.zeros(len(self))
        for (start, end), weight in zip(reading.offsets, weights_T, strict=True):
            start += len(self._text[start:end]) - len(self._text[start:end].lstrip())
            word = bisect_right(self._starts, start) - 1
            if end > start and word >= 0 and start < self._ends[word]:
                found_W[word] += weight
        return found_W
