"""Texts written in haste, and what that makes of their words."""

from pathlib import Path
from typing import Any

import pytest

from sluicegate.data.scrubbing.tagger.haste import LONGEST, hasty


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("@ada Where to?", id="handle"),
        pytest.param("Fog over the bay. #tarn", id="hashtag"),
        pytest.param("RT: Fog over the bay.", id="handed on"),
        pytest.param("Fog \U0001f602", id="picture"),
        pytest.param("Fog over the bay :)", id="face"),
        pytest.param("Fooog over the bay.", id="drawn out"),
        pytest.param("Fog ! !", id="two marks"),
        pytest.param("Now i wait.", id="small i"),
        pytest.param("fog over the bay.", id="small beginning"),
        pytest.param("Fog, LOL.", id="slang"),
    ],
)
def test_a_text_in_haste_shows_it(text):
    assert hasty(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Dear Ms Quill, the fog is over the bay again. Yours, A.", id="letter"),
        pytest.param("Write to ada@tarn.example (room C#).", id="signs inside words"),
        pytest.param("In 2000, 1:30 p.m.; number 1000.", id="digits three times"),
        pytest.param("", id="nothing"),
        pytest.param("lol " + "x" * LONGEST, id="long"),
    ],
)
def test_a_careful_text_does_not(text):
    assert not hasty(text)


@pytest.fixture
def tagger(tmp_path: Path) -> Any:
    """Its classifier finds no word personal, but for a logit of 4 less."""
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForTokenClassification

    from sluicegate.data.scrubbing.tagger import Tagger

    pieces = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "lol", "fog", "\u96fe")
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    labels = dict(enumerate(("O", "PERSON", "AGE")))
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    names = {"id2label": labels, "label2id": {label: i for i, label in labels.items()}}
    model = BertForTokenClassification(
        BertConfig(vocab_size=len(pieces), max_position_embeddings=64, type_vocab_size=1, **sizes, **names)
    )
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([4.0, 0.0, 0.0]))
    model.save_pretrained(tmp_path)
    return Tagger.load(tmp_path)


def test_in_haste_a_word_that_is_none_is_a_name_sooner(tagger):
    careful, careless = tagger.finds(["Fog, Oke \u96fe", "lol fog Oke \u96fe"])
    assert careful == []
    (find,) = careless
    assert find[:3] == (8, 11, "PERSON")


def test_that_reaches_into_windows_behind_the_first(tagger):
    text = "lol " + "fog " * 79 + "Quill"
    ((start, end, kind, _),) = tagger.finds([text])[0:1][0]
    assert (text[start:end], kind) == ("Quill", "PERSON")
