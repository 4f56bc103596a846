"""Weights of rows under which group and label are independent.

A row of group g with label y weighs P(g) P(y) / P(g, y): more than 1 where the label is rarer in the group than
over all rows, less where it is more common. The model sees every row once, as before; only its loss counts for
more or less. Source: Kamiran & Calders, Data preprocessing techniques for classification without
discrimination (2012).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.errors import InputRefused

_ROWS_AT_ONCE = 65_536

Cell = tuple[tuple[str, ...], str]
"""A group (one value for each group column) and a label."""


@dataclass(frozen=True)
class Reweighing:
    """What the rows of each group and label weigh."""

    weights: Mapping[Cell, float]
    """Only of groups and labels that occur together."""
    rows: int
    """All rows, those without a group included."""
    without_group: int
    """Rows that lack a group; they weigh 1."""
    absent_cells: int
    """Groups × labels that have no row. No weight can make up for them: where there are some, group and label stay
    dependent under the weights."""
    gap_before: float
    """Largest difference between two groups in the share of rows with a label, over all labels; as the rows are."""
    gap_after: float
    """The same as they weigh."""


def reweigh(path: Path, groups: Sequence[str], label: str = "label") -> Reweighing:
    """The weights for a Parquet's rows, read in chunks.

    Args:
        path: The training rows.
        groups: Group columns; with several, a group is a combination of their values.
        label: The column with the label.

    Raises:
        InputRefused: The file cannot be read, lacks a column or a label, or no two rows differ in their group.
    """
    counts: Counter[Cell] = Counter()
    rows = 0
    for cells in _chunks(path, groups, label):
        rows += len(cells)
        counts.update(cell for cell in cells if cell is not None)
    by_group, by_label, known = Counter[tuple[str, ...]](), Counter[str](), counts.total()
    for (group, value), count in counts.items():
        by_group[group] += count
        by_label[value] += count
    if len(by_group) < 2:
        problem = f"{len(by_group)} groups are in {known} rows with a group, at least 2 are needed"
        raise InputRefused(path, ", ".join(groups), problem)
    weights = {
        (group, value): by_group[group] * by_label[value] / (known * count) for (group, value), count in counts.items()
    }
    weighed = {cell: weights[cell] * count for cell, count in counts.items()}
    gaps = _label_share_gap(counts), _label_share_gap(weighed)
    return Reweighing(weights, rows, rows - known, len(by_group) * len(by_label) - len(weights), *gaps)


def _label_share_gap(mass: Mapping[Cell, float]) -> float:
    """Rows of each group and label, or their weights → the largest difference between groups in a label's share."""
    groups, labels = ({cell[place] for cell in mass} for place in (0, 1))
    of_group = {group: sum(mass.get((group, label), 0.0) for label in labels) for group in groups}  # type: ignore
    shares = [[mass.get((group, label), 0.0) / of_group[group] for group in groups] for label in labels]  # type: ignore
    return float(max(max(of_label) - min(of_label) for of_label in shares))


def weights_of(path: Path, groups: Sequence[str], reweighing: Reweighing, label: str = "label") -> NDArray[np.float32]:
    """The weight of every row, shape (N,), in the file's order; 1 where a group is missing.

    Raises:
        InputRefused: The file cannot be read, lacks a column or a label, or holds a group with a label that was not
            weighed.
    """
    found: list[NDArray[np.float32]] = []
    for cells in _chunks(path, groups, label):
        try:
            weights = (1.0 if cell is None else reweighing.weights[cell] for cell in cells)
            found.append(np.fromiter(weights, dtype=np.float32, count=len(cells)))
        except KeyError:
            problem = "holds a group with a label that was not weighed"
            raise InputRefused(path, ", ".join(groups), problem, "weigh the rows that are trained on") from None
    return np.concatenate(found) if found else np.empty(0, dtype=np.float32)


def _chunks(path: Path, groups: Sequence[str], label: str) -> Iterator[list[Cell | None]]:
    """Group and label of each row, chunk by chunk; None where a group is missing (null, not a number or empty)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            if absent := sorted({*groups, label} - set(file.schema_arrow.names)):
                raise InputRefused(path, absent[0], "there is no such column")
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=[*groups, label]):
                labels = _strings(batch.column(label))
                if missing := labels.count(None):
                    raise InputRefused(path, label, f"{missing} of {len(labels)} values are missing in a chunk")
                columns = [_strings(batch.column(group)) for group in groups]
                groups_N = zip(*columns, strict=True)
                yield [(g, value) if all(g) else None for g, value in zip(groups_N, labels, strict=True)]
    except FileNotFoundError:
        raise InputRefused(path, "", "there is no such file") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise InputRefused(path, "", f"cannot be read as Parquet ({type(error).__name__})") from None


def _strings(column: Any) -> list[Any]:
    """The column's values as text; None where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return list(column.cast(pa.large_string()).to_pylist())
