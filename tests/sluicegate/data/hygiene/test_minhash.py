"""Signatures and their bands."""

from __future__ import annotations

import numpy as np
import pytest

from sluicegate.data.hygiene.minhash import BandHasher, Banding, banding
from sluicegate.data.hygiene.shingles import Runs


def pair_with(shared: int, own: int, random: np.random.Generator) -> list[np.ndarray]:
    both = random.integers(0, 1 << 64, shared, dtype=np.uint64)
    return [np.concatenate((both, random.integers(0, 1 << 64, own, dtype=np.uint64))) for _ in range(2)]


def of(parts: list[np.ndarray]) -> Runs:
    return Runs(np.concatenate(parts), np.cumsum([0, *map(len, parts)]))


@pytest.mark.parametrize(
    ("threshold", "permutations", "expected"),
    [
        # 1 - (1 - 0.7^5)^25 = 0.990, but 1 - (1 - 0.7^6)^21 = 0.928
        pytest.param(0.7, 128, Banding(25, 5), id="the default"),
        pytest.param(0.8, 128, Banding(18, 7), id="0.8"),
        pytest.param(0.3, 16, Banding(16, 1), id="too few functions for the threshold: single minima"),
    ],
)
def test_the_banding_with_the_fewest_candidates_that_finds_enough(
    threshold: float, permutations: int, expected: Banding
) -> None:
    assert banding(threshold, permutations) == expected


def test_how_likely_a_pair_meets() -> None:
    assert Banding(25, 5).meets(0.7) == pytest.approx(1 - (1 - 0.7**5) ** 25)


@pytest.mark.parametrize(("shared", "own"), [(70, 15), (30, 35), (10, 45)])
def test_single_minima_agree_as_often_as_the_jaccard_index_says(shared: int, own: int) -> None:
    random, trials = np.random.default_rng(0), 200
    parts = [part for _ in range(trials) for part in pair_with(shared, own, random)]
    bands = BandHasher(Banding(128, 1), seed=1).bands(of(parts))
    agreed = (bands[:, 0::2] == bands[:, 1::2]).mean(axis=0)
    jaccard = shared / (shared + 2 * own)
    deviation = (jaccard * (1 - jaccard) / 128) ** 0.5
    assert agreed.mean() == pytest.approx(jaccard, abs=4 * deviation / trials**0.5)
    assert agreed.std() == pytest.approx(deviation, rel=0.25)


def test_the_order_of_shingles_and_the_texts_around_do_not_matter() -> None:
    random = np.random.default_rng(0)
    parts = [random.integers(0, 1 << 64, size, dtype=np.uint64) for size in (3, 0, 40_000, 7, 0)]
    hasher = BandHasher(banding(0.7, 128), seed=1)
    together = hasher.bands(of(parts))
    for place, part in enumerate(parts):
        assert together[:, place].tolist() == hasher.bands(of([part[::-1]]))[:, 0].tolist()


def test_another_seed_gives_other_signatures() -> None:
    part = of([np.arange(1, 11, dtype=np.uint64)])
    first, again, other = (BandHasher(Banding(8, 2), seed).bands(part).tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_signatures_stay_what_they_are() -> None:
    part = of([np.arange(1, 4, dtype=np.uint64)])
    assert BandHasher(Banding(2, 2), seed=0).bands(part)[:, 0].tolist() == GOLDEN


GOLDEN = [15312995399622645017, 12985636048630798905]
"""Worked out once; other values would mean that signatures on disk are no longer comparable."""
