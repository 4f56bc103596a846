from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest
from sluicegate.spec import Training
from sluicegate.spec.model import Scratch
from sluicegate.training.fine_tuning import fine_tune
from sluicegate.training.scratch import SPECIAL, make_base, make_tokenizer, make_vocabulary

SMALL = Scratch(layers=1, hidden=16, heads=2, vocabulary=200, longest=32)
TEXTS = ["The chairs are broken, again!", "the chair was broken twice", "酒店的房间很大。", "房间不大, 12 号"] * 3
LABELS = ("bad", "fair", "good")


def training(**changes: object) -> Training:
    return Training.model_validate(
        {
            "base_model": {"scratch": SMALL.model_dump()}, "base_model_licence": "Apache-2.0", "epochs": 2,
            "micro_batch_size": 8, "max_length_tokens": 16, "learning_rate": 0.01, "precision": "fp32",
            "patience": 9, "checkpoint_every_steps": 3,
        } | changes
    )  # fmt: skip


def test_every_chinese_character_is_a_token_of_its_own_and_words_are_cut_into_pieces_that_recur() -> None:
    tokenizer = make_tokenizer(TEXTS, SMALL)

    assert tokenizer.tokenize("酒店的房间") == ["酒", "店", "的", "房", "间"]
    assert tokenizer.tokenize("the chair") == ["the", "chair"]
    assert "".join(tokenizer.tokenize("chairs")).replace("##", "") == "chairs"
    assert tokenizer.tokenize("房 ☃") == ["房", "[UNK]"]


def test_special_tokens_stand_first_and_around_a_text() -> None:
    tokenizer = make_tokenizer(TEXTS, SMALL)

    assert tokenizer.convert_ids_to_tokens([0, 1, 2, 3, 4]) == list(SPECIAL)
    assert tokenizer.convert_ids_to_tokens(tokenizer("房间")["input_ids"]) == ["[CLS]", "房", "间", "[SEP]"]


def test_tokens_say_where_in_the_text_they_are_though_it_was_folded() -> None:
    tokenizer = make_tokenizer(TEXTS, SMALL.model_copy(update={"lowercase": True, "digits_alike": True}))
    text = "The ＣHÁIR 12 房间"

    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)

    assert [text[start:end] for start, end in encoded["offset_mapping"]][-2:] == ["房", "间"]
    assert encoded["input_ids"][0] == tokenizer.convert_tokens_to_ids("the")


def test_digits_may_be_told_apart_or_not() -> None:
    texts = [*TEXTS, "12 21 12 21 00 00"]
    apart, alike = make_tokenizer(texts, SMALL), make_tokenizer(texts, SMALL.model_copy(update={"digits_alike": True}))

    assert apart.tokenize("12") != apart.tokenize("21")
    assert alike.tokenize("12") == alike.tokenize("21") == alike.tokenize("00")


_IN_ANOTHER_PROCESS = """
import hashlib, json, sys
from sluicegate.spec.model import Scratch
from sluicegate.training.scratch import make_tokenizer
texts, size = json.loads(sys.argv[1])
print(hashlib.sha256(make_tokenizer(texts, Scratch(**size)).backend_tokenizer.to_str().encode()).hexdigest())
"""


def test_other_processes_make_the_same_vocabulary_of_the_same_texts_in_another_order() -> None:
    texts = [" ".join(f"{a}{b}{c}" for b in "aeiou" for c in "nrst") for a in "bcdfghjklmp"]  # many ties
    found = set()
    for order, seed in ((texts, "1"), (texts[::-1], "2")):
        argument = json.dumps([order, SMALL.model_copy(update={"vocabulary": 120}).model_dump()])
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", _IN_ANOTHER_PROCESS, argument]
        found.add(subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout)
    assert len(found) == 1


