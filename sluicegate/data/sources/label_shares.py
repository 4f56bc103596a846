"""What several people said of one text, as each label's share of them.

The column ``label_shares`` of the canonical table holds it as a JSON object, label → share above 0, in the spec's
order; the shares of a row add up to 1. It is missing where nobody said anything.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from sluicegate.data.json_objects import KeyTwice, read_json
from sluicegate.data.sources.values import Opaque, Unreadable, is_missing, name, number
from sluicegate.spec import Data

COLUMN = "label_shares"
_KIND = "ratings"
_TWICE = "names a label twice, and does not say which of its counts holds"
_SHAPE = "is neither a list of single ratings nor a mapping of labels to how many gave them"


def label_shares(data: Data) -> Callable[[Any], str | None]:
    """What turns a value of `data.ratings_column` into one of ``label_shares``.

    It takes a list of ratings (numbers, where the spec cuts a rating into labels; else labels), or a mapping of
    labels to shares or counts, or either of them as JSON. What is missing inside of it counts as not given.
    """

    def convert(value: Any) -> str | None:
        given = _parsed(value)
        if given is None:
            return None
        counts = _counts(_of_mapping(given) if isinstance(given, Mapping) else _of_list(given, data), data)
        total = _sum(counts.values())
        shares = {label: count / total for label, count in counts.items()} if total else {}
        return json.dumps({label: share for label, share in shares.items() if share}) if total else None

    return convert


def _parsed(value: Any) -> Any:
    """A list or a mapping; None where there is neither."""
    if isinstance(value, str):
        try:
            value = read_json(value) if value.strip() else None
        except KeyTwice:
            raise Unreadable(_KIND, _TWICE) from None
        except (ValueError, RecursionError):
            raise Unreadable(_KIND, _SHAPE) from None
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if value is None or (isinstance(value, float) and is_missing(value)):
        return None
    if isinstance(value, Opaque) or not isinstance(value, list | tuple | Mapping):
        raise Unreadable(_KIND, _SHAPE)
    if isinstance(value, list | tuple) and value and all(isinstance(v, tuple) and len(v) == 2 for v in value):
        return _of_pairs(value)
    return value


def _of_pairs(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Label → count of a map of Arrow's, which comes as pairs."""
    found: dict[Any, Any] = {}
    for label, count in pairs:
        if name(label) in found:
            raise Unreadable(_KIND, _TWICE)
        found[name(label)] = count
    return found


def _sum(counts: Iterable[float]) -> float:
    try:
        return math.fsum(counts)
    except OverflowError:
        raise Unreadable(_KIND, "holds shares or counts whose sum is too large for a number") from None


def _of_mapping(given: Mapping[Any, Any]) -> Iterable[tuple[Any, float]]:
    for label, count in given.items():
        if not is_missing(count):
            yield label, number(count)


def _of_list(given: Iterable[Any], data: Data) -> Iterable[tuple[Any, float]]:
    for value in given:
        if is_missing(value):
            continue
        if data.rating is None:
            yield value, 1.0
            continue
        rating = number(value)
        if not math.isfinite(rating):
            raise Unreadable(_KIND, "holds a rating that is not a finite number")
        yield data.labels[int(np.searchsorted(data.rating.cut_points, rating, side="left"))], 1.0


def _counts(found: Iterable[tuple[Any, float]], data: Data) -> dict[str, float]:
    """How many gave each label, in the spec's order."""
    counts = dict.fromkeys(data.labels, 0.0)
    for given, count in found:
        label = name(given)
        if label not in counts:
            known = ", ".join(repr(known) for known in data.labels)
            raise Unreadable(_KIND, f"holds a label that is not one of {known}")
        if not (math.isfinite(count) and count >= 0):
            raise Unreadable(_KIND, "holds a share that is negative, or not a finite number")
        counts[label] += count
    return counts
