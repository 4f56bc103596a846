"""Rows explained word by word, and whether the explanations can be believed.

Figures are of rows drawn at random, prefixes of one draw: all of them for what is cheap, the first of them for the
shuffled model and for LIME. Rows that the spec names, and the errors of which the candidate is surest, are explained
beside them and shown, but count for no figure.

Shapes: N rows, W words, L labels.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sluicegate.evidence.estimated import estimated
from sluicegate.evidence.explanations.catalogue import EXPLANATION_CATALOGUE, PERTURBED, STEPS
from sluicegate.evidence.explanations.deletions import FEWEST_WORDS, Weighed, ask_deletions, measure_deletions
from sluicegate.evidence.explanations.integrated_gradients import Attribution, integrate
from sluicegate.evidence.explanations.random_model import shuffled
from sluicegate.evidence.explanations.word_lime import explain_by_asking
from sluicegate.evidence.explanations.word_spans import Words
from sluicegate.evidence.finding import Finding, not_evaluated
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.questions import Answer
from sluicegate.evidence.resampling import Floats, Resampling
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.token_budget import within_budget
from sluicegate.evidence.usable import why_unusable
from sluicegate.evidence.white_box import Opaque, Reading, WhiteBox

FEWEST_ROWS = 10
"""Of fewer rows no figure is made."""
MOST_ROWS = 100
MOST_TOKENS = 1_080
"""Of the rows that figures are made of, all together, unless these would be too few."""
CLOSE_TOKENS = 600
"""Of those that the shuffled model and LIME explain as well, unless these would be too few."""
SHOWN = 6
"""Rows that are shown of each kind, drawn and surest errors, besides those that the spec names."""
SHOWN_TOKENS = 360
"""Of the errors that are shown, all together."""
_COMPLETENESS = "explanation.completeness_error"
_SIMILARITY, _AGREEMENT = "explanation.random_model_similarity", "explanation.method_agreement"


@dataclass(frozen=True)
class _Row:
    """One row and its explanations."""

    number: int
    reading: Reading
    words: Words
    target: int
    """The label that it is given, which is explained."""
    attribution: Attribution | None = None
    lime_W: Floats | None = None

    @property
    def weights_W(self) -> Floats:
        assert self.attribution is not None
        return self.words.sums(self.reading, self.attribution.tokens_T)


def measure_explanations(
    box: WhiteBox | Opaque,
    names_N: Sequence[str],
    texts_N: Sequence[str],
    predictions: Predictions,
    answer: Answer,
    resampling: Resampling,
    smallest: int,
    chosen: Sequence[str] = (),
) -> tuple[list[Finding], dict[str, Any]]:
    """What is found out about the explanations, and those of at most 2 × `SHOWN` rows and the chosen ones, as JSON.

    Args:
        box: The candidate opened up.
        names_N: Of the test rows, their ids.
        texts_N: Their texts, which figures will hold. None may be a text that was trained on, or not yet scrubbed.
        predictions: The candidate's answers to them.
        answer: The candidate, its labels in the order of `predictions`.
        resampling: Rounds, confidence and seed of the bootstrap, and the seed of the draws.
        smallest: Fewer rows are too few.
        chosen: Ids of rows that are explained whatever is drawn.
    """
    if isinstance(box, Opaque):
        return _absent(box.why, len(texts_N))
    if why := why_unusable(predictions, smallest):
        return _absent(why, len(texts_N))
    seed = resampling.seed
    drawn, named = _draw(box, texts_N, predictions, seed), _named(box, chosen, names_N, texts_N, predictions)
    beside = [*named, *_errors(box, texts_N, predictions, {row.number for row in named})]
    if len(drawn) < FEWEST_ROWS:
        why = f"{len(drawn)} of the sampled rows have {FEWEST_WORDS} words or more, fewer than {FEWEST_ROWS}"
        return _absent(why, len(drawn))
    drawn, beside = _integrated(box, drawn), _integrated(box, beside)  # apart: batches decide the last digits
    if wrong := sum(not np.isfinite(row.weights_W).all() for row in [*drawn, *beside]):
        every = len(drawn) + len(beside)
        return _absent(f"the gradients of {wrong} of {every} rows are not finite", every)
    close = [drawn[place] for place in within_budget(range(len(drawn)), _lengths(drawn), CLOSE_TOKENS, FEWEST_ROWS)]
    asked = [_asked(row, answer, seed) for row in [*close, *beside]]
    close, beside = asked[: len(close)], asked[len(close) :]
    findings, figures = [], {"seed": seed, "baseline": box.baseline[0], "steps": STEPS, "perturbed_texts": PERTURBED}
    for name, (found, figure) in {
        "completeness": _completeness(drawn, resampling),
        "random_model": _random_model(box, close, resampling),
        "methods": _agreement(close, resampling),
        "deletions": _deletions(drawn, predictions, answer, resampling),
    }.items():
        findings += found
        figures[name] = figure
    named, errors = beside[: len(named)], beside[len(named) :]
    apart = {row.number for row in beside}
    shown = {
        "named": named,
        "drawn": [row for row in close if row.number not in apart][:SHOWN],
        "error": errors,
    }
    figures["shown"] = [_shown(row, kind, names_N, predictions) for kind, rows in shown.items() for row in rows]
    figures["not_explained"] = sorted({*chosen} - {names_N[row.number] for row in named})
    return findings, figures


def _absent(why: str, rows: int) -> tuple[list[Finding], dict[str, Any]]:
    findings = [not_evaluated(check.name, why, unit=check.unit, n=rows) for check in EXPLANATION_CATALOGUE]
    return findings, {"shown": [], "why": why}


def _rows(box: WhiteBox, numbers: Sequence[int], texts_N: Sequence[str], predictions: Predictions) -> list[_Row]:
    readings = box.read([texts_N[number] for number in numbers])
    return [
        _Row(number, reading, Words.read(texts_N[number], reading), int(predictions.given_N[number]))
        for number, reading in zip(numbers, readings, strict=True)
    ]


def _lengths(rows: Sequence[_Row]) -> list[int]:
    return [len(row.reading.ids) for row in rows]


def _draw(box: WhiteBox, texts_N: Sequence[str], predictions: Predictions, seed: int) -> list[_Row]:
    """Rows that figures are made of, in the order of the draw."""
    numbers = np.random.default_rng(seed).permutation(len(texts_N))[:MOST_ROWS].tolist()
    rows = [row for row in _rows(box, numbers, texts_N, predictions) if len(row.words) >= FEWEST_WORDS]
    return [rows[place] for place in within_budget(range(len(rows)), _lengths(rows), MOST_TOKENS, FEWEST_ROWS)]


def _named(
    box: WhiteBox, chosen: Sequence[str], names_N: Sequence[str], texts_N: Sequence[str], predictions: Predictions
) -> list[_Row]:
    """The chosen rows, in their order; those that are not there, or have no word, are left out."""
    number = {name: place for place, name in enumerate(names_N)}
    numbers = [number[name] for name in chosen if name in number]
    return [row for row in _rows(box, numbers, texts_N, predictions) if len(row.words)]


def _errors(box: WhiteBox, texts_N: Sequence[str], predictions: Predictions, but: Set[int]) -> list[_Row]:
    """The rows that are given a wrong label with the most confidence, the surest first; all `but` some."""
    wrong = np.flatnonzero(predictions.given_N != predictions.actual_N)
    surest = wrong[np.argsort(-predictions.probabilities_NL[wrong].max(1), kind="stable")]
    numbers = [number for number in surest.tolist() if number not in but][: 2 * SHOWN]
    rows = [row for row in _rows(box, numbers, texts_N, predictions) if len(row.words)][:SHOWN]
    return [rows[place] for place in within_budget(range(len(rows)), _lengths(rows), SHOWN_TOKENS)]


def _integrated(box: WhiteBox, rows: Sequence[_Row]) -> list[_Row]:
    targets: Indices = np.array([row.target for row in rows], dtype=np.int64)
    found = integrate(box, [row.reading for row in rows], targets)
    return [replace(row, attribution=of) for row, of in zip(rows, found, strict=True)]


def _asked(row: _Row, answer: Answer, seed: int) -> _Row:
    return replace(row, lime_W=explain_by_asking(row.words, row.target, answer, seed + row.number))


def _over(rows: int, resampling: Resampling) -> Resampling:
    return replace(resampling, rows=rows)


def _completeness(rows: Sequence[_Row], resampling: Resampling) -> tuple[list[Finding], dict[str, Any]]:
    attributions = [row.attribution for row in rows if row.attribution is not None]
    missed_N = np.array([of.error for of in attributions])
    whole_N = np.abs([of.difference for of in attributions])
    if not whole_N.sum():
        why = "the log-odds of the rows are those of the baseline, so there is nothing to explain"
        return [not_evaluated(_COMPLETENESS, why, n=len(rows))], {"rows": len(rows), "why": why}
    over = _over(len(rows), resampling)
    estimate = over.estimates(lambda weights_RN: {"error": _ratio(weights_RN @ missed_N, weights_RN @ whole_N)})[
        "error"
    ]
    figures = {"rows": len(rows), "error": estimate.to_json(), "most_log_odds_missed": float(missed_N.max())}
    return [estimated(_COMPLETENESS, estimate, over)], figures


def _ratio(part_R: Floats, whole_R: Floats) -> Floats:
    ratio: Floats = np.divide(part_R, whole_R, out=np.full(len(part_R), np.nan), where=whole_R > 0)
    return ratio


def _random_model(box: WhiteBox, rows: Sequence[_Row], resampling: Resampling) -> tuple[list[Finding], dict[str, Any]]:
    others = _integrated(shuffled(box, resampling.seed), rows)
    pairs = [(np.abs(row.weights_W), np.abs(other.weights_W)) for row, other in zip(rows, others, strict=True)]
    return _correlation(_SIMILARITY, pairs, resampling)


def _agreement(rows: Sequence[_Row], resampling: Resampling) -> tuple[list[Finding], dict[str, Any]]:
    pairs = [(row.weights_W, row.lime_W) for row in rows if row.lime_W is not None]
    if missing := len(rows) - len(pairs):
        why = f"answers to texts like {missing} of {len(rows)} rows, some words left out, are no probabilities"
        return [not_evaluated(_AGREEMENT, why, unit="rank correlation", n=len(rows))], {"rows": len(rows), "why": why}
    return _correlation(_AGREEMENT, pairs, resampling)


def _correlation(
    check: str, pairs: Sequence[tuple[Floats, Floats]], resampling: Resampling
) -> tuple[list[Finding], dict[str, Any]]:
    """The mean of Spearman's rank correlation over rows; one with equal weights alone has none."""
    from scipy.stats import spearmanr

    varied = [pair for pair in pairs if all(np.isfinite(side).all() and np.ptp(side) > 0 for side in pair)]
    if len(varied) < FEWEST_ROWS:
        why = f"{len(varied)} of {len(pairs)} rows have words of different weights, fewer than {FEWEST_ROWS}"
        return [not_evaluated(check, why, unit="rank correlation", n=len(pairs))], {"rows": len(varied), "why": why}
    found_N = np.array([float(spearmanr(one, other).statistic) for one, other in varied])
    over = _over(len(varied), resampling)
    estimate = over.estimates(lambda weights_RN: {"mean": weights_RN @ found_N / len(varied)})["mean"]
    finding = estimated(check, estimate, over, unit="rank correlation")
    return [finding], {"rows": len(varied), "rank_correlation": estimate.to_json()}


def _deletions(
    rows: Sequence[_Row], predictions: Predictions, answer: Answer, resampling: Resampling
) -> tuple[list[Finding], dict[str, Any]]:
    weighed = [
        Weighed(row.words, row.target, float(predictions.probabilities_NL[row.number, row.target]), row.weights_W)
        for row in rows
    ]
    answers_AL = np.asarray(answer(ask_deletions(weighed, resampling.seed)), dtype=np.float64)
    return measure_deletions(weighed, answers_AL, resampling, FEWEST_ROWS)


def _shown(row: _Row, kind: str, names_N: Sequence[str], predictions: Predictions) -> dict[str, Any]:
    lime = row.lime_W.tolist() if row.lime_W is not None else [None] * len(row.words)
    return {
        "row": names_N[row.number],
        "chosen": kind,
        "given": predictions.labels[row.target],
        "actual": predictions.labels[int(predictions.actual_N[row.number])],
        "probability": float(predictions.probabilities_NL[row.number, row.target]),
        "cut": row.words.is_cut,
        "words": [
            {"text": text, "space": space, "gradients": weight, "lime": other}
            for (text, space), weight, other in zip(row.words.told(), row.weights_W.tolist(), lime, strict=True)
        ],
    }
