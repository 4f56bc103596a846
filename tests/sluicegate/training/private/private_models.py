"""Small models of several kinds in fp32, batches of uneven rows, and clipped sums one example at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from sluicegate.training.batches import Batch, collate
from sluicegate.training.private.private_pass import PrivatePass
from sluicegate.training.private.sampling import PoissonSampling
from sluicegate.training.rows import Rows
from sluicegate.training.tags import NOT_TRAINED

WORDS, LABELS = 40, 3
LENGTHS = (9, 2, 5, 9, 7, 3)

Losses = Callable[[Batch], torch.Tensor]


def tiny_bert(kind: str = "BertForSequenceClassification", dropout: float = 0.0, **more: Any) -> nn.Module:
    """Two layers of width 16, with weights so wide that rows' gradients differ."""
    import transformers

    with torch.random.fork_rng():
        torch.manual_seed(5)
        config = transformers.BertConfig(
            vocab_size=WORDS,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=24,
            max_position_embeddings=16,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=0.0,
            initializer_range=0.3,
            num_labels=LABELS,
            **more,
        )
        return getattr(transformers, kind)(config).train()


def with_lora(model: nn.Module) -> nn.Module:
    """LoRA on query and value, with both factors away from zero, and a head that is trained whole."""
    from peft import LoraConfig, get_peft_model

    with torch.random.fork_rng():
        torch.manual_seed(6)
        config = LoraConfig(
            r=4,
            lora_alpha=8,
            target_modules=["query", "value"],
            modules_to_save=["classifier"],
            init_lora_weights=False,
        )
        return get_peft_model(model, config).train()


def texts(*, tagged: bool = False, lengths: tuple[int, ...] = LENGTHS) -> Rows:
    """Rows of random words; a label each, or one for every token but the first and the last."""
    random = np.random.default_rng(3)
    ids_S = np.concatenate([random.integers(1, WORDS, length) for length in lengths]).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    if not tagged:
        return Rows(ids_S, starts, np.arange(len(lengths)) % LABELS, padding_id=0)
    tags_S = np.concatenate([random.integers(0, LABELS, length) for length in lengths])
    tags_S[np.concatenate([starts[:-1], starts[1:] - 1])] = NOT_TRAINED
    return Rows(ids_S, starts, tags_S, padding_id=0, by_token=True)


def batch_of(rows: Rows, *chosen: int) -> Batch:
    """The chosen rows, padded."""
    return collate(rows, np.array(chosen), torch.device("cpu"))


def losses_of(model: nn.Module) -> Losses:
    """Each row's cross-entropy, summed over its tokens where tokens are labelled."""

    def row_losses(batch: Batch) -> torch.Tensor:
        logits = model(input_ids=batch.ids_BT, attention_mask=batch.mask_BT).logits
        loss = nn.functional.cross_entropy(logits.flatten(0, -2), batch.labels.flatten(), reduction="none")
        return loss.view(len(batch.labels), -1).sum(1)

    return row_losses


def gradient_of(loss: torch.Tensor, model: nn.Module, **more: Any) -> dict[str, torch.Tensor]:
    """Autograd's, by name, of the trainable parameters."""
    named = {name: p for name, p in model.named_parameters() if p.requires_grad}
    found = torch.autograd.grad(loss, list(named.values()), allow_unused=True, **more)
    return {n: torch.zeros_like(p) if g is None else g for (n, p), g in zip(named.items(), found, strict=True)}


def clipped(gradient: dict[str, torch.Tensor], max_grad_norm: float) -> dict[str, torch.Tensor]:
    length = torch.cat([g.flatten() for g in gradient.values()]).norm().item()
    return {name: g * min(1.0, max_grad_norm / max(length, 1e-9)) for name, g in gradient.items()}


def summed(gradients: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    return {name: torch.stack([g[name] for g in gradients]).sum(0) for name in gradients[0]}


def one_by_one(model: nn.Module, losses: Losses, singles: list[Batch], max_grad_norm: float) -> dict[str, torch.Tensor]:
    """The reference: clipped gradients of batches of one row each, without padding, summed."""
    return summed([clipped(gradient_of(losses(single).sum(), model), max_grad_norm) for single in singles])


def make_pass(
    model: nn.Module, losses: Any, rows: int, *, max_grad_norm: float = 1.0, noise: float = 1.0
) -> PrivatePass:
    """A pass in every step of which every row is drawn."""
    sampling = PoissonSampling(rows, 1.0, seed=11)
    return PrivatePass(model, losses, sampling=sampling, max_grad_norm=max_grad_norm, noise_multiplier=noise)


def sums_of(private: PrivatePass, model: nn.Module, batches: list[Any]) -> dict[str, torch.Tensor]:
    """The clipped sums of one step, before its noise."""
    private.start(1)
    for batch in batches:
        private(batch, 1.0)
    return {name: private._sum(p).clone() for name, p in model.named_parameters() if p.requires_grad}


def assert_equal(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor], within: float = 1e-5) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=within, atol=within, msg=lambda m, n=name: f"{n}: {m}")
