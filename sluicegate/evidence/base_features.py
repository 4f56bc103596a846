"""Features of rows by a model that the training has not touched.

The base model's and not the candidate's: its features need no label, are the same from release to release of one base
model, and have not seen the training rows, which a candidate tells from others because it learned from them.

Shapes: N rows, D features.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sluicegate.evidence.images import features
from sluicegate.evidence.resampling import Floats

LONGEST_TOKENS = 128
_TEXTS_A_STEP = 64
_TERMS = 2000


class BaseFeatures:
    """Features of rows, of which each text goes through the base model once however many measures want it.

    Args:
        base_model: The base model's folder; None from scratch.
    """

    def __init__(self, base_model: Path | None) -> None:
        self._base_model = base_model
        self._known: dict[str, Floats] = {}

    @property
    def of_a_model(self) -> bool:
        """Whether there is a base model; else texts are described by their terms."""
        return self._base_model is not None

    def of(self, rows: pd.DataFrame) -> Floats:
        """The rows' features, shape (N, D).

        Of a text the mean of the base model's last hidden states over its tokens; what lies beyond 128 tokens, or
        beyond what the model reads, is not read. Without a base model, its weights of the 2,000 commonest terms of all
        these texts by TF-IDF. Of an image its pixels, made 16 × 16.
        """
        if "image" in rows.columns:
            return features(rows["image"]).astype(np.float64)
        texts = rows["text"].tolist()
        if self._base_model is None:
            return _of_terms(texts)
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, _of_model(self._base_model, new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def named(self, rows: pd.DataFrame) -> str:
        """What the features of these rows are, in a few words."""
        if "image" in rows.columns:
            return "pixels"
        return "terms, as there is no base model" if self._base_model is None else "the base model's embeddings"


def _of_model(folder: Path, texts: Sequence[str]) -> Floats:
    import torch
    from transformers import AutoModel, AutoTokenizer

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(folder, **local)
    model = AutoModel.from_pretrained(folder, use_safetensors=True, dtype=torch.float32, **local).eval()
    longest = min(LONGEST_TOKENS, longest_of(model.config) or LONGEST_TOKENS, tokenizer.model_max_length)
    fill = tokenizer.pad_token_id or 0  # GPT-2 has none; what is padded is masked
    order = np.argsort([len(text) for text in texts], kind="stable")  # alike lengths together: less padding
    found: dict[int, Floats] = {}
    with torch.inference_mode():
        for start in range(0, len(texts), _TEXTS_A_STEP):
            rows = order[start : start + _TEXTS_A_STEP].tolist()
            cut = tokenizer([texts[row] for row in rows], truncation=True, max_length=longest)["input_ids"]
            ids_NT, mask_NT = _padded([ids or [fill] for ids in cut], fill)
            hidden_NTD = model(input_ids=ids_NT, attention_mask=mask_NT).last_hidden_state
            mask_NT1 = mask_NT.unsqueeze(-1)
            mean_ND = (hidden_NTD * mask_NT1).sum(1) / mask_NT1.sum(1)
            found.update(zip(rows, mean_ND.double().numpy(), strict=True))
    return np.stack([found[row] for row in range(len(texts))])


def _padded(rows: Sequence[Sequence[int]], fill: int) -> tuple[Any, Any]:
    """Token ids filled up on the right, and which of them are the texts' own, both of shape (N, T)."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    ids_NT = pad_sequence([torch.tensor(ids) for ids in rows], batch_first=True, padding_value=fill)
    mask_NT = pad_sequence([torch.ones(len(ids), dtype=torch.long) for ids in rows], batch_first=True)
    return ids_NT, mask_NT


def longest_of(config: Any) -> int | None:
    """Tokens that a model reads at most, from its configuration; None without a limit.

    Positions of RoBERTa and its kin begin behind the padding's number.
    """
    positions = getattr(config, "max_position_embeddings", None)
    if not positions:
        return None
    shifted = config.model_type in ("roberta", "xlm-roberta", "camembert", "longformer", "mpnet")
    return int(positions) - (int(config.pad_token_id or 0) + 1 if shifted else 0)


def _of_terms(texts: Sequence[str]) -> Floats:
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(text.strip() for text in texts):
        return np.zeros((len(texts), 1))  # there are no terms; all rows are alike
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), max_features=_TERMS, sublinear_tf=True)
    return np.asarray(vectorizer.fit_transform(texts).toarray(), dtype=np.float64)
