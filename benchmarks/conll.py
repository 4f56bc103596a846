"""Files in CoNLL's format: a token and its tag a line, an empty line between sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

Entity = tuple[int, int, str]
"""First token, one past the last, type."""


def read(path: Path) -> Iterator[tuple[list[str], list[Entity]]]:
    """The tokens and entities of each sentence; an I that goes on with nothing of its type begins an entity, as B does.

    Tags may be BIO or IOB, between white space of any kind.
    """
    for sentence in path.read_text(encoding="utf-8").split("\n\n"):
        pairs = [
            line.split()[:2] for line in sentence.split("\n") if line.strip() and not line.startswith("-DOCSTART-")
        ]
        entities: list[Entity] = []
        for at, (_, tag) in enumerate(pairs):
            if tag[0] == "I" and entities and entities[-1][1:] == (at, tag[2:]):
                entities[-1] = (entities[-1][0], at + 1, tag[2:])
            elif tag != "O":
                entities.append((at, at + 1, tag[2:]))
        if pairs:
            yield [token for token, _ in pairs], entities


def offsets(tokens: list[str]) -> list[tuple[int, int]]:
    """Where each token lies in the text that they make, joined by spaces."""
    places, at = [], 0
    for token in tokens:
        places.append((at, at + len(token)))
        at += len(token) + 1
    return places
