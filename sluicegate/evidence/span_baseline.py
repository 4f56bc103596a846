"""The simple tagger that candidates are held against: every word by itself, looked up among the training rows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sluicegate.evidence.enough import why_few_rows, why_few_there
from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.span_scores import Spans, Tagged, differences, overlaps
from sluicegate.spec.spans import Span

# A Chinese character is a word of its own, for nothing else parts them.
_WORD = re.compile(r"[㐀-鿿]|[^\W㐀-鿿]+|[^\w\s]")
_MEASURES = {
    "character_f1": "other_character_f1",
    "character_f1_gain": "character_f1",
    "entity_f1_gain": "entity_f1",
}
_WHAT = "each word has the type that it had most often in the training rows; a word that was not there has none"


def measure_span_baseline(
    name: str,
    texts: Sequence[str],
    spans: Sequence[Spans],
    test_texts: Sequence[str],
    tagged: Tagged,
    at: Resampling,
    smallest: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings of the area `baseline`, and its figures as JSON.

    Args:
        name: The baseline's; only `lookup` tags tokens.
        texts: The training texts.
        spans: The true spans in each of them.
        test_texts: The test texts.
        tagged: The candidate's answers.
        at: Settings of the bootstrap.
        smallest: Of fewer rows, or fewer true entities in them, nothing is concluded.
    """
    if why := _why_not(name, tagged, smallest):
        findings = [not_evaluated(f"baseline.{measure}[{name}]", why) for measure in _MEASURES]
        return findings, {"baseline": name, "status": "not_evaluated", "why": why}
    known = learn(texts, spans)
    estimates = differences(tagged, [look_up(text, known) for text in test_texts], at)
    findings = [estimated(f"baseline.{measure}[{name}]", estimates[key], at) for measure, key in _MEASURES.items()]
    figures = {key: estimate.to_json() for key, estimate in estimates.items()}
    return findings, {"baseline": name, "status": "measured", "what": _WHAT, "estimates": figures}


def _why_not(name: str, tagged: Tagged, smallest: int) -> str:
    """Why the candidate is not held against it; empty if it is."""
    if name != "lookup":
        return f"{name} gives a whole text one label and finds no spans"
    entities = sum(len(spans) for spans in tagged.actual_N)
    return why_few_rows(len(tagged.actual_N), smallest) or why_few_there(entities, smallest)


def learn(texts: Sequence[str], spans: Sequence[Spans]) -> dict[str, str]:
    """Word → the entity type that it was part of most often; a word that mostly was part of none is left out."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for text, inside in zip(texts, spans, strict=True):
        words = [Span(start, end, word) for word, start, end in _words(text)]
        typed = {word.start: span.entity_type for span, word, _ in overlaps(inside, words)}
        for word in words:
            seen[word.entity_type][typed.get(word.start, "")] += 1
    most = {word: min(counts, key=lambda kind: (-counts[kind], kind)) for word, counts in seen.items()}
    return {word: kind for word, kind in most.items() if kind}


def look_up(text: str, known: dict[str, str]) -> list[Span]:
    """The spans of a text: known words, neighbours of one type as one."""
    found: list[Span] = []
    for word, start, end in _words(text):
        kind = known.get(word)
        if kind is None:
            continue
        joins = bool(found) and found[-1].entity_type == kind and not text[found[-1].end : start].strip()
        if joins:
            found[-1] = Span(found[-1].start, end, kind)
        else:
            found.append(Span(start, end, kind))
    return found


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _WORD.finditer(text):
        yield match[0], match.start(), match.end()
