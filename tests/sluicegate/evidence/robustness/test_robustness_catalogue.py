from __future__ import annotations

import json

import numpy as np
import pytest

from sluicegate.evidence.catalogue import CATALOGUE
from sluicegate.evidence.finding import Finding, repeated
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.resampling import Floats, Resampling
from sluicegate.evidence.robustness.behaviour import ask_behaviour, measure_behaviour
from sluicegate.evidence.robustness.behaviour_file import SHIPPED, read_behaviours
from sluicegate.evidence.robustness.catalogue import ROBUSTNESS_CATALOGUE
from sluicegate.evidence.robustness.odd_inputs import (
    answer_each,
    ask_odd_inputs,
    faults_of_probabilities,
    measure_odd_inputs,
)
from sluicegate.evidence.robustness.perturbed import measure_perturbed
from sluicegate.evidence.robustness.perturbed_rows import PerturbedRows
from sluicegate.evidence.robustness.trigger_words import TriggerTest
from sluicegate.evidence.robustness.worst_slice import measure_worst_slice
from sluicegate.evidence.sampling import sample_rows
from sluicegate.evidence.selective_catalogue import SELECTIVE_CATALOGUE
from tests.sluicegate.evidence.made_up import LABELS, WORDS, make_rows

RESAMPLING = Resampling(150, 200, 0.95, 0)


def answer(texts: list[str]) -> Floats:
    """The made-up candidate's answers: it reads a lexicon."""
    hits = np.array([[sum(word in text for word in WORDS[label]) for label in LABELS] for text in texts], dtype=float)
    powers = np.exp(1.5 * hits.reshape(-1, len(LABELS)))
    return powers / powers.sum(1, keepdims=True)


@pytest.fixture(scope="module")
def everything() -> tuple[list[Finding], dict]:
    """All of it for one candidate, from one pass over the texts that the parts ask about."""
    rows = make_rows(150, seed=3, prefix="t")
    texts = rows["text"].tolist()
    actual = np.array([LABELS.index(label) for label in rows["label"]])
    predictions = Predictions(LABELS, actual, answer(texts))
    sample = sample_rows(len(texts), 0, 100)
    sampled = [texts[row] for row in sample]
    of_sample = Predictions(LABELS, actual[sample], predictions.probabilities_NL[sample])
    files = read_behaviours(SHIPPED)
    rows_asked = PerturbedRows.of(sampled, 0)
    asked = [rows_asked.ask(), ask_behaviour(files, LABELS, 0)]
    perturbed, behaviour = np.split(answer([*asked[0], *asked[1]]), [len(asked[0])])
    train = make_rows(300, seed=4, prefix="r")
    learned = np.array([LABELS.index(label) for label in train["label"]])
    triggers = TriggerTest.of(train["text"].tolist(), learned, texts, predictions, smallest=30)
    parts = {
        "triggers": triggers.measure(predictions, answer(triggers.ask()), 30, 0.95),
        "perturbed": measure_perturbed(rows_asked, of_sample, perturbed, RESAMPLING, 30),
        "behaviour": measure_behaviour(files, LABELS, behaviour, 0.95, 0),
        "odd_inputs": measure_odd_inputs(faults_of_probabilities(answer_each(answer, ask_odd_inputs()), len(LABELS))),
        "slices": measure_worst_slice(texts, {"place": rows["place"].tolist()}, predictions, 30, 0.95),
    }
    return [finding for found, _ in parts.values() for finding in found], {k: f for k, (_, f) in parts.items()}


def test_every_finding_is_in_the_catalogue_and_the_other_way_round(everything: tuple[list[Finding], dict]) -> None:
    findings, _ = everything
    checks = {check.name: check for check in ROBUSTNESS_CATALOGUE}
    assert {finding.check.partition("[")[0] for finding in findings} == set(checks)
    assert repeated(findings) == ()
    for finding in findings:
        check = checks[finding.check.partition("[")[0]]
        assert finding.unit == check.unit
        assert bool(check.parameter) == ("[" in finding.check)
        if finding.status == "measured":
            assert (finding.interval is not None) == check.interval
            assert finding.n


def test_figures_are_json_and_hold_no_text(everything: tuple[list[Finding], dict]) -> None:
    findings, figures = everything
    written = json.dumps(figures, allow_nan=False) + str(findings)
    assert not [word for words in WORDS.values() for word in words if f" {word} " in written]
    assert "xqt" not in written
    assert "xqr" not in written


def test_names_are_new() -> None:
    names = [check.name for check in (*CATALOGUE, *ROBUSTNESS_CATALOGUE, *SELECTIVE_CATALOGUE)]
    assert len(names) == len(set(names))
    assert all(("{}" in check.title) == bool(check.parameter) for check in ROBUSTNESS_CATALOGUE)
