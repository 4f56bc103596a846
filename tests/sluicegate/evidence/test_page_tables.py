from __future__ import annotations

from sluicegate.evidence.finding import measured, not_evaluated
from sluicegate.evidence.page_tables import missing_of, tables_of

FEW = "no group is mentioned in 30 test rows or more"


def test_the_longer_side_of_a_table_goes_down() -> None:
    kinds = ("swap", "drop", "word_drop")
    findings = [measured(f"robustness.flip_share[{kind}]", 0.25, n=4) for kind in kinds]

    (table,) = tables_of(findings, "robustness")

    assert [row["name"] for row in table["rows"]] == ["swap", "drop", "word drop"]
    assert [column["key"] for column in table["columns"]] == ["robustness.flip_share"]
    assert [cell["amount"] for row in table["rows"] for cell in row["cells"]] == ["0.250"] * 3
    assert tables_of(findings, "identity") == []


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
