"""What people wrote is seen on the page and does nothing: in a terminal, in Markdown, in a browser."""

from __future__ import annotations

import shutil
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from sluicegate.desk.brief import Previous
from sluicegate.evidence.dossier import Dossier
from sluicegate.gates.finding import outcome
from sluicegate.gates.state import Decision, Waiver
from sluicegate.policy import GateRule
from tests.sluicegate.desk import pages
from tests.sluicegate.desk.pages import HOLDS, LINEAGE, on_terminal, verdict

ATTACKS = (
    "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e",
    "[bold red]x[/] [link=http://evil]y[/link]",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[y](javascript:z) ![p](http://evil/p.png) | `c` ~~d~~ <!-- hidden",
    "{{ 7*7 }}{% raw %}{# c #}${7*7}",
    '" onmouseover="alert(1)" x=\'',
    "</style></title></p></td></table></pre><h1>HEADED</h1>",
    "&lt;b&gt; &#60;i&#62;",
)
NASTY = " ".join(ATTACKS)
CSP = "default-src 'none'; style-src 'unsafe-inline'"


def hostile(founded, opened):
    """A brief with hostile text wherever people write: reasons, follow-ups, descriptions, group names, ids."""
    lineage = LINEAGE | {
        "description": NASTY,
        "intended_use": NASTY,
        "data": LINEAGE["data"] | {"labels": [NASTY], "groups": [NASTY], "licence": NASTY},
    }
    before = Dossier(candidate="77" * 32, findings=(), lineage={"training": {NASTY: NASTY}})
    gate = opened(rule=GateRule(approvals=2), facts={"spec": NASTY, "registered": {"run_id": NASTY}})
    time = gate.opened
    grade = {"grade": "signed", "signature": "", "entry": "e" * 64, "via": "file", "time": time, "gate": gate.id}
    decided = Decision(decision="approve", reviewer=NASTY, reason=NASTY, verdicts={}, **grade)
    waived = Waiver(
        check=f"drift.share[{NASTY}]", reviewer=NASTY, reason=NASTY, owner=NASTY, expires="2999-01-01",
        follow_up=NASTY, **grade,
    )  # fmt: skip
    gate = gate.__class__(
        **vars(gate) | {"decisions": (decided,), "waivers": (waived,), "accountable": NASTY, "needed": (NASTY,)}
    )
    known = outcome(founded)
    known = known.__class__(**vars(known) | {"gates": (gate,)})
    return pages.page(
        founded,
        gate,
        verdict(f"group.macro_f1_gap[{NASTY}]", "not_evaluated", why=NASTY),
        verdict(f"performance.f1[{NASTY}]", interval=(0.5, 0.8)),
        known=known,
        dossier=Dossier(candidate="c1" * 32, findings=(), lineage=lineage),
        previous=Previous("77" * 32, before),
        links={NASTY: NASTY, "web": f"http://a/{NASTY}", "bad": "http://[", "js": "javascript:alert(1)"},
        notices=[NASTY],
    )


@pytest.fixture
def nasty(founded, opened):
    return hostile(founded, opened)


def test_a_terminal_shows_hostile_text_and_does_nothing_of_it(nasty):
    shown = on_terminal(nasty, width=4000)
    plain = on_terminal(nasty, width=4000, force_terminal=False)
    assert "\x1b]0;" not in shown
    assert "\x1b[2J" not in shown
    for character in "\x1b\x07\x9b\u202e":
        assert character not in plain
    assert "[bold red]x[/]" in plain
    assert "·[2J" in plain


def test_markdown_shows_hostile_text_and_does_nothing_of_it(nasty):
    source = nasty.to_markdown()
    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = [t for token in renderer.parse(source) for t in [token, *(token.children or [])]]
    assert not {t.type for t in tokens} & {"html_block", "html_inline", "image", "code_inline", "s_open"}
    assert [t for t in tokens if t.type == "link_open"] == []
    assert "{{" not in source.split("```")[0]
    html = renderer.render(source)
    assert "<script" not in html
    for character in "\x1b\x07\x9b\u202e":
        assert character not in source


def test_every_row_of_every_table_of_the_markdown_keeps_its_cells(nasty):
    renderer = MarkdownIt("commonmark").enable("table")
    rows, cells = [], 0
    for token in renderer.parse(nasty.to_markdown()):
        cells = 0 if token.type == "tr_open" else cells + (token.type in ("td_open", "th_open"))
        if token.type == "tr_close":
            rows.append(cells)
    assert set(rows) == {2, 4, 6}


class Reading(HTMLParser):
    """Every element and its attributes, and the text."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.attributes, self.text = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data):
        self.text.append(data)


def test_html_shows_hostile_text_and_does_nothing_of_it(nasty, founded, opened):
    page = nasty.to_html()
    read, harmless = Reading(page), Reading(pages.page(founded, opened(), *HOLDS).to_html())
    assert set(read.elements) <= {*harmless.elements, "a", "ul", "li"}
    assert not {"script", "img", "link", "iframe", "object", "base", "form"} & set(read.elements)
    names = {name for _, name, _ in read.attributes}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "data-name", "rel", "href"}
    assert read.elements.count("h1") == 1
    text = "".join(read.text)
    for attack in ATTACKS[1:]:
        assert attack in text
    assert "·[2J" in text
    for character in "\x1b\x07\x9b\u202e":
        assert character not in page


def test_only_an_address_of_the_web_becomes_a_link_and_nothing_breaks_out_of_it(founded, opened):
    links = {"MLflow": 'http://127.0.0.1:5000/#/"><script>', "js": "javascript:alert(1)", "file": "/tmp/a b/index.html"}
    read = Reading(pages.page(founded, opened(), *HOLDS, links=links).to_html())
    assert [value for _, name, value in read.attributes if name == "href"] == [
        "http://127.0.0.1:5000/#/%22%3E%3Cscript%3E"
    ]
    text = "".join(read.text)
    assert "js: javascript:alert(1)" in text
    assert "file: /tmp/a b/index.html" in text


def test_the_page_needs_nothing_from_elsewhere_and_forbids_it(nasty):
    read = Reading(nasty.to_html())
    meta = [value for tag, name, value in read.attributes if tag == "meta" and name in ("http-equiv", "content")]
    assert meta[:2] == ["Content-Security-Policy", CSP]
    assert read.elements.index("meta") < read.elements.index("style")
    assert not {"src", "srcset", "style"} & {name for _, name, _ in read.attributes}
    assert "url(" not in nasty.to_html()
    assert "@import" not in nasty.to_html()


@pytest.fixture
def browser():
    if not shutil.which("chromedriver"):
        pytest.skip("there is no chromedriver")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.add_experimental_option(
        "mobileEmulation", {"deviceMetrics": {"width": 390, "height": 844, "pixelRatio": 1.0}}
    )
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    with webdriver.Chrome(options=options, service=service) as started:
        yield started


@pytest.mark.browser
def test_in_a_browser_the_page_fits_a_phone_runs_nothing_and_is_readable_in_the_dark(browser, nasty, tmp_path):
    path = tmp_path / "brief.html"
    path.write_text(nasty.to_html(), encoding="utf-8")
    browser.get(path.as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    assert browser.execute_script("return document.querySelectorAll('script, img, [onmouseover]').length") == 0
    assert "<script>alert(1)</script>" in browser.execute_script("return document.body.innerText")
    colours = "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
    light = browser.execute_script(colours)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    dark = browser.execute_script(colours)
    assert light == ["rgb(27, 36, 48)", "rgb(255, 255, 255)"]
    assert dark == ["rgb(230, 234, 240)", "rgb(20, 24, 29)"]
    # Put in by force, a script does not run either: the page's own policy forbids it.
    browser.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    )
    assert browser.execute_script("return window.ran") is None
