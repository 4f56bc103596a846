"""Text in one plain spelling for the search, with the way back to where each character stood.

Whoever hides an address, or only types with a Chinese keyboard, writes `１３８` for `138`, puts a zero-width
space into a number or a Cyrillic `а` into an e-mail address. Recognizers see none of that: they see the folded
text, and what they find is mapped back to the characters of the original.

What is folded:

- compatibility forms of one ASCII character or one ideograph: full-width, small, mathematical, circled, raised
  (`ｊ`, `𝐣`, `ⓙ`, `²`, `⼭`); decimal digits of every script; circled numbers up to 50 (`⑬`);
- spaces of every width to a space; line and paragraph separators to a line feed; look-alike dashes, dots, colons,
  slashes and apostrophes to the ASCII ones, and raised dots to `·`. The ideographic full stop stays: it ends sentences;
- what cannot be seen is taken out: zero-width characters, soft hyphens, variation selectors, tags, bidirectional
  controls, fillers, control characters;
- general combining marks are composed with their letter where there is such a letter, and taken out elsewhere. Vowel
  signs of Indic, Arabic or Hebrew script are letters to their readers and stay;
- Cyrillic and Greek look-alikes become Latin only in a token that holds a dot or an at sign, at least one ASCII letter
  and no other foreign character: such a token is an address in disguise. Elsewhere they are Russian or Greek.

Text inside a right-to-left override is shown backwards. Whether somebody hid a number from the reader or from the
search cannot be told, so both are searched: the folded text is the text as stored, a line feed, and the text as
displayed. An override ends at the next pop or line end; nested ones are not told apart.

Source: Unicode Standard Annex 9 (bidirectional algorithm), Annex 15 (normalization forms); Technical Standard 39
(confusables), of which only the look-alikes of ASCII letters are used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_IDEOGRAPHS = range(0x2E80, 0xA000)
_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\u2800")
_MARK_BLOCKS = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
_MARKS = frozenset(chr(point) for first, last in _MARK_BLOCKS for point in range(first, last + 1))
_LARGEST_CIRCLED = 50
_LOOK_ALIKES = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u02d7\u2e3a\u2e3b\ufe58", "-"),
    **dict.fromkeys("\u2024\u0701\u0702\ua4f8", "."),
    **dict.fromkeys("\u2022\u2027\u2219\u22c5\u30fb\uff65\u0387\u1427", "\u00b7"),
    **dict.fromkeys("\u2236\ua789\u02d0\ufe13\ufe55", ":"),
    **dict.fromkeys("\u2044\u2215\u29f8", "/"),
    **dict.fromkeys("\u2018\u2019\u02bc\u02b9\u2032", "'"),
    **dict.fromkeys("\u301c\u223c\u02dc", "~"),
    **dict.fromkeys("\u2028\u2029\u0085", "\n"),
    "\uff61": "\u3002",
}
_CYRILLIC_AND_GREEK = dict(
    zip(
        "\u0430\u0432\u0435\u0451\u0456\u0457\u0458\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445"
        "\u0455\u0501\u051b\u051d\u04bb"
        "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u04ae"
        "\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u03c7\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c"
        "\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
        "abeeiijkmhopctyxsdqwhABESIJKMHOPCTYXYaikvopuxABEZHIKMNOPTYX",
        strict=True,
    )
)
_TOKEN = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef,;<>()\[\]\"]+")
_RIGHT_TO_LEFT_OVERRIDE = "\u202e"
_PLAIN = re.compile("[\t\n\r -~\u4e00-\u9fff\u3001\u3002\u300a\u300b\u201c\u201d\u2026]*")
_OVERRIDDEN = re.compile("\u202e[^\u202c\n\u2028\u2029]*\u202c?")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; offsets in code points."""

    text: str
    """What recognizers see."""
    _ranges: tuple[tuple[int, int], ...] | None = None
    """Where each folded character stood; None where every character stayed in its place."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original that holds the folded characters from `start` to `end`.

        Characters that were taken out inside the range, and marks on its last character, belong to it.
        """
        if self._ranges is None:
            return start, end
        if start >= end:
            at = self._ranges[start][0] if start < len(self._ranges) else self._ranges[-1][1] if self._ranges else 0
            return at, at
        stood = self._ranges[start:end]
        return min(first for first, _ in stood), max(last for _, last in stood)