@given(st.dictionaries(st.text("abcde房间", min_size=1, max_size=6), st.integers(1, 9), min_size=1, max_size=30))
def test_a_vocabulary_keeps_within_its_size_and_spells_every_word_of_common_characters(
    words: dict[str, int],
) -> None:
    counts = Counter(words)
    characters = Counter({c: sum(n * w.count(c) for w, n in counts.items()) for c in set("".join(words))})
    if not any(count >= 2 for count in characters.values()):
        with pytest.raises(InputRefused, match="no character that occurs twice"):
            make_vocabulary(counts, 100)
        return
    vocabulary = make_vocabulary(counts, 100)

    assert len(vocabulary) == len(set(vocabulary)) <= 100
    for word in words:
        if all(characters[c] >= 2 for c in word):
            assert all(("##" * (i > 0) + c) in vocabulary for i, c in enumerate(word))


def test_weights_follow_from_the_generator_and_the_head_is_the_tasks() -> None:
    torch.manual_seed(3)
    one = make_base(TEXTS, LABELS, "sequence-classification", SMALL)
    torch.manual_seed(3)
    other = make_base(TEXTS, LABELS, "token-classification", SMALL)

    assert one.model.config.id2label == {0: "bad", 1: "fair", 2: "good"}
    assert other.model.config.id2label == {0: "O", 1: "bad", 2: "fair", 3: "good"}
    torch.manual_seed(3)
    again = make_base(TEXTS, LABELS, "token-classification", SMALL)
    weights, repeated = other.model.state_dict(), again.model.state_dict()
    assert all(torch.equal(weights[name], repeated[name]) for name in weights)


def test_a_run_from_scratch_repeats_and_goes_on_where_it_was_killed_byte_for_byte(
    rows: dict[str, Path], tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    fine_tune(**rows, labels=LABELS, training=training(), base_model=None, folder=whole)

    def kill(line: dict[str, float | int | str]) -> None:
        if line["step"] == 12 and "validation_loss" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fine_tune(**rows, labels=LABELS, training=training(), base_model=None, folder=killed, on_log=kill)
    assert list((killed / ".checkpoints").glob("step-*"))
    fine_tune(**rows, labels=LABELS, training=training(), base_model=None, folder=killed)

    assert Manifest.of_folder(whole / "model").digest == Manifest.of_folder(killed / "model").digest


def test_weights_may_be_kept_in_half_the_room(rows: dict[str, Path], tmp_path: Path) -> None:
    for kind in ("fp32", "fp16"):
        fine_tune(**rows, labels=LABELS, training=training(stored_as=kind), base_model=None, folder=tmp_path / kind)
    sizes = {kind: (tmp_path / kind / "model" / "model.safetensors").stat().st_size for kind in ("fp32", "fp16")}

    assert sizes["fp16"] < 0.6 * sizes["fp32"]
    assert json.loads((tmp_path / "fp16/model/config.json").read_text(encoding="utf-8"))["dtype"] == "float16"


def test_a_gradient_that_is_clipped_takes_another_way(rows: dict[str, Path], tmp_path: Path) -> None:
    for name, clip in (("free", None), ("clipped", 0.01)):
        run = training(gradient_clip=clip, epochs=1)
        fine_tune(**rows, labels=LABELS, training=run, base_model=None, folder=tmp_path / name)

    assert (tmp_path / "free/model/model.safetensors").read_bytes() != (
        tmp_path / "clipped/model/model.safetensors"
    ).read_bytes()


def test_texts_longer_than_the_positions_are_refused_by_the_spec() -> None:
    with pytest.raises(ValueError, match=r"`max_length_tokens` is 64, more than base_model\.scratch\.longest \(32\)"):
        training(max_length_tokens=64)


def test_heads_must_share_the_width() -> None:
    with pytest.raises(ValueError, match="`hidden` must be a multiple of `heads`: 16 is none of 3"):
        Scratch(layers=1, hidden=16, heads=3, vocabulary=200, longest=32)
