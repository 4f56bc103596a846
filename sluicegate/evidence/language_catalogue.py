"""The checks of language models, one entry each; those of the data, drift, privacy and footprint are every task's.

Figures of a masked model rest on a pseudo-likelihood: each token is told from those on both sides.
"""

from __future__ import annotations

from sluicegate.evidence.attacks.catalogue import ATTACKS
from sluicegate.evidence.catalogue import CATALOGUE
from sluicegate.evidence.check import AREAS, EACH_GROUP, Check

BITS, PER_TOKEN = "bits per byte", "per token"
_OF_MASKED = "Of a masked model it rests on a pseudo-likelihood."
_PSEUDO = "Salazar et al., Masked Language Model Scoring (2020), for a masked model"
_PAIRED = "Efron & Tibshirani, An Introduction to the Bootstrap (1993), paired resampling of rows"
_COMMON_AREAS = ("drift", "data", "transparency", "privacy", "footprint")
_COMMON = ("group.evaluated_share", "comparison.seen_share")

_OWN: tuple[Check, ...] = (
    Check(
        "performance.bits_per_byte",
        "Bits per byte",
        "Bits that the model needs to tell a byte of the test texts; what its vocabulary cannot spell counts 8 bits a "
        "byte, and what its tokenizer does not read (case, kinds of space) nothing. 8 is no knowledge, 0 is perfect. "
        "Of a masked model it is a pseudo-likelihood, each token told from those on both sides: it can lie below "
        "what the texts hold, and is not to be set beside a causal model's or that of counts.",
        "lower",
        unit=BITS,
        source=_PSEUDO,
    ),
    Check(
        "performance.perplexity",
        "Perplexity",
        "Exponential of the mean negative log-likelihood of a token in nats: among how many equally likely tokens it "
        f"is left to choose. Models with other vocabularies are not compared by it. {_OF_MASKED}",
        "lower",
        unit=PER_TOKEN,
        source=_PSEUDO,
    ),
    Check(
        "performance.unknown_share",
        "Bytes that the vocabulary cannot spell",
        "Share of the test texts' bytes that belong to words which the tokenizer gives up on.",
        "lower",
    ),
    Check(
        "group.bits_per_byte_highest",
        "Bits per byte of the worst group of {}",
        f"Highest bits per byte of any group of the column. {_OF_MASKED}",
        "lower",
        unit=BITS,
        parameter="group",
    ),
    Check(
        "group.bits_per_byte_gap",
        "Gap in bits per byte between groups of {}",
        "Highest less lowest bits per byte of the column's groups; 0 is even. The groups may differ in how hard their "
        f"texts are. {_OF_MASKED}",
        "lower",
        unit=BITS,
        parameter="group",
    ),
    Check(
        "baseline.bits_per_byte",
        "Bits per byte of {}",
        "Bits per byte of the simple model on the same test rows. Counts tell each token from those before it; the "
        "base model as it was (`untuned`) tells as the candidate does.",
        "lower",
        unit=BITS,
        parameter="baseline",
    ),
    Check(
        "baseline.bits_per_byte_gain",
        "Bits per byte gained over {}",
        "The simple model's bits per byte less the candidate's, on the same rows; above 0 the candidate is ahead. Over "
        "counts it does not apply to a masked model, whose pseudo-likelihood sees both sides of a token.",
        "higher",
        unit=BITS,
        source=f"{_PAIRED}; {_PSEUDO}",
        parameter="baseline",
    ),
    Check(
        "comparison.bits_per_byte_change",
        "Change in bits per byte",
        f"The candidate's bits per byte less the live release's, on the same rows; below 0 it is better. {_OF_MASKED}",
        "lower",
        unit=BITS,
        source=_PAIRED,
        compared=True,
    ),
    Check(
        "comparison.less_likely_share",
        "Texts that become less likely",
        f"Share of test rows that the candidate finds less likely than the live release does. {_OF_MASKED}",
        "lower",
        compared=True,
    ),
    Check(
        "comparison.group_bits_per_byte_change",
        "Change in bits per byte, groups of {}",
        "The candidate's bits per byte less the live release's on the rows of one group of the column; below 0 it is "
        f"better. {_OF_MASKED} {EACH_GROUP}",
        "lower",
        unit=BITS,
        source=_PAIRED,
        parameter="group",
        compared=True,
        each_group=True,
    ),
)


def _is_common(check: Check) -> bool:
    return check.area in _COMMON_AREAS or check.name in _COMMON


_ATTACKS = tuple(check for check in ATTACKS if not check.name.startswith("privacy.shadow"))
LANGUAGE_CATALOGUE: tuple[Check, ...] = tuple(
    check
    for area in AREAS
    for check in (*_OWN, *(common for common in CATALOGUE if _is_common(common)), *_ATTACKS)
    if check.area == area
)
"""Every check of causal and masked language modelling, in reading order."""
