"""The next token, from those before it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from sluicegate.training.blocks import blocks
from sluicegate.training.recipes.language_modelling import LanguageModelling, end_of_text


class CausalLanguageModelling(LanguageModelling):
    """Every token of the texts, and the end of each, is told once from what stands before it in its block."""

    @override
    def model_class(self) -> Any:
        from transformers import AutoModelForCausalLM

        return AutoModelForCausalLM

    @override
    def flaw(self, model: Any, tokenizer: Any) -> str:
        if end_of_text(tokenizer) is None:
            return "its tokenizer has no token for the end of a text"
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token  # it only fills rows, and is not read
        return (
            "" if _reads_forward(model) else "the model reads what comes after a token, so it cannot learn to tell it"
        )

    @override
    def _rows(self, stream: Iterator[list[int]], tokenizer: Any, size: int) -> Iterator[tuple[list[int], list[int]]]:
        end = end_of_text(tokenizer)
        ended = itertools.chain([[end]], ([*tokens, end] for tokens in stream))
        return ((block[:-1], block[1:]) for block in blocks(ended, size, ahead=1))


def _reads_forward(model: Any) -> bool:
    """Whether what the model makes of a token does not depend on the tokens after it."""
    import torch

    training = model.training
    model.eval()
    with torch.inference_mode():
        one, other = (model(input_ids=torch.tensor([[0, 1, last]])).logits[0, :2] for last in (1, 2))
    model.train(training)
    return torch.equal(one, other)
