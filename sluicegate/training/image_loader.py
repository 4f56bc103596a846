"""The script that serves a candidate which sorts images; this very file is part of it, as loader.py, and of its digest.

It needs nothing but the libraries in requirements.txt beside it. Two ways in:

    load("candidate").predict(["a.png"])       without MLflow: for each image, label → probability; an image is a path,
                                               the bytes of a file, or a Pillow image
    mlflow.pyfunc.load_model("…")              the same as an MLflow model, logged from this code

As an MLflow model it takes one column named image, the bytes of an image file in base64; never a path, since whoever
asks it could then have it read any file. Out come the likeliest label and one probability column a label.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

BATCH_SIZE = 64
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
"""What is read, by Pillow's names."""
LARGEST_PIXELS = 1 << 26
"""An image of more pixels is refused before any of them are made."""
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, TypeError, AttributeError,
    NotImplementedError, struct.error, Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow's readers raise on files that are not what they say."""


class Refused(Exception):
    """An image that can be read and is not taken."""


class Classifier:
    """Gives an image one label; fp32, evaluation mode."""

    def __init__(self, model: Any, processor: Any, labels: list[str]) -> None:
        self.labels = labels
        self._model, self._processor = model, processor

    def predict(self, images: Sequence[Any]) -> list[dict[str, float]]:
        """For each image, label → probability."""
        return [dict(zip(self.labels, row, strict=True)) for row in self.predict_proba(images).tolist()]

    def predict_proba(self, images: Sequence[Any]) -> NDArray[np.float64]:
        """Probability of each label for each image; float64, shape (N, L), rows in the order of `images`.

        Raises:
            ValueError: Something is no image, or has more than `LARGEST_PIXELS` pixels; says which.
        """
        import torch

        probabilities_NL = np.zeros((len(images), len(self.labels)), dtype=np.float64)
        with torch.inference_mode():
            for start in range(0, len(images), BATCH_SIZE):
                chunk = [opened(image, start + at) for at, image in enumerate(images[start : start + BATCH_SIZE])]
                numbers_BCHW = self._processor(chunk, return_tensors="pt")["pixel_values"]
                logits = self._model(pixel_values=numbers_BCHW).logits
                probabilities_NL[start : start + len(chunk)] = torch.softmax(logits.double(), dim=-1).numpy()
        return probabilities_NL


def opened(image: Any, number: int = 0) -> Image.Image:
    """An image of three channels, turned as its file says, on white where it lets something through.

    Raises:
        ValueError: It is none, or not a plain one; `number` says which of several.
    """
    try:
        if isinstance(image, Image.Image):
            return _upright(image)
        source = io.BytesIO(image) if isinstance(image, bytes) else Path(image)
        with Image.open(source, formats=FORMATS) as found:
            return _upright(found)
    except Refused as refused:
        raise ValueError(f"image {number}: {refused}") from None
    except BROKEN as error:
        raise ValueError(f"image {number}: cannot be read as an image ({type(error).__name__})") from None


def _upright(image: Image.Image) -> Image.Image:
    """What training saw of such a file; anything that it would have refused is refused here."""
    if image.width * image.height > LARGEST_PIXELS:
        raise Refused(f"has {image.width} × {image.height} pixels, more than {LARGEST_PIXELS}")
    if getattr(image, "is_animated", False) and image.format != "MPO":  # a photograph with a preview behind it
        raise Refused("holds several pictures")
    if image.mode == "F" or image.mode.startswith("I"):
        raise Refused(f"has more than eight bits a channel (mode {image.mode})")
    turned = ImageOps.exif_transpose(image)
    if turned.has_transparency_data:
        over = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", over.size, "white"), over)
    return turned.convert("RGB")


def load(folder: Path | str) -> Classifier:
    """The model whose files are in `folder`. Only safetensors and JSON are read; no code but this runs.

    Raises:
        ValueError: Weights are missing, in the place of which there would be random ones.
    """
    import torch
    import transformers
    from transformers.utils import logging

    folder = Path(folder)
    card = json.loads((folder / "candidate.json").read_text(encoding="utf-8"))
    local: dict[str, bool] = {"local_files_only": True, "trust_remote_code": False}
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        # computed by Pillow and NumPy as in training, also where torchvision is there and would round otherwise
        processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil", **local)
        model, said = transformers.AutoModelForImageClassification.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, output_loading_info=True, **local
        )
    finally:
        if bars:
            logging.enable_progress_bar()
    if missing := sorted(said["missing_keys"]):
        raise ValueError(f"{folder}: has no weights for {', '.join(missing[:3])}")
    return Classifier(model.eval(), processor, card["labels"])


if "mlflow.pyfunc" in sys.modules:  # MLflow runs this script; anybody else need not have MLflow
    import mlflow
    import pandas as pd

    class Candidate(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        """The candidate as an MLflow model; its folder is the artifact named candidate."""

        def load_context(self, context: Any) -> None:
            """Loads the candidate's files."""
            self.model = load(context.artifacts["candidate"])

        def predict(
            self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
        ) -> pd.DataFrame:
            """Label and probabilities for each row of a data frame with a column image, files in base64."""
            images = [base64.b64decode(image, validate=True) for image in model_input["image"]]
            probabilities_NL = self.model.predict_proba(images)
            labels = np.asarray(self.model.labels, dtype=object)
            answer = pd.DataFrame(probabilities_NL, columns=self.model.labels, index=model_input.index)
            answer.insert(0, "label", labels[probabilities_NL.argmax(axis=1)])
            return answer

    mlflow.models.set_model(Candidate())
