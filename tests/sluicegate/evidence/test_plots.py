from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest

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


@pytest.mark.parametrize("name", ["$1_$2", "A$ #1 / US$", "100% $ and 50% $", "{$10} {$20}", r"$\bad_{$", "$x^2$"])
def test_dollars_in_a_name_are_drawn_as_dollars(name: str, tmp_path: Path) -> None:
    with mpl.rc_context({"text.parse_math": False}):
        wanted = draw(name, tmp_path)
    assert draw(name, tmp_path) == wanted
    assert len(wanted) == 5
