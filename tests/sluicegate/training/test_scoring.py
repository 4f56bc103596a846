from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from sluicegate.training.scoring import macro_f1


def test_macro_f1_of_a_small_table_worked_by_hand() -> None:
    # label 0: 3 hits, 1 missed, 0 wrongly → 6/7; label 1: 1 hit, 1 missed, 1 wrongly → 1/2; label 2: 0 of 1 → 2/… = 2/3
    confusion = np.array([[3, 1, 0], [0, 1, 1], [0, 0, 1]])

    assert macro_f1(confusion) == pytest.approx((6 / 7 + 2 / 4 + 2 / 3) / 3)


def test_a_label_that_is_never_there_and_never_predicted_counts_as_zero() -> None:
    assert macro_f1(np.array([[4, 0], [0, 0]])) == 0.5


def test_it_agrees_with_scikit_learn() -> None:
    random = np.random.default_rng(0)
    true, predicted = random.integers(0, 4, 500), random.integers(0, 4, 500)

    assert macro_f1(confusion_matrix(true, predicted)) == pytest.approx(f1_score(true, predicted, average="macro"))
