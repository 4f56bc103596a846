"""Texts of scripts that put no spaces between words, such as Chinese, Japanese and Thai."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


def unspaced(texts: Sequence[str]) -> bool:
    """Whether most letters are of a script that puts no spaces between words, so that texts have to be cut up."""
    letters = alone = 0
    for text in texts:
        letters += sum(character.isalpha() for character in text)
        alone += len(_UNSPACED.findall(text))
    return 2 * alone > letters
