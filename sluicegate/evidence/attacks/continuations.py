"""How a causal language model goes on from the beginnings of texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sluicegate.evidence.attacks.extraction import Question, Tokens

_TEXTS_A_STEP = 32


def continuations(candidate: Path, questions: Sequence[Question], tokens: int) -> list[Tokens]:
    """The `tokens` most probable tokens, one after the other (greedy decoding), after each prefix; all equally long.

    Raises:
        ValueError: The prefixes are not equally long.
    """
    if len({len(question.prefix) for question in questions}) > 1:
        raise ValueError("the prefixes are to be equally long")
    if not questions:
        return []
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(
        candidate, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
    ).eval()
    found: list[Tokens] = []
    with torch.inference_mode():
        for start in range(0, len(questions), _TEXTS_A_STEP):
            prefix_NT = torch.tensor([list(question.prefix) for question in questions[start : start + _TEXTS_A_STEP]])
            written_NT = model.generate(
                prefix_NT,
                attention_mask=torch.ones_like(prefix_NT),
                do_sample=False,
                min_new_tokens=tokens,
                max_new_tokens=tokens,
                pad_token_id=0,
            )
            found += written_NT[:, prefix_NT.shape[1] :].tolist()
    return found
