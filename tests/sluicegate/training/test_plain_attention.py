from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertForTokenClassification

from sluicegate.training.attention import attend, use_plain_attention
from sluicegate.training.dropout import CoinSource, Dropout, replace_dropout

VERY_LOW = torch.finfo(torch.float32).min


def projections(*, queries: int = 5) -> list[torch.Tensor]:
    """Queries, keys and values as a model hands them over: transposed, not contiguous."""
    draw = torch.Generator().manual_seed(0)
    return [torch.randn(2, n, 3, 4, generator=draw).transpose(1, 2) for n in (queries, 5, 5)]


@pytest.mark.parametrize("queries", [5, 1])
@pytest.mark.parametrize("masked", [False, True])
def test_it_is_scaled_dot_product_attention(queries: int, masked: bool) -> None:
    query, key, value = projections(queries=queries)
    mask = torch.zeros(2, 1, 1, 5)
    mask[1, ..., 3:] = VERY_LOW
    mask = mask if masked else None

    found, _ = attend(nn.Module(), query, key, value, mask, scaling=0.3)

    wanted = functional.scaled_dot_product_attention(query, key, value, mask, scale=0.3).transpose(1, 2)
    torch.testing.assert_close(found, wanted)


def test_without_a_scale_it_is_one_over_the_root_of_the_width() -> None:
    query, key, value = projections()

    found, _ = attend(nn.Module(), query, key, value, None)

    torch.testing.assert_close(found, attend(nn.Module(), query, key, value, None, scaling=0.5)[0])


def test_hidden_tokens_change_nothing() -> None:
    query, key, value = projections()
    mask = torch.zeros(2, 1, 1, 5)
    mask[..., 3:] = VERY_LOW
    before, _ = attend(nn.Module(), query, key, value, mask)
    key[:, :, 3:], value[:, :, 3:] = 9.0, -9.0

    assert torch.equal(attend(nn.Module(), query, key, value, mask)[0], before)


def test_shares_are_dropped_by_the_module_s_own_coins() -> None:
    coins = CoinSource()
    module = nn.Module()
    module.dropout = Dropout(0.5, coins)

    def at(step: int) -> torch.Tensor:
        coins.start(seed=0, step=step)
        found, _ = attend(module, *projections(), None, dropout=0.5)
        return found

    assert torch.equal(at(1), at(1))
    assert not torch.equal(at(1), at(2))


def test_a_model_attends_alike_and_its_configuration_does_not_say_how() -> None:
    torch.manual_seed(0)
    config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    model = BertForTokenClassification(config)
    replace_dropout(model)
    model.eval()
    mask_BT = (torch.arange(7) < torch.tensor([[7], [2]])).long()
    ids_BT = torch.randint(2, 50, mask_BT.shape)
    logits = model(input_ids=ids_BT, attention_mask=mask_BT).logits
    written = model.config.to_json_string()

    assert use_plain_attention(model)

    same = model(input_ids=ids_BT, attention_mask=mask_BT).logits
    torch.testing.assert_close(same[mask_BT.bool()], logits[mask_BT.bool()], rtol=1e-5, atol=1e-6)
    assert model.config.to_json_string() == written
