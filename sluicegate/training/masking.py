"""Hidden tokens, for masked language modelling: another choice of them each time a row is read.

Source: Devlin et al., BERT (2019), section 3.1; drawn anew at each step as in Liu et al., RoBERTa (2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.training.tags import NOT_TRAINED

HIDDEN_SHARE = 0.15
MASKED_SHARE, REPLACED_SHARE = 0.8, 0.1
"""Of the hidden tokens: those that become the mask, and those that become any other token; the rest stay."""


@dataclass(frozen=True)
class Masking:
    """Hides tokens of a row."""

    mask_id: int
    """The token that stands for a hidden one."""
    vocabulary: int
    """How many tokens there are."""
    special: tuple[int, ...]
    """Those that are never put in the place of a hidden one."""

    @classmethod
    def of(cls, tokenizer: Any) -> Masking:
        """With the mask and the vocabulary of `tokenizer`."""
        return cls(tokenizer.mask_token_id, len(tokenizer), tuple(sorted(tokenizer.all_special_ids)))

    @cached_property
    def ordinary_V(self) -> NDArray[np.int64]:
        """The tokens of which a random one may take a hidden one's place."""
        return np.setdiff1d(np.arange(self.vocabulary), self.special)

    def hide(
        self, ids_T: NDArray[np.int32], tokens_T: NDArray[np.int64], moment: Sequence[int]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The tokens that the model reads, and those that it has to tell, −100 where it has not; both shape (T,).

        Args:
            ids_T: The row.
            tokens_T: The same, with −100 where nothing may be hidden.
            moment: What the choice depends on, and on nothing else. One token at least is hidden, if any may be.
        """
        random = np.random.default_rng(list(moment))
        may = np.flatnonzero(tokens_T != NOT_TRAINED)
        hidden = random.permutation(may)[: max(1, round(HIDDEN_SHARE * len(may)))]
        fate = random.random(len(hidden))
        masked = hidden[fate < MASKED_SHARE]
        replaced = hidden[(fate >= MASKED_SHARE) & (fate < MASKED_SHARE + REPLACED_SHARE)]
        read_T, taught_T = np.array(ids_T), np.full_like(tokens_T, NOT_TRAINED)
        taught_T[hidden] = tokens_T[hidden]
        read_T[masked] = self.mask_id
        read_T[replaced] = random.choice(self.ordinary_V, len(replaced))
        return read_T, taught_T
