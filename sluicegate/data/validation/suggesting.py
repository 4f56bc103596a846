"""A first suite for somebody's own data, drafted from a profile of it, to be read, edited and committed.

Each expectation says in its notes what was seen, as counts and shares. Values of the label and of columns that
were named as groups stand in it; values of the text do not.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sluicegate.data.column_names import listed
from sluicegate.data.sources.chunk import require
from sluicegate.data.sources.loose import columns_in, write_table
from sluicegate.data.validation.languages import CHINESE, ENGLISH, UNDETERMINED
from sluicegate.data.validation.profiling import MOST_VALUES, Column, Profile, profile_of
from sluicegate.errors import InputRefused
from sluicegate.spec import is_reserved

_TEXT_NAMES = ("text", "review", "sentence", "content", "comment", "body", "message", "document")
_LABEL_NAMES = ("label", "class", "category", "sentiment", "target", "tag")


def suggest(
    data: Path, *, text: str | None = None, label: str | None = None, groups: Sequence[str] = ()
) -> dict[str, Any]:
    """A suite that `data` keeps with some room to spare; columns are named as in the canonical table.

    Args:
        data: A ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet`` file.
        text: Column with the text; found by its name if that is plain.
        label: Column with the label; found by its name, or left out.
        groups: Columns that the spec will name as groups.

    Raises:
        InputRefused: The data cannot be read, or a column is missing, cannot be told, or has no
            value or too many.
    """
    names = columns_in(data, [name for name in (text, label, *groups) if name])
    text = text or _guess(names, _TEXT_NAMES) or _refuse_guess(data, names)
    label = label or _guess([name for name in names if name not in (text, *groups)], _LABEL_NAMES)
    chosen = [(text, "text"), *([(label, "label")] if label else []), *((group, group) for group in groups)]
    require([name for name, _ in chosen], names, data)
    if taken := [group for group in groups if is_reserved(group)]:
        raise InputRefused(data, f"column {taken[0]!r}", "is a reserved name", "rename the column")
    if len({group.casefold() for group in groups}) < len(groups):
        raise InputRefused(data, "--group", "names one column twice, or two that differ in case alone")
    with tempfile.TemporaryDirectory(prefix="sluicegate-") as scratch:
        table = Path(scratch) / "table.parquet"
        write_table(data, table, chosen)
        profile = profile_of(table, [name for _, name in chosen], Path(scratch))
    if not profile.rows:
        raise InputRefused(data, "", "holds no rows")
    if label and not 2 <= len(profile.columns["label"].counts) <= MOST_VALUES:
        problem = f"has {profile.columns['label'].distinct} different values; a label has 2 to {MOST_VALUES}"
        raise InputRefused(data, f"column {label!r}", problem, "name another one with --label")
    if empty := [group for group in groups if not profile.columns[group].present]:
        raise InputRefused(data, f"column {empty[0]!r}", "holds no value", "leave out this --group, or name another")
    return {
        "name": data.stem,
        "meta": {"about": f"Drafted from {profile.rows:,} rows of {data.name}. Read it and edit it."},
        "expectations": list(_expectations(profile)),
    }


def _expect(kind: str, notes: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": kind, "kwargs": kwargs, "notes": notes}


def _expectations(profile: Profile) -> Iterator[dict[str, Any]]:
    rows, names = profile.rows, list(profile.columns)
    yield _expect(
        "expect_table_columns_to_match_set", f"The id, and the {len(names)} columns that were looked at.",
        column_set=["id", *names], exact_match=True,
    )  # fmt: skip
    yield _expect(
        "expect_table_row_count_to_be_between",
        f"{rows:,} rows were seen.",
        min_value=max(1, rows // 2),
        max_value=rows * 2,
    )
    yield _expect("expect_column_values_to_not_be_null", "Every row has an id.", column="id")
    yield _expect("expect_column_values_to_be_unique", "Every id is used once.", column="id")
    for name, column in profile.columns.items():
        yield _missing(name, column, rows)
        if name == "text":
            yield from _of_text(column, profile)
        elif column.counts:
            yield from _of_groups(name, column)
        else:
            yield _expect(
                "expect_column_unique_value_count_to_be_between", f"{column.distinct:,} different values were seen.",
                column=name, min_value=max(1, column.distinct // 2), max_value=column.distinct * 2,
            )  # fmt: skip


def _missing(name: str, column: Column, rows: int) -> dict[str, Any]:
    missing = rows - column.present
    if not missing:
        return _expect("expect_column_values_to_not_be_null", "No row lacks it.", column=name)
    notes = f"{missing:,} of {rows:,} rows lack it ({missing / rows:.2%})."
    mostly = _down(max(0.0, 1 - 1.5 * missing / rows - 0.01), 3)
    return _expect("expect_column_values_to_not_be_null", notes, column=name, mostly=mostly)


def _of_text(column: Column, profile: Profile) -> Iterator[dict[str, Any]]:
    if not column.present:
        return
    yield _expect(
        "expect_column_value_lengths_to_be_between",
        f"The shortest has {column.shortest:,} characters, the longest {column.longest:,}.",
        column="text", min_value=min(1, column.shortest), max_value=math.ceil(column.longest * 1.5),
    )  # fmt: skip
    if not profile.blank:
        yield _expect(
            "expect_column_values_to_match_regex", "No text is white space alone.", column="text", regex=r"\S"
        )
    if not profile.replaced:
        notes = "No text holds the character that stands where bytes did not decode."
        yield _expect("expect_column_values_to_not_match_regex", notes, column="text", regex="\ufffd")
    share = column.distinct / column.present
    yield _expect(
        "expect_column_proportion_of_unique_values_to_be_between",
        f"{column.distinct:,} of {column.present:,} texts are different ({share:.2%}).",
        column="text", min_value=_down(max(0.0, share - 0.02), 3),
    )  # fmt: skip
    yield from _of_language(profile.languages, column.present)


def _of_language(languages: Mapping[str, int], present: int) -> Iterator[dict[str, Any]]:
    seen = ", ".join(f"{name} {count / present:.1%}" for name, count in sorted(languages.items(), key=lambda i: -i[1]))
    language = max((ENGLISH, CHINESE), key=lambda name: languages.get(name, 0))
    if languages.get(language, 0) < present / 2:
        return
    passing = (languages[language] + languages.get(UNDETERMINED, 0)) / present
    yield _expect(
        "expect_column_values_to_be_in_language", f"Seen: {seen}.",
        column="text", languages=[language], mostly=_down(max(0.0, passing - 0.05), 2),
    )  # fmt: skip


def _of_groups(name: str, column: Column) -> Iterator[dict[str, Any]]:
    values, smallest, largest = list(column.counts), min(column.counts.values()), max(column.counts.values())
    seen = ", ".join(f"{value} {count / column.present:.2%}" for value, count in column.counts.items())
    yield _expect(
        "expect_column_values_to_be_in_set", f"{len(values)} different values were seen.", column=name, value_set=values
    )
    if name == "label":
        ratio = smallest / largest
        yield _expect(
            "expect_column_values_to_be_balanced",
            f"The rarest has {smallest:,} rows, the commonest {largest:,}.",
            column=name, value_set=values, min_ratio=_down(ratio / 2, 4),
        )  # fmt: skip
    else:
        yield _expect(
            "expect_column_groups_to_be_covered",
            f"The smallest group has {smallest:,} rows ({smallest / column.present:.2%}).",
            column=name, groups=values, min_count=max(1, smallest // 2),
        )  # fmt: skip
    yield _expect(
        "expect_column_distribution_to_match_reference", f"Seen: {seen}.",
        column=name, reference={"values": values, "weights": list(column.counts.values())}, max_total_variation=0.1,
    )  # fmt: skip


def _down(value: float, digits: int) -> float:
    unit = float(10**digits)
    return math.floor(value * unit) / unit


def _guess(names: Sequence[str], plain: Sequence[str]) -> str | None:
    by_lower = {name.lower(): name for name in names}
    return next((by_lower[name] for name in plain if name in by_lower), None)


def _refuse_guess(data: Path, names: Sequence[str]) -> str:
    problem = "which column holds the text cannot be told from their names"
    raise InputRefused(data, "", problem, f"say --text NAME; it has {listed(names)}")
