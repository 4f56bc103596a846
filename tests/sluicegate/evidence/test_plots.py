from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest

from sluicegate.evidence.drawn_names import places_told
from sluicegate.evidence.plots import draw_confusion, draw_curves, draw_groups, draw_types
from tests.sluicegate.evidence.made_up import answers

FIGURES = {"value": 0.5, "interval": [0.4, 0.6]}


def draw(name: str, folder: Path) -> list[bytes]:
    """Every picture in which a label, a group or a column is named."""
    drawn = answers([0, 1, 2] * 10, [0, 2, 1] * 10, ("a", "b", name))
    draw_confusion(drawn, folder / "confusion.png")
    draw_curves(drawn, folder / "roc.png", folder / "pr.png")
    group = {"status": "measured", "group": name, "rows": 30, "macro_f1": FIGURES, "accuracy": FIGURES}
    draw_groups(name, [group], folder / "groups.png")
    kind = {"label": name, "rows": 1, "predicted": 1, "recall": FIGURES, "precision": FIGURES}
    draw_types([kind], folder / "types.png")
    return [path.read_bytes() for path in sorted(folder.glob("*.png"))]


@pytest.mark.filterwarnings("error:Glyph")
def test_names_that_the_font_lacks_are_drawn_as_their_places(tmp_path: Path) -> None:
    drawn = answers([0, 1] * 10, [0, 0] * 10, ("差评", "好评"))
    turned = answers([1, 0] * 10, [1, 1] * 10, ("好评", "差评"))
    plain = answers([0, 1] * 10, [0, 0] * 10, ("no. 1", "no. 2"))
    pictures = []
    for each in (drawn, turned, plain):
        draw_confusion(each, tmp_path / "confusion.png")
        pictures.append((tmp_path / "confusion.png").read_bytes())
    assert pictures[0] == pictures[2] != pictures[1]
    assert places_told(["差评", "neutral", "好评"]) == "no. 1 is “差评”, no. 3 is “好评”"
    assert places_told(["negative", "très bon"]) == ""


def test_a_label_that_begins_with_an_underscore_stands_in_the_legend(tmp_path: Path) -> None:
    pictures = []
    for name in ("_neg", " _neg"):
        draw_curves(answers([0, 1] * 10, [0, 0] * 10, (name, "pos")), tmp_path / "roc.png", tmp_path / "pr.png")
        pictures.append((tmp_path / "roc.png").read_bytes())
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("name", ["$1_$2", "A$ #1 / US$", "100% $ and 50% $", "{$10} {$20}", r"$\bad_{$", "$x^2$"])
def test_dollars_in_a_name_are_drawn_as_dollars(name: str, tmp_path: Path) -> None:
    with mpl.rc_context({"text.parse_math": False}):
        wanted = draw(name, tmp_path)
    assert draw(name, tmp_path) == wanted
    assert len(wanted) == 5
