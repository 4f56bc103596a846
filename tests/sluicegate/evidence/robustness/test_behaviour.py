from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sluicegate.errors import SpecRefused
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.robustness.behaviour import ask_behaviour, measure_behaviour
from sluicegate.evidence.robustness.behaviour_file import KINDS, SHIPPED, BehaviourFile, in_languages, read_behaviours
from sluicegate.evidence.robustness.cases import MOST_CASES, cases_of

LABELS = ("negative", "neutral", "positive")
Run = tuple[dict[str, Finding], dict[str, Any], str | None]
SMALL: dict[str, Any] = {
    "language": "en",
    "order": [["negative", "neg"], ["neutral"], ["positive", "pos"]],
    "slots": {"thing": ["film", "meal"], "good": ["good", "fine"], "name": ["Anna", "Omar"]},
    "tests": [
        {"name": "praise", "kind": "minimum_functionality", "templates": ["A {good} {thing}."], "expect": ["positive"]},
        {"name": "names", "kind": "invariance", "templates": ["{name}: {good}"], "exchange": ["name"]},
        {"name": "extra", "kind": "invariance", "templates": ["a {thing}"], "add": [" On Tuesday."]},
        {"name": "worse", "kind": "direction", "templates": ["a {thing}", "{good}"],
         "add": [" bad"], "expect": "lower"},
    ],
}  # fmt: skip


def small(**changed: Any) -> BehaviourFile:
    return BehaviourFile.model_validate(SMALL | changed)


def answers(texts: list[str]) -> Floats:
    """Knows “good” alone, falls for Omar, and reads “bad” behind a “fine” as praise."""
    probabilities = []
    for text in texts:
        if "Omar" in text:
            probabilities.append([0.9, 0.1, 0.0])
        elif "fine bad" in text or ("good" in text and "bad" not in text):
            probabilities.append([0.0, 0.1, 0.9])
        elif "bad" in text:
            probabilities.append([0.8, 0.2, 0.0])
        else:
            probabilities.append([0.1, 0.8, 0.1])
    return np.array(probabilities, dtype=np.float64).reshape(-1, 3)


def run(file: BehaviourFile, labels: tuple[str, ...] = LABELS, given: Floats | None = None) -> Run:
    asked = ask_behaviour([file], labels, 0)
    findings, figures = measure_behaviour([file], labels, answers(asked) if given is None else given, 0.95, 0)
    found: dict[str, Finding] = {finding.check.removeprefix("robustness."): finding for finding in findings}
    return found, {test["test"]: test for test in figures["tests"]}, figures["worst"]


def test_failures_by_hand() -> None:
    found, tests, worst = run(small())
    # praise: "fine" is not known, 2 of 4 texts. names: Omar is negative, Anna neutral or positive: 4 of 4.
    # extra: none of 2. worse: of two things none fails, of "good" and "fine" the latter.
    shares = {name: (test["failures"], test["cases"]) for name, test in tests.items()}
    assert shares == {"praise": (2, 4), "names": (4, 4), "extra": (0, 2), "worse": (1, 4)}
    assert found["failure_share[minimum_functionality]"].value == 0.5
    assert found["failure_share[invariance]"].value == pytest.approx(4 / 6)
    assert found["failure_share[direction]"].value == 0.25
    assert (found["failure_share_highest"].value, worst) == (1, "names")
    # the lower end for 4 of 4 at 1 - 0.05 / 4 on two sides: (0.05 / 8) ** (1 / 4)
    assert found["failure_share_highest"].interval == pytest.approx(((0.05 / 8) ** (1 / 4), 1))
    assert tests["names"]["failure_share"]["interval"] == pytest.approx([0.025 ** (1 / 4), 1])
    assert all(finding.n and finding.seed == 0 for finding in found.values())


def test_labels_go_by_other_names_of_their_rank() -> None:
    found, tests, _ = run(small(), labels=("NEG", "neutral", "Pos"))
    assert found["failure_share[direction]"].status == "measured"
    assert tests["praise"]["failures"] == 2


def test_labels_that_the_file_does_not_know_leave_invariance_alone() -> None:
    found, tests, _ = run(small(), labels=("sport", "politics", "weather"))
    assert found["failure_share[minimum_functionality]"].status == "not_applicable"
    assert found["failure_share[direction]"].why == "the file does not say what 3 of 3 labels mean"
    assert found["failure_share[invariance]"].value == pytest.approx(4 / 6)
    assert found["failure_share_highest"].value == 1
    assert tests["praise"]["status"] == "not_applicable"


