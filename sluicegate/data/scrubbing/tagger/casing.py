"""Words in capitals as words with a capital, so that the classifier need not learn each of them twice."""

from __future__ import annotations

import re
from itertools import groupby

_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
_SHOUTED = re.compile(r"[^\W\d_a-z\u3400-\u9fff]{4}")
"""What a word in capitals must hold: a quick look that most texts do not pass."""
_FEWEST = 4
"""Letters of the longest word of a run; shorter runs are abbreviations as likely as not."""


def eased(text: str) -> str:
    """`text` with runs of words in capitals written like names, if one of them has four letters or more.

    As long as `text` to the character: "PAID BY MRS O'DOWD" becomes "Paid By Mrs O'Dowd"; "the USA" stays.
    """
    if not _SHOUTED.search(text):
        return text
    letters = list(text)
    for shouted, run in groupby(_WORD.finditer(text), key=lambda word: word[0].isupper()):
        words = list(run)
        if shouted and max(len(word[0]) for word in words) >= _FEWEST:
            for word in words:
                for at in range(word.start() + 1, word.end()):
                    lower = letters[at].lower()
                    letters[at] = lower if len(lower) == 1 else letters[at]
    return "".join(letters)
