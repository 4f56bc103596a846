"""One scrubbing process: reads chunks of texts from standard input, writes what became of them to standard output.

Both ways one JSON object a line. First comes the set-up (the spec's section, model, recognizers, key), answered by
the entity types that are looked for or by what was refused; then chunks to be scrubbed or only searched, each
answered by what came of it or by what was refused, until the input ends. A process of its own keeps PyTorch and
spaCy out where nobody needs them (loading them takes longer than scrubbing a thousand texts), needs no pickle, and
behaves alike in a notebook, a worker thread and a script without a main guard. It dies with its parent: the input
ends, and on Linux the kernel sends a signal besides.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from sluicegate.data.scrubbing.absent import NOT_FOUND, do_without, found_again, not_found
from sluicegate.data.scrubbing.finds import Find, without_kept
from sluicegate.data.scrubbing.names import is_spacy
from sluicegate.data.scrubbing.operators import replacements
from sluicegate.errors import InputRefused, SpecRefused
from sluicegate.spec import Scrubbing

_PR_SET_PDEATHSIG = 1
_SCORE_DIGITS = 4
Span = tuple[int, int]
_REFUSALS = {"InputRefused": InputRefused, "SpecRefused": SpecRefused}


class Scrubber:
    """Finds and replaces in chunks of texts.

    Args:
        section: The spec's section.
        model: Who finds names; None takes the shipped tagger.
        recognizers: The file that `section.recognizers` names.
        key: The secret.
    """

    def __init__(self, section: Scrubbing, model: str | None, recognizers: Path | None, key: bytes | None) -> None:
        from sluicegate.data.scrubbing.analyzer import Analyzer

        self._analyzer = Analyzer(section, model, recognizers)
        self._replacements = replacements(section, self._analyzer.entity_types, key)
        self._kept = self._analyzer.entity_types - self._replacements.keys()
        self.entity_types = sorted(self._replacements)
        """Types that do not stay in the text."""

    def find(self, texts: Sequence[str]) -> dict[str, Any]:
        """Where there is personal data: ``spans``, for each text its finds as start, end, entity type, score."""
        found = [without_kept(finds, self._kept) for finds in self._analyzer.finds(texts)]
        return {"spans": [[(f.start, f.end, f.entity_type, round(f.score, _SCORE_DIGITS)) for f in fs] for fs in found]}

    def scrub(self, texts: Sequence[str]) -> dict[str, Any]:
        """The chunk's scrubbed texts and what was counted on the way.

        Returns:
            ``texts``; ``found`` and ``residual``, entity type → count; ``characters``, how many were found;
            ``changed``, texts with a find; ``residual_texts``, scrubbed texts in which a second look finds something.
        """
        scrubbed, found, characters = list(texts), Counter[str](), 0
        placeholders: dict[int, list[Span]] = {}
        for i, every in enumerate(self._analyzer.finds(texts)):
            if finds := without_kept(every, self._kept):
                scrubbed[i], placeholders[i] = self._replaced(texts[i], finds)
                found.update(find.entity_type for find in finds)
                characters += sum(find.end - find.start for find in finds)
        residual, residual_texts = self._residual(scrubbed, placeholders)
        counts = {"found": found, "residual": residual, "changed": len(placeholders), "residual_texts": residual_texts}
        return {"texts": scrubbed, "characters": characters, **counts}

    def _replaced(self, text: str, finds: Sequence[Find]) -> tuple[str, list[Span]]:
        """The text with its finds replaced, and where the replacements lie in it."""
        parts, spans, before, length = [], [], 0, 0
        for find in finds:
            put = self._replacements[find.entity_type](text[find.start : find.end])
            parts += [text[before : find.start], put]
            length += find.start - before
            spans.append((length, length + len(put)))
            before, length = find.end, length + len(put)
        return "".join([*parts, text[before:]]), spans

    def _residual(self, scrubbed: list[str], placeholders: Mapping[int, list[Span]]) -> tuple[Counter[str], int]:
        """What a second look finds outside the placeholders.

        A text without finds has none on a second look either, so only changed texts are looked at.
        """
        changed = [scrubbed[i] for i in placeholders]
        residual, texts = Counter[str](), 0
        for text, spans, every in zip(changed, placeholders.values(), self._analyzer.finds(changed), strict=True):
            finds = without_kept(every, self._kept)
            left = [f.entity_type for f in finds if _reaches_outside(text, f.start, f.end, spans)]
            residual.update(left)
            texts += bool(left)
        return residual, texts


def _reaches_outside(text: str, start: int, end: int, spans: Sequence[Span]) -> bool:
    """Whether the find covers a letter or digit that is no part of a placeholder."""
    for begin, stop in spans:  # in order
        if stop <= start:
            continue
        if begin >= end:
            break
        if any(map(str.isalnum, text[start : max(begin, start)])):
            return True
        start = min(stop, end)
    return any(map(str.isalnum, text[start:end]))


def main() -> None:
    """Serves chunks until standard input ends."""
    _die_with_parent(int(sys.argv[2]))
    sys.excepthook = _tell_without_values
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get between the answers
    setup = json.loads(sys.stdin.readline())
    try:
        scrubber = _set_up(setup)
    except (SpecRefused, InputRefused) as refused:
        return _answer(answers, _told(refused))
    _answer(answers, {"entity_types": scrubber.entity_types})
    work = {"scrub": scrubber.scrub, "find": scrubber.find}
    for line in sys.stdin:
        verb, texts = json.loads(line)
        try:
            _answer(answers, work[verb](texts))
        except SpecRefused as refused:  # a recognizer that takes too long
            _answer(answers, _told(refused))
        _give_memory_back()


def refusal(answer: Mapping[str, Any]) -> InputRefused:
    """The refusal that the process answered its set-up, or a chunk, with."""
    return _REFUSALS[answer["refused"]](*answer["args"])


def _told(refused: InputRefused) -> dict[str, Any]:
    return {"refused": type(refused).__name__, "args": [str(each) for each in refused.args]}


def _set_up(setup: dict[str, Any]) -> Scrubber:
    if not setup["torch"]:
        not_found(*NOT_FOUND)
    if not is_spacy(setup["model"]):
        do_without("spacy", "thinc")
        import sluicegate.data.scrubbing.analyzer  # noqa: F401  # Presidio, which would import PyTorch at once

        found_again("torch")  # the tagger does when it is loaded
    key = bytes.fromhex(setup["key"]) if setup["key"] else None
    recognizers = Path(setup["recognizers"]) if setup["recognizers"] else None
    return Scrubber(Scrubbing.model_validate(setup["section"]), setup["model"], recognizers, key)


def _answer(answers: TextIO, value: Mapping[str, Any]) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def _give_memory_back() -> None:
    """Texts of thousands of lengths leave holes of thousands of sizes, which glibc keeps unless it is told not to."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the call
        sys.exit(1)


def _tell_without_values(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
    """A traceback without the error's message, which may quote a text."""
    traceback.print_tb(frames)
    print(kind.__name__, file=sys.stderr)
