"""Personal data found in texts that neither the rules nor the tagger were made from or chosen by.

`texts/another_hand.txt` is part of the project. Names in Wikipedia's prose (Wikigold, Balasuriya et al., 2009) and in
tweets and posts, rare ones on purpose (WNUT-17, Derczynski et al., 2017), are taken from ``SLUICEGATE_BENCH_DATA/ner/``
where ``wikigold.conll.txt`` and ``wnut17_test.conll`` are there.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.conll import offsets, read
from benchmarks.scrubbing import TARGET_RECALL, finds_and_rate

ANOTHER_HAND = Path(__file__).parent / "texts" / "another_hand.txt"
LOWER_AT_MOST = 0.02
"""How far recall may lie below the target that holds for the shared file."""
NAMES = {
    **{"person": "PERSON", "location": "LOCATION", "corporation": "ORGANIZATION"},
    **{"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"},
}
"""Types of these files that are personal data, and ours."""
_MARK = re.compile(r"\[\[([A-Z_]+)\|(.*?)\]\]", re.DOTALL)

Marked = tuple[str, list[tuple[int, int, str]]]
"""A text, and start, end and type of what is personal in it."""


def run(pairs: int) -> dict[str, Any]:
    """Prints recall by type on each set of texts; nothing is timed, so `pairs` is not used."""
    result = {"another hand": _measured("texts by another hand", marked(ANOTHER_HAND.read_text(encoding="utf-8")))}
    folder = Path(os.environ.get("SLUICEGATE_BENCH_DATA", ".")) / "ner"
    for name, file in (("Wikigold", "wikigold.conll.txt"), ("WNUT-17 test", "wnut17_test.conll")):
        if (folder / file).is_file():
            result[name] = _measured(f"{name}, names alone", list(tagged(folder / file)))
        else:
            print(f"not run: {name}, there is no ner/{file} in $SLUICEGATE_BENCH_DATA")
    return result


def marked(source: str) -> list[Marked]:
    """The texts of a file in which ``[[TYPE|words]]`` marks what is personal and a line of ``%%%`` parts them."""
    return [_unmarked(text.strip("\n")) for text in source.split("\n%%%\n") if not text.startswith("# ")]


def _unmarked(source: str) -> Marked:
    text, spans, at = "", [], 0
    for mark in _MARK.finditer(source):
        text += source[at : mark.start()]
        spans.append((len(text), len(text) + len(mark[2]), mark[1]))
        text, at = text + mark[2], mark.end()
    return text + source[at:], spans


def tagged(path: Path) -> Iterator[Marked]:
    """The sentences of a CoNLL file, tokens joined by spaces, with the names that are personal."""
    for tokens, entities in read(path):
        places = offsets(tokens)
        named = [entity for entity in entities if entity[2] in NAMES]
        yield " ".join(tokens), [(places[start][0], places[end - 1][1], NAMES[kind]) for start, end, kind in named]


def _measured(name: str, texts: Sequence[Marked]) -> dict[str, Any]:
    found, _ = finds_and_rate([text for text, _ in texts])
    hit, total, right, flagged = Counter[str](), Counter[str](), 0, 0
    for (_, spans), finds in zip(texts, found, strict=True):
        covered = {i for start, end, *_ in finds for i in range(start, end)}
        personal = {i for start, end, _ in spans for i in range(start, end)}
        for start, end, kind in spans:
            hit[kind] += len(covered.intersection(range(start, end)))
            total[kind] += end - start
        right, flagged = right + len(personal & covered), flagged + len(covered)
    recall, precision = sum(hit.values()) / sum(total.values()), right / flagged
    by_type = {kind: round(hit[kind] / total[kind], 4) for kind in sorted(total, key=lambda kind: -total[kind])}
    print(
        f"{name}: {len(texts)} texts, character recall {recall:.3f} (target {TARGET_RECALL - LOWER_AT_MOST:.2f}), "
        f"precision {precision:.3f}; " + ", ".join(f"{kind} {share:.3f}" for kind, share in by_type.items()),
        flush=True,
    )
    figures = {"texts": len(texts), "character_recall": round(recall, 4), "precision": round(precision, 4)}
    return figures | {"by_type": by_type}
