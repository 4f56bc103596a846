from __future__ import annotations

import re
from pathlib import Path

from sluicegate.evidence import words
from sluicegate.evidence.finding import measured, not_evaluated


def page(folder: Path) -> str:
    return (folder / "index.html").read_text(encoding="utf-8")


def test_the_page_needs_nothing_beside_it(second_dossier: Path) -> None:
    html = page(second_dossier)
    assert "<script" not in html
    assert "<link" not in html
    assert all(source.startswith("data:image/png;base64,") for source in re.findall(r'src="([^"]*)"', html))
    assert len(re.findall(r"<img", html)) == 5


def test_every_link_leads_to_a_file_of_the_dossier(second_dossier: Path) -> None:
    links = re.findall(r'href="([^"#]+)"', page(second_dossier))
    assert "reports/drift-train-test.html" in links
    assert all((second_dossier / link).is_file() for link in links)


def test_what_the_spec_says_is_text_and_never_markup(first_dossier: Path) -> None:
    html = page(first_dossier)
    assert "Made up &lt;b&gt;here&lt;/b&gt;." in html
    assert "<b>here</b>" not in html


def test_what_cleaning_dropped_is_told_once(first_dossier: Path) -> None:
    assert re.findall(r"Dropped[^.]*\.", page(first_dossier)) == ["Dropped in cleaning: duplicate 3."]


def test_the_page_says_that_nothing_is_live(first_dossier: Path) -> None:
    assert "Nothing is live in any stage, so there is nothing to compare with." in page(first_dossier)


def test_the_page_knows_no_limits(second_dossier: Path) -> None:
    visible = re.sub(r"<style>.*?</style>", "", page(second_dossier), flags=re.S).casefold()
    without_definitions = re.sub(r"failed cases?", "", visible)  # of behavioural tests
    assert not re.search(r"\b(passed|failed|verdict)\b", without_definitions)


def test_a_difference_is_shown_with_its_sign() -> None:
    gain = measured("baseline.macro_f1_gain[tfidf]", 0.1, interval=(-0.01, 0.2), confidence=0.95)
    assert (words.amount(gain), words.span(gain)) == ("+0.100", "-0.010 to +0.200")
    assert words.amount(measured("data.test_rows", 1350, unit="rows")) == "1,350 rows"
    assert words.amount(not_evaluated("performance.accuracy", "late")) == "–"
