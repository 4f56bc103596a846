from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import kstest
from sklearn.metrics.pairwise import euclidean_distances, rbf_kernel
from transformers import BertModel, BertTokenizerFast

from sluicegate.evidence.base_features import BaseFeatures
from sluicegate.evidence.embedding_drift import (
    CHECKS,
    MOST_ROWS,
    gaussian_kernel,
    measure_embedding_drift,
    permutation_test,
)
from sluicegate.evidence.resampling import Floats
from tests.sluicegate.evidence.made_up import make_rows
from tests.small_world import write_base_model


def shared_out(features: Floats, references: int, seed: int = 0, permutations: int = 500) -> tuple[float, Floats]:
    kernel = gaussian_kernel(features)
    assert kernel is not None
    return permutation_test(kernel, references, seed, permutations)


def by_definition(features: Floats, references: int) -> float:
    """The unbiased estimate of Gretton et al. (2012), equation 3, pair by pair."""
    apart = euclidean_distances(features, squared=True)
    kernel = rbf_kernel(features, gamma=1 / np.median(apart[np.triu_indices(len(features), 1)]))
    one, other = range(references), range(references, len(features))

    def mean(pairs: list[tuple[int, int]]) -> float:
        return float(np.mean([kernel[i, j] for i, j in pairs]))

    within = mean(list(combinations(one, 2))) + mean(list(combinations(other, 2)))
    return within - 2 * mean([(i, j) for i in one for j in other])


def test_the_distance_of_four_points_is_that_worked_out_by_hand() -> None:
    found, _ = shared_out(np.array([[0.0], [1.0], [2.0], [3.0]]), references=2)
    # on a side they lie 1 apart, across 2, 3, 1 and 2; the median of their squares 1 1 1 4 4 9 is 2.5
    within, across = np.exp(-1 / 2.5), np.exp(-np.array([4, 9, 1, 4]) / 2.5)
    assert found == pytest.approx(2 * within - 2 * across.mean())


def test_the_distance_is_that_of_the_definition_over_scikit_learns_kernel() -> None:
    features = np.random.default_rng(0).normal(size=(47, 5))
    features[20:] += 0.4
    found, _ = shared_out(features, references=20)
    assert found == pytest.approx(by_definition(features, 20))


def test_permutations_give_what_every_way_to_share_the_rows_out_gives() -> None:
    features = np.random.default_rng(3).normal(size=(9, 2))
    features[:4] -= 0.8
    found, by_chance = shared_out(features, references=4, permutations=20_000)
    every = [
        by_definition(features[[*chosen, *(row for row in range(9) if row not in chosen)]], 4)
        for chosen in combinations(range(9), 4)
    ]
    exact = np.mean(np.array(every) >= found - 1e-12)
    assert np.mean(by_chance >= found - 1e-12) == pytest.approx(exact, abs=0.015)
    assert by_chance.mean() == pytest.approx(np.mean(every), abs=0.005)
    assert by_chance.min() >= min(every) - 1e-12


def test_p_values_of_rows_that_were_drawn_alike_are_uniform() -> None:
    p_values = []
    for seed in range(200):
        found, by_chance = shared_out(np.random.default_rng(seed).normal(size=(60, 4)), 25, seed, permutations=199)
        p_values.append((1 + np.sum(by_chance >= found)) / 200)
    assert kstest(p_values, "uniform").pvalue > 0.05
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param(lambda features: features + 0.5, id="another mean"),
        pytest.param(lambda features: features * 1.6, id="another spread, the same mean"),
    ],
)
def test_rows_of_another_distribution_are_found(moved) -> None:
    features = np.random.default_rng(5).normal(size=(300, 6))
    features[150:] = moved(features[150:])
    found, by_chance = shared_out(features, 150)
    assert found > by_chance.max()


def test_texts_that_were_drawn_alike_are_not_told_apart_and_other_texts_are() -> None:
    before, after = make_rows(200, seed=0, prefix="a"), make_rows(150, seed=1, prefix="a")
    (distance, p_value), figures = measure_embedding_drift(BaseFeatures(None), before, after, 0)
    assert (distance.check, p_value.check) == CHECKS
    assert (distance.n, figures["rows"]) == (350, {"reference": 200, "current": 150})
    assert p_value.value is not None
    assert p_value.value > 0.05
    assert distance.value == figures["distance"] < figures["by_chance_95"]

    longer = after.assign(text=after["text"] + " and a great deal more to say about it")
    (distance, p_value), figures = measure_embedding_drift(BaseFeatures(None), before, longer, 0)
    assert p_value.value == pytest.approx(1 / 1001)
    assert distance.value == figures["distance"] > 10 * figures["by_chance_95"]


def test_the_same_seed_gives_the_same_figures_of_at_most_so_many_rows_a_side() -> None:
    before, after = make_rows(MOST_ROWS + 50, seed=0, prefix="a"), make_rows(40, seed=1, prefix="b")
    once, again, other = (measure_embedding_drift(BaseFeatures(None), before, after, seed)[1] for seed in (1, 1, 2))
    assert once == again
    assert once["distance"] != other["distance"]
    assert once["rows"] == {"reference": MOST_ROWS, "current": 40}


def test_against_a_live_release_the_checks_are_those_of_previous_data() -> None:
    rows = make_rows(60, seed=0, prefix="a")
    findings, _ = measure_embedding_drift(BaseFeatures(None), rows, rows, 4, "ab" * 32)
    assert [finding.check for finding in findings] == [f"{check}_previous" for check in CHECKS]
    assert {finding.against for finding in findings} == {"ab" * 32}
    assert {finding.seed for finding in findings} == {4}
    assert findings[1].value == 1  # rows cannot lie closer than to themselves


@pytest.mark.parametrize(
    ("before", "why"),
    [
        pytest.param(
            make_rows(29, seed=0, prefix="a"),
            "there are 29 and 60 rows to compare, and it takes 30 of each",
            id="few rows",
        ),
        pytest.param(
            pd.DataFrame({"text": ["the same"] * 400}), "most rows have the same features", id="one text throughout"
        ),
    ],
)
def test_what_nothing_can_be_concluded_from_is_not_evaluated(before: pd.DataFrame, why: str) -> None:
    findings, figures = measure_embedding_drift(BaseFeatures(None), before, make_rows(60, seed=1, prefix="b"), 0)
    assert [(finding.status, finding.why) for finding in findings] == [("not_evaluated", why)] * 2
    assert figures["why"] == why
    assert "distance" not in figures


def test_texts_of_white_space_alone_are_not_told_apart() -> None:
    blank = pd.DataFrame({"text": [" ", "\n"] * 30})
    findings, _ = measure_embedding_drift(BaseFeatures(None), blank, blank, 0)
    assert {finding.why for finding in findings} == {"most rows have the same features"}


def test_features_that_are_no_numbers_are_not_evaluated(tmp_path: Path) -> None:
    write_base_model(tmp_path)
    model = BertModel.from_pretrained(tmp_path)
    word = BertTokenizerFast.from_pretrained(tmp_path).convert_tokens_to_ids("kettle")
    with torch.no_grad():
        model.embeddings.word_embeddings.weight[word] = torch.nan
    model.save_pretrained(tmp_path)
    rows = pd.DataFrame({"text": [f"the {thing} of {number}" for number in range(20) for thing in ("lamp", "kettle")]})

    findings, _ = measure_embedding_drift(BaseFeatures(tmp_path), rows, rows[:30], 0)

    assert {finding.why for finding in findings} == {"the features of 35 of 70 rows are no finite numbers"}
