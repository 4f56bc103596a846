"""What both ways of learning from texts alone have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from sluicegate.training.masking import Masking
from sluicegate.training.recipes.recipe import Recipe
from sluicegate.training.rows import READ_AT_ONCE, Rows, RowsWriter, texts
from sluicegate.training.scoring import Score, score_tokens

if TYPE_CHECKING:
    from sluicegate.training.precision import Placement


class LanguageModelling(Recipe):
    """Learns the texts themselves: all of them one after the other, in blocks; perplexity."""

    target, quality, by_token = "text", "perplexity", True

    @override
    def outputs(self, labels: Sequence[str]) -> tuple[str, ...]:
        return ()

    @override
    def names(self, labels: Sequence[str]) -> dict[str, Any]:
        return {}

    @override
    def shown(self, quality: float) -> float:
        return math.exp(-quality)

    @override
    def encode(self, path: Path, labels: Sequence[str], tokenizer: Any, max_length_tokens: int, folder: Path) -> Rows:
        writer, waiting = RowsWriter(folder), list[tuple[list[int], list[int]]]()
        for row in self._rows(_tokens(path, tokenizer), tokenizer, max_length_tokens):
            waiting.append(row)
            if len(waiting) == READ_AT_ONCE:
                _write(writer, waiting)
                waiting.clear()
        if waiting:
            _write(writer, waiting)
        return writer.finish(tokenizer.pad_token_id, by_token=self.by_token, masking=self.masking(tokenizer))

    def masking(self, tokenizer: Any) -> Masking | None:
        """What hides tokens of a row whenever it is read; None if nothing does."""
        return None

    @abstractmethod
    def _rows(self, stream: Iterator[list[int]], tokenizer: Any, size: int) -> Iterator[tuple[list[int], list[int]]]:
        """Rows of `size` tokens at most, and the token that each of theirs should give, −100 for none.

        Args:
            stream: The tokens of each text, without special ones.
            tokenizer: Whose tokens they are.
            size: Tokens of a row at most.
        """

    @override
    def score(self, model: Any, rows: Rows, placement: Placement, *, batch_size: int) -> Score:
        return score_tokens(model, rows, placement, batch_size=max(1, batch_size // 4))  # a vocabulary is a wide output


def end_of_text(tokenizer: Any) -> Any:
    """The token that stands between two texts, an int; None if there is none."""
    end = tokenizer.eos_token_id
    return tokenizer.sep_token_id if end is None else end


def _tokens(path: Path, tokenizer: Any) -> Iterator[list[int]]:
    some: list[str] = []
    for text in texts(path):
        some.append(text)
        if len(some) == READ_AT_ONCE:
            yield from _tokenize(some, tokenizer)
            some.clear()
    if some:
        yield from _tokenize(some, tokenizer)


def _tokenize(some: list[str], tokenizer: Any) -> list[list[int]]:
    found = tokenizer(some, add_special_tokens=False, return_attention_mask=False, verbose=False)
    return found["input_ids"]  # type: ignore[no-any-return]


def _write(writer: RowsWriter, rows: Sequence[tuple[list[int], list[int]]]) -> None:
    taught: NDArray[np.int64] = np.concatenate([np.array(tokens, np.int64) for _, tokens in rows])
    writer.add([ids for ids, _ in rows], taught)
