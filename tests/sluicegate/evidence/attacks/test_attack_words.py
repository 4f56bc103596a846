from __future__ import annotations

import numpy as np

from sluicegate.evidence.attacks.attack_words import attacks_in_words
from sluicegate.evidence.attacks.canaries import measure_canaries
from sluicegate.evidence.attacks.epsilon import measure_epsilon
from sluicegate.evidence.attacks.extraction import Question, measure_extraction
from sluicegate.evidence.attacks.membership import Scores, measure_membership
from sluicegate.evidence.finding import measured
from sluicegate.evidence.resampling import Resampling

RESAMPLING = Resampling(1, 100, 0.95, 0)
PERFECT = Scores(np.arange(1.0, 1001), -np.arange(1.0, 1001))


def said(attacks: dict[str, Scores], account: dict[str, float], rows: int) -> str:
    question, other = Question([1], [2, 3, 4]), [7, 8, 9]
    membership, _ = measure_membership(PERFECT, RESAMPLING)
    canaries, of_canaries = measure_canaries(
        np.zeros(rows), np.arange(1.0, 128), np.ones(rows, dtype=np.int64), RESAMPLING
    )
    epsilon, of_epsilon = measure_epsilon(attacks, account, RESAMPLING)
    answers = [question.rest] * (rows // 2) + [other] * (rows - rows // 2)
    extraction, _ = measure_extraction([question] * rows, answers, [question] * rows, [other] * rows, RESAMPLING, run=3)
    found = {f.check: f for f in (*membership, *canaries, *epsilon, *extraction)}
    return "\n".join(attacks_in_words(found.get, {"canaries": of_canaries, "epsilon": of_epsilon}))


def test_what_was_found_is_told_with_what_guessing_gives() -> None:
    text = said({"loss": PERFECT}, {"epsilon_rdp": 3.0, "epsilon_prv": 2.0, "delta": 1e-6}, 40)
    assert "By its loss, training rows are told from test rows with an AUC of 1.000 (0.996 to 1.000)" in text
    assert "At 1 % false alarms 100.0 % of them are found; 1 % is guessing." in text
    assert (
        "40 texts that were planted once each are exposed by 7.00 bits on average and 7.00 at most, of 7.00 that"
        in text
    )
    assert "at delta 1e-06, which contradicts the 2 that the training claims." in text
    assert "Of 40 training texts it writes down 50.0 % from their beginning, +50.0 points against test texts." in text


def test_what_was_not_found_is_told_with_its_reason() -> None:
    text = said({}, {}, 0)
    assert "Planted canaries: no canaries were planted in the training rows." in text
    assert "A lower bound on epsilon: the training was not private (training.privacy)." in text
    assert "Extraction of training texts: 0 training texts are long enough, fewer than 30." in text
    unclaimed = said({"loss": PERFECT}, {}, 0)
    assert "at delta 0; nothing follows for the claim: the training was not private (training.privacy)." in unclaimed
    random = np.random.default_rng(0)
    weak = {"loss": Scores(random.normal(size=400), random.normal(size=400))}
    assert "which does not contradict the 2" in said(weak, {"epsilon_rdp": 3.0, "epsilon_prv": 2.0, "delta": 1e-6}, 0)


def test_one_text_that_was_written_down_is_not_told_as_none() -> None:
    share = measured("privacy.extracted_share", 1 / 2500, n=2500)
    excess = measured("privacy.extracted_share_excess", 1 / 2500, n=5000)
    (sentence,) = attacks_in_words({found.check: found for found in (share, excess)}.get, {})
    assert "writes down <0.1 % from their beginning, <+0.1 points against test texts." in sentence
