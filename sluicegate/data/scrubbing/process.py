"""One scrubbing process: reads chunks of texts from standard input, writes them scrubbed to standard output.

Both ways one JSON object a line. First comes the set-up (pipeline, entity types with their operators,
threshold, key), answered by ``{"ready": true}`` or by what was refused; then chunks, until the input ends.
A process of its own keeps PyTorch out (loading it takes longer than scrubbing a thousand texts), needs no
pickle, and behaves alike in a notebook, a worker thread and a script without a main guard. It dies with its
parent: the input ends, and on Linux the kernel sends a signal besides.
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
from types import TracebackType
from typing import Any, TextIO

from pydantic import TypeAdapter

from sluicegate.data.scrubbing.operators import Replacement, replacements
from sluicegate.errors import InputRefused, SpecRefused
from sluicegate.spec import Operator

_PR_SET_PDEATHSIG = 1
Span = tuple[int, int]
_REFUSALS = {"InputRefused": InputRefused, "SpecRefused": SpecRefused}


class Scrubber:
    """Finds and replaces in chunks of texts."""

    def __init__(self, model: str, operators: Mapping[str, Replacement], score_threshold: float) -> None:
        from presidio_anonymizer import AnonymizerEngine
        from presidio_anonymizer.entities import OperatorConfig

        from sluicegate.data.scrubbing.analyzer import Analyzer

        self._analyzer = Analyzer(model, list(operators), score_threshold)
        self._anonymizer = AnonymizerEngine()
        self._operators = {e: OperatorConfig("custom", {"lambda": put}) for e, put in operators.items()}

    def scrub(self, texts: Sequence[str]) -> dict[str, Any]:
        """The chunk's scrubbed texts and what was counted on the way.

        Returns:
            ``texts``; ``found`` and ``residual``, entity type → count; ``changed``, texts with a find;
            ``residual_texts``, scrubbed texts in which a second look finds something.
        """
        scrubbed, found = list(texts), Counter[str]()
        placeholders: dict[int, list[Span]] = {}
        for i, finds in enumerate(self._analyzer.finds(texts)):
            if finds:
                result = self._anonymizer.anonymize(texts[i], finds, dict(self._operators))
                scrubbed[i] = result.text
                found.update(item.entity_type for item in result.items)
                placeholders[i] = [(item.start, item.end) for item in result.items]
        residual, residual_texts = self._residual(scrubbed, placeholders)
        counts = {"found": found, "residual": residual, "changed": len(placeholders), "residual_texts": residual_texts}
        return {"texts": scrubbed, **counts}

    def _residual(self, scrubbed: list[str], placeholders: Mapping[int, list[Span]]) -> tuple[Counter[str], int]:
        """What a second look finds outside the placeholders.

        A text without finds has none on a second look either, so only changed texts are looked at.
        """
        changed = [scrubbed[i] for i in placeholders]
        residual, texts = Counter[str](), 0
        for text, spans, finds in zip(changed, placeholders.values(), self._analyzer.finds(changed), strict=True):
            left = [f.entity_type for f in finds if _reaches_outside(text, f.start, f.end, spans)]
            residual.update(left)
            texts += bool(left)
        return residual, texts


def _reaches_outside(text: str, start: int, end: int, spans: Sequence[Span]) -> bool:
    """Whether the find covers a letter or digit that is no part of a placeholder."""
    inside = {i for begin, stop in spans for i in range(max(begin, start), min(stop, end))}
    return any(text[i].isalnum() for i in range(start, end) if i not in inside)


def main() -> None:
    """Serves chunks until standard input ends."""
    _die_with_parent(int(sys.argv[2]))
    sys.excepthook = _tell_without_values
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get between the answers
    setup = json.loads(sys.stdin.readline())
    try:
        scrubber = _set_up(setup)
    except (SpecRefused, InputRefused) as refusal:
        return _answer(answers, {"refused": type(refusal).__name__, "args": refusal.args})
    _answer(answers, {"ready": True})
    for line in sys.stdin:
        _answer(answers, scrubber.scrub(json.loads(line)))


def refusal(answer: Mapping[str, Any]) -> InputRefused:
    """The refusal that the process answered its set-up with."""
    return _REFUSALS[answer["refused"]](*answer["args"])


def _set_up(setup: dict[str, Any]) -> Scrubber:
    if not setup["torch"]:
        sys.modules.update({"torch": None, "transformers": None})  # type: ignore[dict-item]  # None makes an import fail
    operators = TypeAdapter(dict[str, Operator]).validate_python(setup["operators"])
    key = bytes.fromhex(setup["key"]) if setup["key"] else None
    return Scrubber(setup["model"], replacements(operators, key), setup["score_threshold"])


def _answer(answers: TextIO, value: Mapping[str, Any]) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the call
        sys.exit(1)


def _tell_without_values(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
    """A traceback without the error's message, which may quote a text."""
    traceback.print_tb(frames)
    print(kind.__name__, file=sys.stderr)
