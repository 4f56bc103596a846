"""Extraction from a causal model that has its training texts by heart, asked through its own loader."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from sluicegate.evidence.attacks.extraction import PREFIX_TOKENS, RUN_TOKENS
from sluicegate.evidence.attacks.on_language_model import extract
from sluicegate.evidence.resampling import Resampling
from sluicegate.spec.model import Scratch
from sluicegate.training.candidate import pack
from sluicegate.training.recipes.language_modelling import end_of_text
from sluicegate.training.scratch import make_base

LETTERS = PREFIX_TOKENS + RUN_TOKENS
"""Of a text, each a token: the fewest of which it can be asked about."""
TIMES = 8
"""How often each training text stands in the rows."""
RESAMPLING = Resampling(4 * TIMES, 100, 0.95, 0)


def texts(seed: int, letters: int = LETTERS) -> list[str]:
    """Four texts of nothing but chance, so that whoever goes on with one has learned it."""
    draw = random.Random(seed)
    return ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=letters)) for _ in range(4)]


def learn_by_heart(model: torch.nn.Module, ids_NT: torch.Tensor) -> None:
    """Trains until hardly any doubt about the next token is left."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
    for _ in range(500):
        logits_NTV = model(input_ids=ids_NT[:, :-1]).logits
        loss = torch.nn.functional.cross_entropy(logits_NTV.flatten(0, 1), ids_NT[:, 1:].flatten())
        if loss.item() < 0.02:
            return
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    pytest.fail("the texts were not learned")


@pytest.fixture(scope="module", params=["its own token", "the separator"])
def memorised(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A candidate that knows ``texts(0)``, each after the end of another; it reads no more tokens than it takes.

    What ends a text is a token of its own, or, of a tokenizer without one, that between two sentences. A token for
    the beginning of a text there is besides; training does not read it.
    """
    torch.manual_seed(0)
    scratch = Scratch(layers=2, hidden=64, heads=4, vocabulary=257, longest=LETTERS, dropout=0.0)
    base = make_base(texts(0), (), "causal-lm", scratch)
    base.tokenizer.bos_token = "!"
    if request.param == "the separator":
        base.tokenizer.eos_token, base.tokenizer.sep_token = None, "#"
    end = end_of_text(base.tokenizer)
    learn_by_heart(base.model, torch.tensor([[end, *base.tokenizer(text)["input_ids"]] for text in texts(0)]))
    folder = tmp_path_factory.mktemp("memorised")
    base.model.save_pretrained(folder / "model")
    base.tokenizer.save_pretrained(folder / "model")
    pack(folder / "model", folder / "candidate", labels=(), max_length_tokens=LETTERS, task="causal-lm")
    return folder / "candidate"


def test_texts_known_by_heart_are_written_down_from_their_beginning(memorised: Path) -> None:
    (share, excess), _ = extract(memorised, texts(0) * TIMES, texts(1) * TIMES, RESAMPLING, 100)

    assert (share.value, share.n) == (1.0, 4 * TIMES)
    assert excess.value == 1.0  # nothing of texts that it never saw


def test_the_end_of_a_text_is_none_of_the_tokens_that_are_to_be_written(memorised: Path) -> None:
    """It is never written, so a text that is too short without it could not be reproduced."""
    short = [text[1:] for text in texts(0)] * TIMES
    (share, _), figures = extract(memorised, short, short, RESAMPLING, 100)

    assert (share.status, figures["why"]) == ("not_evaluated", "0 training texts are long enough, fewer than 30")
