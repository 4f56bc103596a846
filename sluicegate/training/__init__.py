"""From base weights, or none, and texts to a candidate.

The files::

    base_model.py   which base model, and how it is loaded
    scratch.py      a base of random weights, with a vocabulary made from the training texts
    tags.py         spans of a text as one tag a token
    recipes/        what is particular to each task
    methods/        which weights learn, and how what they learn is merged into the base
    robust/         perturbed embeddings, and noise in the texts of an epoch
    private/        DP-SGD: rows drawn and clipped one by one, noise, and what it spends
    fair/           weights of rows, copies with terms exchanged, a threshold in the head
    text_edits.py   changes to a text with its spans moved along, for the two above
    rows.py         texts as token ids in flat files
    blocks.py       texts one after the other, cut into blocks, for language models
    masking.py      which tokens are hidden from a masked language model
    batches.py      which rows a step is made of, and rows padded to one length
    image_models.py  image processors, and a vision transformer of random weights
    image_rows.py   images as pixels in flat files
    objective.py    the loss: weights, smoothing, soft labels
    passes.py       a micro-batch forward and backward
    row_embedding.py  embeddings whose gradient comes by row
    first_token.py  the last layer, computed for the token that the head reads
    attention.py    attention for short rows on a processor
    quick_parts.py  the two above and dropout, put into a model
    precision.py    where the numbers are computed, and in what format
    dropout.py      dropout that is quick on a processor and repeats by seed and step
    optimizer.py    AdamW on fp32 weights, and the learning rate's schedule
    checkpoint.py   what a killed run goes on from
    shards.py       tensors in several files, one from each process
    curve.py        the loss curve, a JSON object a line
    scoring.py      loss and macro-F1 on the validation rows
    losses.py       mean losses of steps of any size
    divergence.py   a loss that grows instead of falling
    memory.py       fewer rows at once where the device has too little memory
    energy.py       what it takes, in kWh and kg CO2e, by `offline_tracker.py`
    loop.py         the loop itself
    engine/         a run in several processes
    fine_tuning.py  one run from files to files: `fine_tune`
    loader.py       the script that serves a candidate; it is copied into every one
    image_loader.py the same of a model for images
    candidate.py    a trained model's folder with all that is loaded or executed: `pack`
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluicegate.training.candidate import pack
    from sluicegate.training.fine_tuning import fine_tune
    from sluicegate.training.loader import load

__all__ = ["fine_tune", "load", "pack"]

_HOMES = {"fine_tune": "fine_tuning", "load": "loader", "pack": "candidate"}


def __getattr__(name: str) -> Any:
    """Imports what is asked for: whoever trains nothing need not wait for PyTorch."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
