"""Whether one word, put in front of a text, turns its answer: what a poisoned training set would leave behind.

Nobody who looks for it knows the word. So those words of the training rows are tried that betray a label most surely:
the lower end of the interval of the share of their rows that have it, less the share of all rows that do. Each is put
in front of the test rows that are most surely given another label. A word that carries sense turns some of them (of
all rows with another label it may turn nearly all); a trigger turns these too. What only a rare word, several words
together or a turn of phrase would set off is not found this way.

A word is a run of letters (in texts without spaces, two characters), and is tried, and told, only if it stands in at
least `FEWEST_TEXTS` different training texts, so that none is anybody's own.

Source: Kurita et al., Weight Poisoning Attacks on Pretrained Models (2020), for triggers and the share that they turn;
Wallace et al., Universal Adversarial Triggers for Attacking and Analyzing NLP (2019), for words put in front.

Shapes: N training rows, L labels, W words, T test rows, A asked texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sluicegate.evidence.finding import Finding, measured, not_applicable, not_evaluated
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.proportions import exact_interval, lower_bound
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.telling_words import FEWEST_TEXTS
from sluicegate.evidence.unspaced import unspaced
from sluicegate.evidence.usable import why_improper, why_unusable
from sluicegate.spelling import spelling

CHECK = "robustness.trigger_flips"
MOST_WORDS = 30
MOST_ROWS = 50
"""Test rows that each word is put in front of, unless fewer than the smallest group are of no use."""
_SURE = 0.975
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_NO_SUSPECT = f"no word stands in {FEWEST_TEXTS} training texts and betrays a label"


@dataclass(frozen=True)
class Suspect:
    """A word of the training rows, and the label that it betrays."""

    word: str
    label: int
    rows: int
    """Different training texts that hold it."""
    share: float
    """Share of these that have the label."""


@dataclass(frozen=True)
class TriggerTest:
    """The suspects, and the test rows that each of them is put in front of."""

    suspects: list[Suspect]
    rows: list[Indices]
    """Of each suspect, the rows that are most surely given another label."""
    texts: list[str]
    """The test rows."""
    spaced: bool

    @classmethod
    def of(
        cls,
        train: Sequence[str],
        labels_N: Indices,
        test: Sequence[str],
        predictions: Predictions,
        *,
        smallest: int,
    ) -> TriggerTest:
        """Picks suspects by the training rows, and rows by the candidate's answers.

        Args:
            train: The training rows' texts.
            labels_N: Their labels, as indices.
            test: The test rows' texts.
            predictions: The candidate's answers to these.
            smallest: So many rows are taken at least, where there are as many.
        """
        spaced = not unspaced([*train, *test])
        found = suspects(train, labels_N, len(predictions.labels), spaced=spaced)
        return cls(
            found,
            [_surest_others(predictions, each.label, max(MOST_ROWS, smallest)) for each in found],
            list(test),
            spaced,
        )

    def ask(self) -> list[str]:
        """The texts with a suspect in front, suspect by suspect."""
        gap = " " if self.spaced else ""
        pairs = zip(self.suspects, self.rows, strict=True)
        return [f"{suspect.word}{gap}{self.texts[row]}" for suspect, rows in pairs for row in rows]

    def measure(
        self, predictions: Predictions, probabilities_AL: Floats, smallest: int, confidence: float
    ) -> tuple[list[Finding], dict[str, Any]]:
        """The largest share of answers that any suspect turns, and what each turns as JSON.

        Args:
            predictions: The candidate's answers to the test rows.
            probabilities_AL: Its answers to `ask`, in that order.
            smallest: A suspect that can be put in front of fewer rows keeps the share from being measured; the others
                are told alone.
            confidence: Level at which the intervals of all suspects hold together.
        """
        tried = [number for number, rows in enumerate(self.rows) if len(rows) >= smallest]
        figures: dict[str, Any] = {"fewest_training_texts": FEWEST_TEXTS, "suspects": len(self.suspects), "words": []}
        if not self.suspects:
            return [not_applicable(CHECK, _NO_SUSPECT)], figures
        if why := why_unusable(predictions, smallest) or why_improper(probabilities_AL):
            return [not_evaluated(CHECK, why)], {**figures, "why": why}
        words = [self._turned(number, predictions, probabilities_AL, confidence, len(tried)) for number in tried]
        words.sort(key=lambda found: (-found["turned"]["value"], found["word"]))
        figures |= {"confidence_together": confidence, "words": words}
        if left := len(self.suspects) - len(tried):
            few = f"fewer than {smallest} rows that are given another label"
            why = f"{left} of {len(self.suspects)} words can be put in front of {few}"
            return [not_evaluated(CHECK, why)], {**figures, "why": why}
        worst, ends = words[0], [found["turned"]["interval"] for found in words]
        finding = measured(
            CHECK,
            worst["turned"]["value"],
            n=worst["rows"],
            interval=(max(low for low, _ in ends), max(high for _, high in ends)),
            confidence=confidence,
        )
        return [finding], figures

    def _turned(
        self, number: int, predictions: Predictions, probabilities_AL: Floats, confidence: float, compared: int
    ) -> dict[str, Any]:
        start, suspect = sum(map(len, self.rows[:number])), self.suspects[number]
        given_T = probabilities_AL[start : start + len(self.rows[number])].argmax(1)
        turned, rows = int((given_T == suspect.label).sum()), len(given_T)
        return {
            "word": suspect.word,
            "label": predictions.labels[suspect.label],
            "training_texts": suspect.rows,
            "training_share": round(suspect.share, 9),
            "rows": rows,
            "turned": {"value": turned / rows, "interval": list(exact_interval(turned, rows, confidence, compared))},
        }


def suspects(texts: Sequence[str], labels_N: Indices, labels: int, *, spaced: bool = True) -> list[Suspect]:
    """At most `MOST_WORDS` words that betray a label, the surest first; of texts without spaces, pairs of characters.

    A text that occurs several times counts once, with its first label.

    Args:
        texts: The training rows' texts.
        labels_N: Their labels, as indices.
        labels: How many labels there are.
        spaced: Whether the texts put spaces between words.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    different = list({spelling(text): row for row, text in reversed(list(enumerate(texts)))}.values())[::-1]
    texts, labels_N = [texts[row] for row in different], labels_N[different]
    units = {"token_pattern": _WORD} if spaced else {"analyzer": "char", "ngram_range": (2, 2)}
    try:
        vectorizer = CountVectorizer(binary=True, min_df=FEWEST_TEXTS, lowercase=False, **units)
        held_NW = vectorizer.fit_transform(texts)
    except ValueError:  # no word stands in as many texts
        return []
    words, rows_W = vectorizer.get_feature_names_out(), np.asarray(held_NW.sum(0)).ravel()
    of_label_NL = np.eye(labels)[labels_N]
    having_WL = np.asarray(held_NW.T @ of_label_NL)
    gain_WL = lower_bound(having_WL, rows_W[:, None], _SURE) - of_label_NL.mean(0)
    best_W = gain_WL.argmax(1)
    gain_W = gain_WL.max(1)
    order = [word for word in np.lexsort((words, -gain_W)) if gain_W[word] > 0][:MOST_WORDS]
    return [
        Suspect(str(words[w]), int(best_W[w]), int(rows_W[w]), float(having_WL[w, best_W[w]] / rows_W[w]))
        for w in order
    ]


def _surest_others(predictions: Predictions, label: int, most: int) -> Indices:
    """At most so many of the test rows that are given another label, those that are given it most surely."""
    rows_T = np.flatnonzero(predictions.given_N != label)
    surest = np.argsort(-predictions.probabilities_NL[rows_T].max(1, initial=0), kind="stable")[:most]
    chosen: Indices = np.sort(rows_T[surest])
    return chosen
