"""One fine-tuning run, from split parts in Parquet to a folder with the model and its loss curve."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.manifest import Manifest, digest_of_file, digest_of_value
from sluicegate.spec import Training

if TYPE_CHECKING:
    from sluicegate.training.loop import Loop
    from sluicegate.training.precision import Placement
    from sluicegate.training.recipe import Base

CHECKPOINTS, CURVE, MODEL, SUMMARY = ".checkpoints", "curve.jsonl", "model", "summary.json"
LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "numpy")


def fine_tune(
    *,
    train: Path,
    validation: Path,
    labels: Sequence[str],
    training: Training,
    base_model: Path,
    folder: Path,
    on_log: Callable[[dict[str, float | int | str]], None] | None = None,
) -> None:
    """Fills `folder` with ``model/``, ``curve.jsonl`` and ``summary.json``.

    The same inputs on the same machine type with the same number of threads give the same model, byte by
    byte. A run that was killed goes on from its last checkpoint in `folder` and ends with the same bytes.

    Args:
        train: Parquet with columns text and label.
        validation: The same, for early stopping.
        labels: Every label, in the model's order.
        training: The spec's section.
        base_model: Folder of the base model.
        folder: Where the output goes; may hold what a killed run left.
        on_log: Gets every line of the curve; a resumed run may pass on lines that were passed on before.

    Raises:
        InputRefused: The base model or the rows cannot be used, the loss is not finite, or the disk is full.
    """
    from sluicegate.training.checkpoint import Checkpoints
    from sluicegate.training.precision import choose_placement, repeatable
    from sluicegate.training.recipe import load_base

    placement = choose_placement(training.precision, max_length_tokens=training.max_length_tokens)
    checkpoints = Checkpoints(folder / CHECKPOINTS)
    with repeatable():
        _seed(training.seed)
        base = load_base(base_model, labels, max_length_tokens=training.max_length_tokens)
        fingerprint = _fingerprint(train, validation, labels, training, base_model, placement)
        if not _is_finished(folder, fingerprint):
            loop, start = _prepare(train, validation, labels, training, base, placement, folder, checkpoints, on_log, fingerprint)
"""placeholder"""
