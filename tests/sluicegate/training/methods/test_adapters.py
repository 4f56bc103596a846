from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from sluicegate.errors import InputRefused
from sluicegate.spec import Training
from sluicegate.spec.method import AdaLora, Lora, Method, WithAdaLora, WithLora
from sluicegate.training.base_model import load_base
from sluicegate.training.methods.adapters import chosen_layers, linear_layers, merge_adapters
from sluicegate.training.methods.choice import apply_method
from sluicegate.training.optimizer import MasterAdamW

LABELS = ("bad", "fair", "good")
LORA = WithLora(lora=Lora(rank=2, alpha=4))
ADALORA = WithAdaLora(adalora=AdaLora(initial_rank=4, target_rank=2, alpha=4))
LAYER = "bert.encoder.layer.0"
HEAD = {"bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"}
IDS = torch.tensor([[2, 5, 6, 7, 3], [2, 18, 19, 20, 3]])


def loaded(base_model: Path) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return load_base(base_model, LABELS).model.eval()


def learning(model: nn.Module) -> set[str]:
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model(IDS).logits
    return found


def learn(model: Any, training: Training, kind: torch.dtype, method: Method, steps: int = 4) -> MasterAdamW:
    optimizer = MasterAdamW(model, training, kind, ranks=apply_method(model, method, steps))
    for _ in range(steps):
        nn.functional.cross_entropy(model(IDS).logits.float(), torch.tensor([0, 2])).backward()
        optimizer.step()
    return optimizer


def test_the_linear_layers_of_the_body_are_adapted_and_those_of_the_head_are_not(base_model: Path) -> None:
    parts = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")

    found = linear_layers(loaded(base_model))

    assert found == [f"{LAYER}.{part}" for part in (*parts, "intermediate.dense", "output.dense")]


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        pytest.param(["value", "query"], ["attention.self.query", "attention.self.value"], id="the model's order"),
        pytest.param(["attention.output.dense"], ["attention.output.dense"], id="the end of a name"),
        pytest.param(["output.dense"], ["attention.output.dense", "output.dense"], id="two layers with that end"),
        pytest.param([f"{LAYER}.output.dense", "output.dense"], ["attention.output.dense", "output.dense"], id="twice"),
    ],
)
def test_targets_are_names_or_their_ends(base_model: Path, targets: list[str], expected: list[str]) -> None:
    assert chosen_layers(loaded(base_model), targets, "") == [f"{LAYER}.{name}" for name in expected]


@pytest.mark.parametrize("name", ["q_proj", "uery", "classifier", "bert.pooler.dense"])
def test_a_target_that_is_no_layer_of_the_body_is_refused_with_those_that_are(base_model: Path, name: str) -> None:
    method = WithLora(lora=Lora(rank=2, alpha=4, targets=["query", name]))

    with pytest.raises(InputRefused) as refused:
        apply_method(loaded(base_model), method, 10)

    assert str(refused.value) == (
        f"training: method.lora.targets: {name!r} is the name of no linear layer of the body "
        "(there are dense, key, query, value)"
    )


def test_with_the_body_frozen_the_head_alone_learns(base_model: Path) -> None:
    model = loaded(base_model)

    apply_method(model, "frozen", 10)

    assert learning(model) == HEAD


def test_a_model_without_a_head_of_its_own_cannot_learn_with_a_frozen_body() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(vocab_size=20, n_positions=8, n_embd=8, n_layer=1, n_head=1)

    with pytest.raises(InputRefused, match=r"method: cannot be `frozen`: the model has no head of its own"):
        apply_method(GPT2LMHeadModel(config), "frozen", 10)


@pytest.mark.parametrize("method", [LORA, ADALORA], ids=["lora", "adalora"])
def test_adapters_and_the_head_learn_and_the_model_starts_as_its_base(base_model: Path, method: Method) -> None:
    model, base = loaded(base_model), loaded(base_model)

    apply_method(model, method, 10)

    assert learning(model) - HEAD == {name for name, _ in model.named_parameters() if ".lora_" in name}
    assert learning(model) > HEAD
    assert torch.equal(logits(model.eval()), logits(base))


@pytest.mark.parametrize("method", [LORA, ADALORA], ids=["lora", "adalora"])
def test_the_merged_model_is_an_ordinary_one_that_computes_what_the_adapted_one_did(
    base_model: Path, training: Training, method: Method
) -> None:
    model, base = loaded(base_model), loaded(base_model)
    learn(model, training, torch.float32, method)
    adapted = logits(model)

    merge_adapters(model)

    torch.testing.assert_close(logits(model), adapted, rtol=0, atol=1e-5)
    assert (adapted - logits(base)).abs().max() > 0.1
    assert list(model.state_dict()) == list(base.state_dict())
    assert not hasattr(model, "peft_config")


@pytest.mark.parametrize("method", [LORA, ADALORA], ids=["lora", "adalora"])
def test_adapters_of_a_model_in_bf16_learn_and_are_merged_in_fp32(
    base_model: Path, training: Training, method: Method
) -> None:
    model, base = loaded(base_model), dict(loaded(base_model).state_dict())
    optimizer = learn(model, training, torch.bfloat16, method)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}
    whole = optimizer.all_weights(optimizer.weights())

    for name, tensor in base.items():  # the body is there as it was loaded, not rounded
        if name not in HEAD:
            adapted = name if name in whole else name.replace(".weight", ".base_layer.weight")
            adapted = adapted if adapted in whole else name.replace(".bias", ".base_layer.bias")
            assert torch.equal(whole[adapted], tensor)
    model.float().load_state_dict(whole)
    before = logits(model)
    merge_adapters(model)

    torch.testing.assert_close(logits(model), before, rtol=0, atol=1e-5)
    query = model.state_dict()[f"{LAYER}.attention.self.query.weight"]
    assert not torch.equal(query, query.bfloat16().float())


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_what_is_kept_at_a_checkpoint_is_what_learns(base_model: Path, training: Training, kind: torch.dtype) -> None:
    model = loaded(base_model)
    optimizer = learn(model, training, kind, LORA, steps=1)

    assert set(optimizer.weights()) == learning(model)
    assert {name.rsplit("/", 1)[0] for name in optimizer.moments()} == learning(model)
    assert optimizer.trained_parameters == sum(p.numel() for p in model.parameters() if p.requires_grad)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_weights_that_two_layers_share_are_kept_once_and_come_back_in_both(
    training: Training, kind: torch.dtype
) -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    model = GPT2LMHeadModel(GPT2Config(vocab_size=20, n_positions=8, n_embd=8, n_layer=1, n_head=1))
    optimizer = MasterAdamW(model, training, kind)
    model(IDS.clamp(max=19), labels=IDS.clamp(max=19)).loss.backward()
    optimizer.step()

    found = optimizer.weights()
    whole = optimizer.all_weights(found)

    assert "lm_head.weight" not in found
    assert torch.equal(whole["lm_head.weight"], whole["transformer.wte.weight"])
    assert torch.equal(whole["lm_head.weight"].to(kind), model.lm_head.weight)
