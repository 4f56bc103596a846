from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
)

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
