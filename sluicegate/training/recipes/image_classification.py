"""One label for an image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from typing_extensions import override

from sluicegate.errors import InputRefused
from sluicegate.spec.pixels import pixels_of
from sluicegate.training.image_models import cast_inputs, load_processor, processor_flaw, resized, scale_of
from sluicegate.training.image_rows import ImageRows, ImageRowsWriter, open_image_rows
from sluicegate.training.recipes.recipe import Recipe
from sluicegate.training.recipes.sequence_classification import label_indices
from sluicegate.training.rows import read


class ImageClassification(Recipe):
    """Learns the column ``label`` from the column ``image``; macro-F1 of the labels."""

    target, quality, subject = "label", "macro_f1", "images"
    reader_files = ("preprocessor_config.json",)
    loader, served_by = (
        "image_loader.py",
        ("mlflow", "numpy", "pandas", "pillow", "safetensors", "torch", "transformers"),
    )

    @override
    def model_class(self) -> Any:
        from transformers import AutoModelForImageClassification

        return AutoModelForImageClassification

    @override
    def outputs(self, labels: Sequence[str]) -> tuple[str, ...]:
        return tuple(labels)

    @override
    def load_reader(self, path: Path) -> Any:
        return load_processor(path)

    @override
    def flaw(self, model: Any, tokenizer: Any) -> str:
        cast_inputs(model)
        return processor_flaw(model, tokenizer)

    @override
    def encode(  # type: ignore[override]
        self, path: Path, labels: Sequence[str], tokenizer: Any, max_length_tokens: int, folder: Path
    ) -> ImageRows:
        writer, first_row = ImageRowsWriter(folder), 1
        for images, given in read(path, self.target, subject="image"):
            pixels = [_pixels(image, path, first_row + at) for at, image in enumerate(images)]
            writer.add(resized(tokenizer, pixels), label_indices(given, labels, (path, first_row)))
            first_row += len(images)
        return writer.finish(scale_of(tokenizer))

    @override
    def open(self, folder: Path) -> Any:
        return open_image_rows(folder)


def _pixels(value: Any, path: Path, row: int) -> Any:
    try:
        return pixels_of(value)
    except (ValueError, TypeError):
        raise InputRefused(path, f"image of row {row}", "is no PNG in base64") from None
