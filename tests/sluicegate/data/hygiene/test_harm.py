"""Harmful text dropped or tagged, by a list, a model, or whatever has a method `scores`."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sluicegate.data.hygiene.harm import ModelClassifier, classifier, fingerprint
from sluicegate.errors import InputRefused
from sluicegate.spec.hygiene import Harm, HarmModel, Hygiene, TermList

TERMS = TermList(kind="terms")


class Shouting:
    """Scores the share of capitals."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def scores(self, texts: Sequence[str]) -> list[float]:
        self.seen += texts
        return [sum(c.isupper() for c in text) / len(text) for text in texts]


def section(**fields: Any) -> Hygiene:
    return Hygiene(harm=Harm(classifier=TERMS, **fields))


def test_rows_are_tagged_with_their_score(cleaned: Any) -> None:
    found = cleaned(["one", "TWO", "Ten"], section(), harm=Shouting())
    assert [row["harm"] for row in found.kept] == ["0.0000", "1.0000", "0.3333"]
    assert found.report.harm == {"scored": 3, "harmful": 1, "threshold": 0.5}


def test_rows_from_the_threshold_on_are_dropped(cleaned: Any) -> None:
    found = cleaned(["one", "TWO", "TEn", "sIX"], section(action="drop", threshold=0.6667), harm=Shouting())
    assert found.ids == ["r0", "r2", "r3"]  # 2 / 3 is written as 0.6667, and is below it
    assert found.dropped == {"r1": ("harmful", None)}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_no_row_goes_in_favour_of_a_harmful_one(cleaned: Any, order: tuple[int, ...]) -> None:
    same = "the quick brown fox jumps over the lazy dog and then it runs away into the dark green forest again"
    texts = [f"{same} BLORG", f"{same} today", same, "something else, which shares nothing with these"]

    class Blorg:
        def scores(self, texts: Sequence[str]) -> list[float]:
            return [float("BLORG" in text) for text in texts]

    rows = [{"id": f"text-{place}", "text": texts[place]} for place in order]
    found = cleaned(rows, section(action="drop"), harm=Blorg())
    kept = min((1, 2), key=order.index)
    assert found.ids == [f"text-{place}" for place in order if place in (kept, 3)]
    assert found.dropped == {
        "text-0": ("harmful", None), f"text-{3 - kept}": ("near_duplicate", f"text-{kept}")
    }  # fmt: skip
    assert found.report.harm == {"scored": 4, "harmful": 1, "threshold": 0.5}


def test_every_repeat_of_a_harmful_text_is_harmful_and_scored_once(cleaned: Any) -> None:
    shouting = Shouting()
    rows = ["TWO", "one", "two", {"text": " TWO", "label": "b"}, "One"]
    found = cleaned(rows, section(action="drop"), harm=shouting, chunk_rows=2)
    assert shouting.seen == ["TWO", "one"]
    assert found.dropped == {
        "r0": ("harmful", None), "r2": ("harmful", None), "r3": ("harmful", None), "r4": ("duplicate", "r1")
    }  # fmt: skip
    assert found.report.harm == {"scored": 5, "harmful": 3, "threshold": 0.5}


def test_repeats_that_are_kept_are_tagged_alike(cleaned: Any) -> None:
    shouting, keeping = Shouting(), section().model_copy(update={"exact_duplicates": "keep"})
    found = cleaned(["one", "TWO", "two"], keeping, harm=shouting)
    assert [row["harm"] for row in found.kept] == ["0.0000", "1.0000", "1.0000"]
    assert shouting.seen == ["one", "TWO"]


def test_only_rows_that_are_left_are_scored(cleaned: Any) -> None:
    shouting = Shouting()
    cleaned(["one", "ONE", "two"], section(), harm=shouting)
    assert shouting.seen == ["one", "two"]