class _Fold(dict[int, str]):
    """Code point → what it becomes; looked up in Unicode's tables the first time that it is seen."""

    def __missing__(self, point: int) -> str:
        self[point] = folded = _folded(chr(point))
        return folded


class _QuickFold(dict[int, "int | None"]):
    """Code point → the one code point that it becomes, or None where it is more or less than one, or a mark."""

    def __missing__(self, point: int) -> int | None:
        folded = _FOLD[point]
        self[point] = quick = ord(folded) if len(folded) == 1 and chr(point) not in _MARKS else None
        return quick


def fold(text: str) -> Folded:
    """`text` as recognizers see it."""
    if text.isascii() and text.isprintable():
        return Folded(text)
    plain = text.replace("，", ",").replace("！", "!").replace("：", ":").replace("？", "?")
    if _PLAIN.fullmatch(plain):
        return Folded(plain)
    quick = plain.translate(_QUICK)
    if len(quick) == len(text):
        return Folded(quick if quick.isascii() else _without_look_alikes(quick))
    stood = list(_kept(text))
    if _RIGHT_TO_LEFT_OVERRIDE in text:
        stood += [("\n", len(text), len(text)), *_as_displayed(text, stood)]
    folded = _without_look_alikes("".join(character for character, _, _ in stood))
    return Folded(folded, tuple((start, end) for _, start, end in stood))


def _kept(text: str) -> Iterator[tuple[str, int, int]]:
    """Each folded character with the range that it stood in."""
    character, start, end = "", 0, 0
    for index, found in enumerate(text):
        if found in _MARKS:
            character, end = character and _composed(character, found), index + 1
            continue
        folded = _FOLD[ord(found)]
        if not folded:
            continue
        if character:
            yield character, start, end
        for extra in folded[:-1]:
            yield extra, index, index + 1
        character, start, end = folded[-1], index, index + 1
    if character:
        yield character, start, end


def _as_displayed(text: str, stood: list[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """The folded characters with those inside a right-to-left override in reverse."""
    at = 0
    for run in _OVERRIDDEN.finditer(text):
        while at < len(stood) and stood[at][1] < run.start():
            yield stood[at]
            at += 1
        first = at
        while at < len(stood) and stood[at][1] < run.end():
            at += 1
        yield from reversed(stood[first:at])
    yield from stood[at:]


def _folded(character: str) -> str:
    """What one character becomes; empty if nothing."""
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    category = unicodedata.category(character)
    if _is_invisible(character, category):
        return ""
    if category == "Zs":
        return " "
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) == 1 and (plain.isascii() or ord(plain) in _IDEOGRAPHS):
        return plain
    if category == "No" and (number := unicodedata.numeric(character)) == int(number) and _is_circled(character):
        return str(int(number))
    return character


def _is_circled(character: str) -> bool:
    is_small = 0 <= unicodedata.numeric(character) <= _LARGEST_CIRCLED
    return is_small and unicodedata.name(character, "").startswith(
        ("CIRCLED N", "NEGATIVE CIRCLED N", "PARENTHESIZED N")
    )


def _is_invisible(character: str, category: str) -> bool:
    if category == "Cc":
        return not character.isspace()
    point = ord(character)
    is_selector = 0xFE00 <= point <= 0xFE0F or 0xE0000 <= point <= 0xE0FFF
    return is_selector or character in _FILLERS or (category == "Cf" and character not in _VISIBLE_FORMAT)


def _composed(letter: str, mark: str) -> str:
    """The letter with the mark on it, or the letter alone where there is no such letter."""
    composed = unicodedata.normalize("NFC", letter + mark)
    return composed if len(composed) == 1 and composed.isalpha() and _FOLD[ord(composed)] == composed else letter


def _without_look_alikes(text: str) -> str:
    if "." not in text and "@" not in text:
        return text
    return _TOKEN.sub(_latin, text)


def _latin(token: re.Match[str]) -> str:
    word = token[0]
    if word.isascii() or not ("." in word or "@" in word):
        return word
    latin = "".join(_CYRILLIC_AND_GREEK.get(character, character) for character in word)
    has_letter = any(character.isascii() and character.isalpha() for character in word)
    return latin if latin.isascii() and has_letter else word


_FOLD = _Fold()
_QUICK = _QuickFold()
