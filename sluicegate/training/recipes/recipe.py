"""What every task's recipe gives to the rest of training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.training.rows import Rows, RowsWriter, open_rows, read
from sluicegate.training.scoring import Score, score_labels

if TYPE_CHECKING:
    from sluicegate.training.precision import Placement


class Recipe(ABC):
    """One task."""

    target: str
    """Column of a split part that says what a text should give."""
    quality: str
    """Name of what is `shown` of `Score.quality` in the curve and MLflow."""
    by_token = False
    """Whether every token has a label of its own."""
    subject = "texts"
    """What the rows are."""
    reader_files: tuple[str, ...] = ("tokenizer.json", "tokenizer_config.json")
    """Files of a model's folder that say how rows are read."""
    loader = "loader.py"
    """The script of this package that serves a candidate."""
    served_by: tuple[str, ...] = ("mlflow", "numpy", "pandas", "safetensors", "tokenizers", "torch", "transformers")
    """Libraries that it needs."""

    @abstractmethod
    def model_class(self) -> Any:
        """What loads a model with the task's head."""

    @abstractmethod
    def outputs(self, labels: Sequence[str]) -> tuple[str, ...]:
        """What the model's outputs stand for, in order."""

    def names(self, labels: Sequence[str]) -> dict[str, Any]:
        """The same as a transformers configuration says it."""
        outputs = self.outputs(labels)
        return {"id2label": dict(enumerate(outputs)), "label2id": {name: i for i, name in enumerate(outputs)}}

    def shown(self, quality: float) -> float:
        """`Score.quality` as the curve and MLflow show it."""
        return quality

    def load_reader(self, path: Path) -> Any:
        """What reads rows for the model in a folder: its tokenizer, or for images their processor.

        Raises:
            OSError: It has none.
            ValueError: It cannot be used.
        """
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(path, use_fast=True, local_files_only=True, trust_remote_code=False)

    def open(self, folder: Path) -> Rows:
        """The rows that `encode` has finished in `folder`."""
        return open_rows(folder)

    def flaw(self, model: Any, tokenizer: Any) -> str:
        """Why a base model cannot be trained for the task; empty if it can. The tokenizer may be completed."""
        if tokenizer.pad_token_id is None:
            return "its tokenizer has no padding token"
        if self.by_token and not tokenizer.is_fast:
            return "its tokenizer does not say where in the text its tokens are"
        return ""

    def encode(self, path: Path, labels: Sequence[str], tokenizer: Any, max_length_tokens: int, folder: Path) -> Rows:
        """The rows of a split part, tokenized into `folder`; texts longer than `max_length_tokens` are cut.

        Args:
            path: Parquet with columns ``text`` and `target`.
            labels: The labels, or entity types, in the model's order.
            tokenizer: A fast tokenizer.
            max_length_tokens: Tokens at most, special ones included.
            folder: Where the files of the rows go.

        Raises:
            InputRefused: The file is missing or not Parquet, has no rows, or holds what cannot be learned.
        """
        writer, first_row = RowsWriter(folder), 1
        for texts, given in read(path, self.target):
            self._add(writer, texts, given, labels, tokenizer, max_length_tokens, (path, first_row))
            first_row += len(texts)
        return writer.finish(tokenizer.pad_token_id, by_token=self.by_token)

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
        """Encodes some rows; `where` is their file and the number of the first, from 1."""
        raise NotImplementedError

    def score(self, model: Any, rows: Rows, placement: Placement, *, batch_size: int) -> Score:
        """Scores `rows` in evaluation mode, and leaves the model in training mode."""
        return score_labels(model, rows, placement, batch_size=batch_size)


def tokenized(tokenizer: Any, texts: list[str], max_length_tokens: int, **asked: bool) -> tuple[Any, int]:
    """What `tokenizer` makes of the texts, longer ones cut, and how many were."""
    found = tokenizer(texts, truncation=True, max_length=max_length_tokens, return_attention_mask=False, **asked)
    return found, sum(bool(encoding.overflowing) for encoding in found.encodings or ())
