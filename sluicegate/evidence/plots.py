"""The evidence's pictures as PNG files, drawn without any state outside the figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sluicegate.evidence.drawn_names import drawn, is_drawable
from sluicegate.evidence.performance import confusion
from sluicegate.evidence.predictions import Likelihoods, Predictions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES = (5.0, 4.0)
_DOTS_AN_INCH = 110
_COLOURS = ("#2457a6", "#c2571a", "#2b7d4f", "#8a3d91", "#8c6d1f", "#b3324b", "#3b8a99", "#5b5b5b")


def draw_confusion(predictions: Predictions, path: Path) -> None:
    """Draws how many rows of each true label were given each label; shades are shares of the true label."""
    counts_LL = confusion(predictions)
    share_LL = counts_LL / np.maximum(counts_LL.sum(1, keepdims=True), 1)
    figure, axes = _canvas()
    axes.imshow(share_LL, cmap="Blues", vmin=0, vmax=1)
    places, names = range(len(predictions.labels)), drawn(predictions.labels)
    for row in places:
        for column in places:
            shade = "white" if share_LL[row, column] > 0.55 else "black"
            text = f"{counts_LL[row, column]:.0f}\n{share_LL[row, column]:.0%}"
            axes.text(column, row, text, ha="center", va="center", color=shade, fontsize=9)
    axes.set_xticks(places, names, rotation=20)
    axes.set_yticks(places, names)
    axes.set(xlabel="predicted label", ylabel="true label", title="What was taken for what")
    _save(figure, path)


def draw_curves(predictions: Predictions, roc_path: Path, pr_path: Path) -> None:
    """Draws the ROC and the precision-recall curve of each label against the rest."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    (roc, roc_axes), (pr, pr_axes) = _canvas(), _canvas()
    for index, label in enumerate(drawn(predictions.labels)):
        positive_N, score_N = predictions.actual_N == index, predictions.probabilities_NL[:, index]
        if not positive_N.any() or positive_N.all():
            continue  # a label that no row has, or every row, has no curve
        seen = f" {label}" if label.startswith("_") else label  # a legend leaves out what begins with one
        style: dict[str, Any] = {"label": seen, "color": _COLOURS[index % len(_COLOURS)], "linewidth": 1.6}
        wrong, found, _ = roc_curve(positive_N, score_N)
        roc_axes.plot(wrong, found, **style)
        precision, recall, _ = precision_recall_curve(positive_N, score_N)
        pr_axes.plot(recall, precision, **style)
    roc_axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle=":", label="guessing")
    roc_axes.set(xlabel="false positive rate", ylabel="true positive rate", title="ROC, each label against the rest")
    pr_axes.set(xlabel="recall", ylabel="precision", title="Precision and recall", ylim=(0, 1.02))
    for figure, axes, path in ((roc, roc_axes, roc_path), (pr, pr_axes, pr_path)):
        axes.legend(fontsize=8, loc="lower right" if axes is roc_axes else "lower left")
        _save(figure, path)


def draw_calibration(predictions: Predictions, path: Path, bins: int = 10) -> None:
    """Draws, for each tenth of confidence, the share of right answers; on the diagonal it is calibrated."""
    confidence_N = predictions.probabilities_NL.max(1)
    right_N = predictions.given_N == predictions.actual_N
    bin_N = np.minimum((confidence_N * bins).astype(int), bins - 1)
    filled = np.unique(bin_N)
    figure, axes = _canvas()
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle=":", label="calibrated")
    confident = [confidence_N[bin_N == b].mean() for b in filled]
    right = [right_N[bin_N == b].mean() for b in filled]
    axes.plot(confident, right, "o-", color=_COLOURS[0], label="candidate")
    for x, y, b in zip(confident, right, filled, strict=True):
        axes.annotate(str((bin_N == b).sum()), (x, y), textcoords="offset points", xytext=(4, -11), fontsize=7)
    axes.set(xlabel="confidence", ylabel="share of right answers", xlim=(0, 1), ylim=(0, 1.02))
    axes.set_title("Is it as sure as it should be? (numbers: rows)", fontsize=10)
    axes.legend(fontsize=8, loc="upper left")
    _save(figure, path)


def draw_groups(
    column: str,
    groups: Sequence[Mapping[str, Any]],
    path: Path,
    measures: tuple[str, ...] = ("macro_f1", "accuracy"),
) -> None:
    """Draws one or two measures of every group that was measured, with intervals."""
    names = drawn([str(group["group"]) for group in groups])
    shown = [
        {**group, "name": name} for group, name in zip(groups, names, strict=True) if group["status"] == "measured"
    ]
    figure, axes = _canvas()
    for offset, measure, colour in zip((0.12, -0.12), measures, _COLOURS, strict=False):
        for place, group in enumerate(shown):
            figures = group[measure]
            low, high = figures["interval"] or (figures["value"], figures["value"])
            axes.plot([low, high], [place + offset] * 2, color=colour, linewidth=2, alpha=0.6)
        values = [group[measure]["value"] for group in shown]
        name = measure.replace("_f1", "-F1").replace("character-F1", "character F1").replace("_", " ")
        axes.plot(values, [p + offset for p in range(len(shown))], "o", color=colour, label=name)
    axes.set_yticks(range(len(shown)), [f"{group['name']} ({group['rows']})" for group in shown], fontsize=8)
    by = column if is_drawable(column) else "group"
    axes.set(ylim=(-0.6, len(shown) - 0.4), title=f"By {by} (test rows)")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(fontsize=8)
    _save(figure, path)


def draw_types(types: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draws character precision and recall of every entity type that is there or was found."""
    names = drawn([str(kind["label"]) for kind in types])
    told = [{**kind, "name": name} for kind, name in zip(types, names, strict=True)]
    shown = [kind for kind in told if kind["rows"] or kind["predicted"]][::-1]
    figure, axes = _canvas()
    for offset, measure, colour in ((0.15, "recall", _COLOURS[0]), (-0.15, "precision", _COLOURS[1])):
        for place, kind in enumerate(shown):
            value, interval = kind[measure]["value"], kind[measure]["interval"]
            if value is None:
                continue
            low, high = interval or (value, value)
            axes.plot([low, high], [place + offset] * 2, color=colour, linewidth=2, alpha=0.6)
            axes.plot([value], [place + offset], "o", markersize=3.5, color=colour)
        axes.plot([], [], "o", markersize=3.5, color=colour, label=measure)
    axes.set_yticks(range(len(shown)), [f"{kind['name']} ({kind['rows']})" for kind in shown], fontsize=6)
    axes.set(ylim=(-0.6, max(len(shown), 1) - 0.4), title="Characters by entity type (entities)")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(fontsize=8)
    _save(figure, path)


def draw_bits(said: Likelihoods, path: Path) -> None:
    """Draws how many texts are told in how many bits a byte."""
    some = said.bytes_N > 0
    bits_N = said.nats_N[some] / said.bytes_N[some] / np.log(2)
    figure, axes = _canvas()
    axes.hist(bits_N, bins=40, color=_COLOURS[0])
    axes.set(xlabel="bits per byte", ylabel="test texts", title="How well each text is told (left is better)")
    _save(figure, path)


def _canvas() -> tuple[Any, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, dpi=_DOTS_AN_INCH, layout="constrained")
    return figure, figure.add_subplot()


def _save(figure: Any, path: Path) -> None:
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)  # between two $ of a label or a group stands no formula
    figure.savefig(path, format="png", metadata={"Software": None})  # the same figures give the same bytes
