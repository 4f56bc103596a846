"""Images ready for the model, in flat files that are read through memory maps.

    pixels.bin    the pixels of all images one after the other, uint8
    labels.bin    the index of each image's label, int64
    about.json    the images' shape, and how pixels become numbers

Shapes: N images, B images of a batch, C channels, H rows, W columns.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from sluicegate.errors import InputRefused

PIXELS, LABELS, ABOUT = "pixels.bin", "labels.bin", "about.json"


@dataclass(frozen=True)
class Scale:
    """How pixels from 0 to 255 become the numbers that a model reads, as its preprocessor_config.json says."""

    factor: float
    """They are multiplied by this, …"""
    mean: tuple[float, ...]
    """… less this, channel by channel, …"""
    deviation: tuple[float, ...]
    """… and divided by this."""

    def __call__(self, pixels_BCHW: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The numbers, of the same shape."""
        mean, deviation = (np.array(v, np.float32)[:, None, None] for v in (self.mean, self.deviation))
        numbers: NDArray[np.float32] = (pixels_BCHW * np.float32(self.factor) - mean) / deviation
        return numbers


@dataclass(frozen=True)
class ImageBatch:
    """Images of one size."""

    pixels_BCHW: torch.Tensor
    """Scaled, float32."""
    labels: torch.Tensor
    """Index of each image's label, shape (B,), int64."""
    weights_B: torch.Tensor | None = None
    """How much each image counts; None is all alike."""

    @property
    def inputs(self) -> dict[str, torch.Tensor]:
        """What the model is called with."""
        return {"pixel_values": self.pixels_BCHW}


@dataclass(frozen=True)
class ImageRows:
    """Images brought to the model's size."""

    pixels_NCHW: NDArray[np.uint8]
    labels: NDArray[np.int64]
    """Index of each image's label, shape (N,)."""
    scale: Scale
    weights_N: NDArray[np.float32] | None = None
    """How much each image counts; None is all alike."""

    unit: ClassVar[str] = "pixels"
    cut: ClassVar[int] = 0

    def __len__(self) -> int:
        return len(self.pixels_NCHW)

    @property
    def lengths_N(self) -> NDArray[np.int64]:
        """All images are as long as one another."""
        return np.ones(len(self), np.int64)

    @property
    def units(self) -> int:
        """Pixels of all images together."""
        return int(self.pixels_NCHW[:, 0].size)

    def batch(self, chosen_B: NDArray[np.int64], device: torch.device, *, moment: Sequence[int] = ()) -> ImageBatch:
        """The chosen images on `device`; `moment` says nothing about them."""
        scaled, labels = self.scale(self.pixels_NCHW[chosen_B]), np.array(self.labels[chosen_B])
        weights_B = None if self.weights_N is None else torch.from_numpy(self.weights_N[chosen_B]).to(device)
        return ImageBatch(torch.from_numpy(scaled).to(device), torch.from_numpy(labels).to(device), weights_B)


class ImageRowsWriter:
    """Writes the files of `ImageRows` into `folder`, which it empties first."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._folder = folder
        self._files = {name: (folder / name).open("wb") for name in (PIXELS, LABELS)}
        self._shape: tuple[int, ...] = ()

    def add(self, pixels_BCHW: NDArray[np.uint8], labels_B: NDArray[np.int64]) -> None:
        """Appends images of one size.

        Raises:
            InputRefused: The disk is full.
        """
        self._shape = pixels_BCHW.shape[1:]
        for name, values in ((PIXELS, pixels_BCHW), (LABELS, labels_B)):
            try:
                self._files[name].write(np.ascontiguousarray(values).tobytes())
            except OSError as error:
                raise InputRefused(
                    self._folder, "", f"cannot be written: {error.strerror}", "free some space"
                ) from None

    def finish(self, scale: Scale) -> ImageRows:
        """Closes the files and opens them for reading."""
        for file in self._files.values():
            file.close()
        about = {"shape": self._shape, "scale": asdict(scale)}
        (self._folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        return open_image_rows(self._folder)


def open_image_rows(folder: Path) -> ImageRows:
    """The images that an `ImageRowsWriter` has finished in `folder`."""
    about: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    pixels, labels = (np.memmap(folder / n, k, "r") for n, k in ((PIXELS, np.uint8), (LABELS, np.int64)))
    said = about["scale"]
    scale = Scale(said["factor"], tuple(said["mean"]), tuple(said["deviation"]))
    return ImageRows(pixels.reshape(-1, *about["shape"]), labels, scale)
