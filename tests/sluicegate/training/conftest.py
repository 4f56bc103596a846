"""A base model of a few hundred weights, made on the spot, and made-up rows that it can learn from."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.spec import Training

LABELS = ("bad", "fair", "good")
SIGNS = {
    "bad": ("awful", "broken", "dull"),
    "fair": ("plain", "usual", "medium"),
    "good": ("lovely", "bright", "solid"),
}
FILLER = ("the", "chair", "film", "soup", "train", "was", "and", "rather", "quite", "my", "old", "new")


def write_rows(path: Path, count: int, seed: int) -> Path:
    """`count` rows of made-up sentences, each with words that give its label away."""
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        label = LABELS[i % 3]
        words = draw.choices(FILLER, k=draw.randint(0, 6)) + draw.choices(SIGNS[label], k=draw.randint(1, 4))
        draw.shuffle(words)
        rows.append({"id": f"{seed}-{i}", "text": " ".join(words), "label": label})
    pd.DataFrame(rows).to_parquet(path)
    return path


def write_base_model(folder: Path, dropout: float = 0.1) -> Path:
    """A BERT of one layer of width 16, with a vocabulary of the words above."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *FILLER, *(w for signs in SIGNS.values() for w in signs)]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        config = BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=32,
            hidden_dropout_prob=dropout,
            initializer_range=0.2,  # wide, so that a model this narrow learns within a few dozen steps
        )
        BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base_model(tmp_path_factory.mktemp("base") / "tiny-bert")


@pytest.fixture(scope="session")
def small_base() -> Callable[[Path], None]:
    """Fills a folder with a base model without dropout, and rows of which the last batch of 7 has a single one."""

    def fill(folder: Path) -> None:
        write_base_model(folder / "base", dropout=0.0)
        write_rows(folder / "train.parquet", 85, seed=1)
        write_rows(folder / "validation.parquet", 30, seed=2)

    return fill


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("rows")
    return {
        "train": write_rows(folder / "train.parquet", 90, seed=1),
        "validation": write_rows(folder / "validation.parquet", 30, seed=2),
    }


@pytest.fixture
def training() -> Training:
    return Training(
        base_model="tiny-bert",
        base_model_licence="Apache-2.0",
        epochs=4,
        micro_batch_size=8,
        max_length_tokens=16,
        learning_rate=0.01,
        head_learning_rate=0.02,
        precision="fp32",
        checkpoint_every_steps=5,
    )
