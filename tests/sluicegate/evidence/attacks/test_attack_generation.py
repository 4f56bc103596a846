from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizerFast,
    BloomConfig,
    GPT2Config,
    GPT2LMHeadModel,
    RobertaConfig,
)

from sluicegate.evidence.attacks.base_features import base_features, longest_of
from sluicegate.evidence.attacks.continuations import continuations
from sluicegate.evidence.attacks.extraction import Question, measure_extraction
from sluicegate.evidence.resampling import Resampling

PREFIXES = [[5, 6, 7, 8], [9, 4, 3, 2], [1, 1, 2, 30]]


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("gpt2")
    config = GPT2Config(vocab_size=40, n_positions=64, n_embd=16, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0)
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def test_each_token_is_the_most_probable_one_after_those_before(gpt2: Path) -> None:
    model = GPT2LMHeadModel.from_pretrained(gpt2).eval()

    found = continuations(gpt2, [Question(prefix, []) for prefix in PREFIXES], 6)

    for prefix, written in zip(PREFIXES, found, strict=True):
        tokens = list(prefix)
        for token in written:
            logits = model(torch.tensor([tokens])).logits[0, -1]
            logits[0] = -torch.inf  # the text's end, which is not to come before all are written
            assert token == int(logits.argmax())
            tokens.append(token)
        assert len(written) == 6


def test_what_the_model_writes_of_itself_counts_as_extracted(gpt2: Path) -> None:
    prefixes = [[row % 39 + 1, 2, row % 7 + 1, 5] for row in range(40)]
    written = continuations(gpt2, [Question(prefix, []) for prefix in prefixes], 6)
    known = [Question(prefix, tokens) for prefix, tokens in zip(prefixes, written, strict=True)]
    unknown = [Question(prefix, [39, 38, 39, 38, 39, 38]) for prefix in prefixes]

    findings, _ = measure_extraction(known, written, unknown, written, Resampling(40, 100, 0.95, 0), run=6)

    assert [finding.value for finding in findings] == [1.0, 1.0]


def test_prefixes_of_unequal_length_are_a_mistake(gpt2: Path) -> None:
    with pytest.raises(ValueError, match="equally long"):
        continuations(gpt2, [Question([1], []), Question([1, 2], [])], 3)
    assert continuations(gpt2, [], 3) == []


def test_features_are_means_over_a_texts_own_tokens_whatever_is_beside_it(tmp_path: Path) -> None:
    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "warm", "cold", "soup", "tea"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab=str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    config = BertConfig(
        vocab_size=len(words), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    model = BertModel(config).eval()
    model.save_pretrained(tmp_path)
    texts = ["warm soup", "cold cold tea soup warm", "tea"]

    found = base_features(tmp_path, texts)

    with torch.inference_mode():
        alone = model(torch.tensor([[2, 5, 7, 3]])).last_hidden_state[0].mean(0).double().numpy()
    assert np.abs(found[0] - alone).max() < 1e-5
    assert np.abs(base_features(tmp_path, texts[::-1])[::-1] - found).max() < 1e-5


def test_a_base_model_that_reads_little_is_asked_for_no_more(tmp_path: Path) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "tea"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab=str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    config = BertConfig(
        vocab_size=len(words), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=12,
    )  # fmt: skip
    BertModel(config).save_pretrained(tmp_path)
    assert np.isfinite(base_features(tmp_path, ["tea " * 40, "tea"])).all()


def test_positions_that_begin_behind_the_padding_are_not_counted() -> None:
    assert longest_of(BertConfig(max_position_embeddings=64)) == 64
    assert longest_of(RobertaConfig(max_position_embeddings=514, pad_token_id=1)) == 512
    assert longest_of(BloomConfig()) is None


def test_without_a_base_model_features_are_of_terms() -> None:
    found = base_features(None, ["warm soup", "warm soup", "cold tea"])
    assert (found[0] == found[1]).all()
    assert not (found[0] == found[2]).all()
