"""The token classifier: the network against transformers, and the shipped weights on texts by hand."""

import json

import pytest

from sluicegate.data.scrubbing.corpus import LABELS
from sluicegate.data.scrubbing.names import SHIPPED
from sluicegate.data.scrubbing.tagger import Tagger
from sluicegate.data.scrubbing.tagger.encoder import Encoder
from sluicegate.errors import InputRefused

torch = pytest.importorskip("torch")
shipped = pytest.mark.skipif(not (SHIPPED / "config.json").is_file(), reason="no tagger is shipped yet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small tagger with random weights, written by transformers."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertForTokenClassification

    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghij", *(f"##{c}" for c in "abcdefghij")]
    tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    labels = dict(enumerate(("O", "PERSON", "LOCATION")))
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=40,
        type_vocab_size=1,
        id2label=labels,
        label2id={label: i for i, label in labels.items()},
        initializer_range=1.0,
    )
    out = tmp_path_factory.mktemp("tagger")
    BertForTokenClassification(config).eval().save_pretrained(out)
    tokenizer.save(str(out / "tokenizer.json"))
    return out


def test_the_network_gives_what_transformers_gives(folder):
    from transformers import BertForTokenClassification

    ids = torch.randint(5, 25, (3, 20))
    mask = torch.arange(20)[None, :] < torch.tensor([20, 11, 4])[:, None]
    model = BertForTokenClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        expected = model(ids, attention_mask=mask.long()).logits
    assert torch.allclose(Encoder(folder, torch.float32).logits(ids, mask)[mask], expected[mask], atol=3e-3)


def test_products_in_bfloat16_are_near(folder):
    ids, mask = torch.randint(5, 25, (2, 9)), torch.ones(2, 9, dtype=torch.bool)
    exact, near = (Encoder(folder, kind).logits(ids, mask) for kind in (torch.float32, torch.bfloat16))
    assert near.dtype is torch.float32
    assert (exact - near).abs().mean() < 0.05 * exact.abs().mean()


def test_weights_in_half_precision_are_computed_with_in_full(folder, tmp_path):
    from safetensors.torch import load_file, save_file

    halves = {name: weight.half() for name, weight in load_file(folder / "model.safetensors").items()}
    save_file(halves, tmp_path / "model.safetensors")
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    assert Encoder(tmp_path).logits(torch.tensor([[5, 6]]), torch.ones(1, 2, dtype=torch.bool)).dtype is torch.float32
    assert Tagger.load(tmp_path).finds(["a b"])


def test_a_text_is_found_in_alike_whatever_stands_beside_it(folder):
    from tokenizers import Tokenizer

    tagger = Tagger(Encoder(folder, torch.float32), Tokenizer.from_file(str(folder / "tokenizer.json")))
    texts = ["abc def", "j", "", "fed cba " * 40, "a-b c,d", "ghi " * 9]
    together = tagger.finds(texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = tagger.finds([text])
        assert [find[:3] for find in alone] == [find[:3] for find in found]
        assert [find[3] for find in alone] == pytest.approx([find[3] for find in found], abs=1e-4)
    assert any(together)


def test_no_text_is_too_long_or_too_short(folder):
    tagger = Tagger.load(folder)
    long = "abc def " * 2000
    found = tagger.finds(["", " ", "\n", long])
    assert found[:3] == [[], [], []]
    assert all(0 <= start < end <= len(long) for start, end, _, _ in found[3])


def test_a_recall_bias_makes_more_words_personal(folder):
    text = "abc def ghi jab cde " * 6

    def found(bias: float) -> int:
        return sum(end - start for start, end, _, _ in Tagger.load(folder, recall_bias=bias).finds([text])[0])

    assert found(-50) == 0
    assert found(50) > 0.9 * len(text.replace(" ", ""))


class TestFaultyFolders:
    @pytest.fixture
    def broken(self, folder, tmp_path):
        for path in folder.iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        return tmp_path

    @pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
    def test_a_missing_file_is_named(self, broken, name):
        (broken / name).unlink()
        with pytest.raises(InputRefused, match=name):
            Tagger.load(broken)

    @pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
    def test_a_broken_file_is_named(self, broken, name):
        (broken / name).write_bytes(b"\x00 not this")
        with pytest.raises(InputRefused, match=name):
            Tagger.load(broken)

    @pytest.mark.parametrize(
        ("key", "value", "problem"),
        [
            ("model_type", "gpt2", "gpt2"),
            ("id2label", {"0": "PERSON", "1": "O", "2": "X"}, "label 0"),
            ("id2label", {"0": "O"}, "1 labels for 3"),
            ("num_hidden_layers", 3, "encoder.layer.2"),
        ],
    )
    def test_a_configuration_that_does_not_fit_is_refused(self, broken, key, value, problem):
        config = json.loads((broken / "config.json").read_text())
        (broken / "config.json").write_text(json.dumps(config | {key: value}))
        with pytest.raises(InputRefused, match=problem):
            Tagger.load(broken)


@pytest.fixture(scope="module")
def tagger():
    return Tagger.load(SHIPPED)


@shipped
class TestShipped:
    def test_it_is_at_most_ten_megabytes(self):
        assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) <= 10_000_000

    def test_it_knows_the_types_of_the_corpus(self, tagger):
        assert tagger.entity_types == set(LABELS[1:])

    @pytest.mark.parametrize(
        ("text", "value", "entity_type"),
        [
            ("My name is Sarah Whitfield and I need help.", "Sarah Whitfield", "PERSON"),
            ("my name is sarah whitfield and i need help", "sarah whitfield", "PERSON"),
            ("Dear Mr. Kowalski, thank you for writing.", "Kowalski", "PERSON"),
            ("Dear Mr. Kowalski, thank you for writing.", "Mr.", "TITLE"),
            ("I live at 47 Harbour Road, Bristol BS1 4QD.", "47 Harbour Road, Bristol BS1 4QD", "ADDRESS"),
            ("We flew from Chicago to Lisbon.", "Lisbon", "LOCATION"),
            ("She works for Northgate Logistics Ltd.", "Northgate Logistics Ltd", "ORGANIZATION"),
            ("The meeting is on 14 March 2021.", "14 March 2021", "DATE_TIME"),
            ("我叫王建国，住在北京市海淀区中关村大街27号。", "王建国", "PERSON"),
            ("我叫王建国，住在北京市海淀区中关村大街27号。", "北京市海淀区中关村大街27号", "ADDRESS"),
        ],
    )
    def test_it_finds_what_everybody_would(self, tagger, text, value, entity_type):
        (found,) = tagger.finds([text])
        start = text.index(value)
        covering = [f for f in found if f[0] <= start and f[1] >= start + len(value)]
        assert [f[2] for f in covering] == [entity_type]

    @pytest.mark.parametrize(
        "text",
        [
            "The battery lasts nine hours and the screen is bright.",
            "Press the button and wait until the light is green.",
            "这家店的面条太咸了，下次不来了。",
        ],
    )
    def test_it_leaves_a_text_without_persons_alone(self, tagger, text):
        assert tagger.finds([text]) == [[]]
