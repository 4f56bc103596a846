"""What people wrote is seen and does nothing, on paper, in a browser and in a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sluicegate.desk.escaping import markdown, markdown_link, visible

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NASTY = st.text(
    alphabet=st.sampled_from("\\`*_{}[]()<>#+-.!|~^$&;:/@\"' =\t\n\r\x1b\x9b\u202eaw1éh"), max_size=40
) | st.lists(
    st.sampled_from(
        [
            "<b>",
            "&lt;",
            "&#60;",
            "```",
            "**",
            "[a](b)",
            "![a](b)",
            "<!--",
            "| x |",
            "---",
            "> ",
            "1. ",
            "http://a.b",
            "\\",
        ]
    ),
    max_size=6,
).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred\x1b[0m", "·[31mred·[0m", id="colour"),
        pytest.param("\x1b]8;;http://evil\x07x", "·]8;;http://evil·x", id="terminal-link"),
        pytest.param("\x9b2J", "·2J", id="c1"),
        pytest.param("a\rb\nc", "a b c", id="line-ends"),
        pytest.param("\u202egnp.exe", "·gnp.exe", id="turned-round"),
        pytest.param("\ud800", "·", id="surrogate"),
        pytest.param("更好 é 👍🏽", "更好 é 👍🏽", id="other-scripts"),
    ],
)
def test_what_is_not_to_be_seen_becomes_a_dot(text, shown):
    assert visible(text) == shown


def test_what_is_too_long_is_cut():
    assert visible("x" * 20, longest=10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](http://evil/pixel.png)",
        "http://evil.example",
        "https://evil.example",
        "_https://evil.example",
        "www.evil.example",
        "jane@example.org",
        "&lt;b&gt;",
        "`code` **bold** _it_ ~~no~~",
        "{{ 7 * 7 }} {% raw %}",
        "a | b",
        "<!-- hidden -->",
        "$x^2$",
    ],
)
def test_no_html_markdown_template_or_link_gets_through(text):
    escaped = markdown(text)
    for piece in ("<", ">", "{", "}", "@", "$", "http:", "https:", "www."):
        assert piece not in escaped
    assert rendered_text(escaped) == text


@given(NASTY)
def test_whatever_is_written_renders_as_the_very_characters_that_are_seen(text):
    assert rendered_text(markdown(text)) == visible(text)


@given(NASTY)
def test_whatever_is_written_stays_in_its_cell_of_a_table(text):
    tokens = RENDERER.parse(f"| a | b |\n| --- | --- |\n| {markdown(text)} | end |")
    cells = [t for i, t in enumerate(tokens) if t.type == "inline" and tokens[i - 1].type == "td_open"]
    assert len(cells) == 2
    assert cells[1].content == "end"
    assert {child.type for child in cells[0].children} <= {"text"}


def rendered_text(escaped: str) -> str:
    """The text that a browser would show of a bullet with `escaped` in it; fails on anything but text."""
    inline = [token for token in RENDERER.parse(f"- x {escaped} y") if token.type == "inline"]
    assert len(inline) == 1
    assert {child.type for child in inline[0].children} <= {"text"}
    shown = "".join(child.content for child in inline[0].children)
    return shown.removeprefix("x ").removesuffix(" y") if shown != "x  y" and shown != "x y" else ""


def test_a_web_address_is_a_link_and_cannot_break_out_of_it():
    assert markdown_link("MLflow", "http://127.0.0.1:5000/#/experiments/1") == (
        "[MLflow](<http://127.0.0.1:5000/#/experiments/1>)"
    )
    assert "<script" not in markdown_link("x", "http://a/><script>")


@pytest.mark.parametrize("target", ["javascript:alert(1)", "/home/jane/[x](y)", "data:text/html,x", "http://a/\x1b[2J"])
def test_anything_else_is_plain_text(target):
    assert rendered_text(markdown_link("report", target)) == f"report: {visible(target)}"
