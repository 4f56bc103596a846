"""The script that serves a candidate; this very file is part of it and of its digest.

It needs nothing but the libraries in requirements.txt beside it. Two ways in:

    load("candidate").predict(["…"])           without MLflow: for each text a label's probabilities, its spans, or
                                               how likely it is
    mlflow.pyfunc.load_model("…")              the same as an MLflow model, logged from this code

Inputs are one column named text. What comes out follows from the task that candidate.json names: for sequence
classification the likeliest label and one probability column a label; for token classification one column spans
with JSON, a list of {start, end, entity_type, score}, offsets in code points; for a language model (causal-lm,
masked-lm) the columns log_likelihood in nats, tokens (those that it is of) and unknown_bytes (those of the text that
the vocabulary cannot spell, of which nothing is said).
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BATCH_SIZE = 64
CHUNK_TEXTS = 1000
CHUNK_TOKENS = 2048
"""Tokens of a batch for which a whole vocabulary is scored."""
HIDDEN_AT_ONCE = 7
"""Of so many neighbouring tokens one is hidden at a time: about the 15 % that a masked model was trained with."""
Found = dict[str, Any]
"""A span: start, end, entity_type, score."""
Asked = tuple[list[int], list[int], list[int]]
"""A row of tokens, the places that are asked for, and the token that should be told at each."""


class _Model:
    """A candidate in memory: fp32, evaluation mode."""

    def __init__(self, model: Any, tokenizer: Any, labels: list[str], max_length_tokens: int) -> None:
        self.labels = labels
        self._model, self._tokenizer, self._max_length_tokens = model, tokenizer, max_length_tokens

    def _batches(self, rows: Sequence[list[int]]) -> Iterator[tuple[list[int], NDArray[np.float64]]]:
        """Which rows, and their probabilities, shape (B, L) or (B, T, L); even lengths together, little padding."""
        import torch

        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        with torch.inference_mode():
            for start in range(0, len(order), BATCH_SIZE):
                chosen = order[start : start + BATCH_SIZE]
                yield chosen, self._score([rows[i] for i in chosen])

    def _score(self, rows: list[list[int]]) -> NDArray[np.float64]:
        import torch

        length = max(len(row) for row in rows)
        ids_BT = torch.full((len(rows), length), self._tokenizer.pad_token_id, dtype=torch.long)
        mask_BT = torch.zeros_like(ids_BT)
        for i, row in enumerate(rows):
            ids_BT[i, : len(row)] = torch.tensor(row, dtype=torch.long)
            mask_BT[i, : len(row)] = 1
        logits = self._model(input_ids=ids_BT, attention_mask=mask_BT).logits
        probabilities: NDArray[np.float64] = torch.softmax(logits.double(), dim=-1).numpy()
        return probabilities


class Classifier(_Model):
    """Gives a text one label."""

    def predict(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """For each text, label → probability."""
        return [dict(zip(self.labels, row, strict=True)) for row in self.predict_proba(texts).tolist()]

    def predict_proba(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float64]:
        """Probability of each label for each text; float64, shape (N, L), rows in the order of `texts`.

        `on_progress`, if given, is called with the number of texts done so far.
        """
        rows: list[list[int]] = []
        for i in range(0, len(texts), CHUNK_TEXTS):
            chunk = list(texts[i : i + CHUNK_TEXTS])
            rows += self._tokenizer(chunk, truncation=True, max_length=self._max_length_tokens)["input_ids"]
        probabilities_NL = np.zeros((len(rows), len(self.labels)), dtype=np.float64)
        done = 0
        for chosen, probabilities_BL in self._batches(rows):
            probabilities_NL[chosen] = probabilities_BL
            done += len(chosen)
            if on_progress is not None:
                on_progress(done)
        return probabilities_NL


class Tagger(_Model):
    """Finds spans of a text and says of which entity type each is. Tag 0 stands for none; tag i + 1 for label i."""

    def predict(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> list[list[Found]]:
        """The spans of each text, in order, not overlapping; neighbouring words of one type are one span.

        A text longer than the model reads is read in windows that overlap by half. `on_progress`, if given, is
        called with the number of texts done so far.
        """
        found: list[list[Found]] = []
        for i in range(0, len(texts), CHUNK_TEXTS):
            found += self._find(list(texts[i : i + CHUNK_TEXTS]))
            if on_progress is not None:
                on_progress(len(found))
        return found

    def _find(self, texts: list[str]) -> list[list[Found]]:
        encoded = self._tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        tokens = encoded["input_ids"]
        begins, ends = [self._tokenizer.cls_token_id], [self._tokenizer.sep_token_id]
        width = self._max_length_tokens - 2
        windows = [(n, start) for n, row in enumerate(tokens) for start in _starts(len(row), width)]
        rows = [[*begins, *tokens[n][start : start + width], *ends] for n, start in windows]
        read: list[NDArray[np.float64]] = [np.zeros(0)] * len(rows)
        for chosen, probabilities_BTL in self._batches(rows):
            for place, row in enumerate(chosen):
                read[row] = probabilities_BTL[place, 1 : len(rows[row]) - 1]
        tagged = [np.zeros((len(row), len(self.labels) + 1)) for row in tokens]
        for (n, start), probabilities_TL in zip(windows, read, strict=True):
            skipped = width // 4 if start else 0  # what another window sees more of on both sides
            tagged[n][start + skipped : start + len(probabilities_TL)] = probabilities_TL[skipped:]
        return [
            self._spans(tagged[n], encoded["offset_mapping"][n], encoded.word_ids(n)) if tokens[n] else []
            for n in range(len(texts))
        ]

    def _spans(
        self, probabilities_TL: NDArray[np.float64], offsets: list[tuple[int, int]], words: list[int]
    ) -> list[Found]:
        """Spans of one text; the pieces of a word decide together."""
        starts_W = np.flatnonzero(np.diff(words, prepend=-1))
        counts_W = np.diff(starts_W, append=len(words))
        probabilities_WL = np.add.reduceat(probabilities_TL, starts_W) / counts_W[:, None]
        found: list[Found] = []
        before = 0
        for first, count, probabilities_L in zip(starts_W, counts_W, probabilities_WL, strict=True):
            tag = int(probabilities_L.argmax())
            start, end, score = offsets[first][0], offsets[first + count - 1][1], float(probabilities_L[tag])
            if tag and tag == before:
                found[-1] |= {"end": end, "score": min(found[-1]["score"], score)}
            elif tag:
                found.append({"start": start, "end": end, "entity_type": self.labels[tag - 1], "score": score})
            before = tag
        for span in found:
            span["score"] = round(span["score"], 4)
        return found


class LanguageModel(_Model):
    """Says how likely texts are.

    A causal model tells each token from those before it, and the text's end: together the likelihood of the text. A
    masked one tells each from those on both sides, while every seventh is hidden: a pseudo-likelihood (Salazar et al.,
    Masked Language Model Scoring, 2020, where one is hidden at a time), not to be compared with a causal model's.
    """

    masked = False

    def predict(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> list[dict[str, Any]]:
        """For each text log_likelihood (nats), tokens and unknown_bytes.

        A text longer than the model reads is read in windows that overlap by half. `on_progress`, if given, is
        called with the number of texts done so far.
        """
        found: list[dict[str, Any]] = []
        for i in range(0, len(texts), CHUNK_TEXTS):
            found += self._score_texts(list(texts[i : i + CHUNK_TEXTS]))
            if on_progress is not None:
                on_progress(len(found))
        return found

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text of which the likelihood is told, in order."""
        chunks = (texts[i : i + CHUNK_TEXTS] for i in range(0, len(texts), CHUNK_TEXTS))
        return [told for chunk in chunks for told in self._read(chunk)[1]]

    def _read(self, texts: Sequence[str]) -> tuple[list[list[int]], list[list[int]], list[int]]:
        """The tokens of each text, those that are told, and how many bytes of it are unknown."""
        encoded = self._tokenizer(list(texts), add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        rows, told, unknown = encoded["input_ids"], [], []
        for text, ids, offsets in zip(texts, rows, encoded["offset_mapping"], strict=True):
            told.append([token for token in ids if token != self._unknown] + ([] if self.masked else [self._end]))
            pairs = zip(ids, offsets, strict=True)
            unknown.append(sum(len(text[a:b].encode()) for token, (a, b) in pairs if token == self._unknown))
        return rows, told, unknown

    @property
    def _end(self) -> int:
        end = self._tokenizer.eos_token_id
        return int(self._tokenizer.sep_token_id if end is None else end)

    @property
    def _unknown(self) -> int | None:
        unknown = self._tokenizer.unk_token_id
        return None if unknown == self._end else unknown

    def _score_texts(self, texts: list[str]) -> list[dict[str, Any]]:
        rows, told, unknown = self._read(texts)
        asked, owner = [], []
        for n, row in enumerate(rows):
            of = list(self._hidden(row) if self.masked else self._following(row))
            asked += of
            owner += [n] * len(of)
        total_N = np.zeros(len(rows))
        for n, scores in zip(owner, self._answers(asked), strict=True):
            total_N[n] += scores
        return [
            {"log_likelihood": float(total), "tokens": len(of), "unknown_bytes": count}
            for total, of, count in zip(total_N, told, unknown, strict=True)
        ]

    def _following(self, row: list[int]) -> Iterator[Asked]:
        """Each token of a text, and its end, asked for once after what stands before it."""
        stream, done = [self._end, *row, self._end], 0
        for start in _starts(len(stream) - 1, self._max_length_tokens):
            stop = min(start + self._max_length_tokens, len(stream) - 1)
            places = [t for t in range(done, stop) if stream[t + 1] != self._unknown]
            yield stream[start:stop], [t - start for t in places], [stream[t + 1] for t in places]
            done = stop

    def _hidden(self, row: list[int]) -> Iterator[Asked]:
        """Each token of a text asked for once while it is hidden, with one in seven of the others."""
        first = [] if self._tokenizer.cls_token_id is None else [self._tokenizer.cls_token_id]
        width = self._max_length_tokens - len(first) - 1
        done = 0
        starts = _starts(len(row), width)
        for start, after in itertools.zip_longest(starts, starts[1:]):
            stop = len(row) if after is None else after + width // 4  # the next window sees more of what follows
            window = row[start : start + width]
            for turn in range(min(HIDDEN_AT_ONCE, stop - done)):
                places = [t for t in range(done + turn, stop, HIDDEN_AT_ONCE) if row[t] != self._unknown]
                ids = [*first, *window, self._end]
                for place in places:
                    ids[place - start + len(first)] = self._tokenizer.mask_token_id
                if places:
                    yield ids, [place - start + len(first) for place in places], [row[place] for place in places]
            done = stop

    def _answers(self, asked: list[Asked]) -> list[float]:
        """The log-likelihood of each row's tokens together, in nats."""
        import torch

        order = sorted(range(len(asked)), key=lambda i: len(asked[i][0]))
        found = [0.0] * len(asked)
        with torch.inference_mode():
            while order:
                longest = len(asked[order[-1]][0])
                count = max(1, CHUNK_TOKENS // longest)
                order, chosen = order[:-count], order[-count:]
                for i, score in zip(chosen, self._told([asked[i] for i in chosen]), strict=True):
                    found[i] = score
        return found

    def _told(self, asked: list[Asked]) -> list[float]:
        import torch

        length, fill = max(len(ids) for ids, _, _ in asked), self._tokenizer.pad_token_id or 0
        ids_BT = torch.tensor([[*ids, *[fill] * (length - len(ids))] for ids, _, _ in asked])
        mask_BT = torch.tensor([[1] * len(ids) + [0] * (length - len(ids)) for ids, _, _ in asked])
        logits = self._model(input_ids=ids_BT, attention_mask=mask_BT).logits
        at = torch.tensor([(row, place) for row, (_, places, _) in enumerate(asked) for place in places])
        if not len(at):
            return [0.0] * len(asked)
        targets = torch.tensor([token for _, _, tokens in asked for token in tokens])
        scores = torch.log_softmax(logits[at[:, 0], at[:, 1]].float(), dim=-1).gather(1, targets[:, None])[:, 0]
        sums: list[float] = (
            torch.zeros(len(asked), dtype=torch.float64).index_add(0, at[:, 0], scores.double()).tolist()
        )
        return sums


class MaskedLanguageModel(LanguageModel):
    """The same of a masked model."""

    masked = True


def _starts(length: int, width: int) -> list[int]:
    """Where the windows of a row of tokens start: one for a row that fits, none for an empty one."""
    if length <= width:
        return [0] if length else []
    return [*range(0, length - width, width // 2), length - width]


_TASKS: dict[str, tuple[str, type[_Model]]] = {
    "sequence-classification": ("AutoModelForSequenceClassification", Classifier),
    "token-classification": ("AutoModelForTokenClassification", Tagger),
    "causal-lm": ("AutoModelForCausalLM", LanguageModel),
    "masked-lm": ("AutoModelForMaskedLM", MaskedLanguageModel),
}
"""Task → what transformers loads it with, and what serves it."""


def load(folder: Path | str) -> Any:
    """The model whose files are in `folder`. Only safetensors and JSON are read; no code but this runs.

    Raises:
        ValueError: Weights are missing, in the place of which there would be random ones.
    """
    import torch
    import transformers
    from transformers.utils import logging

    folder = Path(folder)
    card = json.loads((folder / "candidate.json").read_text(encoding="utf-8"))
    auto, made = _TASKS[card["task"]]
    local: dict[str, bool] = {"local_files_only": True, "trust_remote_code": False}
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **local)
        model, said = getattr(transformers, auto).from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True, **local
        )
    finally:
        if bars:
            logging.enable_progress_bar()
    if missing := sorted(said["missing_keys"]):
        raise ValueError(f"{folder}: has no weights for {', '.join(missing[:3])}")
    return made(model.eval(), tokenizer, card["labels"], card["max_length_tokens"])


if "mlflow.pyfunc" in sys.modules:  # MLflow runs this script; anybody else need not have MLflow
    import mlflow
    import pandas as pd

    class Candidate(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        """The candidate as an MLflow model; its folder is the artifact named candidate."""

        def load_context(self, context: Any) -> None:
            """Loads the candidate's files."""
            self.model = load(context.artifacts["candidate"])

        def predict(
            self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
        ) -> pd.DataFrame:
            """Label and probabilities, spans, or likelihoods, for each row of a data frame with a column text."""
            texts = [str(text) for text in model_input["text"]]
            if isinstance(self.model, Tagger):
                spans = [json.dumps(found) for found in self.model.predict(texts)]
                return pd.DataFrame({"spans": spans}, index=model_input.index)
            if isinstance(self.model, LanguageModel):
                columns = ["log_likelihood", "tokens", "unknown_bytes"]
                return pd.DataFrame(self.model.predict(texts), columns=columns, index=model_input.index)
            probabilities_NL = self.model.predict_proba(texts)
            labels = np.asarray(self.model.labels, dtype=object)
            answer = pd.DataFrame(probabilities_NL, columns=self.model.labels, index=model_input.index)
            answer.insert(0, "label", labels[probabilities_NL.argmax(axis=1)])
            return answer

    mlflow.models.set_model(Candidate())
