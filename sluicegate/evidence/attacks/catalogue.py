"""The checks of what a model tells about single training rows, as far as attacks can find it out."""

from __future__ import annotations

from sluicegate.evidence.check import DIFFERENCE_OF_SHARES, Check

_LOSS = "Yeom et al., Privacy Risk in Machine Learning: Analyzing the Connection to Overfitting (2018)"
_LOW_RATES = "Carlini et al., Membership Inference Attacks From First Principles (2022)"
_SHADOWS = "Zarifzadeh et al., Low-Cost High-Power Membership Inference Attacks (2024), offline"
_CANARIES = "Carlini et al., The Secret Sharer (2019)"
_AUDIT = (
    "Jagielski et al., Auditing Differentially Private Machine Learning (2020); Nasr et al., Adversary Instantiation: "
    "Lower Bounds for Differentially Private Machine Learning (2021); Steinke et al., Privacy Auditing with One (1) "
    "Training Run (2023)"
)
_EXTRACTION = "Carlini et al., Extracting Training Data from Large Language Models (2021)"
_RATE_INTERVAL = (
    "The interval is exact, for the threshold as for the share above it, so of few other rows it is wide. "
    "Not evaluated where that share of the other rows is less than one row."
)

ATTACKS: tuple[Check, ...] = (
    Check(
        "privacy.membership_auc",
        "How well training rows can be told from others by their loss",
        "Chance that a training row has a smaller loss than a test row; 0.5 is guessing, 1 betrays every row.",
        "lower",
        source=f"{_LOSS}; bootstrap of training and test rows apart",
    ),
    Check(
        "privacy.membership_tpr_at_0_1_percent",
        "Training rows found by their loss, at 0.1 % false alarms",
        "Largest share of training rows below a loss that at most 0.1 % of the test rows are below; 0.001 is guessing. "
        + _RATE_INTERVAL,
        "lower",
        source=f"{_LOSS}; {_LOW_RATES}",
    ),
    Check(
        "privacy.membership_tpr_at_1_percent",
        "Training rows found by their loss, at 1 % false alarms",
        "Largest share of training rows below a loss that at most 1 % of the test rows are below; 0.01 is guessing. "
        + _RATE_INTERVAL,
        "lower",
        source=f"{_LOSS}; {_LOW_RATES}",
    ),
    Check(
        "privacy.shadow_membership_auc",
        "How well training rows can be told from others by shadow models",
        "Chance that a training row's probability exceeds what small models that did not see the row expect of it by "
        "more than a test row's; 0.5 is guessing, 1 betrays every row.",
        "lower",
        source=f"{_SHADOWS}; bootstrap of training and test rows apart",
    ),
    Check(
        "privacy.shadow_membership_tpr_at_0_1_percent",
        "Training rows found by shadow models, at 0.1 % false alarms",
        "Largest share of training rows that exceed what is expected of them by as much as at most 0.1 % of the test "
        "rows do; 0.001 is guessing. " + _RATE_INTERVAL,
        "lower",
        source=f"{_SHADOWS}; {_LOW_RATES}",
    ),
    Check(
        "privacy.shadow_membership_tpr_at_1_percent",
        "Training rows found by shadow models, at 1 % false alarms",
        "Largest share of training rows that exceed what is expected of them by as much as at most 1 % of the test "
        "rows do; 0.01 is guessing. " + _RATE_INTERVAL,
        "lower",
        source=f"{_SHADOWS}; {_LOW_RATES}",
    ),
    Check(
        "privacy.canary_exposure_mean",
        "How far planted texts were learned by heart",
        "Mean over canaries of log2 of the number of random texts of their form, less log2 of the canary's rank among "
        "them by loss, of a classifier less what it loses on that label on average; 1.44 is no trace, the most is log2 "
        "of one more than there are random texts. Without an interval of fewer than ten canaries.",
        "lower",
        unit="bits",
        source=f"{_CANARIES}; bootstrap of canaries and random texts apart",
    ),
    Check(
        "privacy.canary_exposure_largest",
        "How far the planted text that shows most was learned by heart",
        "Largest exposure of any canary. Of many canaries one ranks high by chance: of as many canaries as there are "
        "random texts it is nearly the most that there can be.",
        "lower",
        unit="bits",
        source=_CANARIES,
        interval=False,
    ),
    Check(
        "privacy.epsilon_excess",
        "How far attacks contradict the privacy that is claimed",
        "The lower bound on epsilon that the best membership attack proves, less the epsilon that the training claims "
        "(the smaller one of RDP and PRV), at the same delta; above 0 the claim is wrong. Attack and threshold are "
        "chosen on one half of the rows and the bound, of Clopper-Pearson ends at the dossier's confidence, is of the "
        "other half. Not evaluated where no attack could reach the claim on so few rows.",
        "lower",
        unit="epsilon",
        source=_AUDIT,
        interval=False,
    ),
    Check(
        "privacy.extracted_share",
        "Training texts that the model writes down",
        "Share of training texts of which the model, given their beginning, reproduces as many tokens in a row as are "
        "asked for, verbatim.",
        "lower",
        source=f"{_EXTRACTION}; Wilson's interval",
    ),
    Check(
        "privacy.extracted_share_excess",
        "Training texts that the model writes down, beyond test texts",
        "That share less the same share of test texts, which the model cannot have learned by heart; 0 is set phrases "
        "alone.",
        "lower",
        ends=DIFFERENCE_OF_SHARES,
        source=f"{_EXTRACTION}; Newcombe's interval",
    ),
)
"""Every check of the attacks, in reading order."""
