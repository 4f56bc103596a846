"""A world in which the whole pipeline runs in seconds: made-up texts, a BERT of a few thousand weights, a spaCy
pipeline of two rules. Everything is made on the spot, nothing is fetched."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import yaml

GOOD = ("lovely", "splendid", "warm", "clever", "bright")
BAD = ("dreary", "broken", "cold", "clumsy", "dull")
PLAIN = ("film", "book", "kettle", "walk", "train", "lamp", "garden", "song", "meal", "coat")
NAMES = ("Ada Quill", "Bram Oster")
ROWS = 600


def make(folder: Path) -> Path:
    """Fills `folder`; its spec is ``spec.yaml``."""
    write_base_model(folder / "base")
    write_named_entity_model(folder / "ner")
    write_rows(folder / "rows.csv")
    (folder / "suite.json").write_text(json.dumps(suite()), encoding="utf-8")
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy(), sort_keys=False), encoding="utf-8")
    (folder / "spec.yaml").write_text(yaml.safe_dump(spec(), sort_keys=False), encoding="utf-8")
    return folder


def write_rows(path: Path, *, rows: int = ROWS, seed: int = 0) -> None:
    """Short texts whose adjective tells the label, some with a name or an address in them."""
    draw = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "words", "verdict", "shop"])
        for number in range(rows):
            good = number % 2 == 0
            words = [
                draw.choice(GOOD if good else BAD),
                draw.choice(PLAIN),
                "of",
                "the",
                draw.choice(PLAIN),
                str(number),
            ]
            if number % 10 == 3:
                words += ["from", draw.choice(NAMES)]
            if number % 25 == 4:
                words += ["write", "to", f"someone{number}@example.org"]
            writer.writerow([f"r{number}", " ".join(words), "good" if good else "bad", draw.choice(["north", "south"])])


def write_base_model(folder: Path, *, seed: int = 0, width: int = 32, more_words: tuple[str, ...] = ()) -> None:
    """A BERT with one layer, weights drawn at random, and a vocabulary of the words above and `more_words`."""
    import torch
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [
        *GOOD,
        *BAD,
        *PLAIN,
        *more_words,
        "of",
        "the",
        "from",
        "write",
        "to",
        "<",
        ">",
        "person",
        "email",
        "address",
        "_",
    ]
    vocabulary = {
        word: number for number, word in enumerate([*special, *words, *"0123456789", *[f"##{d}" for d in "0123456789"]])
    }
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    ).save_pretrained(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=width,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=2 * width,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)


def write_named_entity_model(folder: Path) -> None:
    """A spaCy pipeline that knows two people."""
    import spacy

    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler", name="ner")
    ruler.add_patterns([{"label": "PERSON", "pattern": name} for name in NAMES])
    pipeline.to_disk(folder)


def suite() -> dict[str, object]:
    """What holds of the rows."""
    return {
        "name": "small-world",
        "expectations": [
            {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "text"}},
            {
                "type": "expect_column_value_lengths_to_be_between",
                "kwargs": {"column": "text", "min_value": 1, "max_value": 500},
            },
            {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "label", "value_set": ["bad", "good"]}},
            {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
        ],
    }


def policy() -> dict[str, object]:
    """Limits that the small world's candidate meets."""
    return {
        "description": "Small world.",
        "stages": {
            "internal": [{"check": "performance.macro_f1", "min": 0.6}, {"check": "data.validation_success", "min": 1}],
            "restricted": [{"check": "comparison.macro_f1_change", "min": -0.05, "not_applicable": "allow"}],
            "public": [{"check": "performance.macro_f1", "min": 0.7}],
        },
        "gates": {"public": {"approvals": 2}},
    }


def spec() -> dict[str, object]:
    """The release spec of the small world."""
    return {
        "model": "small-world",
        "description": "Says whether a made-up sentence is good or bad.",
        "owner": "owner",
        "data": {
            "source": {"kind": "csv", "path": "rows.csv"},
            "text": "words",
            "label": "verdict",
            "labels": ["bad", "good"],
            "groups": ["shop"],
            "id": "number",
            "licence": "CC0-1.0",
        },
        "validation": {"suite": "suite.json"},
        "scrubbing": {
            "named_entity_model": "ner",
            "entities": {"PERSON": {"operator": "replace"}, "EMAIL_ADDRESS": {"operator": "replace"}},
            "processes": 1,
        },
        "split": {"test_share": 0.25, "validation_share": 0.1},
        "training": {
            "base_model": "base",
            "base_model_licence": "CC0-1.0",
            "epochs": 4,
            "max_length_tokens": 32,
            "learning_rate": 0.01,
            "head_learning_rate": 0.01,
            "checkpoint_every_steps": 10,
        },
        "evidence": {
            "bootstrap_rounds": 100,
            "minimum_group_size": 10,
            "identity": {"attributes": ["gender"]},
            "robustness": {"rows": 20},
            "attacks": {"rows": 100, "shadows": 4},
        },  # fmt: skip
        "policy": "policy.yaml",
    }
