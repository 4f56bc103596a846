"""How the model is fine-tuned, and what is measured about it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sluicegate.spec.section import PinnedPackage, Section


class Training(Section):
    """One fine-tuning run; every field is logged to MLflow as a parameter."""

    task: Literal["sequence-classification"] = "sequence-classification"
    """What the model learns to do."""
    base_model: PinnedPackage | str
    """A pinned package, a folder, or a hub name ``owner/name@revision`` (which needs the network the first time)."""
    base_model_licence: str
    """SPDX identifier of the base weights' licence."""
    epochs: Annotated[int, Field(gt=0)] = 2
    """Passes over the training rows at most."""
    micro_batch_size: Annotated[int, Field(gt=0)] = 32
    """Sequences per forward pass."""
    max_length_tokens: Annotated[int, Field(ge=8)] = 128
    """Longer texts are cut."""
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    """Peak rate of the linear warm-up and decay schedule, for the body."""
    head_learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    """The same for the new classification head (and pooler)."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    """AdamW's decoupled weight decay."""
    warmup_share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of all steps over which the rate rises."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """`auto` takes bf16 autocast where the processor computes in it."""
    evaluations_per_epoch: Annotated[int, Field(gt=0)] = 2
    """How often the validation rows are scored."""
    patience: Annotated[int, Field(gt=0)] = 3
    """Stop after this many evaluations without a better macro-F1; the best weights are kept."""
    checkpoint_every_steps: Annotated[int, Field(gt=0)] = 50
    """Steps between checkpoints, from which a killed run goes on."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the head's weights, the batches' order and dropout."""


class Evidence(Section):
    """What is measured about the candidate."""

    baselines: list[Literal["tfidf", "vader"]] = ["tfidf"]
    """Simple models scored on the same rows. VADER reads English sentiment into negative, neutral, positive."""
    bootstrap_rounds: Annotated[int, Field(ge=100)] = 1000
    """Resamples behind each interval."""
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    """Level of the intervals."""
    minimum_group_size: Annotated[int, Field(gt=1)] = 30
    """A smaller group's figures are reported as not evaluated."""
    seed: int = 0
    """Seed of the resampling."""
