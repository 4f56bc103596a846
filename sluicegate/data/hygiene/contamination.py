"""Rows that repeat, nearly repeat or quote a text of an evaluation set.

Source: Brown et al., Language Models are Few-Shot Learners (2020), appendix C (overlaps of 13 words). Unlike
there, a run of words counts however often it occurs, and the whole row counts, not 200 characters around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.evaluation import EvaluationTexts
from sluicegate.data.hygiene.near import NEIGHBOURS
from sluicegate.data.hygiene.scan import Fact, Scan, Shingling, slices
from sluicegate.data.hygiene.scratch import Scratch
from sluicegate.data.hygiene.shingles import ShingleSets, alike, runs
from sluicegate.data.hygiene.store import shingle_sets, store
from sluicegate.data.hygiene.units import Units, units
from sluicegate.progress import report

_FILTER_BITS = 24  # a table of 16 MB says of most runs that no evaluation text has them
_SHIFT = np.uint64(64 - _FILTER_BITS)


@dataclass(frozen=True)
class Overlaps:
    """Which evaluation sets each row overlaps with, a bit for each; no set is in two masks of one row."""

    same_N: NDArray[np.uint64]
    near_N: NDArray[np.uint64]
    quotes_N: NDArray[np.uint64]

    @property
    def any_N(self) -> NDArray[np.uint64]:
        """The sets that each row overlaps with in any way."""
        return self.same_N | self.near_N | self.quotes_N


@dataclass(frozen=True)
class Quotes:
    """Tells which evaluation sets some texts quote."""

    words: int
    characters: int
    runs_Q: NDArray[np.uint64]
    """Hashes of the runs that evaluation texts have, rising, shape (Q,)."""
    sets_Q: NDArray[np.uint64]
    """The sets that each is in, a bit for each, shape (Q,)."""

    @cached_property
    def _known(self) -> NDArray[np.bool_]:
        known = np.zeros(1 << _FILTER_BITS, np.bool_)
        known[self.runs_Q >> _SHIFT] = True
        return known

    def __call__(self, found: Units) -> NDArray[np.uint64]:
        """The sets that each of R texts quotes, a bit for each, shape (R,)."""
        mine = runs(found, self.words, self.characters, short=False)
        masks = np.zeros(len(mine.starts_R) - 1, np.uint64)
        likely = np.flatnonzero(self._known[mine.hashes_S >> _SHIFT])
        if len(likely):
            places = np.minimum(np.searchsorted(self.runs_Q, mine.hashes_S[likely]), len(self.runs_Q) - 1)
            hits = self.runs_Q[places] == mine.hashes_S[likely]
            rows = np.searchsorted(mine.starts_R, likely[hits], side="right") - 1
            np.bitwise_or.at(masks, rows, self.sets_Q[places[hits]])
        return masks


def quotes(texts: EvaluationTexts, words: int, characters: int) -> Quotes:
    """What tells which evaluation sets some texts quote: they share a run of units with one of its texts.

    Args:
        texts: The evaluation sets.
        words: Units of a run; texts with fewer cannot be quoted.
        characters: Units of a run in scripts without spaces.
    """
    hashes, sets = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)]
    for part in slices(texts.spellings):
        found = runs(units(texts.spellings[part]), words, characters, short=False)
        hashes.append(found.hashes_S)
        sets.append(np.repeat(texts.sets_E[part], np.diff(found.starts_R)))
    runs_Q, inverse = np.unique(np.concatenate(hashes), return_inverse=True)
    sets_Q = np.zeros(len(runs_Q), np.uint64)
    np.bitwise_or.at(sets_Q, inverse, np.concatenate(sets))
    return Quotes(words, characters, runs_Q, sets_Q)


def overlaps(
    scan: Scan, first_N: NDArray[np.int64], texts: EvaluationTexts, shingling: Shingling, scratch: Scratch
) -> Overlaps:
    """Which rows overlap with which evaluation sets.

    Args:
        scan: The facts of all rows.
        first_N: The first row with the same spelling.
        texts: The evaluation sets.
        shingling: How shingles are cut and put in bands.
        scratch: Where candidates are kept.
    """
    same_N = _same(scan, texts)
    leading_N = (first_N == np.arange(scan.rows)) & (scan.fact(Fact.SHINGLED) > 0)
    found = shingle_sets(texts.spellings, shingling)
    sets = ShingleSets(np.arange(len(texts.spellings)), found.starts_R, found.hashes_S)
    pairs = scratch.made("evaluation-pairs", np.int64, lambda: _candidates(scan, leading_N, texts, shingling))
    rows = pairs // len(texts.spellings)
    wanted_N = np.zeros(scan.rows, np.bool_)
    wanted_N[rows] = True
    mine = store(scan, wanted_N, shingling, scratch, "evaluation-shingles")
    of_P = pairs % len(texts.spellings)
    good = alike(mine, mine.places(rows), sets, of_P, shingling.section.threshold)
    near_N = np.zeros(scan.rows, np.uint64)
    np.bitwise_or.at(near_N, rows[good], texts.sets_E[of_P[good]])
    near_N = near_N[first_N] & ~same_N
    return Overlaps(same_N, near_N, scan.fact(Fact.QUOTES) & ~(same_N | near_N))


def _same(scan: Scan, texts: EvaluationTexts) -> NDArray[np.uint64]:
    high, low = texts.digests_E
    mine = scan.fact(Fact.HIGH)
    places = np.minimum(np.searchsorted(high, mine), len(high) - 1)
    hits = (high[places] == mine) & (low[places] == scan.fact(Fact.LOW))
    return np.where(hits, texts.sets_E[places], np.uint64(0))


def _candidates(
    scan: Scan, leading_N: NDArray[np.bool_], texts: EvaluationTexts, shingling: Shingling
) -> NDArray[np.int64]:
    """Pairs that share a band's hash, as row · E + evaluation text, rising."""
    count = len(texts.spellings)
    parts = [shingling.hasher.bands(shingling.of(units(texts.spellings[p]))) for p in slices(texts.spellings)]
    bands, rows = np.concatenate(parts, axis=1), np.flatnonzero(leading_N)
    pairs = np.empty(0, np.int64)
    for number, theirs in enumerate(bands):
        order = np.argsort(theirs, kind="stable")
        rising, mine = theirs[order], scan.band(number)[rows]
        places = np.searchsorted(rising, mine)
        left = np.flatnonzero(rising[np.minimum(places, count - 1)] == mine)
        found = [pairs]
        for step in range(NEIGHBOURS + 1):
            left = left[places[left] + step < count]
            left = left[rising[places[left] + step] == mine[left]]
            found.append(rows[left] * count + order[places[left] + step])
        pairs = np.sort(np.concatenate(found))  # sorting is faster than numpy's unique, which hashes
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]
        report("hygiene", number + 1, len(bands), "bands", "evaluation sets")
    return pairs
