"""An entity type for each part of a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import override

from sluicegate.errors import InputRefused
from sluicegate.spec.spans import parse_spans
from sluicegate.training.recipes.recipe import Recipe, tokenized
from sluicegate.training.rows import RowsWriter
from sluicegate.training.tags import OUTSIDE, tag_tokens


class TokenClassification(Recipe):
    """Learns the column ``spans``; macro-F1 of the tags, token by token."""

    target, quality, by_token = "spans", "macro_f1", True

    @override
    def model_class(self) -> Any:
        from transformers import AutoModelForTokenClassification

        return AutoModelForTokenClassification

    @override
    def outputs(self, labels: Sequence[str]) -> tuple[str, ...]:
        return (OUTSIDE, *labels)

    @override
    def _add(
        self,
        writer: RowsWriter,
        texts: list[str],
        given: list[Any],
        labels: Sequence[str],
        tokenizer: Any,
        max_length_tokens: int,
        where: tuple[Path, int],
    ) -> None:
        number = {tag: i for i, tag in enumerate(self.outputs(labels))}
        found, cut = tokenized(tokenizer, texts, max_length_tokens, return_offsets_mapping=True)
        path, first_row = where
        tags = []
        for at, (text, spans, offsets) in enumerate(zip(texts, given, found["offset_mapping"], strict=True)):
            field = f"spans of row {first_row + at}"
            try:
                parsed = parse_spans(spans, len(text))
            except (ValueError, TypeError) as error:
                raise InputRefused(path, field, str(error)) from None
            if unknown := {span.entity_type for span in parsed} - number.keys():
                problem = f"names the type {min(unknown)!r}, which is none of the labels {', '.join(labels)}"
                raise InputRefused(path, field, problem)
            tags.append(tag_tokens(parsed, offsets, number))
        writer.add(found["input_ids"], np.concatenate(tags), cut=cut)
