from __future__ import annotations

import pytest

from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.page_tables import changes_of, missing_of, tables_of

FEW = "no group is mentioned in 30 test rows or more"


def test_the_longer_side_of_a_table_goes_down() -> None:
    kinds = ("swap", "drop", "word_drop")
    findings = [measured(f"robustness.flip_share[{kind}]", 0.25, n=4) for kind in kinds]

    (table,) = tables_of(findings, "robustness")

    assert [row["name"] for row in table["rows"]] == ["swap", "drop", "word drop"]
    assert [column["key"] for column in table["columns"]] == ["robustness.flip_share"]
    assert [cell["amount"] for row in table["rows"] for cell in row["cells"]] == ["0.250"] * 3
    assert tables_of(findings, "identity") == []


def test_a_kind_with_brackets_in_its_name_has_its_own_place_in_a_table() -> None:
    findings = [measured(f"identity.template_flips[{of}]", 0.5, n=2) for of in ("a[b]", "a[b", "b]]", "")]
    (table,) = tables_of(findings, "identity")
    assert [row["name"] for row in table["rows"]] == ["a[b]", "a[b", "b]]", ""]


@pytest.mark.parametrize("label", ["", "a[b]", "x]"])
def test_what_was_not_evaluated_for_a_label_is_told_whatever_its_name(label: str) -> None:
    (line,) = missing_of([not_evaluated(f"performance.precision[{label}]", "none was given")])
    assert line["of"] == label
    assert line["checks"] == [{"title": f"Precision of “{label}”", "check": "performance.precision"}]


def test_a_measure_of_few_kinds_is_a_row() -> None:
    findings = [
        measured("identity.template_flips[age]", 0.5, n=2, interval=(0.25, 0.75), confidence=0.95, seed=0),
        not_evaluated("identity.selection_rate_gap[age]", FEW),
    ]

    (table,) = tables_of(findings, "identity")

    assert [row["key"] for row in table["rows"]] == ["identity.template_flips", "identity.selection_rate_gap"]
    assert [column["name"] for column in table["columns"]] == ["age"]
    assert table["rows"][0]["cells"] == [{"amount": "0.500", "span": "0.250 to 0.750", "why": ""}]
    assert table["rows"][1]["cells"] == [{"amount": "–", "span": "", "why": FEW}]


def test_what_was_not_evaluated_for_one_reason_stands_in_one_line() -> None:
    findings = [
        not_evaluated("identity.selection_rate_gap[age]", FEW),
        not_evaluated("identity.equalized_odds_difference[age]", FEW),
        measured("identity.selection_rate_gap[gender]", 0.5, n=2),
        not_evaluated("identity.selection_rate_gap[religion]", FEW),
        not_evaluated("identity.equalized_odds_difference[religion]", FEW),
        not_evaluated("identity.selection_rate_gap[disability]", "something else"),
        not_evaluated("drift.share_previous", "gone", against="ab" * 32),
    ]

    lines = missing_of(findings)

    assert [(line["of"], line["why"], line["against"]) for line in lines] == [
        ("age, religion", FEW, ""),
        ("disability", "something else", ""),
        ("", "gone", "abababababab"),
    ]
    assert [check["check"] for check in lines[0]["checks"]] == [
        "identity.selection_rate_gap", "identity.equalized_odds_difference"
    ]  # fmt: skip
    assert "disability" in lines[1]["checks"][0]["title"]


def test_of_many_groups_that_are_too_small_the_first_are_named() -> None:
    of = "comparison.group_macro_f1_change[town]"
    findings = [not_evaluated(of, "few", against="ab" * 32, group=f"t{number:02}") for number in range(40)]
    (line,) = missing_of(findings)
    assert line["of"].startswith("town “t00”, town “t01”, ")
    assert line["of"].endswith("town “t11” and 28 more")
    assert line["checks"] == [{"title": "Change in macro-F1, groups of town", "check": of.partition("[")[0]}]


def test_changes_of_labels_and_groups_stand_in_one_table_a_release_the_largest_loss_first() -> None:
    def change(check: str, value: float, group: str | None = None, against: str = "ab" * 32) -> Finding:
        interval = (value - 0.1, value + 0.1)
        return measured(check, value, n=9, interval=interval, confidence=0.95, against=against, group=group)

    of = "comparison.group_macro_f1_change[town]"
    findings = [
        change("comparison.macro_f1_change", 0.5),
        change("comparison.f1_change[yes]", 0.3),
        change(of, 0.2, "north"),
        change(of, -0.2, "south"),
        not_evaluated(of, "few", n=2, against="ab" * 32, group="west"),
        change(of, -0.05, "south", "cd" * 32),
    ]

    first, second = changes_of(findings)

    assert [row["of"].partition(": ")[2] or row["of"] for row in first["rows"]] == [
        "“south”", "“north”", "Change in F1 of “yes”", "“west”"
    ]  # fmt: skip
    assert (first["against"], first["lost"], first["measured"]) == ("ab" * 6, 1, 3)
    assert (second["lost"], second["rows"][0]["amount"]) == (0, "-0.050")


def test_of_bits_per_byte_more_is_worse() -> None:
    of = "comparison.group_bits_per_byte_change[town]"
    findings = [
        measured(of, v, unit="bits per byte", interval=(v, v), confidence=0.9, against="ab" * 32, group=str(v))
        for v in (-1.0, 1.0)
    ]
    (table,) = changes_of(findings)
    assert ([row["amount"] for row in table["rows"]], table["lost"]) == (["1 bits per byte", "-1 bits per byte"], 1)
