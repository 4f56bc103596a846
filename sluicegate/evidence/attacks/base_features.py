"""Features of rows by a model that the training under attack has not touched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sluicegate.evidence.resampling import Floats

LONGEST_TOKENS = 128
_TEXTS_A_STEP = 64
_TERMS = 2000


def base_features(base_model: Path | None, texts: Sequence[str]) -> Floats:
    """Mean of the base model's last hidden states over each text's tokens, shape (N, D).

    What lies beyond 128 tokens, or beyond what the model reads, is not read. Without a base model, each
    text's weights of its 2,000 commonest terms by TF-IDF.
    """
    return _of_terms(texts) if base_model is None else _of_model(base_model, texts)


def _of_model(folder: Path, texts: Sequence[str]) -> Floats:
    import torch
    from transformers import AutoModel, AutoTokenizer

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(folder, **local)
    model = AutoModel.from_pretrained(folder, use_safetensors=True, dtype=torch.float32, **local).eval()
    longest = min(LONGEST_TOKENS, longest_of(model.config) or LONGEST_TOKENS, tokenizer.model_max_length)
    order = np.argsort([len(text) for text in texts], kind="stable")  # alike lengths together: less padding
    found: dict[int, Floats] = {}
    with torch.inference_mode():
        for start in range(0, len(texts), _TEXTS_A_STEP):
            rows = order[start : start + _TEXTS_A_STEP].tolist()
            batch = tokenizer(
                [texts[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=longest,
                return_tensors="pt",
            )
            hidden_NTD = model(**batch).last_hidden_state
            mask_NT1 = batch["attention_mask"].unsqueeze(-1)
            mean_ND = (hidden_NTD * mask_NT1).sum(1) / mask_NT1.sum(1)
            found.update(zip(rows, mean_ND.double().numpy(), strict=True))
    return np.stack([found[row] for row in range(len(texts))])


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

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), max_features=_TERMS, sublinear_tf=True)
    return np.asarray(vectorizer.fit_transform(texts).toarray(), dtype=np.float64)
