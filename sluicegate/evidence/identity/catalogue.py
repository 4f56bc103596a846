"""The checks of groups that texts mention."""

from __future__ import annotations

from sluicegate.evidence.check import DIFFERENCE_OF_SHARES, EACH_GROUP, LABELS_OF_THE_GROUP, Check

_HARDT = "Hardt et al., Equality of Opportunity in Supervised Learning (2016); fairlearn.metrics"
_PARITY = "Agarwal et al., A Reductions Approach to Fair Classification (2018); fairlearn.metrics"
_BORKAN = "Borkan et al., Nuanced Metrics for Measuring Unintended Bias with Real Data for Text Classification (2019)"
_GARG = "Garg et al., Counterfactual Fairness in Text Classification through Robustness (2019)"
_KUSNER = f"Kusner et al., Counterfactual Fairness (2017); {_GARG}"
_PAIRED = "Efron & Tibshirani, An Introduction to the Bootstrap (1993), paired resampling of rows"
_LABELS = (
    " Of two labels the second is looked at, of more each against the rest; groups may overlap, and a "
    "figure with too few rows on a side is left out (see the share of figures that were evaluated)."
)

IDENTITY_CATALOGUE: tuple[Check, ...] = (
    Check(
        "identity.selection_rate_gap",
        "Difference in how often a label is given, rows that mention groups of {}",
        "Largest difference in the share of rows that are given the label between rows that mention one group and rows "
        f"that mention another; 0 is even. The groups' rows may differ in truth.{_LABELS}",
        "lower",
        source=_PARITY,
        parameter="attribute",
    ),
    Check(
        "identity.equalized_odds_difference",
        "Difference in how often a label is rightly or wrongly given, rows that mention groups of {}",
        "The larger of two differences between groups: in the share of rows with the label that are given it, and in "
        f"the share of rows without it that are; 0 is even.{_LABELS}",
        "lower",
        source=_HARDT,
        parameter="attribute",
    ),
    Check(
        "identity.subgroup_auc_lowest",
        "ROC AUC within the rows of the worst group of {}",
        "Chance that a row with the label gets a higher probability for it than one without, both mentioning the same "
        f"group; lowest of all groups; 0.5 is guessing.{_LABELS}",
        "higher",
        source=_BORKAN,
        parameter="attribute",
    ),
    Check(
        "identity.bpsn_auc_lowest",
        "Rows without the label that mention the worst group of {}, against rows with it that do not (BPSN AUC)",
        "Chance that a row with the label that does not mention the group gets a higher probability for it than a row "
        f"without the label that does; low where mentioning a group is taken for the label.{_LABELS}",
        "higher",
        source=_BORKAN,
        parameter="attribute",
    ),
    Check(
        "identity.bnsp_auc_lowest",
        "Rows with the label that mention the worst group of {}, against rows without it that do not (BNSP AUC)",
        "Chance that a row with the label that mentions the group gets a higher probability for it than a row without "
        f"the label that does not; low where mentioning a group hides the label.{_LABELS}",
        "higher",
        source=_BORKAN,
        parameter="attribute",
    ),
    Check(
        "identity.evaluated_groups",
        "Figures of groups of {} that enough test rows stand behind",
        "Of the rates and areas of all groups that any test row mentions, for every label that is compared, the share "
        "behind which enough rows stand.",
        "higher",
        parameter="attribute",
        interval=False,
    ),
    Check(
        "identity.template_flips",
        "Decisions that flip if a group of {} is exchanged in a made-up sentence",
        "Share of pairs of sentences, alike but for a term of another group, that are given different labels; 0 is "
        "none. Templates are resampled; the interval is exact where no pair flips.",
        "lower",
        source=_KUSNER,
        parameter="attribute",
    ),
    Check(
        "identity.template_change",
        "Change of probabilities if a group of {} is exchanged in a made-up sentence",
        "Mean over pairs of sentences, alike but for a term of another group, of the largest change of the "
        "probability of any label; 0 is none.",
        "lower",
        source=_GARG,
        parameter="attribute",
    ),
    Check(
        "identity.template_change_largest",
        "Largest change of a probability if a group of {} is exchanged in a made-up sentence",
        "Largest change of the probability of any label between two sentences that are alike but for a term of "
        "another group.",
        "lower",
        source=_GARG,
        parameter="attribute",
        interval=False,
    ),
    Check(
        "identity.exchange_flips",
        "Decisions that flip if a group of {} is exchanged in a test row",
        "Share of sampled test rows whose answer is another once a group that they mention is exchanged for another: "
        "another label, of a tagger other spans, each moved along with the text; 0 is none.",
        "lower",
        source=_KUSNER,
        parameter="attribute",
    ),
    Check(
        "identity.exchange_change",
        "Change of probabilities if a group of {} is exchanged in a test row",
        "Mean over sampled test rows of the largest change of the probability of any label once a group that they "
        "mention is exchanged for another; 0 is none.",
        "lower",
        source=_GARG,
        parameter="attribute",
    ),
    Check(
        "identity.exchange_change_largest",
        "Largest change of a probability if a group of {} is exchanged in a test row",
        "Largest change of the probability of any label in a sampled test row once a group that it mentions is "
        "exchanged for another.",
        "lower",
        source=_GARG,
        parameter="attribute",
        interval=False,
    ),
    Check(
        "comparison.exchange_flips_change",
        "Change in decisions that flip if a group of {} is exchanged in a test row",
        "Of the same test rows with the same groups exchanged, the candidate's share of decisions that flip less the "
        "live release's; below 0 fewer flip than before, as counterfactual copies in training are meant to bring "
        "about. The interval is the exact one of the share of rows that differ where none does.",
        "lower",
        ends=DIFFERENCE_OF_SHARES,
        source=f"{_GARG}; Efron & Tibshirani, An Introduction to the Bootstrap (1993), paired resampling of rows",
        parameter="attribute",
        compared=True,
    ),
)
"""Of text classifiers; each is measured once for every attribute of the terms."""
OF_TAGGERS: tuple[Check, ...] = (
    *(check for check in IDENTITY_CATALOGUE if check.name == "identity.exchange_flips"),
    Check(
        "identity.exchange_recall_kept",
        "Still found if a group of {} is exchanged in a test row",
        "Of the characters of entities that were marked with their type in sampled test rows, the share that still are "
        "once a group that the rows mention is exchanged for another, names among its terms; 1 is all.",
        "higher",
        source=_KUSNER,
        parameter="attribute",
    ),
)
"""Of taggers, in the same way."""
MENTIONED_CHANGE = Check(
    "comparison.mentioned_macro_f1_change",
    "Change in macro-F1, rows that mention groups of {}",
    "The candidate's macro-F1 less the live release's on the rows that mention one group. "
    f"{LABELS_OF_THE_GROUP} {EACH_GROUP}",
    "higher",
    ends=DIFFERENCE_OF_SHARES,
    source=_PAIRED,
    parameter="attribute",
    compared=True,
    each_group=True,
)
"""Measured with the comparison, once for every attribute."""
