"""Searching texts as the scrubbing processes do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sluicegate.data.scrubbing.pool import Chunk, ScrubbingPool, Setup
from sluicegate.spec import Scrubbing

Find = Callable[..., list[list[tuple[str, str, float]]]]


def section_of(value: dict[str, Any] | None = None, **changes: Any) -> Scrubbing:
    """A section with one process and no canaries."""
    return Scrubbing.model_validate({"processes": 1, "canaries": 0} | (value or {}) | changes)


@pytest.fixture(scope="session")
def pool(pipeline: Path) -> Iterator[ScrubbingPool]:
    """One process that replaces everything by the name of its type; starting one takes longer than most tests."""
    with ScrubbingPool(Setup(section_of(), str(pipeline)), 1) as pool_:
        yield pool_


@pytest.fixture(scope="session")
def silent_tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger that runs and finds nothing: its classifier says "no personal data" of every word."""
    return make_silent_tagger(tmp_path_factory.mktemp("tagger"))


def make_silent_tagger(folder: Path) -> Path:
    """Writes such a tagger to `folder`."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForTokenClassification

    words = {word: i for i, word in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]"))}
    tokenizer = Tokenizer(models.WordPiece(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    labels = dict(enumerate(("O", "PERSON", "LOCATION")))
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    names = {"id2label": labels, "label2id": {label: i for i, label in labels.items()}}
    model = BertForTokenClassification(BertConfig(vocab_size=4, max_position_embeddings=64, **sizes, **names))
    with torch.no_grad():
        model.classifier.bias[0] = 1000.0
    model.save_pretrained(folder)
    return folder


@pytest.fixture
def find(pipeline: Path, pool: ScrubbingPool) -> Find:
    """What is found in texts: for each, the words, their type and the score."""

    def find_(texts: Sequence[str], recognizers: Path | None = None, **section: Any) -> list[Any]:
        chunk = Chunk("find", list(texts))
        if recognizers is None and not section:
            (answer,) = pool.ask([chunk])
        else:
            with ScrubbingPool(Setup(section_of(section), str(pipeline), recognizers), 1) as own:
                (answer,) = own.ask([chunk])
        return [
            [(text[start:end], entity, score) for start, end, entity, score in spans]
            for text, spans in zip(texts, answer["spans"], strict=True)
        ]

    return find_
