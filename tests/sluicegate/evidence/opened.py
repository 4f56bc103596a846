"""Text classifiers to look into: one that is linear in its embeddings, so that answers follow by hand, and a small
BERT with random weights, packed as a candidate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.white_box import WhiteBox
from sluicegate.training.candidate import pack
from tests.sluicegate.evidence.made_up import LABELS, THINGS, WORDS

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LONGEST = 24


def tokenizer(words: Sequence[str]) -> Any:
    """One token a word; anything else is unknown."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: number for number, word in enumerate([*SPECIAL, *words])}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    )
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=LONGEST, **names)


class Linear(torch.nn.Module):
    """Logits that are sums over tokens: weights of shape (L, H) by embeddings."""

    def __init__(self, embeddings_VH: Sequence[Sequence[float]], weights_LH: Sequence[Sequence[float]]) -> None:
        super().__init__()
        self.embeddings = torch.nn.Embedding.from_pretrained(torch.tensor(embeddings_VH, dtype=torch.float32))
        self.head = torch.nn.Linear(len(weights_LH[0]), len(weights_LH), bias=False)
        self.head.weight = torch.nn.Parameter(torch.tensor(weights_LH, dtype=torch.float32), requires_grad=False)

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.embeddings

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> SimpleNamespace:
        logits_BTL = self.head(self.embeddings(input_ids))
        return SimpleNamespace(logits=(logits_BTL * attention_mask[..., None]).sum(1))


def linear_box(cosines: Mapping[str, float], mask: Sequence[float] = (0.0, 0.0)) -> WhiteBox:
    """Two labels whose log-odds are, for the second, twice the sum of the words' cosines.

    Every word's embedding has length 1; those of special tokens are 0, but for the mask's.
    """
    special = [(0.0, 0.0)] * 4 + [tuple(mask)]
    embeddings = [*special, *[(cosine, math.sqrt(1 - cosine**2)) for cosine in cosines.values()]]
    return WhiteBox(Linear(embeddings, [(-1, 0), (1, 0)]), tokenizer(list(cosines)), LONGEST, (0, 1))


def answers_of(box: WhiteBox, texts: list[str]) -> Floats:
    """What the weights say."""
    return box.probabilities(box.read(texts)) if texts else np.zeros((0, len(box.order)))


def write_bert(folder: Path, labels: Sequence[str] = LABELS, layers: int = 2) -> Path:
    """A candidate that knows the made-up rows' words and has random weights, large enough to tell texts apart."""
    from transformers import BertConfig, BertForSequenceClassification

    words = tokenizer(["a", *[word for known in WORDS.values() for word in known], *THINGS, "!", "<", ">", "script"])
    torch.manual_seed(6)  # gives every label to some of the texts
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=LONGEST, initializer_range=0.4, id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )  # fmt: skip
    model = folder.with_name(f"{folder.name}-model")
    BertForSequenceClassification(config).save_pretrained(model)
    words.save_pretrained(model)
    pack(model, folder, labels=labels, max_length_tokens=LONGEST)
    return folder
