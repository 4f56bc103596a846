from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizerFast,
    BloomConfig,
    GPT2Config,
    GPT2Model,
    RobertaConfig,
)

from sluicegate.evidence.base_features import BaseFeatures, longest_of
from sluicegate.evidence.resampling import Floats

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "warm", "cold", "soup", "tea"]


def write_tokenizer(folder: Path, **special: str) -> None:
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), **special).save_pretrained(folder)


def write_bert(folder: Path, longest: int = 512) -> BertModel:
    torch.manual_seed(0)
    write_tokenizer(folder)
    size = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    model = BertModel(BertConfig(vocab_size=len(WORDS), max_position_embeddings=longest, **size)).eval()
    model.save_pretrained(folder)
    return model


def features_of(features: BaseFeatures, texts: Sequence[str]) -> Floats:
    return features.of(pd.DataFrame({"text": texts}))


def test_features_are_means_over_a_texts_own_tokens_whatever_is_beside_it(tmp_path: Path) -> None:
    model = write_bert(tmp_path)
    texts = ["warm soup", "cold cold tea soup warm", "tea"]

    found = features_of(BaseFeatures(tmp_path), texts)

    with torch.inference_mode():
        alone = model(torch.tensor([[2, 5, 7, 3]])).last_hidden_state[0].mean(0).double().numpy()
    assert np.abs(found[0] - alone).max() < 1e-5
    assert np.abs(features_of(BaseFeatures(tmp_path), texts[::-1])[::-1] - found).max() < 1e-5


def test_a_text_goes_through_the_base_model_once(tmp_path: Path) -> None:
    write_bert(tmp_path)
    features = BaseFeatures(tmp_path)
    first = features_of(features, ["warm soup", "tea", "tea"])
    (tmp_path / "model.safetensors").unlink()  # so that nothing more can be computed

    assert (features_of(features, ["tea", "warm soup"]) == first[[1, 0]]).all()
    with pytest.raises(OSError, match=r"model\.safetensors"):
        features_of(features, ["tea", "cold soup"])


def test_a_base_model_that_reads_little_is_asked_for_no_more(tmp_path: Path) -> None:
    write_bert(tmp_path, longest=12)
    assert np.isfinite(features_of(BaseFeatures(tmp_path), ["tea " * 40, "tea"])).all()


def test_a_model_without_padding_reads_short_texts_as_they_are_and_an_empty_one_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    write_tokenizer(tmp_path, pad_token=None, cls_token=None, sep_token=None)
    GPT2Model(GPT2Config(vocab_size=len(WORDS), n_positions=32, n_embd=8, n_layer=1, n_head=2)).save_pretrained(
        tmp_path
    )
    texts = ["warm soup", "tea", "cold cold soup warm tea", ""]

    together = features_of(BaseFeatures(tmp_path), texts)

    alone = np.concatenate([features_of(BaseFeatures(tmp_path), [text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


def test_positions_that_begin_behind_the_padding_are_not_counted() -> None:
    assert longest_of(BertConfig(max_position_embeddings=64)) == 64
    assert longest_of(RobertaConfig(max_position_embeddings=514, pad_token_id=1)) == 512
    assert longest_of(BloomConfig()) is None


def test_texts_of_white_space_alone_all_have_the_same_features() -> None:
    found = features_of(BaseFeatures(None), [" ", "\n\t", "\u3000", ""])
    assert len(found) == 4
    assert (found == 0).all()


def test_without_a_base_model_features_are_of_terms() -> None:
    found = features_of(BaseFeatures(None), ["warm soup", "warm soup", "cold tea"])
    assert (found[0] == found[1]).all()
    assert not (found[0] == found[2]).all()
