"""Harm and use: what counts as filled in, and what is said where nothing was."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.data_quality import _cleaned
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.use_form import NOT_FILLED_IN, QUESTIONS, is_blank, measure_use_form
from sluicegate.spec.use import Use
from tests.sluicegate.evidence.conftest import Measure

FILLED = {field: f"About {field}." for field in QUESTIONS if field != "intended_use"}


def form(lineage: dict[str, Any], harm: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
    (finding,), figures = measure_use_form(lineage, {"harm": harm or {}})
    return finding, figures


def test_the_form_asks_for_every_field_of_the_spec() -> None:
    assert list(QUESTIONS) == ["intended_use", *Use.model_fields]


@pytest.mark.parametrize(
    ("lineage", "filled"),
    [
        pytest.param({}, 0, id="a lineage from before there was a form"),
        pytest.param({"intended_use": "", "use": dict.fromkeys(FILLED)}, 0, id="blank"),
        pytest.param({"intended_use": "Sorting mail."}, 1, id="intended use alone"),
        pytest.param({"intended_use": "Sorting mail.", "use": FILLED | {"contact": " TBD "}}, 6, id="one to be done"),
        pytest.param({"intended_use": "Sorting mail.", "use": FILLED}, 7, id="all"),
    ],
)
def test_the_share_is_of_all_seven_fields(lineage: dict[str, Any], filled: int) -> None:
    finding, figures = form(lineage)
    assert (finding.check, finding.status, finding.n) == ("transparency.form_filled", "measured", 7)
    assert finding.value == pytest.approx(filled / 7)
    assert figures["filled"] == filled == sum(entry["answer"] is not None for entry in figures["form"])


@pytest.mark.parametrize(
    "answer",
    [None, "", " \n\t", "\u200b", "-", "—", "…", "???", "TODO", "todo: ask legal", "<TBD>", "ＴＢＤ", "n.a.", "N/A", 
     "na", "Not applicable.", "FIXME (ann)", "待定", "待补充。", "不适用", "unknown", "Unknown.", "x", "XXX",
     "See TODO", "to do", "To be determined", "not known", "未知", "to-do", "T.B.D.", "to be confirmed",
     "not filled in", "TODO later", "<fill in>", "to be filled in", "TBD soon", "pending", "待确认", "TBC by Friday"],
)  # fmt: skip
def test_what_only_holds_the_place_is_a_blank(answer: str | None) -> None:
    assert is_blank(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "None is known.",
        "Nobody.",
        "Todo lists are sorted.",
        "Pending orders are sorted.",
        "Forms are filled in by it.",
        "Navigation",
        "尚无已知危害",
        "7",
        "Unknown people's mail.",
        "X-rays",
        "See the handbook.",
    ],
)
def test_an_answer_is_no_blank(answer: str) -> None:
    assert not is_blank(answer)


@given(st.text())
def test_blank_or_not_does_not_depend_on_what_stands_around_it(answer: str) -> None:
    assert is_blank(answer) == is_blank(f" \n{answer}\t") == is_blank(f"({answer})")


def test_a_check_that_ran_is_told_with_what_ran_and_its_limits() -> None:
    harm = {"scored": 20, "harmful": 1, "threshold": 0.5, "kind": "terms", "classifier": "a list", "limits": "Words."}
    (check,) = form({}, harm)[1]["harm_checks"]
    assert check == {"check": "data.harmful_share", "status": "measured", "share": 0.05, **harm}


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        pytest.param({}, "no check for harmful text ran: the spec names none (hygiene.harm)", id="not asked for"),
        pytest.param(
            {"scored": 0, "harmful": 0, "kind": "terms"}, "the check for harmful text scored no row", id="no row left"
        ),
    ],
)
def test_where_no_check_ran_it_was_not_evaluated(harm: dict[str, Any], why: str) -> None:
    (check,) = form({}, harm)[1]["harm_checks"]
    assert (check["status"], check["why"]) == ("not_evaluated", why)
    (finding,) = [f for f in _cleaned({"rows": 9, "dropped": {}, "harm": harm}) if f.check == "data.harmful_share"]
    assert (finding.status, finding.why) == ("not_evaluated", why)


def test_a_blank_is_seen_on_the_page_and_an_answer_is_text(run_measure: Measure) -> None:
    lineage = {"model": "stub", "use": {"known_harms": "<b>Some</b> are misread.", "users": "TODO"}}
    folder = run_measure(lineage=lineage)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert page.count(f'<mark class="blank">{NOT_FILLED_IN}</mark>') == 6
    assert "&lt;b&gt;Some&lt;/b&gt; are misread." in page
    assert re.search(r"2 of 480 rows reach", page)
    held = json.loads((folder / "use.json").read_text(encoding="utf-8"))["figures"]
    finding = load_dossier(folder).find("transparency.form_filled")
    assert finding is not None
    assert (finding.value, finding.evidence) == (pytest.approx(held["filled"] / 7), "use.json")


def test_a_page_says_where_no_check_for_harm_ran(run_measure: Measure) -> None:
    page = (run_measure(data_reports={}) / "index.html").read_text(encoding="utf-8")
    assert '<mark class="blank">not evaluated</mark> no check for harmful text ran' in page
