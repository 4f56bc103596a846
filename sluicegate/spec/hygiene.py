"""Repeats, contamination and harm: what is looked for among the scrubbed rows, and what becomes of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sluicegate.spec.section import Section


class NearDuplicates(Section):
    """Texts that share most of their shingles (runs of neighbouring words) with another text.

    Candidates are found by MinHash and banding, and each is held against the threshold by its true Jaccard
    index. What is linked, be it over a third text, is one cluster.
    """

    action: Literal["drop", "cluster"] = "drop"
    """``drop`` keeps the first row of a cluster; ``cluster`` keeps all, under one id in a column ``cluster``."""
    threshold: Annotated[float, Field(ge=0.3, lt=1)] = 0.7
    """Jaccard index of the shingles from which on two texts are near duplicates."""
    shingle_words: Annotated[int, Field(gt=0, le=20)] = 3
    """Words of a shingle in scripts with spaces."""
    shingle_characters: Annotated[int, Field(gt=0, le=40)] = 4
    """Characters of a shingle in scripts without (Chinese, Japanese, Thai, Lao, Khmer, Burmese)."""
    permutations: Annotated[int, Field(ge=16, le=1024)] = 128
    """Hash functions of a signature; more find more of the pairs near the threshold, and take longer."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the hash functions."""


class NearImages(Section):
    """Images whose difference hashes (64 bits, of the brightness of neighbouring places) are nearly the same.

    What is linked, be it over a third image, is one cluster. Images of little structure have few different hashes.
    """

    action: Literal["drop", "cluster"] = "cluster"
    """``drop`` keeps the first row of a cluster; ``cluster`` keeps all, under one id in a column ``cluster``."""
    distance: Annotated[int, Field(ge=0, le=7)] = 3
    """Bits of the hashes that may differ between near duplicates."""


class EvaluationSet(Section):
    """Texts that the model will be measured on elsewhere, and so must not learn from."""

    path: str
    """CSV, JSON Lines (``.jsonl``, ``.ndjson``) or Parquet."""
    column: str = "text"
    """The column, or key, with the text."""


class Contamination(Section):
    """Rows that repeat, nearly repeat or quote a text of an evaluation set."""

    action: Literal["drop", "tag"] = "drop"
    """``tag`` keeps them, with the names of the sets in a column ``contamination``."""
    evaluation: Annotated[dict[str, EvaluationSet], Field(min_length=1, max_length=64)]
    """Name → evaluation set."""
    quote_words: Annotated[int, Field(ge=5, le=100)] | None = 13
    """A row with this many words in a run that an evaluation text also has quotes it; null looks for no quotes."""
    quote_characters: Annotated[int, Field(ge=8, le=200)] = 26
    """The same for scripts without spaces, in characters."""


class TermList(Section):
    """A list of terms; it finds words in spite of common disguises, and knows nothing of what is meant."""

    kind: Literal["terms"]
    shipped: bool = True
    """Use the list that Sluicegate ships (English and Chinese)."""
    files: list[str] = []
    """Lists of your own: a term a line, and after a tab its weight from 0 to 1 (1 if left out)."""


class HarmModel(Section):
    """A text classification model in a folder, such as a candidate that Sluicegate packed."""

    kind: Literal["model"]
    folder: str
    """``config.json``, ``model.safetensors`` and the tokenizer's files."""
    labels: Annotated[list[str], Field(min_length=1)]
    """The labels that mean harm; their probabilities are added up."""
    max_length_tokens: Annotated[int, Field(gt=0)] | None = None
    """Tokens read at once; of a longer text the highest score of windows of that many counts, each of which repeats
    an eighth of the one before. Null takes what the candidate says, or 128."""


class Harm(Section):
    """Harmful text: what finds it, from which score on, and what becomes of it."""

    action: Literal["drop", "tag"] = "tag"
    """``tag`` keeps the rows, with the score of each in a column ``harm``; ``drop`` drops harmful rows before repeats
    are looked for, and so scores every row, repeats of one spelling once."""
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Score from which on a text counts as harmful."""
    classifier: Annotated[TermList | HarmModel, Field(discriminator="kind")]
    """What scores the texts."""


class Hygiene(Section):
    """Repeats, contamination and harm among the rows."""

    exact_duplicates: Literal["drop", "keep"] = "drop"
    """Texts that are the same but for spelling variants that no reader would see: keep the first, or all."""
    conflicting_labels: Literal["drop_all", "keep_first", "keep_majority"] = "keep_majority"
    """The same text under several labels: drop it, or believe the first or the most frequent label."""
    near_duplicates: NearDuplicates | None = NearDuplicates()
    """Texts that are nearly the same; null looks for none."""
    near_images: NearImages | None = NearImages()
    """The same for images, in the place of `near_duplicates`; null looks for none."""
    contamination: Contamination | None = None
    """Evaluation sets that must not be in the data; null looks for none."""
    harm: Harm | None = None
    """Harmful text; null looks for none."""
