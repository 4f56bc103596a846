"""From a type for each word to spans: whole words, joined where they belong together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

Find = tuple[int, int, str, float]
"""Start, end (code points), entity type, score."""

_SIGNS = "+#@"
"""Marks with which a find may begin."""
_EMPTY = frozenset(
    {
        *("a", "all", "also", "and", "any", "are", "but", "did", "do", "does", "each", "for", "from", "had", "has"),
        *("have", "he", "her", "here", "him", "his", "how", "i", "if", "in", "is", "it", "its", "me", "my", "nor"),
        *("not", "of", "on", "or", "our", "she", "so", "some", "than", "that", "the", "their", "them", "then"),
        *(
            "there",
            "these",
            "they",
            "this",
            "those",
            "to",
            "us",
            "very",
            "was",
            "we",
            "were",
            "what",
            "when",
            "where",
            "who",
        ),
        *("why", "with", "would", "you", "your", "I", "They", "We", "My", "Your", "This", "That"),
    }
)
"""Words that no find begins or ends with."""
_JOINER = re.compile(r"[-'’.&/ ]{1,2}")
_FIRST, _LAST = re.compile(r"[A-Za-z]+(?![^\W_]|['’.-])"), re.compile(r"(?<![^\W_'’-])[A-Za-z]+\Z")
_PART = re.compile(r"[-‐'’](?!s\b)(?=[^\W\d_])")
_ENDS_IN_PART = re.compile(r"[^\W\d_][-‐'’]$")
_LINES_BELONG = frozenset({"ADDRESS"})
"""Types that may run over a line end."""
_NEAR = 3
"""Characters without letters or digits that may lie between two pieces of one address."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text with its likeliest type ("O" for none) and that type's probability."""

    start: int
    end: int
    label: str
    score: float


def finds(text: str, words: Sequence[Word]) -> list[Find]:
    """The spans of `words` that are personal data, in order and apart."""
    joined = _joined(text, words)
    return [find for find in (_trimmed(text, word) for word in _grown(text, joined)) if find]


def _joined(text: str, words: Iterable[Word]) -> list[Word]:
    found: list[Word] = []
    counts: list[int] = []
    for word in words:
        if word.label == "O":
            continue
        if found and found[-1].label == word.label and _belong(text[found[-1].end : word.start], word.label):
            last, n = found[-1], counts[-1]
            found[-1] = replace(last, end=word.end, score=(last.score * n + word.score) / (n + 1))
            counts[-1] += 1
        else:
            found.append(word)
            counts.append(1)
    return found


def _belong(gap: str, label: str) -> bool:
    if not gap:
        return True
    if label in _LINES_BELONG:
        return len(gap) <= _NEAR and not any(c.isalnum() for c in gap)
    if "\n" in gap:
        return False
    return not gap.strip() or (label == "PERSON" and _JOINER.fullmatch(gap) is not None and not gap.endswith(" "))


def _grown(text: str, words: Sequence[Word]) -> list[Word]:
    """Names take in the rest of a hyphenated word, so that no half of one stays visible; "'s" stays outside."""
    grown: list[Word] = []
    for at, word in enumerate(words):
        if word.label == "PERSON":
            limit = words[at + 1].start if at + 1 < len(words) else len(text)
            end, start = word.end, word.start
            while (part := _PART.match(text, end)) and end < limit:
                end = part.end()
                while end < limit and text[end].isalpha():
                    end += 1
            floor = grown[-1].end if grown else 0
            while start - 2 >= floor and _ENDS_IN_PART.search(text[max(floor, start - 2) : start]):
                start -= 1
                while start > floor and text[start - 1].isalpha():
                    start -= 1
            word = replace(word, start=start, end=end)
        grown.append(word)
    return grown


def _trimmed(text: str, word: Word) -> Find | None:
    start, end = _without_edge(text, word.start, word.end)
    while (head := _FIRST.match(text, start, end)) and head[0] in _EMPTY:
        start, end = _without_edge(text, head.end(), end)
    while (tail := _LAST.search(text, start, end)) and tail[0] in _EMPTY:
        start, end = _without_edge(text, start, tail.start())
    if not any(c.isalnum() for c in text[start:end]):
        return None
    return start, end, word.label, word.score


def _without_edge(text: str, start: int, end: int) -> tuple[int, int]:
    """Without marks, white space and pictures at the edges; a full stop stays right behind its word."""
    while start < end and not (_is_of_word(text[start]) or text[start] in _SIGNS):
        start += 1
    while end > start and not (_is_of_word(text[end - 1]) or (text[end - 1] == "." and _is_of_word(text[end - 2]))):
        end -= 1
    return start, end


def _is_of_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"
