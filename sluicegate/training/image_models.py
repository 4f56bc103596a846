"""Models for images: their image processors, and one whose weights are drawn at random."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sluicegate.spec import ImageScratch
from sluicegate.spec.pixels import Pixels
from sluicegate.training.image_rows import Scale

_SPREAD = 0.02
"""Standard deviation of random weights, as ViT's."""
_PROBED = ((23, 31), (40, 17))
"""Heights and widths of the images with which a processor is tried."""
_CLOSE = 1e-5


def load_processor(path: Path) -> Any:
    """The image processor of a model's folder, computed by Pillow and NumPy wherever it runs.

    Raises:
        OSError: It has none.
        ValueError: It is of an unknown kind, or of one that Pillow and NumPy cannot compute.
    """
    from transformers import AutoImageProcessor

    return AutoImageProcessor.from_pretrained(path, backend="pil", local_files_only=True, trust_remote_code=False)


def make_processor(size: int) -> Any:
    """Brings images to a square of `size` pixels, and pixels to numbers from -1 to 1."""
    from transformers import ViTImageProcessorPil

    return ViTImageProcessorPil(size={"height": size, "width": size})


def make_model(auto: Any, names: Mapping[str, Any], scratch: ImageScratch) -> tuple[Any, Any, Any]:
    """A vision transformer with weights from torch's generator, its processor and its configuration.

    Args:
        auto: What makes a model with the task's head.
        names: What its outputs stand for, as a transformers configuration says it.
        scratch: The spec's section.
    """
    from transformers import ViTConfig

    config = ViTConfig(
        hidden_size=scratch.hidden,
        num_hidden_layers=scratch.layers,
        num_attention_heads=scratch.heads,
        intermediate_size=4 * scratch.hidden,
        image_size=scratch.image_size,
        patch_size=scratch.patch_size,
        num_channels=3,
        initializer_range=_SPREAD,
        hidden_dropout_prob=scratch.dropout,
        attention_probs_dropout_prob=0.0,
        **names,
    )
    return auto.from_config(copy.deepcopy(config)), make_processor(scratch.image_size), config


def resized(processor: Any, images: Sequence[Pixels]) -> NDArray[np.uint8]:
    """Images brought to the model's size, their pixels as they are, shape (B, C, H, W).

    Raises:
        ValueError: They do not come to one size.
    """
    return np.asarray(_processed(processor, images, do_rescale=False, do_normalize=False), dtype=np.uint8)


def scale_of(processor: Any) -> Scale:
    """How the processor makes numbers of pixels."""
    factor = float(processor.rescale_factor) if processor.do_rescale else 1.0
    if not processor.do_normalize:
        return Scale(factor, (0.0,) * 3, (1.0,) * 3)
    return Scale(factor, tuple(map(float, processor.image_mean)), tuple(map(float, processor.image_std)))


def processor_flaw(model: Any, processor: Any) -> str:
    """Why images cannot be prepared for the model by size first and scale later; empty if they can."""
    draw = np.random.default_rng(0)
    probe = [draw.integers(0, 256, (*size, 3), dtype=np.uint8) for size in _PROBED]
    try:
        pixels_BCHW = resized(processor, probe)
        scaled = scale_of(processor)(pixels_BCHW)
        if not np.allclose(scaled, _processed(processor, probe), atol=_CLOSE):
            return "its image processor does more than resize, crop, rescale and normalise"
    except (ValueError, TypeError, AttributeError, IndexError):
        return "its image processor does not bring images to one size"
    try:
        with torch.inference_mode():
            model(pixel_values=torch.from_numpy(scaled))
    except (ValueError, RuntimeError) as error:
        return (
            f"it reads no images of {' × '.join(map(str, scaled.shape[2:]))} pixels, which its processor makes: {error}"
        )
    return ""


def cast_inputs(model: Any) -> None:
    """Has a model take images in the number format of its weights, whatever format that becomes."""

    def hook(module: Any, given: Any, named: dict[str, Any]) -> Any:
        kind = next(module.parameters()).dtype
        return given, {n: v.to(kind) if n == "pixel_values" else v for n, v in named.items()}

    model.register_forward_pre_hook(hook, with_kwargs=True)


def _processed(processor: Any, images: Sequence[Pixels], **how: bool) -> NDArray[Any]:
    from PIL import Image

    # Pillow's images say which of their sides are the channels; arrays three pixels high leave that open
    found = processor([Image.fromarray(image) for image in images], return_tensors="np", **how)["pixel_values"]
    return np.asarray(found)
