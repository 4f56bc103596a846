from __future__ import annotations

import re
from typing import Any

from jinja2 import Environment, PackageLoader

from sluicegate.evidence.explanations.showing import LEVELS, marked

EVIL = "<script>alert(1)</script>"


def shown(weights: dict[str, float], lime: float | None = 0.5, **changed: Any) -> dict[str, Any]:
    words = [{"text": text, "space": True, "gradients": of, "lime": lime} for text, of in weights.items()]
    row = {"row": "r1", "chosen": "drawn", "given": "good", "actual": "good", "probability": 0.75, "cut": False}
    return {**row, "words": words, **changed}


def render(*rows: dict[str, Any]) -> str:
    environment = Environment(
        loader=PackageLoader("sluicegate.evidence", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return str(environment.get_template("explanations.html").module.rows(marked(rows)))  # type: ignore[attr-defined]


def test_marks_by_hand() -> None:
    (row,) = marked([shown({"a": 0.05, "great": 1.0, "dull": -0.5, "odd": -0.11})])
    gradients, lime = row["methods"]
    found = [(word["text"], word["side"], word["level"], word["weight"]) for word in gradients["words"]]
    assert found == [
        ("a", "", 0, "+0.05"), ("great", "for", LEVELS, "+1.00"), ("dull", "against", 2, "-0.50"),
        ("odd", "against", 1, "-0.11"),
    ]  # fmt: skip
    assert gradients["for"] == [("great", "+1.00"), ("a", "+0.05")]
    assert gradients["against"] == [("dull", "-0.50"), ("odd", "-0.11")]
    assert (lime["name"], lime["against"]) == ("LIME", [])


def test_a_method_without_weights_is_left_out_and_equal_weights_of_nothing_are_not_marked() -> None:
    (row,) = marked([shown({"a": 0.0, "b": 0.0}, lime=None)])
    assert [method["name"] for method in row["methods"]] == ["Integrated gradients"]
    assert [word["level"] for word in row["methods"][0]["words"]] == [0, 0]
    assert marked([shown({})])[0]["methods"] == []


def test_markup_in_a_text_a_label_and_a_name_stays_text() -> None:
    page = render(shown({EVIL: 1.0, "&amp;": -1.0, '" onmouseover="x': 0.6}, given=EVIL, actual="<b>", row="<i>"))
    assert "<script" not in page
    assert "<b>alert" not in page
    assert "<i>" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
    assert "&amp;amp;" in page
    assert not re.search(r'<[^>]*"\s+onmouseover="', page)


def test_a_side_is_told_by_line_and_in_words_beside_the_colour() -> None:
    page = render(shown({"great": 1.0, "dull": -0.5}, lime=None, chosen="error", actual="bad"))
    assert '<mark class="for level4" title="+1.00"><bdi>great</bdi></mark>' in page
    assert '<mark class="against level2" title="-0.50"><bdi>dull</bdi></mark>' in page
    assert "For: <bdi>great</bdi> +1.00. Against: <bdi>dull</bdi> -0.50." in page
    assert "“good”, not “bad” 0.750" in page
    assert "solid line" in page
    assert "wavy line" in page
    assert "surest errors" in page
    assert render() == "" or not render().strip()


def test_style_draws_each_side_another_line() -> None:
    environment = Environment(loader=PackageLoader("sluicegate.evidence", "templates"), autoescape=True)
    style = str(environment.get_template("explanations.html").module.style())  # type: ignore[attr-defined]
    assert re.search(r"\.for \{[^}]*underline solid", style)
    assert re.search(r"\.against \{[^}]*underline wavy", style)
    assert all(f".{side}.level{level}" in style for side in ("for", "against") for level in range(1, LEVELS + 1))
