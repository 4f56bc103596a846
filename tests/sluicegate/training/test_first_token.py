from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

from sluicegate.training.attention import NAME, use_plain_attention
from sluicegate.training.first_token import READS_FIRST_TOKEN, keep_first_token

SIZE = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 40,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "initializer_range": 0.3,
    "num_labels": 3,
    "pad_token_id": 1,
}
MAKES = [
    (BertForSequenceClassification, BertConfig),
    (RobertaForSequenceClassification, RobertaConfig),
    (XLMRobertaForSequenceClassification, XLMRobertaConfig),
    (ElectraForSequenceClassification, ElectraConfig),
]


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    """Rows of 9, 4 and 1 tokens."""
    mask_BT = torch.arange(9) < torch.tensor([[9], [4], [1]])
    ids_BT = torch.randint(2, 50, mask_BT.shape, generator=torch.Generator().manual_seed(0))
    return {"input_ids": ids_BT.where(mask_BT, 1), "attention_mask": mask_BT.long()}


def made(model_class: Any, config: Any, **size: Any) -> Any:
    torch.manual_seed(3)
    return model_class(config(**{**SIZE, **size})).train()


def gradients(model: Any, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    logits = model(**batch).logits
    torch.nn.functional.cross_entropy(logits, torch.tensor([0, 2, 1])).backward()
    return logits, {name: parameter.grad for name, parameter in model.named_parameters()}


def test_every_make_of_the_table_is_tried() -> None:
    assert {model_class.__name__ for model_class, _ in MAKES} == set(READS_FIRST_TOKEN)


@pytest.mark.parametrize("attention", ["eager", "sdpa", NAME])
@pytest.mark.parametrize(("model_class", "config"), MAKES)
def test_outputs_and_gradients_are_those_of_the_whole_layer(
    model_class: Any, config: Any, attention: str, batch: dict[str, torch.Tensor]
) -> None:
    whole = made(model_class, config)
    first = deepcopy(whole)
    if attention == NAME:
        assert use_plain_attention(first)
    else:
        first.set_attn_implementation(attention)
    assert keep_first_token(first)

    (logits, of_whole), (same, of_first) = gradients(whole, batch), gradients(first, batch)

    torch.testing.assert_close(same, logits, rtol=1e-5, atol=1e-6)
    assert of_first.keys() == of_whole.keys()
    for name, gradient in of_whole.items():
        torch.testing.assert_close(of_first[name], gradient, rtol=1e-4, atol=1e-6, msg=name)


def test_the_last_layer_gives_one_token_a_row_and_the_others_all(batch: dict[str, torch.Tensor]) -> None:
    model = made(BertForSequenceClassification, BertConfig)
    keep_first_token(model)
    shapes = []
    for layer in model.bert.encoder.layer:
        layer.intermediate.register_forward_hook(lambda _, values, __: shapes.append(tuple(values[0].shape)))

    model(**batch)

    assert shapes == [(3, 9, 16), (3, 9, 16), (3, 1, 16)]


def test_names_and_weights_stay(batch: dict[str, torch.Tensor]) -> None:
    model = made(BertForSequenceClassification, BertConfig)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    keep_first_token(model)

    after = model.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], weight) for name, weight in before.items())


@pytest.mark.parametrize("causal", [False, True])
def test_other_makes_are_left_alone(causal: bool) -> None:
    if causal:  # a decoder's first token sees no other
        model = made(BertForSequenceClassification, BertConfig, is_decoder=True)
    else:
        model = DistilBertForSequenceClassification(DistilBertConfig(dim=16, hidden_dim=32, n_heads=2, n_layers=1))

    assert not keep_first_token(model)
    assert not use_plain_attention(model)
