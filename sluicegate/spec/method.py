"""Which weights a run of fine-tuning changes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from sluicegate.spec.section import Section

Alpha = Annotated[float, Field(gt=0)]
Rank = Annotated[int, Field(gt=0, le=1024)]
DropoutShare = Annotated[float, Field(ge=0, lt=1)]
Targets = Annotated[list[str], Field(min_length=1)] | None


class Lora(Section):
    """A product of two narrow matrices is learned beside each linear layer, which itself stays as it is.

    Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (2021).
    """

    rank: Rank
    """Width of the narrow matrices."""
    alpha: Alpha
    """The product is multiplied by `alpha` / `rank`."""
    dropout: DropoutShare = 0.0
    """Share of a layer's inputs that the product does not see at a step."""
    targets: Targets = None
    """Names of the layers, or the ends of their names, as ``query``; null takes every linear layer of the body."""


class AdaLora(Section):
    """As LoRA with three factors, of whose ranks the least important are taken away while training goes on.

    Source: Zhang et al., AdaLoRA: Adaptive Budget Allocation for Parameter-Efficient Fine-Tuning (2023).
    """

    initial_rank: Rank
    """Width of the narrow matrices at the start."""
    target_rank: Rank
    """Ranks that are left at the end, as a mean over the layers."""
    alpha: Alpha
    """The product is multiplied by `alpha` / `initial_rank`."""
    dropout: DropoutShare = 0.0
    """Share of a layer's inputs that the product does not see at a step."""
    targets: Targets = None
    """Names of the layers, or the ends of their names; null takes every linear layer of the body."""
    initial_share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of all steps before the first rank is taken away."""
    final_share: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Share of all steps after the last one was."""
    interval_steps: Annotated[int, Field(gt=0)] = 1
    """Steps between two allocations of ranks to layers."""
    orthogonality: Annotated[float, Field(ge=0)] = 0.1
    """Weight in the loss of how far the outer factors are from orthogonal."""

    @model_validator(mode="after")
    def _ranks_are_taken_away(self) -> AdaLora:
        if self.target_rank >= self.initial_rank:
            raise ValueError(f"`target_rank` must be less than `initial_rank` ({self.initial_rank})")
        if self.initial_share + self.final_share >= 1:
            raise ValueError("`initial_share` and `final_share` must leave steps to take ranks away")
        return self


class WithLora(Section):
    """The head, and low-rank changes to the body."""

    lora: Lora
    """How wide they are."""


class WithAdaLora(Section):
    """The head, and low-rank changes to the body where they matter most."""

    adalora: AdaLora
    """How wide they are."""


def _kind(value: Any) -> str | None:
    """Which of the methods a value of a spec means; None where it is none."""
    match value:
        case "full" | "frozen":
            return str(value)
        case WithLora():
            return "LoRA"
        case WithAdaLora():
            return "AdaLoRA"
        case dict():
            return {("lora",): "LoRA", ("adalora",): "AdaLoRA"}.get(tuple(value))
    return None


Method = Annotated[
    Annotated[Literal["full"], Tag("full")]
    | Annotated[Literal["frozen"], Tag("frozen")]
    | Annotated[WithLora, Tag("LoRA")]
    | Annotated[WithAdaLora, Tag("AdaLoRA")],
    Discriminator(
        _kind,
        custom_error_type="method",
        custom_error_message="must be `full`, `frozen`, `{lora: {rank: …, alpha: …}}` or `{adalora: {…}}`",
    ),
]
