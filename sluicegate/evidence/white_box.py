"""A text classifier opened up: its own bytes, loaded so that gradients reach the embeddings of the words.

What a candidate answers is said by its own loader; what its gradients are, only its weights can say. So both are
asked about the same texts first. Where they do not agree, the weights are not what answers, and nothing is
concluded from their gradients.

Embeddings take the place of what the layer of word embeddings gives, while the model is asked about the tokens: so
positions, token types, padding and what else a model makes of its tokens are as they always are.

Shapes: S texts, B texts of a batch, T tokens, H width of an embedding, L labels.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sluicegate.errors import InputRefused
from sluicegate.evidence.predictions import labels_of, task_of
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.token_budget import by_length, within_budget

TOLERANCE = 1e-3
"""By how much a probability may be another than the loader's."""
MOST_TOKENS = 2_000
"""Tokens of the texts on which weights and loader are compared."""
_AT_ONCE = 4_096


@dataclass(frozen=True)
class Opaque:
    """A candidate that cannot be looked into."""

    why: str


@dataclass(frozen=True)
class Reading:
    """A text as the candidate reads it."""

    ids: tuple[int, ...]
    """Its tokens, those that the tokenizer adds included."""
    offsets: tuple[tuple[int, int], ...]
    """Of each token, where in the text it starts and ends; the same for one that was added."""

    @property
    def own(self) -> tuple[bool, ...]:
        """Whether each token stands for a part of the text."""
        return tuple(end > start for start, end in self.offsets)


@dataclass(frozen=True)
class WhiteBox:
    """A text classifier in memory, fp32 and in evaluation mode, its weights fixed."""

    model: Any
    tokenizer: Any
    max_length_tokens: int
    order: tuple[int, ...]
    """Of each label that is asked for, which of the model's outputs it is."""

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The tokens of each text, cut where the candidate cuts."""
        if not texts:
            return []
        found = self.tokenizer(
            list(texts), truncation=True, max_length=self.max_length_tokens, return_offsets_mapping=True
        )
        pairs = zip(found["input_ids"], found["offset_mapping"], strict=True)
        return [Reading(tuple(ids), tuple((start, end) for start, end in offsets)) for ids, offsets in pairs]

    def tensors(self, readings: Sequence[Reading]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Token ids, attention mask, and which tokens stand for a part of the text; each of shape (B, T)."""
        length, fill = max(len(reading.ids) for reading in readings), self.tokenizer.pad_token_id or 0
        ids_BT = torch.full((len(readings), length), fill, dtype=torch.long)
        mask_BT, own_BT = torch.zeros_like(ids_BT), torch.zeros(len(readings), length, dtype=torch.bool)
        for row, reading in enumerate(readings):
            ids_BT[row, : len(reading.ids)] = torch.tensor(reading.ids, dtype=torch.long)
            own_BT[row, : len(reading.ids)] = torch.tensor(reading.own, dtype=torch.bool)
            mask_BT[row, : len(reading.ids)] = 1
        return ids_BT, mask_BT, own_BT

    def embed(self, ids_BT: torch.Tensor) -> torch.Tensor:
        """What the layer of word embeddings gives for the tokens, shape (B, T, H)."""
        with torch.no_grad():
            embeddings_BTH: torch.Tensor = self.model.get_input_embeddings()(ids_BT)
        return embeddings_BTH

    def logits(self, embeddings_BTH: torch.Tensor, ids_BT: torch.Tensor, mask_BT: torch.Tensor) -> torch.Tensor:
        """Logits of the labels in the order asked for, shape (B, L), with other embeddings in place of the tokens'."""
        with _instead(self.model.get_input_embeddings(), embeddings_BTH):
            logits_BL: torch.Tensor = self.model(input_ids=ids_BT, attention_mask=mask_BT).logits
        return logits_BL[:, list(self.order)]

    def probabilities(self, readings: Sequence[Reading]) -> Floats:
        """Probability of each label for each text, shape (S, L)."""
        found_SL = np.empty((len(readings), len(self.order)))
        for rows in by_length([len(reading.ids) for reading in readings], _AT_ONCE):
            ids_BT, mask_BT, _ = self.tensors([readings[row] for row in rows])
            with torch.no_grad():
                logits_BL = self.logits(self.embed(ids_BT), ids_BT, mask_BT)
            found_SL[rows] = torch.softmax(logits_BL.double(), dim=-1).numpy()
        return found_SL

    def answers_to_embeddings(self, readings: Sequence[Reading]) -> bool:
        """Whether the logits depend on what stands in the place of the tokens' embeddings."""
        ids_BT, mask_BT, _ = self.tensors(readings)
        embeddings_BTH = self.embed(ids_BT)
        others_BTH = embeddings_BTH.roll(1, dims=-1) + 1
        with torch.no_grad():
            told = [self.logits(given, ids_BT, mask_BT) for given in (embeddings_BTH, others_BTH)]
        return not torch.equal(*told)

    @property
    def baseline(self) -> tuple[str, int]:
        """The token that stands for no word: its name and id; the mask where there is one, else the padding."""
        if self.tokenizer.mask_token_id is not None:
            return "mask", int(self.tokenizer.mask_token_id)
        return "padding", int(self.tokenizer.pad_token_id or 0)


