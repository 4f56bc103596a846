"""Hidden tokens, from those on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from sluicegate.training.blocks import blocks
from sluicegate.training.masking import Masking
from sluicegate.training.recipes.language_modelling import LanguageModelling, end_of_text
from sluicegate.training.tags import NOT_TRAINED


class MaskedLanguageModelling(LanguageModelling):
    """A share of the tokens is hidden, others at every reading, and told from the rest; special tokens never are."""

    @override
    def model_class(self) -> Any:
        from transformers import AutoModelForMaskedLM

        return AutoModelForMaskedLM

    @override
    def flaw(self, model: Any, tokenizer: Any) -> str:
        if tokenizer.mask_token_id is None:
            return "its tokenizer has no token for what is hidden"
        if end_of_text(tokenizer) is None:
            return "its tokenizer has no token for the end of a text"
        return super().flaw(model, tokenizer)

    @override
    def masking(self, tokenizer: Any) -> Masking:
        return Masking.of(tokenizer)

    @override
    def _rows(self, stream: Iterator[list[int]], tokenizer: Any, size: int) -> Iterator[tuple[list[int], list[int]]]:
        end, special = end_of_text(tokenizer), set(tokenizer.all_special_ids)
        first = [] if tokenizer.cls_token_id is None else [tokenizer.cls_token_id]
        for block in blocks(([*tokens, end] for tokens in stream), size - len(first)):
            ids = [*first, *block]
            yield ids, [NOT_TRAINED if token in special else token for token in ids]
