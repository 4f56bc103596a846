"""Every check that there is, one entry each."""

from __future__ import annotations

from sluicegate.evidence.check import DIFFERENCE_OF_SHARES, EACH_GROUP, LABELS_OF_THE_GROUP, Check
from sluicegate.evidence.drift_catalogue import DRIFT_CATALOGUE
from sluicegate.evidence.use_form import FORM_FILLED

_F1 = "van Rijsbergen, Information Retrieval (1979)"
_AUC = "Fawcett, An introduction to ROC analysis (2006)"
_MULTICLASS_AUC = "Hand & Till, A Simple Generalisation of the Area Under the ROC Curve (2001), one against the rest"
_FAIR = "Agarwal et al., A Reductions Approach to Fair Classification (2018); fairlearn.metrics.MetricFrame"
_OWN_LABELS = "Each group's is the mean over the labels that its own rows have, whichever others are given."
_ECE = "Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian Binning (2015)"
_PAIRED = "Efron & Tibshirani, An Introduction to the Bootstrap (1993), paired resampling of rows"
_CHURN = "Milani Fard et al., Launch and Iterate: Reducing Prediction Churn (2016)"
_ORDER = "David & Nagaraja, Order Statistics (2003), section 7.1, for the interval"
_TIMED = (
    "Test rows are drawn at random; of a language model it is the time to say how likely a text is. The figure is of "
    "the machine and the number of threads that the dossier names, and of no other."
)
_ENERGY = "Courty et al., codecarbon"
_DP_SGD = "Abadi et al., Deep Learning with Differential Privacy (2016)"