def test_a_test_of_a_label_that_there_is_not_is_not_applicable() -> None:
    plain = {"name": "plain", "kind": "minimum_functionality", "templates": ["a {thing}"], "expect": ["neutral"]}
    file = small(tests=[*SMALL["tests"], plain])
    asked = ask_behaviour([file], ("negative", "positive"), 0)
    given = answers(asked)[:, [0, 2]] + 1e-9
    findings, figures = measure_behaviour(
        [file], ("negative", "positive"), given / given.sum(1, keepdims=True), 0.95, 0
    )
    assert figures["tests"][-1]["why"] == "no label is an expected one"
    assert findings[0].status == "measured"


def test_a_candidate_that_always_says_the_same_is_not_found_invariant() -> None:
    asked = ask_behaviour([small()], LABELS, 0)
    found, tests, _ = run(small(), given=np.tile([0.2, 0.5, 0.3], (len(asked), 1)))
    assert found["failure_share[minimum_functionality]"].value == 1
    assert found["failure_share[invariance]"].status == "not_evaluated"
    assert "all texts are given the same label" in found["failure_share[invariance]"].why
    assert "no case could fail" in found["failure_share[direction]"].why
    assert found["failure_share_highest"].status == "not_evaluated"


def test_answers_that_are_no_probabilities_are_not_evaluated() -> None:
    asked = ask_behaviour([small()], LABELS, 0)
    given = answers(asked)
    given[0, 0] = np.nan
    found, tests, _ = run(small(), given=given)
    assert tests["praise"] == {
        "test": "praise", "kind": "minimum_functionality", "language": "en", "status": "not_evaluated",
        "why": "1 of 4 answers are no probabilities",
    }  # fmt: skip
    assert found["failure_share[minimum_functionality]"].status == "not_evaluated"
    assert found["failure_share_highest"].why.startswith("1 of 4 tests are not evaluated; praise:")
    assert found["failure_share[direction]"].status == "measured"


def test_no_files_are_not_evaluated_and_missing_answers_a_fault() -> None:
    findings, _ = measure_behaviour([], LABELS, np.zeros((0, 3)), 0.95, 0)
    assert {finding.status for finding in findings} == {"not_evaluated"}  # nobody asked, so nothing is known
    with pytest.raises(ValueError, match="2 answers to"):
        measure_behaviour([small()], LABELS, np.zeros((2, 3)), 0.95, 0)


def test_the_shipped_files_ask_every_kind_in_both_languages() -> None:
    files = read_behaviours(SHIPPED)
    assert [file.language for file in files] == ["en", "zh"]
    assert in_languages(files, ["zh", "de"]) == files[1:]
    for file in files:
        assert {test.kind for test in file.tests} == set(KINDS)
        for test in file.tests:
            cases = cases_of(file, test, 0)
            assert 20 <= len(cases) <= MOST_CASES
            assert len(set(cases)) == len(cases)
            assert cases == cases_of(file, test, 0)
            for case in cases:
                assert all("{" not in text for text in case.texts)
                assert case.text != case.changed
                assert (case.changed is None) == (test.kind == "minimum_functionality")
    assert ask_behaviour(files, LABELS, 0) != ask_behaviour(files, LABELS, 1)


def test_cases_come_from_every_template() -> None:
    (file, _) = read_behaviours(SHIPPED)
    test = next(test for test in file.tests if test.name == "en_plain_praise")
    cases = cases_of(file, test, 0)
    # "I love this film." has 30 fillings, the others 60 each: every template gets its third
    assert {start: sum(case.text.startswith(start) for case in cases) for start in ("The", "I ", "What")} == {
        "The": 20, "I ": 20, "What": 20,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        pytest.param({"expect": ["great"]}, "no rank that begins with great", id="unknown label"),
        pytest.param({"expect": []}, "needs labels in `expect`", id="no labels"),
        pytest.param({"templates": ["a {smell}"]}, "there are no slots smell", id="unknown slot"),
        pytest.param({"kind": "invariance", "expect": []}, "needs either `exchange` or `add`", id="nothing changes"),
        pytest.param(
            {"kind": "invariance", "expect": [], "exchange": ["name"]}, "has no slot name", id="slot not there"
        ),
        pytest.param({"kind": "direction"}, "direction needs `add`", id="direction without a sentence"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, changed: dict[str, Any], fault: str) -> None:
    path = tmp_path / "tests.yaml"
    path.write_text(yaml.safe_dump(SMALL | {"tests": [SMALL["tests"][0] | changed]}))
    with pytest.raises(SpecRefused, match=fault):
        read_behaviours([path])


def test_a_name_stands_for_one_test(tmp_path: Path) -> None:
    path = tmp_path / "tests.yaml"
    path.write_text(yaml.safe_dump(SMALL))
    with pytest.raises(SpecRefused, match="is the name of another test too"):
        read_behaviours([path, path])
    path.write_text(yaml.safe_dump(SMALL | {"order": [["a"], ["A"]]}))
    with pytest.raises(SpecRefused, match="a name stands there twice"):
        read_behaviours([path])
