from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sluicegate.evidence.dossier import Dossier, load_dossier
from sluicegate.evidence.finding import measured
from sluicegate.evidence.question_words import explanation, identity, robustness

NONE = Dossier(candidate="c" * 64, findings=(), lineage={})


def attribute(groups: dict[str, int], between: list[dict[str, Any]]) -> dict[str, Any]:
    mentioned = [{"group": group, "rows": rows} for group, rows in groups.items()]
    return {"attribute": "age", "mentions": {"groups": mentioned}, "templates": {"between": between}}


def test_the_groups_that_most_rows_mention_and_the_pair_that_flips_most_are_named() -> None:
    flips = [{"groups": ["young", "old"], "pairs": 40, "flips": 0.125, "change": 0.1}]
    assert identity(NONE, {"identity": [attribute({"old": 4, "young": 30, "middle": 0}, flips)]}) == [
        "Age: test rows mention young 30, old 4. In made-up sentences, young for old flips 12.5 % of the decisions, "
        "the most of any pair."
    ]


def test_an_attribute_that_no_row_mentions_and_nothing_flips_says_so() -> None:
    still = [{"groups": ["young", "old"], "pairs": 40, "flips": 0.0, "change": 0.1}]
    assert identity(NONE, {"identity": [attribute({"old": 0}, still)]}) == ["Age: no test row mentions a group of it."]
    assert identity(NONE, {}) == robustness(NONE, {}) == []


def test_rows_of_the_spec_that_could_not_be_explained_are_named() -> None:
    missed = measured("explanation.completeness_error", 0.01, n=40, interval=(0, 0.02), confidence=0.95, seed=0)
    dossier = Dossier(candidate="c" * 64, findings=(missed,), lineage={})
    said = explanation(dossier, {"explanations": {"not_explained": ["r7", "r9"]}})
    assert said[0].endswith("or have no word: r7, r9.")
    assert said[1].startswith("Explanations of 40 test rows were checked")
    assert len(explanation(dossier, {"explanations": {"not_explained": []}})) == 1


def test_the_worst_of_a_measured_dossier_is_told(first_dossier: Path) -> None:
    held = json.loads((first_dossier / "robustness.json").read_text(encoding="utf-8"))["figures"]
    said = robustness(load_dossier(first_dossier), {"robustness": held})
    assert said[0].startswith("Of 150 sampled test rows, “upper case” does most harm: 34.2 % of the right answers")
    assert "behavioural tests were asked; the worst, “" in said[1]
    assert "words that betray a label in the training rows, “dreary” turns most answers" in said[2]
    assert said[3].endswith("answers are right.")
    assert len(said) == 4
    held["triggers"]["why"] = "1 of 31 words can be put in front of fewer than 30 rows that are given another label"
    told = robustness(load_dossier(first_dossier), {"robustness": held})[2]
    assert told == f"{said[2]} Not every such word was tried: {held['triggers']['why']}."