def log_odds(logits_BL: torch.Tensor, targets_B: torch.Tensor) -> torch.Tensor:
    """Logarithm of the target's probability over that of all other labels, shape (B,).

    Unlike a logit it does not change where all logits rise alike; unlike a probability its gradient does not vanish
    where the model is sure. The gradient points the same way as that of the cross-entropy.
    """
    wanted_BL = torch.nn.functional.one_hot(targets_B, logits_BL.shape[-1]).bool()
    others_BL = logits_BL.masked_fill(wanted_BL, -torch.inf)
    return logits_BL.gather(1, targets_B[:, None])[:, 0] - torch.logsumexp(others_BL, dim=-1)


def look_inside(
    candidate: Path, labels: Sequence[str], texts: Sequence[str], probabilities_SL: Floats, seed: int
) -> WhiteBox | Opaque:
    """The candidate opened up, or why it cannot be.

    Args:
        candidate: The candidate's folder, its bytes verified. Safetensors and JSON are read, and no code is run.
        labels: The labels in the order that is wanted.
        texts: Texts that its own loader was asked about.
        probabilities_SL: What that answered, by the labels as they are wanted.
        seed: Of the draw of texts on which the two are compared, `MOST_TOKENS` of them.
    """
    box = _open(candidate, labels)
    return box if isinstance(box, Opaque) else _agreeing(box, texts, probabilities_SL, seed)


def _agreeing(box: WhiteBox, texts: Sequence[str], probabilities_SL: Floats, seed: int) -> WhiteBox | Opaque:
    if not texts:
        return Opaque("there are no texts on which its weights could be compared with its own loader")
    drawn = np.random.default_rng(seed).permutation(len(texts))[:MOST_TOKENS]  # a text has a token at least
    readings = box.read([texts[row] for row in drawn])
    places = within_budget(range(len(drawn)), [len(reading.ids) for reading in readings], MOST_TOKENS)
    compared, rows = [readings[place] for place in places], drawn[list(places)]
    try:
        apart_S = np.abs(box.probabilities(compared) - probabilities_SL[rows]).max(1)
        answers = box.answers_to_embeddings(compared[:1])
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        return Opaque(f"its weights give no answers to embeddings of tokens ({type(error).__name__})")
    if not answers:
        return Opaque("other embeddings of its tokens do not change its answers, so there is nothing to attribute")
    if differing := int((~(apart_S <= TOLERANCE)).sum()):
        return Opaque(
            f"its weights and its own loader give {differing} of {len(rows)} texts probabilities that differ by more "
            f"than {TOLERANCE:g}, so gradients would say nothing about its answers"
        )
    return box


def _open(candidate: Path, labels: Sequence[str]) -> WhiteBox | Opaque:
    if (task := task_of(candidate)) != "sequence-classification":
        return Opaque(f"gradients are looked at for sequence-classification alone, not for {task}")
    try:
        own = labels_of(candidate)
        longest = int(json.loads((candidate / "candidate.json").read_text(encoding="utf-8"))["max_length_tokens"])
        model, tokenizer, missing = _load(candidate)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError, InputRefused) as error:
        return Opaque(f"its files are not those of a text classifier that transformers opens ({type(error).__name__})")
    if sorted(own) != sorted(labels) or missing:
        return Opaque("its files lack weights" if missing else "its labels are others")
    if not getattr(tokenizer, "is_fast", False):
        return Opaque("its tokenizer does not say where in the text a token stands")
    return WhiteBox(model, tokenizer, longest, tuple(own.index(label) for label in labels))


def _load(candidate: Path) -> tuple[Any, Any, bool]:
    """Model, tokenizer, and whether weights are missing."""
    import transformers
    from safetensors import SafetensorError
    from transformers.utils import logging

    local = {"local_files_only": True, "trust_remote_code": False}
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(candidate, **local)
        model, said = transformers.AutoModelForSequenceClassification.from_pretrained(
            candidate, dtype=torch.float32, use_safetensors=True, output_loading_info=True, **local
        )
        model.get_input_embeddings()  # a model without one says so here
    except (SafetensorError, NotImplementedError) as error:
        raise ValueError(str(error)) from None
    finally:
        if bars:
            logging.enable_progress_bar()
    return model.eval().requires_grad_(False), tokenizer, bool(said["missing_keys"])


@contextmanager
def _instead(layer: torch.nn.Module, embeddings_BTH: torch.Tensor) -> Iterator[None]:
    """Inside the block, the layer gives these embeddings whatever it is asked about."""
    hook = layer.register_forward_hook(lambda _module, _given, _found: embeddings_BTH)
    try:
        yield
    finally:
        hook.remove()
