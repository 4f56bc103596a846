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
from sluicegate.spelling import INVISIBLE

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
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_SIGNS = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g"} | dict(
    zip("@$!|+", "asilt", strict=True)
))  # fmt: skip
_LOOK_ALIKES = str.maketrans("’абвгезіјкмнорстухѕԁɡαεικνορτυχıℓ", "'abbrezijkmhopctyxsdgaeiknoptuxil")
_OUTER = "!|*#+'_"
_BETWEEN_CHINESE = re.compile("[ *._-]")
_LETTER_SIGNS = frozenset("@$!|+")
_MOST_RUNS = 4
_SHORTEST_CHINESE = 2
"""Characters of the shortest Chinese term on the list that is shipped."""
_Line = tuple[Path, int, str, float]


def folded(text: str) -> str:
    """`text` without case, accents, hidden characters and letters of other scripts that look like Latin ones."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", INVISIBLE.sub("", text)).casefold()
    return "".join(c for c in text if not unicodedata.combining(c)).translate(_LOOK_ALIKES)


class TermClassifier:
    """Scores a text by the heaviest term that it holds, 0 if it holds none.

    Args:
        shipped: Whether to use the list that is shipped.
        files: Lists of the user, each with a term a line and its weight after a tab (1 if left out).

    Raises:
        InputRefused: A list cannot be read, a weight is no number from 0 to 1, or a term can never be found.
    """

    def __init__(self, *, shipped: bool = True, files: Sequence[Path] = ()) -> None:
        self._weights: dict[str, float] = {}
        self._words, self._characters, self._shortest = 1, 0, _SHORTEST_CHINESE
        if shipped:
            self._read_hashed(SHIPPED)
        lines = [line for path in files for line in _terms(path)]
        for _, _, term, weight in lines:
            self._add(_as_in_a_text(term), weight)
        self._weight = lru_cache(1 << 18)(self._look_up)
        self._require_found(lines)

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
                characters = _BETWEEN_CHINESE.sub("", found.group())
                parts = _substrings(characters, self._shortest, self._characters)
                best = max([best, *map(self._hashed, parts)])
        return best

    def _look_up(self, token: str) -> float:
        return max((self._hashed(form) for form in _forms(token)), default=0.0)

    def _hashed(self, term: str) -> float:
        return self._weights.get(_digest(term), 0.0)

    def _add(self, term: str, weight: float) -> None:
        self._words = max(self._words, term.count(" ") + 1)
        if _CHINESE.fullmatch(term):
            self._characters, self._shortest = max(self._characters, len(term)), min(self._shortest, len(term))
        self._weights[_digest(term)] = weight
        for form in _starred(term):  # may stand for several words, so it weighs what the least of them does
            self._weights[_digest(form)] = min(weight, self._weights.get(_digest(form), 1.0))

    def _require_found(self, lines: Iterable[_Line]) -> None:
        for path, number, term, weight in lines:
            read = _as_in_a_text(term)
            if len(read) == 1 and read != term and read.isalnum() and not _CHINESE.fullmatch(read):
                problem = "the term reads as a single letter, since signs around a word are not looked at"
                raise InputRefused(path, f"line {number}", problem, "leave it out")
            if weight and not (read.strip() and self._score(term)):
                problem = "the term can never be found: it is no run of words that texts are cut into"
                raise InputRefused(path, f"line {number}", problem, "leave it out")

    def _read_hashed(self, path: Path) -> None:
        for line in path.read_text(encoding="ascii").splitlines():
            first, second = line.split("\t")
            if first == "words":
                self._words = int(second)
            elif first == "characters":
                self._characters = int(second)
            elif first == "shortest":
                self._shortest = int(second)
            else:
                self._weights[first] = float(second)

    def hashed(self) -> str:
        """The list in the form in which one is shipped."""
        lines = [f"words\t{self._words}", f"characters\t{self._characters}"]
        lines += [f"shortest\t{self._shortest}"] if self._shortest < _SHORTEST_CHINESE else []
        return "\n".join([*lines, *(f"{term}\t{weight:g}" for term, weight in sorted(self._weights.items())), ""])


def _terms(path: Path) -> Iterator[_Line]:
    """The folded terms of a list, with their lines and weights."""
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
        yield path, number, term, value


def _as_in_a_text(term: str) -> str:
    """A folded term as `TermClassifier` meets it in a text: cut into words, without the signs around them."""
    if _CHINESE.fullmatch(term):
        return _BETWEEN_CHINESE.sub("", term)
    if _APART.fullmatch(_AROUND.sub("", term)):
        return re.sub(r"[\W_]", "", term)
    tokens = _TOKEN.findall(term)
    return _spelt(tokens[0]) if len(tokens) == 1 else " ".join(token.strip(_OUTER) for token in tokens)


def _spelt(token: str) -> str:
    """The one of the forms of a single word that stands for the fewest others."""
    core, signs = token.strip(_OUTER), _without_ends(token)
    if "*" in core or "#" in core:
        return core.replace("#", "*")
    if _LETTER_SIGNS.intersection(signs) and any(c.isalpha() for c in signs):
        return signs.translate(_SIGNS)
    return re.sub(r"[\W_]", "", core)


def _forms(token: str) -> Iterator[str]:
    """What a token may stand for, each a term that could be on the list."""
    core = token.strip(_OUTER)
    yield from _shortened(re.sub(r"[\W_]", "", core))
    signs = _without_ends(token)
    if any(c.isalpha() for c in signs) and (decoded := signs.translate(_SIGNS)) != signs:
        yield from _shortened(decoded)
        if "1" in signs:
            yield from _shortened(signs.replace("1", "l").translate(_SIGNS))
    if "*" in core or "#" in core:
        yield core.replace("#", "*")


def _without_ends(token: str) -> str:
    """The token without what stands around a word, but for the signs that may be its first letter."""
    return token.strip("*#'_").rstrip("!|+")


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
