"""A list of terms as a classifier of harmful text: plain to see through, and limited.

It finds words, not harm. It sees through capitals, accents, look-alike letters, characters that cannot be
seen, figures and signs for letters (sh1t), letters apart (s h i t), letters repeated (shiiit) and letters
starred out (s**t). It misses every threat, slander or instruction in other words, and any language that is
not on the list; and it finds what is quoted, discussed, reclaimed or meant in another sense.

A shipped list holds the first 16 digits of SHA-256 of each term, so that the words need not be read by those
who do not look for them; it is no secret, since a dictionary undoes it. ``python -m
sluicegate.data.hygiene.terms LIST OUT`` makes such a list of terms, one a line, each with its weight after a tab.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from sluicegate.errors import InputRefused

SHIPPED = Path(__file__).parent / "terms.sha256"
"""English and Chinese terms: 1 slurs, threats and incitement, 0.6 strong abuse, 0.3 coarse words."""
LIMITS = (
    "It finds words, not harm: it misses every threat, slander or instruction in other words and any language that is "
    "not on a list, and it finds what is quoted, discussed, reclaimed or meant in another sense."
)
_DIGITS = 16
_TOKEN = re.compile(r"[\w@$!|*#+']+")
_CHINESE = re.compile("[\u3400-\u9fff](?:[ *._-]?[\u3400-\u9fff])*")
_APART = re.compile(r"(?<![^\W_])[^\W\d_](?:[\W_]{1,2}[^\W\d_](?![^\W_])){2,39}")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_HIDDEN = re.compile("[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_SIGNS = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g"} | dict(
    zip("@$!|+", "asilt", strict=True)
))  # fmt: skip
_LOOK_ALIKES = str.maketrans("’абвгезіјкмнорстухѕԁɡαεικνορτυχıℓ", "'abbrezijkmhopctyxsdgaeiknoptuxil")
_OUTER = "!|*#+'_"
_MOST_RUNS = 4
_Weight = tuple[str, float]


def folded(text: str) -> str:
    """`text` without case, accents, hidden characters and letters of other scripts that look like Latin ones."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", _HIDDEN.sub("", text)).casefold()
    return "".join(c for c in text if not unicodedata.combining(c)).translate(_LOOK_ALIKES)


class TermClassifier:
    """Scores a text by the heaviest term that it holds, 0 if it holds none.

    Args:
        shipped: Whether to use the list that is shipped.
        files: Lists of the user, each with a term a line and its weight after a tab (1 if left out).

    Raises:
        InputRefused: A list cannot be read, or a weight is no number from 0 to 1.
    """

    def __init__(self, *, shipped: bool = True, files: Sequence[Path] = ()) -> None:
        self._weights: dict[str, float] = {}
        self._words, self._characters = 1, 0
        if shipped:
            self._read_hashed(SHIPPED)
        for path in files:
            self._add(_terms(path))
        self._weight = lru_cache(1 << 18)(self._look_up)

    def scores(self, texts: Sequence[str]) -> list[float]:
        """The weight of the heaviest term in each text, from 0 to 1."""
        return [self._score(folded(text)) for text in texts]

    def _score(self, text: str) -> float:
        tokens = _TOKEN.findall(text)
        best = max((self._weight(token) for token in tokens), default=0.0)
        if self._words > 1:
            plain = [token.strip(_OUTER) for token in tokens]
            for count in range(2, self._words + 1):
                for begin in range(len(plain) - count + 1):
                    best = max(best, self._hashed(" ".join(plain[begin : begin + count])))
        for found in _APART.finditer(text):
            letters = re.sub(r"[\W_]", "", found.group())
            best = max([best, *(self._hashed(part) for part in _substrings(letters, 3, len(letters)))])
        if self._characters and not text.isascii():
            for found in _CHINESE.finditer(text):
                characters = re.sub(r"[ *._-]", "", found.group())
                best = max([best, *(self._hashed(part) for part in _substrings(characters, 2, self._characters))])
        return best

    def _look_up(self, token: str) -> float:
        return max((self._hashed(form) for form in _forms(token)), default=0.0)

    def _hashed(self, term: str) -> float:
        return self._weights.get(_digest(term), 0.0)

    def _add(self, terms: Iterable[_Weight]) -> None:
        for term, weight in terms:
            self._words = max(self._words, term.count(" ") + 1)
            self._characters = max(self._characters, len(term) if _CHINESE.fullmatch(term) else 0)
            self._weights[_digest(term)] = weight
            for form in _starred(term):  # may stand for several words, so it weighs what the least of them does
                self._weights[_digest(form)] = min(weight, self._weights.get(_digest(form), 1.0))

    def _read_hashed(self, path: Path) -> None:
        for line in path.read_text(encoding="ascii").splitlines():
            first, second = line.split("\t")
            if first == "words":
                self._words = int(second)
            elif first == "characters":
                self._characters = int(second)
            else:
                self._weights[first] = float(second)

    def hashed(self) -> str:
        """The list in the form in which one is shipped."""
        lines = [f"words\t{self._words}", f"characters\t{self._characters}"]
        return "\n".join([*lines, *(f"{term}\t{weight:g}" for term, weight in sorted(self._weights.items())), ""])


def _terms(path: Path) -> Iterator[_Weight]:
    """The folded terms of a list, with their weights."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problem = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or "cannot be read"
        raise InputRefused(path, "", problem) from None
    for number, line in enumerate(lines, start=1):
        term, _, weight = line.partition("\t")
        if not (term := " ".join(folded(term).split())) or term.startswith("#"):
            continue
        try:
            value = float(weight or 1)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            raise InputRefused(path, f"line {number}", "the weight after the tab is no number from 0 to 1")
        yield term, value


def _forms(token: str) -> Iterator[str]:
    """What a token may stand for, each a term that could be on the list."""
    core = token.strip(_OUTER)
    yield from _shortened(re.sub(r"[\W_]", "", core))
    signs = token.strip("*#'_").rstrip("!|+")
    if any(c.isalpha() for c in signs) and (decoded := signs.translate(_SIGNS)) != signs:
        yield from _shortened(decoded)
        if "1" in signs:
            yield from _shortened(signs.replace("1", "l").translate(_SIGNS))
    if "*" in core or "#" in core:
        yield core.replace("#", "*")


def _shortened(word: str) -> Iterator[str]:
    """The word, and with each letter that is there three times or more in a row once or twice."""
    yield word
    pieces = _LONG_RUN.split(word)
    if 1 < len(pieces) <= 2 * _MOST_RUNS + 1:
        runs = [[letter, letter * 2] for letter in pieces[1::2]]
        for choice in itertools.product(*runs):
            yield "".join(itertools.chain.from_iterable(itertools.zip_longest(pieces[::2], choice, fillvalue="")))


def _starred(term: str) -> Iterator[str]:
    """A single word with its inside, or one letter of it, starred out."""
    if len(term) >= 4 and term.isascii() and term.isalpha():
        yield term[0] + "*" * (len(term) - 2) + term[-1]
        yield from (term[:i] + "*" + term[i + 1 :] for i in range(1, len(term) - 1))


def _substrings(text: str, shortest: int, longest: int) -> Iterator[str]:
    for begin in range(len(text)):
        for length in range(shortest, min(longest, len(text) - begin) + 1):
            yield text[begin : begin + length]


def _digest(term: str) -> str:
    return hashlib.sha256(term.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(TermClassifier(shipped=False, files=[Path(sys.argv[1])]).hashed(), encoding="ascii")
