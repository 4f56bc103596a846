"""What a training step has to compute, counted from the model's shape and the texts."""

from __future__ import annotations

import statistics
from pathlib import Path

import pandas as pd


def flop_per_row(train: Path, model: Path, longest: int) -> float:
    """Floating-point operations of a row's step, on its real tokens: products of the encoder and of attention alone.

    Only those that are done: the last layer has keys and values of every token, and all else of the first alone.
    Source: Kaplan et al. (2020), 6 operations per weight and token for forward and backward, and attention's own.
    """
    from transformers import AutoConfig, AutoTokenizer

    config = AutoConfig.from_pretrained(model, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
    texts = pd.read_parquet(train)["text"].tolist()
    lengths = [len(ids) for ids in tokenizer(texts, truncation=True, max_length=longest)["input_ids"]]
    layers, hidden, inner = config.num_hidden_layers, config.hidden_size, config.intermediate_size
    once = 2 * hidden**2 + 2 * hidden * inner
    each = (layers - 1) * (4 * hidden**2 + 2 * hidden * inner) + 2 * hidden**2
    return float(statistics.mean(6 * (each * n + once) + 12 * hidden * ((layers - 1) * n**2 + n) for n in lengths))
