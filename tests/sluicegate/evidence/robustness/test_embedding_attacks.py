from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from sluicegate.evidence.finding import Finding
from sluicegate.evidence.predictions import Predictions, load_model
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.robustness.embedding_attacks import measure_embedding_attacks
from sluicegate.evidence.robustness.embedding_catalogue import EMBEDDING_ATTACK_CATALOGUE, EPSILON
from sluicegate.evidence.white_box import Opaque, WhiteBox, look_inside
from tests.sluicegate.evidence.made_up import LABELS, make_rows
from tests.sluicegate.evidence.opened import answers_of, linear_box, write_bert

# Log-odds of "positive" are twice the sum of cosines; the ball lowers them by 2 ε √T at most, of T words.
CLEAR, NARROW, BETWEEN = 0.9, 0.7 * EPSILON, 0.9 * EPSILON
BOX = linear_box({"clear": CLEAR, "narrow": NARROW, "between": BETWEEN, "foul": -CLEAR})


def run(texts: list[str], actual: list[int], smallest: int = 2, box: WhiteBox | Opaque = BOX) -> tuple[list, dict]:
    predictions = Predictions(("negative", "positive"), np.array(actual, dtype=np.int64), answers_of(BOX, texts))
    return measure_embedding_attacks(box, texts, predictions, 0.95, smallest, 3)


def test_a_linear_model_by_hand() -> None:
    # kept: clear; both narrow words together have 2 · 2 · 0.7 ε < 2 ε √2, and both between 2 · 2 · 0.9 ε > 2 ε √2
    texts = ["clear", "narrow", "between", "narrow narrow", "between between", "foul", "foul", "clear clear", "foul"]
    assert 2 * 0.7 < math.sqrt(2) < 2 * 0.9
    actual = [1, 1, 1, 1, 1, 0, 0, 1, 1]  # the last one is answered wrongly
    findings, figures = run(texts, actual)
    for finding in findings:
        assert (finding.value, finding.n) == (pytest.approx(5 / 8), 8)
        assert finding.interval == exact_interval(5, 8, 0.95)
    assert figures["turned"] == {"fgm": 3, "pgd": 3}
    assert figures["mean_embedding_norm"] == pytest.approx(1)
    assert figures["radius"] == pytest.approx(EPSILON)


def test_texts_without_words_are_not_counted() -> None:
    findings, figures = run(["clear", "foul", "", "  "], [1, 0, 0, 0])
    assert figures["rows"] == 2
    assert all(finding.n == 2 for finding in findings)


@pytest.mark.parametrize(
    ("texts", "actual", "smallest", "why"),
    [
        pytest.param(["clear", "foul"], [1, 0], 3, "2 rows, fewer than 3", id="few rows"),
        pytest.param(["clear", "foul"], [1, 1], 2, "all rows have the same label", id="one class"),
        pytest.param(["clear"] * 4, [1, 0, 1, 0], 2, "all rows are given the same label", id="one answer"),
        pytest.param(["clear", "foul", "foul"], [1, 1, 1, 0][:2] + [0], 3, "2 rows with words were", id="few right"),
    ],
)
def test_what_cannot_be_measured_says_why(texts: list[str], actual: list[int], smallest: int, why: str) -> None:
    findings, figures = run(texts, actual, smallest)
    assert all(finding.status == "not_evaluated" and why in finding.why for finding in findings)
    assert why in figures["why"]


def test_a_candidate_that_cannot_be_looked_into_is_not_evaluated() -> None:
    findings, _ = run(["clear", "foul"] * 9, [1, 0] * 9, box=Opaque("it is shut"))
    assert [(finding.status, finding.why) for finding in findings] == [("not_evaluated", "it is shut")] * 2


def test_a_gradient_that_vanishes_is_no_robustness() -> None:
    class Stepped(type(BOX.model)):
        """Gives the same answers by rounding them, through which no gradient comes."""

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> object:
            found = super().forward(input_ids, attention_mask)
            found.logits = found.logits.round(decimals=3) + 0 * found.logits
            return found

    stepped = Stepped(BOX.model.embeddings.weight.tolist(), BOX.model.head.weight.tolist())
    box = WhiteBox(stepped, BOX.tokenizer, BOX.max_length_tokens, BOX.order)
    findings, figures = run(["clear", "foul"] * 5, [1, 0] * 5, box=box)
    assert all(finding.status == "not_evaluated" for finding in findings)
    assert figures["why"] == "the gradient of 10 of 10 rows vanishes or is not finite, so they were not attacked"


@pytest.fixture(scope="module")
def of_bert(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], Predictions]:
    """A small BERT, texts, and labels that it mostly gets right."""
    candidate = write_bert(tmp_path_factory.mktemp("attacked") / "candidate")
    texts = make_rows(80, seed=5, prefix="t")["text"].tolist()
    probabilities_NL = load_model(candidate).predict_proba(texts)
    actual_N = probabilities_NL.argmax(1)
    actual_N[::9] = (actual_N[::9] + 1) % 3
    return candidate, texts, Predictions(LABELS, actual_N, probabilities_NL)


def test_pgd_keeps_no_more_than_fgm_and_the_seed_decides(of_bert: tuple[Path, list[str], Predictions]) -> None:
    candidate, texts, predictions = of_bert
    box = look_inside(candidate, LABELS, texts, predictions.probabilities_NL, 0)
    state = torch.get_rng_state()
    first, again = (measure_embedding_attacks(box, texts, predictions, 0.95, 30, 1) for _ in range(2))
    assert first == again
    assert torch.equal(torch.get_rng_state(), state)
    (fgm, pgd), figures = first
    assert fgm.n == pgd.n == 71
    assert fgm.value is not None
    assert pgd.value is not None
    assert pgd.value <= fgm.value < 1
    assert "xqt" not in json.dumps(figures, allow_nan=False) + str(first[0])
    checks = {check.name: check for check in EMBEDDING_ATTACK_CATALOGUE}
    findings: list[Finding] = [fgm, pgd]
    assert {finding.check for finding in findings} == set(checks)
    assert all(finding.unit == checks[finding.check].unit and finding.interval for finding in findings)
