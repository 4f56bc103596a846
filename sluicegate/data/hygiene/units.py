"""Texts as units: a word in scripts with spaces between words, a single character in those without.

Everything is an array over many texts at once. A unit is known by a 64-bit hash, which depends on its
characters alone, so the same text gives the same units in every process and on every machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

_SPACED, _UNSPACED = 1, 2
_UNSPACED_SCRIPTS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # Chinese and Japanese, to the end
    (0x3040, 0x312F),
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_LONGEST_PERIOD = 4096  # letters of one word after which the weights repeat
_BASE, _GOLDEN = np.uint64(0x9E6C63D0876A9A47), np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Units:
    """The units of R texts, U in all, in order."""

    hashes_U: NDArray[np.uint64]
    unspaced_U: NDArray[np.bool_]
    """Whether the unit is a character of a script without spaces."""
    starts_R: NDArray[np.int64]
    """Where each text's units begin, and at last U: shape (R + 1,)."""


def units(spellings: Sequence[str]) -> Units:
    """The units of texts in their one spelling (`sluicegate.spelling`): letters, marks and numbers, nothing else.

    Punctuation and symbols part words; characters that cannot be seen are not in a spelling.
    """
    if not spellings:
        return Units(np.empty(0, np.uint64), np.empty(0, np.bool_), np.zeros(1, np.int64))
    joined = "\n".join(spellings) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _kinds()[codes]
    word = kinds == _SPACED
    begins = kinds == _UNSPACED
    begins[0] |= word[0]
    begins[1:] |= word[1:] & ~word[:-1]
    positions = np.flatnonzero(begins)
    starts = np.concatenate(([0], np.searchsorted(positions, np.flatnonzero(codes == ord("\n")))))
    if not len(positions):
        return Units(np.empty(0, np.uint64), np.empty(0, np.bool_), starts.astype(np.int64))
    within = np.arange(len(codes)) - positions[np.cumsum(begins) - 1]
    values = (codes + np.uint32(1)) * _weights()[within & (_LONGEST_PERIOD - 1)]
    values[kinds == 0] = 0
    hashes = mixed(np.add.reduceat(values, positions))
    return Units(hashes, kinds[positions] == _UNSPACED, starts.astype(np.int64))


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each value spread over all 64 bits, one to one.

    Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators (2014), the finisher of SplitMix64.
    """
    values = values + _GOLDEN
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


@cache
def _kinds() -> NDArray[np.uint8]:
    """What each code point is: 0 no part of a word, else `_SPACED` or `_UNSPACED`."""
    kinds = np.zeros(0x110000, np.uint8)
    kinds[:0x40000] = [unicodedata.category(chr(code))[0] in "LMN" for code in range(0x40000)]
    for first, last in _UNSPACED_SCRIPTS:
        kinds[first : last + 1] *= _UNSPACED
    return kinds


@cache
def _weights() -> NDArray[np.uint64]:
    """Powers of an odd number, modulo 2^64."""
    return np.concatenate(([np.uint64(1)], np.cumprod(np.full(_LONGEST_PERIOD - 1, _BASE))))
