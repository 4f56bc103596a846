"""A base without a base model: random weights, and a WordPiece vocabulary made from the run's own texts.

The `tokenizers` library's own WordPiece training numbers its pieces in the order of a hash table, another one
in every process, and breaks ties by those numbers: the same texts give other vocabularies. Its byte-pair
training repeats, as long as it is told the alphabet. So merges are learned by that, and what they cut the
words into, counted, becomes the vocabulary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sluicegate.errors import InputRefused
from sluicegate.spec.model import Scratch, Task
from sluicegate.training.base_model import FIELD, Base
from sluicegate.training.recipes import recipe_for

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CONTINUES = "##"
"""Stands before a piece that does not begin its word."""
_RAREST_CHARACTER = 2
"""A character that the texts hold less often is unknown."""
_LONGEST_WORD = 100
_SPREAD = 0.02
"""Standard deviation of random weights, as BERT's."""


def make_base(texts: Iterable[str], labels: Sequence[str], task: Task, scratch: Scratch) -> Base:
    """A BERT with random weights and a tokenizer made from `texts`; the weights come from torch's generator.

    The same texts, in any order, and the same state of the generator give the same bytes.

    Raises:
        InputRefused: The texts hold no character that occurs twice.
    """
    from transformers import BertConfig

    recipe, tokenizer = recipe_for(task), make_tokenizer(texts, scratch)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=scratch.hidden,
        num_hidden_layers=scratch.layers,
        num_attention_heads=scratch.heads,
        intermediate_size=4 * scratch.hidden,
        max_position_embeddings=scratch.longest,
        type_vocab_size=1,
        initializer_range=_SPREAD,
        hidden_dropout_prob=scratch.dropout,
        attention_probs_dropout_prob=0.0,
        pad_token_id=tokenizer.pad_token_id,
        **recipe.names(labels),
    )
    return Base(recipe.model_class().from_config(config), tokenizer, config)


def make_tokenizer(texts: Iterable[str], scratch: Scratch) -> Any:
    """A fast WordPiece tokenizer, laid out as BERT's, whose vocabulary is made from `texts`.

    Raises:
        InputRefused: The texts hold no character that occurs twice.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    normalise, split = _normaliser(scratch), pre_tokenizers.BertPreTokenizer()
    words = _words(texts, normalise.normalize_str, split)
    vocabulary = {piece: number for number, piece in enumerate(make_vocabulary(words, scratch.vocabulary))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=_LONGEST_WORD))
    tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.decoder = normalise, split, decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=scratch.longest,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def make_vocabulary(words: Counter[str], size: int) -> list[str]:
    """At most `size` word pieces for these words, special tokens first; the same for the same counts.

    Characters come before longer pieces, and what is used more often before the rest.

    Raises:
        InputRefused: There is no character that occurs twice.
    """
    characters, single, pieces = Counter[str](), Counter[str](), Counter[str]()
    for word, count in words.items():
        for place, character in enumerate(word):
            characters[character] += count
            single[CONTINUES * (place > 0) + character] += count
    common = [c for c, count in _by_count(characters) if count >= _RAREST_CHARACTER][: size * 3 // 4]
    if not common:
        raise InputRefused(
            "train.parquet", "text", f"holds no character that occurs twice, so {FIELD} can make no vocabulary"
        )
    cut, known = _merges(words, common, size), set(common)
    for word, count in words.items():
        for place, piece in enumerate(cut(word)):
            pieces[CONTINUES * (place > 0) + piece] += count if len(piece) > 1 else 0
    spelled = [piece for piece, _ in _by_count(single) if piece[-1] in known]
    return [*SPECIAL, *spelled, *(piece for piece, count in _by_count(pieces) if count)][:size]


def _merges(words: Counter[str], alphabet: Sequence[str], size: int) -> Callable[[str], list[str]]:
    """Byte-pair merges learned from the words, as a function that cuts one into pieces."""
    from tokenizers import Tokenizer, models, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    alphabet = sorted(alphabet)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["[UNK]"],
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),  # which of equally rare characters it keeps would be left to chance
        show_progress=False,
    )
    tokenizer.train_from_iterator(_repeated(words), trainer)
    return lambda word: [word[start:end] for start, end in tokenizer.encode(word).offsets]


def _repeated(words: Counter[str]) -> Iterator[str]:
    """Every word as often as it was counted."""
    for word, count in sorted(words.items()):
        for _ in range(count):
            yield word


def _normaliser(scratch: Scratch) -> Any:
    from tokenizers import Regex, normalizers

    bert = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=scratch.lowercase
    )
    alike = [normalizers.Replace(Regex("[0-9]"), "0")] if scratch.digits_alike else []
    return normalizers.Sequence([bert, *alike])


def _words(texts: Iterable[str], normalise: Callable[[str], str], split: Any) -> Counter[str]:
    words: Counter[str] = Counter()
    for text in texts:
        words.update(word for word, _ in split.pre_tokenize_str(normalise(text)) if len(word) <= _LONGEST_WORD)
    return words


def _by_count(counts: Counter[str]) -> list[tuple[str, int]]:
    """The commonest first; of equally common ones, in the order of their characters."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
