"""Rows that repeat, nearly repeat or quote a text of an evaluation set.

Source: Brown et al., Language Models are Few-Shot Learners (2020), appendix C (overlaps of 13 words). Unlike
there, a run of words counts however often it occurs, and the whole row counts, not 200 characters around it.

Evaluation texts with a common template share a bucket. Pairs with a few texts are written down and compared one
by one; with more, rows and texts are compared block by block, whole, so that what is found has no limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sluicegate.data.hygiene.all_pairs import Pairs, alike_pairs, blocks
from sluicegate.data.hygiene.evaluation import EvaluationTexts
from sluicegate.data.hygiene.scan import Fact, Scan, Shingling, slices
from sluicegate.data.hygiene.scratch import Scratch
from sluicegate.data.hygiene.shingles import ShingleSets, alike, runs
from sluicegate.data.hygiene.store import shingle_sets, store
from sluicegate.data.hygiene.units import Units, units
from sluicegate.progress import report

_FILTER_BITS = 24  # a table of 16 MB says of most runs that no evaluation text has them
_SHIFT = np.uint64(64 - _FILTER_BITS)
_FEW = 8  # evaluation texts of a bucket that rows are compared with one by one


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
    near_N = _near(_Buckets(scan, np.flatnonzero(leading_N), texts, shingling), same_N, scratch)
    near_N = near_N[first_N] & ~same_N
    return Overlaps(same_N, near_N, scan.fact(Fact.QUOTES) & ~(same_N | near_N))


def _same(scan: Scan, texts: EvaluationTexts) -> NDArray[np.uint64]:
    high, low = texts.digests_E
    mine = scan.fact(Fact.HIGH)
    places = np.minimum(np.searchsorted(high, mine), len(high) - 1)
    hits = (high[places] == mine) & (low[places] == scan.fact(Fact.LOW))
    return np.where(hits, texts.sets_E[places], np.uint64(0))


class _Buckets:
    """Rows and evaluation texts that share a band's hash.

    Args:
        scan: The facts of all rows.
        rows: The rows that are compared, rising.
        texts: The evaluation sets.
        shingling: How shingles are cut and put in bands.
    """

    def __init__(self, scan: Scan, rows: NDArray[np.int64], texts: EvaluationTexts, shingling: Shingling) -> None:
        self.scan, self.rows, self.texts, self.shingling = scan, rows, texts, shingling
        parts = [shingling.hasher.bands(shingling.of(units(texts.spellings[p]))) for p in slices(texts.spellings)]
        self._hashes = np.concatenate(parts, axis=1)
        self.bands = len(self._hashes)

    def _met(self, band: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The texts in the order of their hashes, and the rows that meet any: where those begin, how many they are."""
        theirs, mine = self._hashes[band], self.scan.band(band)[self.rows]
        order = np.argsort(theirs, kind="stable")
        rising = theirs[order]
        begins = np.searchsorted(rising, mine)
        met = np.flatnonzero(rising[np.minimum(begins, len(rising) - 1)] == mine)
        return order, self.rows[met], begins[met], np.searchsorted(rising, mine[met], side="right") - begins[met]

    def pairs(self) -> NDArray[np.int64]:
        """Pairs of buckets with few texts, as row · E + evaluation text, rising."""
        count, pairs = len(self.texts.spellings), np.empty(0, np.int64)
        for band in range(self.bands):
            order, rows, begins, sizes = self._met(band)
            found = [pairs]
            for step in range(_FEW):
                left = np.flatnonzero((sizes > step) & (sizes <= _FEW))
                found.append(rows[left] * count + order[begins[left] + step])
            pairs = np.sort(np.concatenate(found))  # sorting is faster than numpy's unique, which hashes
            pairs = pairs[np.diff(pairs, prepend=-1) != 0]
            report("hygiene", band + 1, self.bands, "bands", "evaluation sets")
        return pairs

    def large(self) -> Iterator[Pairs]:
        """The rows and the texts of each bucket with more than a few texts."""
        for band, theirs in enumerate(self._hashes):
            if np.unique(theirs, return_counts=True)[1].max() <= _FEW:
                continue
            order, rows, begins, sizes = self._met(band)
            many = np.flatnonzero(sizes > _FEW)
            many = many[np.argsort(begins[many], kind="stable")]
            for bucket in np.split(many, np.flatnonzero(np.diff(begins[many])) + 1) if len(many) else []:
                begin = begins[bucket[0]]
                yield rows[bucket], order[begin : begin + sizes[bucket[0]]]
            report("hygiene", band + 1, self.bands, "bands", "evaluation sets whose texts are much alike")


def _near(buckets: _Buckets, same_N: NDArray[np.uint64], scratch: Scratch) -> NDArray[np.uint64]:
    """The sets that each row nearly repeats a text of, a bit for each, shape (N,).

    A row that stands for others of its spelling has the bits; one whose set is in `same_N` may lack that bit.
    """
    texts, shingling, threshold = buckets.texts, buckets.shingling, buckets.shingling.section.threshold
    found = shingle_sets(texts.spellings, shingling)
    sets = ShingleSets(np.arange(len(texts.spellings)), found.starts_R, found.hashes_S)
    pairs = scratch.made("evaluation-pairs", np.int64, buckets.pairs)
    rows, of_P = pairs // len(texts.spellings), pairs % len(texts.spellings)
    wanted_N, near_N = np.zeros(len(same_N), np.bool_), np.zeros(len(same_N), np.uint64)
    wanted_N[rows] = True
    for members, _ in buckets.large():
        wanted_N[members] = True
    mine = store(buckets.scan, wanted_N, shingling, scratch, "evaluation-shingles")
    good = alike(mine, mine.places(rows), sets, of_P, threshold)
    np.bitwise_or.at(near_N, rows[good], texts.sets_E[of_P[good]])
    for members, theirs in buckets.large():
        for part in blocks(sets, theirs):
            masks = texts.sets_E[theirs[part]]
            fresh = members[(np.bitwise_or.reduce(masks) & ~(near_N | same_N)[members]) > 0]
            for some in blocks(mine, mine.places(fresh)):
                compared = alike_pairs(mine, mine.places(fresh[some]), sets, theirs[part], threshold)
                for row, text in compared:
                    np.bitwise_or.at(near_N, fresh[some][row], masks[text])
    return near_N
