"""What a candidate says about the test rows, by its own loader and its own bytes.

The loader script is part of the candidate, so the digest that was verified covers the code that runs
here. It is run without leaving a byte-code file behind, which would change the candidate's folder.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sluicegate.errors import InputRefused
from sluicegate.evidence.resampling import Floats
from sluicegate.manifest import digest_of_file
from sluicegate.progress import report
from sluicegate.spec.spans import Span, spans_of

_TEXTS_A_STEP = 256
_CLASSIFIES = "sequence-classification"
_SORTS_IMAGES = "image-classification"
_TAGS = "token-classification"
_LIKELIHOODS = {"log_likelihood": "double", "tokens": "long", "unknown_bytes": "long"}
UNKNOWN_BYTE_NATS = 8 * math.log(2)
"""What a byte counts that the vocabulary cannot spell: as if it were written down as it is."""


class Classifier(Protocol):
    """What a candidate's loader gives."""

    def predict_proba(self, texts: list[Any]) -> NDArray[np.float64]:
        """Probability of each label for each text, or image, shape (N, L)."""


class Tagger(Protocol):
    """What a candidate's loader gives if it tags tokens."""

    def predict(self, texts: list[str]) -> list[list[dict[str, Any]]]:
        """The spans of each text: start, end, entity_type, score."""


class Reader(Protocol):
    """What a candidate's loader gives if it is a language model."""

    def predict(self, texts: list[str]) -> list[dict[str, Any]]:
        """Of each text: log_likelihood in nats, tokens, unknown_bytes."""

    def tokens(self, texts: list[str]) -> list[list[int]]:
        """The tokens of each text of which the likelihood is told."""


@dataclass(frozen=True)
class Likelihoods:
    """What a language model says of N texts; sums over tokens that stand in one text."""

    nats_N: Floats
    """Negative log-likelihood of each text, 8 bits for each byte that the vocabulary cannot spell."""
    tokens_N: Floats
    """Tokens that it is the likelihood of."""
    bytes_N: Floats
    """Length of each text in UTF-8."""
    unknown_N: Floats
    """Bytes that the vocabulary cannot spell."""

    @property
    def told_N(self) -> Floats:
        """The nats of the tokens alone."""
        return self.nats_N - UNKNOWN_BYTE_NATS * self.unknown_N

    def first(self, rows: int) -> Likelihoods:
        """The same of the first texts alone."""
        return Likelihoods(self.nats_N[:rows], self.tokens_N[:rows], self.bytes_N[:rows], self.unknown_N[:rows])


@dataclass(frozen=True)
class Predictions:
    """Answers for the test rows: N rows, L labels in the spec's order."""

    labels: tuple[str, ...]
    actual_N: NDArray[np.int64]
    """Index of each row's true label."""
    probabilities_NL: Floats
    """Probability of each label; rows sum to 1."""

    @property
    def given_N(self) -> NDArray[np.int64]:
        """Index of the most probable label of each row."""
        given: NDArray[np.int64] = self.probabilities_NL.argmax(1).astype(np.int64)
        return given

    def given_labels(self) -> list[str]:
        """Name of the most probable label of each row."""
        return [self.labels[index] for index in self.given_N]


class _LeavesNoByteCode(SourceFileLoader):
    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Keeps the candidate's folder as it is."""


