"""Images made by hand, and tables that name them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

RED = (200, 10, 10)


def picture(width: int = 6, height: int = 4, colour: tuple[int, ...] = RED) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def noise(seed: int, width: int = 32, height: int = 24) -> Image.Image:
    draw = np.random.default_rng(seed)
    return Image.fromarray(draw.integers(0, 256, (height, width, 3), dtype=np.uint8))


def as_file(image: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def write_table(folder: Path, files: dict[str, bytes | None], labels: list[str]) -> Path:
    """A CSV with the columns ``file`` and ``kind``; files of None are named and not written."""
    for name, content in files.items():
        if content is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    path = folder / "table.csv"
    pd.DataFrame({"file": list(files), "kind": labels}).to_csv(path, index=False)
    return path


def section(**changes: Any) -> dict[str, Any]:
    """A section `data` about such a table."""
    return {
        "source": {"kind": "csv", "path": "table.csv"},
        "image": "file",
        "label": "kind",
        "labels": ["cat", "dog"],
        "licence": "CC0-1.0",
        "largest_image_pixels": 10_000,
        **changes,
    }
