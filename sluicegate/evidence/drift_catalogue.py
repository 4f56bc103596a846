"""The checks of drift, which are every task's; images have pixels told apart in the place of words."""

from __future__ import annotations

from sluicegate.evidence.check import Check
from sluicegate.evidence.drift_rows import OF_FEWER

_EVIDENTLY = "Evidently, DataDriftPreset"
_C2ST = "Lopez-Paz & Oquab, Revisiting Classifier Two-Sample Tests (2017)"
_MMD = "Gretton et al., A Kernel Two-Sample Test (2012); Rabanser et al., Failing Loudly (2019)"
_P_VALUE = f"{_MMD}; Phipson & Smyth, Permutation P-values Should Never Be Zero (2010)"

_JENSEN_SHANNON = (
    "Lin, Divergence Measures Based on the Shannon Entropy (1991); Endres & Schindelin, A New Metric for Probability "
    "Distributions (2003)"
)

DRIFT_CATALOGUE: tuple[Check, ...] = (
    Check(
        "drift.share",
        "Columns that differ between training and test rows",
        f"Share of described columns (label, groups, size and make-up of the text or image) that drifted.{OF_FEWER}",
        "lower",
        source=_EVIDENTLY,
        interval=False,
    ),
    Check(
        "drift.text_auc",
        "How well training and test texts can be told apart",
        f"ROC AUC of a linear model on words that tells them apart; 0.5 is not at all.{OF_FEWER}",
        "lower",
        source=_C2ST,
        interval=False,
    ),
    Check(
        "drift.embedding_distance",
        "Distance of training and test rows in embeddings",
        "Squared maximum mean discrepancy (MMD), unbiased, of at most 1,000 training and 1,000 test rows, with a "
        "Gaussian kernel of the median squared distance, by the base model's mean last hidden states (without a base "
        "model by TF-IDF of terms; of images by their pixels, made 16 × 16). 0 is alike, chance takes it a little "
        f"above or below, 2 is the most.{OF_FEWER}",
        "lower",
        unit="squared distance",
        source=_MMD,
        interval=False,
    ),
    Check(
        "drift.embedding_p_value",
        "Probability of such a distance in embeddings if training and test rows were drawn alike",
        "Of the actual way and 1,000 random ways to share the same rows out, the share that takes the two sides as far "
        "apart or further. A small one says that chance does not explain the distance, and not that it is large."
        f"{OF_FEWER}",
        "higher",
        unit="probability",
        source=_P_VALUE,
        interval=False,
    ),
    Check(
        "drift.share_previous",
        "Columns that differ from the live release's data",
        "Share of described columns that drifted between the live release's training rows and this candidate's."
        f"{OF_FEWER}",
        "lower",
        source=_EVIDENTLY,
        interval=False,
        compared=True,
    ),
    Check(
        "drift.text_auc_previous",
        "How well the texts can be told from the live release's",
        "ROC AUC of a linear model on words that tells the two releases' training texts apart; 0.5 is not at all."
        f"{OF_FEWER}",
        "lower",
        source=_C2ST,
        interval=False,
        compared=True,
    ),
    Check(
        "drift.embedding_distance_previous",
        "Distance from the live release's data in embeddings",
        "The same distance between the live release's training rows and this candidate's, both by this candidate's "
        f"base model.{OF_FEWER}",
        "lower",
        unit="squared distance",
        source=_MMD,
        interval=False,
        compared=True,
    ),
    Check(
        "drift.embedding_p_value_previous",
        "Probability of such a distance in embeddings if both releases' data were drawn alike",
        "The same probability for the live release's training rows and this candidate's; rows that both have make it "
        f"larger.{OF_FEWER}",
        "higher",
        unit="probability",
        source=_P_VALUE,
        interval=False,
        compared=True,
    ),
)
"""Test rows against training rows, then the training rows against those of each live release."""

PREDICTION_DRIFT: tuple[Check, ...] = (
    Check(
        "drift.prediction_distance",
        "Distance of the labels given to training rows and to test rows",
        "Jensen-Shannon distance, in bits to the ½, of the shares in which the candidate gives each label to at most "
        "500 training rows and to the test rows: 0 is alike, 1 the most, and of few rows chance takes it above 0. Its "
        "interval begins at 0 unless chance alone seldom comes to as much; else its lower end is taken down by what "
        f"chance adds.{OF_FEWER}",
        "lower",
        unit="distance",
        source=f"{_JENSEN_SHANNON}; bootstrap of training and test rows apart",
    ),
    Check(
        "drift.prediction_distance_previous",
        "Distance of the labels given from those that the live release gives",
        "The same distance of the labels that the candidate and the live release give to the same test rows."
        f"{OF_FEWER}",
        "lower",
        unit="distance",
        source=f"{_JENSEN_SHANNON}; bootstrap over test rows",
        compared=True,
    ),
)
"""Those of classifiers alone."""