def load_model(candidate: Path) -> Any:
    """The `Classifier` or `Tagger` that the candidate's own loader makes of its folder.

    Raises:
        InputRefused: There is no loader, or it offers no `load`.
    """
    script = candidate / "loader.py"
    if not script.is_file():
        raise InputRefused(script, "", "there is no such file, so the candidate cannot be loaded")
    name = f"sluicegate_candidate_loader_{digest_of_file(script)[:16]}"
    spec = spec_from_file_location(name, script, loader=_LeavesNoByteCode(name, str(script)))
    if spec is None or spec.loader is None:
        raise InputRefused(script, "", "is no Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while they are made
    spec.loader.exec_module(module)
    if not hasattr(module, "load"):
        raise InputRefused(script, "load", "is missing")
    return module.load(candidate)


def task_of(candidate: Path) -> str:
    """What the candidate does, from its candidate.json; sequence classification where that does not say."""
    try:
        card = json.loads((candidate / "candidate.json").read_text(encoding="utf-8"))
        return str(card.get("task", _CLASSIFIES))
    except (FileNotFoundError, ValueError, AttributeError):
        return _CLASSIFIES


def labels_of(candidate: Path) -> tuple[str, ...]:
    """The candidate's labels in the order of its outputs, from its config.json; of a tagger, the entity types.

    Raises:
        InputRefused: It does not say.
    """
    config = candidate / "config.json"
    try:
        named = json.loads(config.read_text(encoding="utf-8"))["id2label"]
        labels = tuple(str(named[str(index)]) for index in range(len(named)))
    except FileNotFoundError:
        raise InputRefused(config, "", "there is no such file, so the candidate's labels are not known") from None
    except (ValueError, KeyError, TypeError):
        raise InputRefused(config, "id2label", "does not name the labels 0, 1, …") from None
    return (
        labels if task_of(candidate) in (_CLASSIFIES, _SORTS_IMAGES) else labels[1:]
    )  # the first tag stands for no entity


def columns_of(candidate: Path) -> dict[str, str]:
    """The columns of the candidate's answers as MLflow serves them, with their types.

    They are the label and a probability a label, or spans, or likelihoods.
    """
    task = task_of(candidate)
    if task in (_CLASSIFIES, _SORTS_IMAGES):
        return {"label": "string"} | dict.fromkeys(labels_of(candidate), "double")
    return {"spans": "string"} if task == _TAGS else dict(_LIKELIHOODS)


def input_of(candidate: Path) -> str:
    """The column that the candidate is asked about, as MLflow serves it; images are files in base64."""
    return "image" if task_of(candidate) == _SORTS_IMAGES else "text"


def predict(
    candidate: Path,
    texts: Sequence[str] | Sequence[bytes],
    stage: str,
    classifier: Classifier | None = None,
    *,
    keep_improper: bool = False,
) -> Floats:
    """Probabilities of the candidate's labels, in its own order, for every text; shape (N, L).

    Args:
        candidate: The candidate's folder.
        texts: The texts, or the bytes of image files.
        stage: Name under which progress is reported.
        classifier: What its loader gave, if it has been loaded.
        keep_improper: An answer that is no probabilities is NaN throughout, for each measure to say so of itself; else
            one such answer is refused.

    Raises:
        InputRefused: The candidate's answers are no probabilities, or not one for each text and label.
    """
    classifier = classifier or load_model(candidate)
    labels = len(labels_of(candidate))
    order = np.argsort([len(text) for text in texts], kind="stable")  # alike lengths together: less padding
    found_NL = np.empty((len(texts), labels))
    for start in range(0, len(texts), _TEXTS_A_STEP):
        rows = order[start : start + _TEXTS_A_STEP]
        answer = np.asarray(classifier.predict_proba([texts[row] for row in rows]), dtype=np.float64)
        if answer.shape != (len(rows), labels) or not (keep_improper or _usable(answer).all()):
            raise InputRefused(candidate / "loader.py", "predict_proba", f"gave no probabilities of {labels} labels")
        found_NL[rows] = np.where(_usable(answer)[:, None], answer, np.nan)
        report(stage, start + len(rows), len(texts), f"{input_of(candidate)}s")
    off_one_N = np.abs(found_NL.sum(1) - 1) > 1e-3
    if off_one_N.any() and not keep_improper:
        raise InputRefused(candidate / "loader.py", "predict_proba", "gave probabilities that do not sum to 1")
    found_NL[off_one_N] = np.nan
    return found_NL


def _usable(answer_NL: Floats) -> NDArray[np.bool_]:
    """Which rows hold finite numbers of 0 or more, shape (N,)."""
    return np.asarray(np.isfinite(answer_NL).all(1) & (answer_NL >= 0).all(1), dtype=np.bool_)


def predict_spans(candidate: Path, texts: Sequence[str], stage: str, tagger: Tagger | None = None) -> list[list[Span]]:
    """The spans that a tagger finds in every text, in order.

    Args:
        candidate: The candidate's folder.
        texts: The texts.
        stage: Name under which progress is reported.
        tagger: What its loader gave, if it has been loaded.

    Raises:
        InputRefused: What it finds is outside a text, overlaps, or is of a type that it does not have.
    """
    found = list[list[Span]]()
    for spans in _answers_of_spans(candidate, texts, stage, tagger):
        if isinstance(spans, str):
            raise InputRefused(candidate / "loader.py", "predict", f"gave {spans}")
        found.append(spans)
    return found


def spans_or_none(
    candidate: Path, texts: Sequence[str], stage: str, tagger: Tagger | None = None
) -> list[list[Span] | None]:
    """The same; None where an answer cannot be used, for each measure to say so of itself."""
    found = _answers_of_spans(candidate, texts, stage, tagger)
    return [None if isinstance(spans, str) else spans for spans in found]


def why_no_spans(answers: Sequence[Sequence[Span] | None]) -> str:
    """Why nothing can be concluded from a tagger's answers; empty if all of them can be used."""
    improper = sum(answer is None for answer in answers)
    return f"{improper} of {len(answers)} answers are no spans" if improper else ""


def _answers_of_spans(
    candidate: Path, texts: Sequence[str], stage: str, tagger: Tagger | None
) -> Iterator[list[Span] | str]:
    """The spans found in each text, or what is wrong with the answer."""
    tagger = tagger or load_model(candidate)
    known = set(labels_of(candidate))
    for start in range(0, len(texts), _TEXTS_A_STEP):
        chunk = list(texts[start : start + _TEXTS_A_STEP])
        for text, answer in zip(chunk, tagger.predict(chunk), strict=True):
            try:
                spans = spans_of(answer, len(text))
            except ValueError as error:
                yield f"an answer that {error}"
            else:
                is_known = all(span.entity_type in known for span in spans)
                yield spans if is_known else "a type that is not one of its labels"
        report(stage, start + len(chunk), len(texts), "texts")


def predict_likelihoods(candidate: Path, texts: Sequence[str], stage: str) -> Likelihoods:
    """How likely a language model finds every text.

    Args:
        candidate: The candidate's folder.
        texts: The texts.
        stage: Name under which progress is reported.

    Raises:
        InputRefused: What it says are no likelihoods.
    """
    model: Reader = load_model(candidate)
    found_N3 = np.empty((len(texts), 3))
    for start in range(0, len(texts), _TEXTS_A_STEP):
        chunk = list(texts[start : start + _TEXTS_A_STEP])
        answers = model.predict(chunk)
        found_N3[start : start + len(chunk)] = [[answer[name] for name in _LIKELIHOODS] for answer in answers]
        report(stage, start + len(chunk), len(texts), "texts")
    likelihood_N, tokens_N, unknown_N = found_N3.T
    bytes_N = np.array([len(text.encode()) for text in texts], dtype=np.float64)
    if not np.isfinite(found_N3).all() or (likelihood_N > 0).any() or (found_N3[:, 1:] < 0).any():
        raise InputRefused(candidate / "loader.py", "predict", "gave what is no likelihood")
    return Likelihoods(unknown_N * UNKNOWN_BYTE_NATS - likelihood_N, tokens_N, bytes_N, unknown_N)


def tokens_of(candidate: Path, texts: Sequence[str]) -> list[list[int]]:
    """The tokens of every text of which a language model tells the likelihood, in order."""
    model: Reader = load_model(candidate)
    return model.tokens(list(texts))


def arrange(probabilities_NL: Floats, own: Sequence[str], wanted: Sequence[str]) -> Floats | None:
    """The same probabilities with the labels in the order `wanted`; None if they are other labels."""
    if sorted(own) != sorted(wanted):
        return None
    return probabilities_NL[:, [list(own).index(label) for label in wanted]]


def write_predictions(table: pd.DataFrame, predictions: Predictions, groups: Sequence[str], path: Path) -> None:
    """Writes id, label, groups, predicted label and probabilities of every row; never a text."""
    kept = table[["id", "label", *groups]].copy()
    kept["predicted"] = predictions.given_labels()
    for index, label in enumerate(predictions.labels):
        kept[f"probability[{label}]"] = predictions.probabilities_NL[:, index]
    kept.to_parquet(path, index=False)
