"""A scorecard as a radar plot: an axis for each objective, the candidate's shape and the live release's."""

from __future__ import annotations

import base64
import io
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from sluicegate.evidence.drawn_names import is_drawable

if TYPE_CHECKING:
    from sluicegate.desk.scorecard import Axis, Scored

FEWEST_AXES = 3
"""With fewer there is no shape."""
_INCHES = (5.4, 4.2)
_DOTS_AN_INCH = 120
_NOW, _BEFORE = "#2457a6", "#c2571a"
_LONGEST, _LONGEST_LINE = 40, 13


def draw(scored: Scored) -> str:
    """The plot as a data URI of a PNG; empty if there are too few objectives with a score.

    An objective without a score has no axis. The same scores give the same bytes.
    """
    from matplotlib.figure import Figure

    numbered = [(number, axis) for number, axis in enumerate(scored.axes, 1) if axis.score is not None]
    axes = [axis for _, axis in numbered]
    if len(axes) < FEWEST_AXES:
        return ""
    angles_A = np.linspace(0, 2 * np.pi, len(axes), endpoint=False)
    figure = Figure(figsize=_INCHES, dpi=_DOTS_AN_INCH, layout="constrained", facecolor="white")
    plot: Any = figure.add_subplot(projection="polar")
    plot.set_theta_zero_location("N")
    plot.set_theta_direction(-1)
    plot.set(ylim=(0, 1), yticks=(0.25, 0.5, 0.75, 1), yticklabels=("25", "50", "75", "100"))
    plot.tick_params(axis="y", labelsize=7, labelcolor="#5a6675")
    plot.set_xticks(angles_A, [_name(number, axis) for number, axis in numbered], fontsize=9)
    for angle, written in zip(angles_A, plot.get_xticklabels(), strict=True):
        across = np.sin(angle)  # outside the circle on either side
        written.set_horizontalalignment("left" if across > 0.1 else "right" if across < -0.1 else "center")
    shapes = [("this candidate", _NOW, [axis.score for axis in axes])]
    if scored.since:
        shapes.append(("live release", _BEFORE, [axis.score_before for axis in axes]))
    for label, colour, scores in shapes:
        radius_A = np.array([np.nan if score is None else score for score in scores], dtype=float)
        around = [*range(len(axes)), 0]
        plot.plot(angles_A[around], radius_A[around], "o-", color=colour, linewidth=1.8, markersize=4, label=label)
        if not np.isnan(radius_A).any():
            plot.fill(angles_A, radius_A, color=colour, alpha=0.15)
    figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    held = io.BytesIO()
    figure.savefig(held, format="png", metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode("ascii")


def _name(number: int, axis: Axis) -> str:
    """What stands at an axis: the objective's name, or its number in the table where the font cannot write it."""
    name = " ".join(axis.objective.split())
    if not is_drawable(name):
        return str(number)
    cut = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    return textwrap.fill(cut, _LONGEST_LINE).replace("$", r"\$")