def test_the_list_of_the_spec(cleaned: Any, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("blorg\n", encoding="utf-8")
    terms = TermList(kind="terms", shipped=False, files=["list.txt"])
    found = cleaned(
        ["you bl0rg", "hello"], Hygiene(harm=Harm(classifier=terms, action="drop")), resolve=lambda p: tmp_path / p
    )
    assert found.ids == ["r1"]
    assert {k: found.report.harm[k] for k in ("kind", "classifier")} == {
        "kind": "terms", "classifier": "lists of terms (list.txt)"
    }  # fmt: skip
    assert found.report.harm["limits"].startswith("It finds words, not harm")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that calls everything with the word "awful" harmful: its logits follow from one embedding."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("model")
    words = Tokenizer(WordLevel({"[PAD]": 0, "[UNK]": 1, "awful": 2, "good": 3}, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]")
    tokenizer.save_pretrained(folder)
    config = BertConfig(
        vocab_size=4, hidden_size=4, num_hidden_layers=0, num_attention_heads=1, intermediate_size=4, num_labels=3
    )
    config.id2label, config.label2id = {0: "fine", 1: "rude", 2: "toxic"}, {"fine": 0, "rude": 1, "toxic": 2}
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.bert.embeddings.word_embeddings.weight[2] = torch.tensor([4.0, -4.0, 0.0, 0.0])
        model.bert.embeddings.word_embeddings.weight[3] = torch.tensor([-4.0, 4.0, 0.0, 0.0])
        model.bert.embeddings.LayerNorm.weight.fill_(1.0)
        model.bert.pooler.dense.weight.copy_(torch.eye(4))
        model.classifier.weight[1:, 0] = 3.0
    model.save_pretrained(folder)
    return folder


def harm(model: Path, **fields: Any) -> Harm:
    return Harm(classifier=HarmModel(kind="model", folder=str(model), **{"labels": ["toxic", "rude"], **fields}))


def test_a_model_scores_the_probability_of_its_harmful_labels(model: Path) -> None:
    scores = classifier(harm(model)).scores(["awful", "good", "unknown", "awful and more " * 300])
    # the first word alone decides; of three even chances two are harmful
    assert scores[0] > 0.9
    assert scores[1] < 0.2
    assert scores[2] == pytest.approx(2 / 3, abs=1e-6)
    assert scores[3] == pytest.approx(scores[0], abs=1e-6)
    one = classifier(harm(model, labels=["toxic"])).scores(["unknown"])
    assert one == [pytest.approx(1 / 3, abs=1e-6)]


def test_a_model_reads_a_text_to_its_end_in_windows(model: Path) -> None:
    """Windows of 16 words step by 14, and the first word of each alone decides: words 0, 14, and 588 = 42 · 14."""
    scoring = classifier(harm(model, max_length_tokens=16))
    awful, good, unknown = scoring.scores(["awful", "good", "unknown"])

    def text(words: int, **at: int) -> str:
        return " ".join("awful" if place == at.get("awful") else "good" for place in range(words))

    texts = [text(2000, awful=588), text(2000), "unknown", text(30, awful=14), text(16, awful=14), text(30, awful=15)]
    assert scoring.scores(texts) == pytest.approx([awful, good, unknown, awful, good, good], abs=1e-6)


def test_special_tokens_take_room_in_every_window(model: Path, tmp_path: Path) -> None:
    """One stands in front of the words, so a window of 2 holds one word, and the model goes by the one in front."""
    from tokenizers.processors import TemplateProcessing

    shutil.copytree(model, tmp_path / "special")
    tokenizer = json.loads((tmp_path / "special" / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["post_processor"] = json.loads(
        TemplateProcessing(single="awful $A", special_tokens=[("awful", 2)]).__getstate__()
    )
    (tmp_path / "special" / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    (awful,) = classifier(harm(model)).scores(["awful"])
    special = classifier(harm(tmp_path / "special", max_length_tokens=2))
    assert special.scores(["good " * 40, "good"]) == pytest.approx([awful, awful], abs=1e-6)
    with pytest.raises(InputRefused, match="max_length_tokens: is 1, and 1 of the tokens that are read at once"):
        classifier(harm(tmp_path / "special", max_length_tokens=1))


def test_a_model_that_lacks_the_label_or_a_file_is_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no label 'vile'; its labels are fine, rude, toxic"):
        ModelClassifier(model, HarmModel(kind="model", folder="", labels=["vile"]))
    with pytest.raises(InputRefused, match=r"config\.json"):
        classifier(harm(tmp_path))


def test_what_the_scores_rest_on_has_a_fingerprint(model: Path, tmp_path: Path) -> None:
    assert fingerprint(harm(model)) == fingerprint(harm(model)) != fingerprint(Harm(classifier=TERMS))
    with pytest.raises(InputRefused, match="no such file"):
        fingerprint(Harm(classifier=TermList(kind="terms", files=[str(tmp_path / "none.txt")])))
