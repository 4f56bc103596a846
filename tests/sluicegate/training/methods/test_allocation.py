from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from sluicegate.errors import InputRefused
from sluicegate.spec import Training
from sluicegate.spec.method import AdaLora, WithAdaLora
from sluicegate.training.base_model import load_base
from sluicegate.training.methods.body import is_head
from sluicegate.training.methods.choice import apply_method
from sluicegate.training.optimizer import MasterAdamW

STEPS, LAYERS = 20, 6
SECTION = AdaLora(initial_rank=4, target_rank=2, alpha=8, initial_share=0.2, final_share=0.3, orthogonality=0.5)


@pytest.fixture
def section(training: Training) -> Training:
    return training.model_copy(update={"method": WithAdaLora(adalora=SECTION), "head_learning_rate": 0.01})


def loaded(base_model: Path) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return load_base(base_model, ("bad", "fair", "good")).model.eval()


def adapted(base_model: Path, training: Training, kind: torch.dtype = torch.float32) -> tuple[Any, MasterAdamW]:
    model = loaded(base_model)
    with torch.random.fork_rng():
        torch.manual_seed(2)
        ranks = apply_method(model, training.method, STEPS)
    return model.eval(), MasterAdamW(model, training, kind, ranks=ranks)


def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    draw = torch.Generator().manual_seed(3)
    for _ in range(STEPS):
        yield torch.randint(5, 22, (6, 7), generator=draw), torch.randint(3, (6,), generator=draw)


def learn(model: Any, optimizer: MasterAdamW, ids: torch.Tensor, labels: torch.Tensor) -> None:
    nn.functional.cross_entropy(model(ids).logits.float(), labels).backward()
    optimizer.step()


def ranks_left(weights: dict[str, torch.Tensor]) -> int:
    return sum(int((value != 0).sum()) for name, value in weights.items() if ".lora_E." in name)


def test_steps_and_ranks_are_those_of_peft(base_model: Path, section: Training) -> None:
    from peft import AdaLoraConfig, get_peft_model

    ours, optimizer = adapted(base_model, section)
    layers = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]
    config = AdaLoraConfig(
        task_type="SEQ_CLS", target_modules=layers, exclude_modules=["bert.pooler.dense"], init_r=4, target_r=2,
        lora_alpha=8, tinit=4, tfinal=6, total_step=STEPS, orth_reg_weight=0.5,
    )  # fmt: skip
    theirs = get_peft_model(loaded(base_model), config).eval()
    names = {name: name.removeprefix("base_model.model.").replace("modules_to_save.default.", "") for name, _ in
             theirs.named_parameters()}  # fmt: skip
    state = optimizer.all_weights(optimizer.weights())
    for name, parameter in theirs.named_parameters():
        if names[name] in state:
            parameter.data.copy_(state[names[name]])
            parameter.requires_grad_(is_head(ours, names[name]) or ".lora_" in name)
    groups = [[p for p in theirs.parameters() if p.requires_grad and (p.ndim > 1) == wide] for wide in (True, False)]
    reference = torch.optim.AdamW(
        [{"params": group, "weight_decay": decay} for group, decay in zip(groups, (0.01, 0.0), strict=True)], lr=0.01
    )

    for step, (ids, labels) in enumerate(batches(), start=1):
        learn(ours, optimizer, ids, labels)
        theirs(ids, labels=labels).loss.backward()
        reference.step()
        theirs.base_model.update_and_allocate(step)
        reference.zero_grad()

    found = optimizer.weights()
    compared = {name: parameter for name, parameter in theirs.named_parameters() if ".lora_" in name}
    assert len(compared) == 3 * LAYERS
    for name, expected in compared.items():
        torch.testing.assert_close(found[names[name]], expected.detach(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_ranks_stay_then_are_taken_away_then_stay(base_model: Path, section: Training, kind: torch.dtype) -> None:
    model, optimizer = adapted(base_model, section, kind)
    left = []
    for ids, labels in batches():
        learn(model, optimizer, ids, labels)
        left.append(ranks_left(optimizer.weights()))

    assert left[:4] == [4 * LAYERS] * 4
    assert left[4:14] == sorted(left[4:14], reverse=True)
    assert left[13:] == [2 * LAYERS] * 7  # two a layer, as a mean
    assert ranks_left(dict(model.state_dict())) == 2 * LAYERS


@pytest.mark.parametrize("at", [2, 9, 14, 17])
def test_a_run_that_goes_on_from_a_checkpoint_takes_the_same_ranks(
    base_model: Path, section: Training, at: int
) -> None:
    model, optimizer = adapted(base_model, section)
    other, resumed = adapted(base_model, section)
    for step, (ids, labels) in enumerate(batches(), start=1):
        learn(model, optimizer, ids, labels)
        if step > at:
            learn(other, resumed, ids, labels)
        elif step == at:
            resumed.load_weights({name: value.clone() for name, value in optimizer.weights().items()})
            resumed.load_moments({name: value.clone() for name, value in optimizer.moments().items()})

    assert all(torch.equal(value, resumed.weights()[name]) for name, value in optimizer.weights().items())


def test_regularising_brings_the_outer_factors_nearer_to_orthogonal(base_model: Path, section: Training) -> None:
    def distance(weight: float) -> float:
        chosen = SECTION.model_copy(update={"orthogonality": weight})
        model, optimizer = adapted(
            base_model, section.model_copy(update={"method": WithAdaLora(adalora=chosen), "learning_rate": 0.02})
        )
        for ids, labels in batches():
            learn(model, optimizer, ids, labels)
        factors = [value for name, value in optimizer.weights().items() if ".lora_A." in name]
        return sum(float((p @ p.T - torch.eye(len(p))).norm()) for p in factors)

    assert distance(0.5) < 0.8 * distance(0.0)


def test_too_few_steps_to_take_ranks_away_are_refused(base_model: Path) -> None:
    section = AdaLora(initial_rank=4, target_rank=2, alpha=8, initial_share=0.9, final_share=0.0)

    with pytest.raises(InputRefused, match=r"training: method.adalora: leaves none of 1 steps to take ranks away"):
        apply_method(loaded(base_model), WithAdaLora(adalora=section), 1)
