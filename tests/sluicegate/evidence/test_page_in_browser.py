"""The dossier's page and Evidently's reports as a reviewer opens them: in a browser, from a folder, offline."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.drift import measure_drift
from sluicegate.evidence.evidently_report import write_classification_report
from sluicegate.evidence.first_look import first_look
from sluicegate.evidence.page import write_page
from sluicegate.evidence.sources import EVIDENCE
from tests.browser import chromium, heard, visit
from tests.sluicegate.evidence.made_up import answers, make_rows

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844, "phone": True}
SIZES = pytest.mark.parametrize("size", [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")])
SVG = ".js-plotly-plot .main-svg"
WIDER_THAN_THE_WINDOW = """
    return [...document.body.querySelectorAll('*')]
        .filter(element => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.scroll'))
        .map(element => element.outerHTML.slice(0, 80))
"""


def place(browser: Any, selector: str) -> dict[str, float]:
    """Where an element lies in the window."""
    return dict(browser.execute_script(f"return document.querySelector({selector!r}).getBoundingClientRect().toJSON()"))


def described(folder: Path, to: Path, description: str) -> Path:
    """The same dossier, its page written again with another description and a long name."""
    again = Path(shutil.copytree(folder, to))
    dossier = load_dossier(again)
    lineage = {**dossier.lineage, "model": "reviews-of-many-things-in-english-and-chinese", "description": description}
    figures = {name: json.loads((again / f"{name}.json").read_text("utf-8"))["figures"] for name in EVIDENCE.values()}
    write_page(dossier.model_copy(update={"lineage": lineage}), figures, {}, again)
    return again


@SIZES
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(
    whole_dossier: Path, tmp_path: Path, size: dict[str, Any]
) -> None:
    address = (whole_dossier / "index.html").as_uri()
    with chromium(tmp_path, **size) as browser:
        seen = visit(browser, address)
        browser.execute_script("document.querySelectorAll('details').forEach(each => each.open = true)")
        later = heard(browser)
    assert seen.requests + later.requests == (address,)
    assert seen.complaints + later.complaints == ()


@SIZES
def test_its_pictures_are_seen_and_nothing_is_wider_than_the_window(
    whole_dossier: Path, tmp_path: Path, size: dict[str, Any]
) -> None:
    with chromium(tmp_path, **size) as browser:
        visit(browser, (whole_dossier / "index.html").as_uri())
        browser.execute_script("document.querySelectorAll('details').forEach(each => each.open = true)")
        widths = browser.execute_script("return [...document.images].map(image => image.naturalWidth)")
        drawn = browser.execute_script("return [...document.images].map(image => image.clientWidth)")
        assert len(widths) == sum(name.startswith("plots/") for name in load_dossier(whole_dossier).files)
        assert min(widths) > 300
        assert min(drawn) > 300
        assert browser.execute_script("return document.documentElement.scrollWidth") <= size["width"]
        assert browser.execute_script(WIDER_THAN_THE_WINDOW) == []


@SIZES
@pytest.mark.parametrize("description", ["Says how a review was meant.", "Says how a review was meant. " * 60])
def test_the_three_worst_things_stand_in_the_first_screen(
    whole_dossier: Path, tmp_path: Path, size: dict[str, Any], description: str
) -> None:
    worst = first_look(load_dossier(whole_dossier).findings)
    page = described(whole_dossier, tmp_path / "dossier", description)
    with chromium(tmp_path, **size) as browser:
        visit(browser, (page / "index.html").as_uri())
        box, text = place(browser, ".first"), browser.find_element("css selector", ".first").text
        entries = len(browser.find_elements("css selector", ".first li"))
    assert len(worst) == entries == 3
    assert all(f"{finding.value:.3f}" in text for finding in worst)
    assert 0 <= box["top"] < box["bottom"] <= size["height"]


def test_a_link_of_the_first_screen_leads_to_its_area_and_one_of_a_file_to_the_file(
    whole_dossier: Path, tmp_path: Path
) -> None:
    with chromium(tmp_path, **DESK) as browser:
        visit(browser, (whole_dossier / "index.html").as_uri())
        link = browser.find_element("css selector", ".first a")
        area = link.get_attribute("href").rpartition("#")[2]
        link.click()
        assert abs(place(browser, f"h2#{area}")["top"]) < DESK["height"] / 2
        browser.find_element("css selector", "a[href='reports/drift-train-test.html']").click()
        assert browser.current_url == (whole_dossier / "reports" / "drift-train-test.html").as_uri()


def test_evidentlys_reports_are_drawn_and_ask_for_nothing_but_themselves(whole_dossier: Path, tmp_path: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    reports = sorted((whole_dossier / "reports").glob("*.html"))
    shows = {"classification": "Accuracy", "drift": "Dataset Drift"}
    with chromium(tmp_path, **DESK) as browser:
        for report in reports:
            wanted = shows[report.stem.partition("-")[0]]
            seen = visit(browser, report.as_uri())
            WebDriverWait(browser, 120).until(lambda b, text=wanted: text in b.find_element("tag name", "body").text)
            plots = "return document.querySelectorAll('.js-plotly-plot .main-svg').length"
            if report.stem.startswith("drift"):  # a plot for each column, shown when its row is opened
                WebDriverWait(browser, 120).until(lambda b: b.find_elements("css selector", "tbody button"))[0].click()
            WebDriverWait(browser, 120).until(lambda b, script=plots: b.execute_script(script) > 0)
            later = heard(browser)
            assert seen.requests + later.requests == (report.as_uri(),), report.name
            assert seen.complaints + later.complaints == (), report.name
    assert len(reports) == 3


def test_a_label_and_a_group_that_look_like_a_script_are_shown_in_evidentlys_reports_and_not_run(
    tmp_path: Path,
) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    hostile = "</script><script>document.title='{}'</script><img src=x onerror=\"document.title='{}'\">"
    label, group = (hostile.replace("{}", name) for name in ("LABEL", "GROUP"))
    before, after = (
        make_rows(90, seed=seed, prefix=str(seed)).replace({"label": {"positive": label}, "place": {"shop": group}})
        for seed in (0, 1)
    )
    measure_drift(before, after, ["place"], 0, tmp_path / "drift.html")
    drawn = answers([0, 1, 2] * 10, [0, 2, 1] * 10, ("negative", "neutral", label))
    write_classification_report(drawn, tmp_path / "classification.html")
    with chromium(tmp_path, **DESK) as browser:
        for name, wanted, plots in (("classification", "Accuracy", 1), ("drift", "Dataset Drift", 2)):
            seen = visit(browser, (tmp_path / f"{name}.html").as_uri())
            WebDriverWait(browser, 120).until(lambda b, text=wanted: text in b.find_element("tag name", "body").text)
            if name == "drift":
                WebDriverWait(browser, 120).until(lambda b: b.find_elements("css selector", "tbody button"))
            rows = "[...document.querySelectorAll('tbody button')].slice(0, 4).forEach(each => each.click())"
            browser.execute_script(rows)  # of the label and of the group; there are none in the other report
            WebDriverWait(browser, 120).until(lambda b, count=plots: len(b.find_elements("css selector", SVG)) >= count)
            text = browser.find_element("tag name", "body").text
            assert browser.title == "", name
            assert "‹/script›‹script›document.title='LABEL'" in text, name
            assert ("‹/script›‹script›document.title='GROUP'" in text) == (name == "drift")
            assert seen.complaints + heard(browser).complaints == (), name


@pytest.mark.parametrize("name", ["index.html", "reports/drift-train-test.html"])
def test_what_a_page_would_fetch_is_seen_and_kept_from_it(whole_dossier: Path, tmp_path: Path, name: str) -> None:
    again = Path(shutil.copytree(whole_dossier, tmp_path / "dossier"))
    picture = (again / "plots" / "roc.png").as_uri()
    html = (again / name).read_text(encoding="utf-8").replace("</body>", f'<img src="{picture}"></body>')
    (again / "kept.html").write_text(html, encoding="utf-8")
    unkept = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    (again / "free.html").write_text(unkept, encoding="utf-8")
    with chromium(tmp_path, **DESK) as browser:
        kept, free = (visit(browser, (again / each).as_uri()) for each in ("kept.html", "free.html"))
    assert any("Content Security Policy" in said for said in kept.complaints)
    assert picture in free.requests
