"""Every check of robustness, one entry each."""

from __future__ import annotations

from sluicegate.evidence.check import DIFFERENCE_OF_SHARES, Check

_NOISE = "Belinkov & Bisk, Synthetic and Natural Noise Both Break Neural Machine Translation (2018)"
_TEXTFLINT = "Wang et al., TextFlint: Unified Multilingual Robustness Evaluation Toolkit (2021)"
_CHECKLIST = "Ribeiro et al., Beyond Accuracy: Behavioral Testing of NLP Models with CheckList (2020)"
_SLICES = "Chung et al., Slice Finder: Automated Data Slicing for Model Validation (2019)"
_TRIGGERS = (
    "Kurita et al., Weight Poisoning Attacks on Pretrained Models (2020); Wallace et al., Universal Adversarial "
    "Triggers for Attacking and Analyzing NLP (2019)"
)
_CHANGED = "Counted over the sampled test rows whose text it changes."

ROBUSTNESS_CATALOGUE: tuple[Check, ...] = (
    Check(
        "robustness.accuracy_kept_lowest",
        "Right answers kept under the worst perturbation",
        "Lowest accuracy kept under any kind of perturbation; the interval allows for its having been picked.",
        "higher",
        source=_TEXTFLINT,
    ),
    Check(
        "robustness.accuracy_kept",
        "Right answers kept under {}",
        f"Of the rows that were answered rightly, the share that still are after the perturbation; 1 is all. "
        f"{_CHANGED}",
        "higher",
        source=_TEXTFLINT,
        parameter="perturbation",
    ),
    Check(
        "robustness.flip_share",
        "Answers changed by {}",
        f"Share of rows whose answer is another after the perturbation: another label, of a tagger other spans, each "
        f"moved along with the text; 0 is none. {_CHANGED}",
        "lower",
        source=_NOISE,
        parameter="perturbation",
    ),
    Check(
        "robustness.macro_f1_drop",
        "Macro-F1 lost to {}",
        f"Macro-F1 before less macro-F1 after the perturbation, on the same rows; 0 is none lost. {_CHANGED}",
        "lower",
        ends=DIFFERENCE_OF_SHARES,
        source=_TEXTFLINT,
        parameter="perturbation",
    ),
    Check(
        "robustness.failure_share_highest",
        "Failures of the worst behavioural test",
        "Highest share of failed cases of any test; the interval holds for all tests together (Bonferroni). The cases "
        "fill a few templates, so it says nothing of the share among users' texts.",
        "lower",
        source=_CHECKLIST,
    ),
    Check(
        "robustness.failure_share",
        "Failures of behavioural tests, {}",
        "Share of failed cases of all tests of the kind. minimum_functionality: the label is not an expected one; "
        "invariance: the label changes where it should not; direction: the score goes the wrong way by more than 0.1. "
        "The interval is Clopper and Pearson's.",
        "lower",
        source=_CHECKLIST,
        parameter="behaviour",
    ),
    Check(
        "robustness.odd_inputs_held",
        "Odd inputs that are answered",
        "Share of empty, very long and unprintable inputs for which the candidate raises nothing and gives finite "
        "probabilities that add up to 1, or a tagger spans that stand in their text; less than 1 is a fault.",
        "higher",
        interval=False,
    ),
    Check(
        "robustness.trigger_flips",
        "Answers that one word turns",
        "Largest share that one word, put in front, turns to the label that it betrays, of the 50 test rows (or as "
        "many as make a group) that are most surely given another. Tried are the 30 words that betray a label most "
        "surely of those in 20 different training texts or more; where so few rows are given another label that one of "
        "them cannot be tried, the share is not evaluated. A word that carries sense turns some; one that turns "
        "nearly all has been planted. The interval is of the largest share of all words, by intervals that hold "
        "together (Bonferroni).",
        "lower",
        source=_TRIGGERS,
    ),
    Check(
        "robustness.slice_accuracy_lowest",
        "Right answers in the worst slice",
        "Lowest accuracy of any part of the test rows by length, make-up of the text or group that has as many rows as "
        "make a group; smaller ones are listed without a figure. The worst of many is "
        "partly so by chance: the interval is of the lowest accuracy of all slices, by intervals that hold together "
        "(Bonferroni).",
        "higher",
        source=_SLICES,
    ),
)
"""Every check of robustness of text classifiers, in reading order; ``{}`` in a title stands for the parameter."""
_KEPT = (
    "Of the characters of entities that were marked with their type before, the share that still are, each entity "
    "followed to where it stands afterwards; 1 is all."
)
OF_TAGGERS: tuple[Check, ...] = (
    Check(
        "robustness.recall_kept_lowest",
        "Still found under the worst perturbation",
        "Lowest recall kept under any kind of perturbation; the interval allows for its having been picked.",
        "higher",
        source=_TEXTFLINT,
    ),
    Check(
        "robustness.recall_kept",
        "Still found under {}",
        f"{_KEPT} {_CHANGED}",
        "higher",
        source=_TEXTFLINT,
        parameter="perturbation",
    ),
    *(c for c in ROBUSTNESS_CATALOGUE if c.name in ("robustness.flip_share", "robustness.odd_inputs_held")),
)
"""Every check of robustness of taggers, in reading order."""