CATALOGUE: tuple[Check, ...] = (
    # --- performance
    Check(
        "performance.accuracy",
        "Right answers",
        "Share of test rows whose predicted label is the true one; 1 is all.",
        "higher",
    ),
    Check(
        "performance.balanced_accuracy",
        "Right answers, each label counting alike",
        "Mean over labels of the share of its rows that were found.",
        "higher",
    ),
    Check(
        "performance.macro_f1",
        "Macro-F1",
        "Mean of the labels' F1 scores, each label counting alike; 1 is perfect.",
        "higher",
        source=_F1,
    ),
    Check(
        "performance.f1",
        "F1 of “{}”",
        "Harmonic mean of the label's precision and recall; 0 where none was right.",
        "higher",
        source=_F1,
        parameter="label",
    ),
    Check(
        "performance.precision",
        "Precision of “{}”",
        "Of the rows that were given the label, the share that have it.",
        "higher",
        parameter="label",
    ),
    Check(
        "performance.recall",
        "Recall of “{}”",
        "Of the rows that have the label, the share that were given it.",
        "higher",
        parameter="label",
    ),
    Check(
        "performance.roc_auc",
        "ROC AUC",
        "Chance that a row with a label gets a higher probability for it than a row without it, mean over "
        "labels; 0.5 is guessing.",
        "higher",
        source=_MULTICLASS_AUC,
    ),
    Check(
        "performance.pr_auc",
        "PR AUC",
        "Area under the precision-recall curve (average precision), mean over labels.",
        "higher",
        source=_AUC,
    ),
    Check(
        "performance.log_loss",
        "Log loss",
        "Mean of the negative logarithm of the probability that was given to the true label; 0 is perfect.",
        "lower",
        unit="nats",
    ),
    Check(
        "performance.calibration_error",
        "Calibration error",
        "How far the model's confidence is from its share of right answers, mean over ten bins of confidence; "
        "0 is calibrated, but of few rows chance alone takes it above 0. Its interval begins at 0 unless answers that "
        "are as often right as they are confident seldom come to as much; else its lower end is taken down by what "
        "chance adds.",
        "lower",
        source=_ECE,
    ),
    # --- groups
    Check(
        "group.macro_f1_lowest",
        "Macro-F1 of the worst group of {}",
        f"Lowest macro-F1 of any group of the column. {_OWN_LABELS}",
        "higher",
        source=_FAIR,
        parameter="group",
    ),
    Check(
        "group.macro_f1_gap",
        "Macro-F1 gap between groups of {}",
        f"Highest less lowest macro-F1 of the column's groups; 0 is even. {_OWN_LABELS}",
        "lower",
        source=_FAIR,
        parameter="group",
    ),
    Check(
        "group.accuracy_lowest",
        "Right answers in the worst group of {}",
        "Lowest accuracy of any group of the column.",
        "higher",
        source=_FAIR,
        parameter="group",
    ),
    Check(
        "group.accuracy_gap",
        "Accuracy gap between groups of {}",
        "Highest less lowest accuracy of the column's groups; 0 is even.",
        "lower",
        source=_FAIR,
        parameter="group",
    ),
    Check(
        "group.recall_gap",
        "Recall gap between groups of {}",
        "Largest difference, over all labels, in the share of a label's rows that were found between any two "
        "groups that have enough rows of the label (see the share of rows that were evaluated); 0 is even.",
        "lower",
        source=_FAIR,
        parameter="group",
    ),
    Check(
        "group.selection_rate_gap",
        "Difference in how often a label is given, groups of {}",
        "Largest difference, over all labels, in the share of rows that are given the label between any two "
        "groups. The groups may differ in truth.",
        "lower",
        source=_FAIR,
        parameter="group",
    ),
    Check(
        "group.evaluated_share",
        "Test rows in groups of {} that are large enough",
        "Share of test rows whose group has enough rows to be measured: of a classifier enough of their own label, of "
        "a tagger enough entities.",
        "higher",
        parameter="group",
        interval=False,
    ),
    # --- baselines
    Check(
        "baseline.macro_f1",
        "Macro-F1 of {}",
        "Macro-F1 of the simple model on the same test rows.",
        "higher",
        source=_F1,
        parameter="baseline",
    ),
    Check(
        "baseline.macro_f1_gain",
        "Macro-F1 gained over {}",
        "The candidate's macro-F1 less the simple model's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        parameter="baseline",
    ),
    Check(
        "baseline.accuracy_gain",
        "Accuracy gained over {}",
        "The candidate's accuracy less the simple model's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        parameter="baseline",
    ),
    # --- comparison with what is live
    Check(
        "comparison.macro_f1_change",
        "Change in macro-F1",
        "The candidate's macro-F1 less the live release's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        compared=True,
    ),
    Check(
        "comparison.accuracy_change",
        "Change in accuracy",
        "The candidate's accuracy less the live release's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        compared=True,
    ),
    Check(
        "comparison.f1_change",
        "Change in F1 of “{}”",
        "The candidate's F1 of the label less the live release's, on the same rows.",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        parameter="label",
        compared=True,
    ),
    Check(
        "comparison.group_macro_f1_change",
        "Change in macro-F1, groups of {}",
        "The candidate's macro-F1 less the live release's on the rows of one group of the column. "
        f"{LABELS_OF_THE_GROUP} {EACH_GROUP}",
        "higher",
        ends=DIFFERENCE_OF_SHARES,
        source=_PAIRED,
        parameter="group",
        compared=True,
        each_group=True,
    ),
    Check(
        "comparison.disagreement",
        "Answers that change",
        "Share of test rows on which the candidate and the live release differ.",
        "lower",
        source=_CHURN,
        compared=True,
    ),
    Check(
        "comparison.regressed_share",
        "Answers that become wrong",
        "Share of test rows that the live release gets right and the candidate wrong.",
        "lower",
        source=_CHURN,
        compared=True,
    ),
    Check(
        "comparison.seen_share",
        "Test rows that the live release learned from",
        "Share of test rows whose text or image is in the live release's own training rows; these flatter the live "
        "release.",
        "lower",
        interval=False,
        compared=True,
    ),
    *DRIFT_CATALOGUE,
    # --- data
    Check(
        "data.refused_share",
        "Rows that could not be read",
        "Share of the source's rows that could not be read, or break what the spec says of the columns, and were "
        "set aside.",
        "lower",
        interval=False,
    ),
    Check(
        "data.validation_success",
        "Expectations hold",
        "1 if every expectation of the data's suite holds, else 0.",
        "higher",
        unit="yes (1) or no (0)",
        source="Great Expectations",
        interval=False,
    ),
    Check(
        "data.quarantined_share",
        "Rows set aside",
        "Share of the rows read that broke an expectation and were set aside.",
        "lower",
        source="Great Expectations",
        interval=False,
    ),
    Check(
        "data.scrub_residual",
        "Texts with personal data left after scrubbing",
        "Share of texts in which a second scan of the scrubbed texts finds something; what the scanner does not "
        "know it cannot find.",
        "lower",
        source="Presidio",
        interval=False,
    ),
    Check(
        "data.canary_recall",
        "Planted values that were hidden",
        "Made-up personal values of many types are planted into copies of the texts and scrubbed like them; the share "
        "of which no part stayed visible.",
        "higher",
        source="Carlini et al., The Secret Sharer (2019), for the idea of canaries; Wilson's interval",
    ),
    Check(
        "data.canary_recall_direct",
        "Planted direct identifiers that were hidden",
        "The same for what names a person by itself: e-mail, phone, card, IBAN, national id, IP address.",
        "higher",
        source="Carlini et al., The Secret Sharer (2019), for the idea of canaries; Wilson's interval",
    ),
    Check(
        "data.dropped_duplicate_share",
        "Rows dropped as repeats",
        "Share of the scrubbed rows that were dropped because their text or image, or nearly that, stood there "
        "already.",
        "lower",
        source="Broder, On the resemblance and containment of documents (1997); Lee et al., Deduplicating Training "
        "Data Makes Language Models Better (2022)",
        interval=False,
    ),
    Check(
        "data.uncompared_share",
        "Rows whose near duplicates may be left",
        "Share of the rows looked at for near duplicates that stand in a bucket of likely ones too large to be "
        "compared whole. 0: every pair that shares a bucket was compared.",
        "lower",
        source="Leskovec et al., Mining of Massive Datasets (2020), section 3.4, for buckets",
        interval=False,
    ),
    Check(
        "data.contaminated_share",
        "Rows that repeat or quote an evaluation set",
        "Share of the scrubbed rows whose text is, nearly is, or quotes a text of the evaluation sets that the spec "
        "names; counted whether they were dropped or tagged.",
        "lower",
        source="Brown et al., Language Models are Few-Shot Learners (2020), appendix C",
        interval=False,
    ),
    Check(
        "data.harmful_share",
        "Harmful texts",
        "Share of the scored rows whose score reaches the spec's threshold; the classifier's limits are its own.",
        "lower",
        interval=False,
    ),
    Check(
        "data.licence_reach",
        "How widely the data's licence lets the model go",
        "0 nobody, 1 one's own organisation, 2 named partners, 3 everybody; the narrowest of all licences of the rows.",
        "higher",
        unit="reach (0 to 3)",
        source="SPDX names; the table in sluicegate/data/licences.yaml and the spec's own",
        interval=False,
    ),
    Check(
        "data.base_model_licence_reach",
        "How widely the base model's licence lets the model go",
        "0 nobody, 1 one's own organisation, 2 named partners, 3 everybody.",
        "higher",
        unit="reach (0 to 3)",
        source="SPDX names; the table in sluicegate/data/licences.yaml and the spec's own",
        interval=False,
    ),
    Check(
        "data.duplicate_share",
        "Repeated training rows",
        "Share of training rows whose text (but for case, spaces and what cannot be seen) or image stands there more "
        "than once, the first not counted.",
        "lower",
        interval=False,
    ),
    Check(
        "data.leaked_share",
        "Test rows that are also in training",
        "Share of test rows whose text (but for case, spaces and what cannot be seen) or image is among the training "
        "or validation rows.",
        "lower",
        interval=False,
    ),
    Check(
        "data.conflicting_share",
        "Training rows with two labels",
        "Share of training rows whose text or image also stands there under another label.",
        "lower",
        interval=False,
    ),
    Check(
        "data.label_share_lowest",
        "Share of the rarest label",
        "Share of the training rows that have the rarest label.",
        "higher",
        interval=False,
    ),
    Check(
        "data.test_rows",
        "Test rows",
        "Rows that everything here was measured on.",
        "higher",
        unit="rows",
        interval=False,
    ),
    # --- transparency
    FORM_FILLED,
    # --- privacy
    Check(
        "privacy.epsilon_rdp",
        "Privacy spent, by RDP",
        "Upper bound on what all steps of training tell about one training row, added or left out, which fails to hold "
        "with probability delta at most; by Rényi differential privacy. 0 tells nothing.",
        "lower",
        unit="epsilon",
        source=f"{_DP_SGD}; Mironov et al., Rényi Differential Privacy of the Sampled Gaussian Mechanism (2019), "
        "by Opacus",
        interval=False,
    ),
    Check(
        "privacy.epsilon_prv",
        "Privacy spent, by PRV",
        "The same bound by privacy loss random variables, mostly the tighter one.",
        "lower",
        unit="epsilon",
        source=f"{_DP_SGD}; Gopi et al., Numerical Composition of Differential Privacy (2021), by Opacus",
        interval=False,
    ),
    Check(
        "privacy.delta",
        "Probability at which both hold",
        "Probability with which epsilon may fail to hold; a limit on epsilon says little without one on delta.",
        "lower",
        unit="probability",
        source=_DP_SGD,
        interval=False,
    ),
    # --- footprint
    Check(
        "footprint.size",
        "Size of the candidate",
        "All files of the candidate.",
        "lower",
        unit="MB",
        interval=False,
    ),
    Check(
        "footprint.training_energy",
        "Energy of its training",
        "Electricity of processor, memory and graphics cards; the finding says whether it was measured or modelled.",
        "lower",
        unit="kWh",
        source=_ENERGY,
        interval=False,
    ),
    Check(
        "footprint.training_carbon",
        "Carbon of its training",
        "That energy by the yearly average of the country's grid (of the world's, where the spec names no country).",
        "lower",
        unit="kg CO2e",
        source=_ENERGY,
        interval=False,
    ),
    Check(
        "footprint.latency",
        "Time for one row",
        f"Median time from a text, or an image, to the candidate's answer, one at a time. {_TIMED}",
        "lower",
        unit="ms",
        source=_ORDER,
    ),
    Check(
        "footprint.latency_p95",
        "Time for one row, 95th percentile",
        "95 of 100 test rows are answered in this time at most, one at a time; on the same machine and threads.",
        "lower",
        unit="ms",
        source=_ORDER,
    ),
    Check(
        "footprint.batch_latency",
        "Time for one row in a batch of 32",
        "Median over batches of 32 test rows of the time for a batch, divided by 32; on the same machine and threads.",
        "lower",
        unit="ms",
        source=_ORDER,
    ),
)
"""Every check, in reading order; ``{}`` in a title stands for the parameter."""
