"""A base without a base model: random weights, and a vocabulary made from the run's own texts.

A GPT-2 has byte-level pieces, which spell any text and nothing else; a BERT has WordPiece. The `tokenizers` library's
own WordPiece training numbers its pieces in the order of a hash table, another one
in every process, and breaks ties by those numbers: the same texts give other vocabularies. Its byte-pair
training repeats, as long as it is told the alphabet. So merges are learned by that, and what they cut the
words into, counted, becomes the WordPiece vocabulary.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sluicegate.errors import InputRefused
from sluicegate.spec import ImageScratch
from sluicegate.spec.model import Scratch, Task
from sluicegate.training.base_model import FIELD, Base
from sluicegate.training.image_models import cast_inputs, make_model
from sluicegate.training.recipes import recipe_for

END = "<|endoftext|>"
"""GPT-2's only special token; it fills rows as well."""
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CONTINUES = "##"
"""Stands before a piece that does not begin its word."""
_RAREST_CHARACTER = 2
"""A character that the texts hold less often is unknown."""
_LONGEST_WORD = 100
_SPREAD = 0.02
"""Standard deviation of random weights, as BERT's."""


def make_base(texts: Iterable[str], labels: Sequence[str], task: Task, scratch: Scratch) -> Base:
    """A model with random weights and a tokenizer made from `texts`; the weights come from torch's generator.

    It is a BERT, or for `causal-lm` a GPT-2. The same texts, in any order, and the same state of the generator give
    the same bytes.

    Raises:
        InputRefused: The texts hold no character that occurs twice, or the vocabulary has no room for all bytes.
    """
    recipe, causal = recipe_for(task), task == "causal-lm"
    tokenizer = make_byte_tokenizer(texts, scratch) if causal else make_tokenizer(texts, scratch)
    config = _gpt2(tokenizer, scratch) if causal else _bert(tokenizer, scratch, recipe.names(labels))
    model = recipe.model_class().from_config(copy.deepcopy(config))
    model.config.use_cache = False  # what it keeps for the next token is of no use in training
    return Base(model, tokenizer, config)


def make_image_base(labels: Sequence[str], scratch: ImageScratch) -> Base:
    """A vision transformer with random weights from torch's generator, and the processor of its images."""
    recipe = recipe_for("image-classification")
    model, processor, config = make_model(recipe.model_class(), recipe.names(labels), scratch)
    cast_inputs(model)
    return Base(model, processor, config)


def _bert(tokenizer: Any, scratch: Scratch, names: Mapping[str, Any]) -> Any:
    from transformers import BertConfig

    return BertConfig(
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
        **names,
    )


def _gpt2(tokenizer: Any, scratch: Scratch) -> Any:
    from transformers import GPT2Config

    return GPT2Config(
        vocab_size=len(tokenizer),
        n_embd=scratch.hidden,
        n_layer=scratch.layers,
        n_head=scratch.heads,
        n_positions=scratch.longest,
        initializer_range=_SPREAD,
        resid_pdrop=scratch.dropout,
        embd_pdrop=scratch.dropout,
        attn_pdrop=0.0,
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def make_byte_tokenizer(texts: Iterable[str], scratch: Scratch) -> Any:
    """A fast byte-level tokenizer, laid out as GPT-2's, whose merges are learned from `texts`.

    Raises:
        InputRefused: The vocabulary has no room for all bytes.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    if scratch.vocabulary <= len(alphabet):
        problem = f"is {scratch.vocabulary}, and every byte and the end of a text make {len(alphabet) + 1}"
        raise InputRefused("training", "base_model.scratch.vocabulary", problem)
    steps = [normalizers.Lowercase()] if scratch.lowercase else []
    normalise, split = (
        normalizers.Sequence([*steps, *_alike(scratch)]),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    )
    words = _words(texts, normalise.normalize_str, split)
    tokenizer = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=scratch.vocabulary, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(_repeated(words), trainer)  # of spelled-out bytes, before anything splits them
    tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.decoder = normalise, split, decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=scratch.longest,
        bos_token=END,
        eos_token=END,
        pad_token=END,
    )


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
    from tokenizers import normalizers

    bert = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=scratch.lowercase
    )
    return normalizers.Sequence([bert, *_alike(scratch)])


def _alike(scratch: Scratch) -> list[Any]:
    from tokenizers import Regex, normalizers

    return [normalizers.Replace(Regex("[0-9]"), "0")] if scratch.digits_alike else []


def _words(texts: Iterable[str], normalise: Callable[[str], str], split: Any) -> Counter[str]:
    words: Counter[str] = Counter()
    for text in texts:
        words.update(word for word, _ in split.pre_tokenize_str(normalise(text)) if len(word) <= _LONGEST_WORD)
    return words


def _by_count(counts: Counter[str]) -> list[tuple[str, int]]:
    """The commonest first; of equally common ones, in the order of their characters."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
