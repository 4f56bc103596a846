"""The scorecard in the brief: beside the limits, beside the live release, and without a say."""

from __future__ import annotations

import base64
import json
import re

import pytest

from sluicegate.desk import radar
from sluicegate.desk.brief import Brief, Previous
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import measured, not_evaluated
from sluicegate.gates.finding import outcome
from sluicegate.gates.grounds import approval_faults
from sluicegate.policy import Objective, judge
from tests.browser import chromium
from tests.sluicegate.desk import pages
from tests.sluicegate.desk.pages import LINEAGE, on_terminal, verdict

F1, GAP, HARM = "performance.macro_f1", "group.accuracy_gap[domain]", "data.harmful_share"
CHANGE = "comparison.macro_f1_change"
BEFORE = "77" * 32
NASTY = "</style><script>alert(1)</script>"


def objective(name: str, check: str, worst: float, best: float, weight: float = 1.0) -> Objective:
    return Objective.model_validate(
        {"name": name, "weight": weight, "findings": [{"check": check, "worst": worst, "best": best}]}
    )


OBJECTIVES = (
    objective("performance", F1, 0.5, 0.9, 2.0),
    objective("fairness", GAP, 0.4, 0.0),
    objective("安全", HARM, 0.1, 0.0),
    objective("progress", CHANGE, -0.1, 0.1),
)
FINDINGS = (measured(F1, 0.7), measured(GAP, 0.1), not_evaluated(HARM, "no check ran"))
OLDER = (measured(F1, 0.6), measured(GAP, 0.3), measured(HARM, 0.0), measured(CHANGE, 0.1, against="66" * 32))


@pytest.fixture
def page(founded, opened):
    def page_(*, objectives=OBJECTIVES, released=False, limit=0.6) -> Brief:
        gate = opened()
        shown = verdict(F1, value=0.7, margin=0.7 - limit)
        policy = pages.policy_of(shown, stage=gate.stage).model_copy(update={"scorecard": tuple(objectives)})
        dossier = Dossier(candidate="c1" * 32, findings=FINDINGS, lineage=LINEAGE)
        older = Dossier(candidate=BEFORE, findings=OLDER, lineage=LINEAGE)
        judgement = judge(dossier, policy, gate.stage, live=BEFORE if released else None)
        known = outcome(founded, gate.model)
        if judgement.blockers:
            assert "1 check blocks" in approval_faults(gate, judgement, known)[-1]
        return pages.compose(
            known.gate(gate.id) or gate,
            dossier,
            judgement,
            policy=policy,
            known=known,
            now=pages.utc_now(),
            previous=Previous(BEFORE, older, "2026-10-02T10:00:00Z") if released else None,
        )

    return page_


def test_points_weights_and_what_counts_nothing_by_hand(page) -> None:
    scored = page().scorecard
    assert scored is not None
    # (2 · 0.5 + 0.75 + 0) / 4; progress has nothing to compare with and is left out
    assert scored.sentence == "44 of 100 points. No score overrides a limit."
    assert [(axis.objective, axis.weight, axis.points, axis.before) for axis in scored.axes] == [
        ("performance", "2", "50", ""), ("fairness", "1", "75", ""), ("安全", "1", "0", ""), ("progress", "1", "–", ""),
    ]  # fmt: skip
    assert scored.axes[2].notes == (f"not evaluated, counts 0: {HARM}",)
    assert scored.axes[3].notes == (f"not applicable, left out: {CHANGE}",)


def test_the_live_release_stands_beside_it_from_its_own_dossier(page) -> None:
    scored = page(released=True).scorecard
    assert scored is not None
    # its own: (2 · 0.25 + 0.25 + 1) / 4; this one: the same change was not measured, so it counts 0 among 5
    assert scored.sentence == "35 of 100 points, 44 of the live release's own dossier. No score overrides a limit."
    assert [axis.before for axis in scored.axes] == ["25", "25", "100", "–"]
    assert scored.since == "release 777777777777 2026-10-02"


def test_a_blocked_gate_stays_blocked_and_says_so_at_100_points(page) -> None:
    brief = page(objectives=[objective("all", F1, 0.0, 0.5)], limit=0.9)
    assert brief.blocked
    assert brief.scorecard is not None
    assert brief.scorecard.sentence == ("100 of 100 points. No score overrides a limit: 1 check blocks all the same.")
    assert not any("approve" in command for command in brief.commands)


def test_a_policy_without_objectives_shows_no_scorecard(page) -> None:
    brief = page(objectives=())
    assert brief.scorecard is None
    assert "corecard" not in on_terminal(brief) + brief.to_markdown() + brief.to_html()
    assert "img-src" not in brief.to_html()


def test_it_is_in_every_drawing_and_in_the_json(page) -> None:
    brief = page(released=True)
    for drawn in (on_terminal(brief, width=140), brief.to_markdown(), brief.to_html()):
        assert "Scorecard" in drawn
        assert "35 of 100 points" in drawn
        assert "fairness" in drawn
    value = json.loads(json.dumps(brief.to_json(), allow_nan=False))["scorecard"]
    assert value["axes"][1]["score"] == pytest.approx(0.75)
    assert value["axes"][1]["parts"][0]["scale"] == "0 at 0.4, 100 at 0"


def test_the_same_scorecard_gives_the_same_picture(page) -> None:
    scored = page(released=True).scorecard
    assert scored is not None
    picture = radar.draw(scored)
    assert picture == radar.draw(scored)
    assert base64.b64decode(picture.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")


def test_two_objectives_have_no_shape(page) -> None:
    brief = page(objectives=OBJECTIVES[:2])
    assert brief.scorecard is not None
    assert radar.draw(brief.scorecard) == ""
    assert "<img" not in brief.to_html()


def test_what_an_objective_is_called_is_text_and_never_markup(page) -> None:
    named = [objective(f"{NASTY} {place} $\\frac$", F1, 0.0, 1.0) for place in range(3)]
    html = page(objectives=named).to_html()
    assert "<script" not in html
    assert html.count("<img") == 1


@pytest.mark.browser
def test_the_radar_plot_is_seen_on_a_phone_and_the_page_fits_it(page, tmp_path) -> None:
    from selenium.webdriver.common.by import By

    (tmp_path / "brief.html").write_text(page(released=True).to_html(), encoding="utf-8")
    with chromium(tmp_path, width=390, height=844, phone=True) as browser:
        browser.get((tmp_path / "brief.html").as_uri())
        picture = browser.find_element(By.CSS_SELECTOR, "img.radar")
        assert browser.execute_script("return arguments[0].naturalWidth", picture) > 300  # the page's policy lets it in
        assert picture.is_displayed()
        assert re.search(r"performance 50 \(25 before\)", picture.get_attribute("alt") or "")
        assert "35 of 100 points" in browser.find_element(By.TAG_NAME, "body").text
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
