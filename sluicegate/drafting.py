"""A first spec, suite and policy for somebody's own data, written from a look at it, to be read and edited."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jinja2
import pandas as pd

from sluicegate.errors import InputRefused
from sluicegate.spec import is_reserved

_READERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {
    "csv": lambda path: pd.read_csv(path, dtype=str, keep_default_na=False),
    "jsonl": lambda path: pd.read_json(path, lines=True, dtype=False),
    "parquet": pd.read_parquet,
}
_TEXT_NAMES = ("text", "review", "sentence", "content", "comment", "body", "message", "document")
_LABEL_NAMES = ("label", "class", "category", "sentiment", "target", "tag")
_MOST_LABELS = 50


@dataclass(frozen=True)
class Draft:
    """What was written."""

    spec: Path
    files: tuple[Path, ...]


def draft(
    data: Path,
    *,
    model: str | None,
    text: str | None,
    label: str | None,
    groups: Sequence[str],
    owner: str,
    out: Path,
) -> Draft:
    """Looks at `data` and writes ``MODEL.yaml``, ``MODEL.suite.json`` and ``MODEL.policy.yaml`` into `out`.

    Raises:
        InputRefused: The data cannot be read, a column is missing or cannot be told, or a file is there already.
    """
    kind, table = _read(data)
    text = text or _guess(table, _TEXT_NAMES, data, "text")
    label = label or _guess(table, _LABEL_NAMES, data, "label", besides=text)
    for option, column in (("--text", text), ("--label", label), *(("--group", g) for g in groups)):
        if column not in table.columns:
            raise InputRefused(
                data, option, f"there is no column {column!r}", f"it has {', '.join(map(str, table.columns))}"
            )
    if taken := [g for g in groups if is_reserved(g)]:
        raise InputRefused(data, "--group", f"{taken[0]!r} is a reserved name", "rename the column")
    values = table[label].dropna().astype(str)
    labels = sorted(values[values != ""].unique())
    if not 2 <= len(labels) <= _MOST_LABELS:
        raise InputRefused(
            data,
            label,
            f"has {len(labels)} different values; a label column has 2 to {_MOST_LABELS}",
            "name another one with --label",
        )
    name = model or _name(data.stem)
    shown = {
        "model": name, "kind": kind, "data": _relative(data, out), "text": text, "label": label, "labels": labels,
        "groups": list(groups), "owner": owner, "rows": len(table), "languages": [_language(table[text])],
    }  # fmt: skip
    written = {
        out / f"{name}.yaml": _render("spec.yaml", shown),
        out / f"{name}.suite.json": json.dumps(_suite(name, labels, groups), indent=2, ensure_ascii=False) + "\n",
        out / f"{name}.policy.yaml": _render("policy.yaml", shown),
    }
    if there := [path for path in written if path.exists()]:
        raise InputRefused(
            there[0], "", "is there already, and nothing is overwritten", "choose another --model or --out"
        )
    out.mkdir(parents=True, exist_ok=True)
    for path, content in written.items():
        path.write_text(content, encoding="utf-8")
    return Draft(spec=out / f"{name}.yaml", files=tuple(written))


def _read(data: Path) -> tuple[str, pd.DataFrame]:
    kind = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}.get(data.suffix.lower())
    if kind is None:
        raise InputRefused(data, "", f"ends in {data.suffix or 'nothing'!r}", "give a .csv, .jsonl or .parquet file")
    if not data.is_file():
        raise InputRefused(data, "", "there is no such file")
    try:
        table = _READERS[kind](data)
    except (ValueError, OSError) as error:
        raise InputRefused(data, "", f"cannot be read as {kind}: {type(error).__name__}") from None
    if table.empty:
        raise InputRefused(data, "", "holds no rows")
    return kind, table


def _guess(table: pd.DataFrame, names: Sequence[str], data: Path, what: str, besides: str = "") -> str:
    by_lower = {str(column).lower(): str(column) for column in table.columns if column != besides}
    for name in names:
        if name in by_lower:
            return by_lower[name]
    if len(by_lower) == 1:
        return next(iter(by_lower.values()))
    raise InputRefused(
        data,
        "",
        f"which column holds the {what} cannot be told from their names",
        f"say --{what} NAME; it has {', '.join(by_lower.values())}",
    )


def _language(texts: pd.Series[str]) -> str:
    """``zh`` if Chinese characters are most of the letters, else ``en``; lists of terms are of these two."""
    letters = [character for text in texts.dropna().astype(str) for character in text if character.isalpha()]
    return "zh" if 2 * sum("\u4e00" <= letter <= "\u9fff" for letter in letters) > len(letters) else "en"


def _name(stem: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:63] or "model"


def _relative(data: Path, out: Path) -> str:
    data, out = data.resolve(), out.resolve()
    return data.relative_to(out).as_posix() if data.is_relative_to(out) else data.as_posix()


def _render(template: str, shown: Mapping[str, object]) -> str:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, trim_blocks=True, autoescape=False
    )
    environment.filters["yaml"] = lambda value: json.dumps(value, ensure_ascii=False)
    source = (files("sluicegate") / "templates" / f"{template}.jinja").read_text(encoding="utf-8")
    return environment.from_string(source).render(shown)


def _suite(name: str, labels: Sequence[str], groups: Sequence[str]) -> dict[str, object]:
    def expectation(kind: str, **settings: object) -> dict[str, object]:
        return {"type": kind, "kwargs": settings}

    return {
        "name": name,
        "expectations": [
            expectation(
                "expect_table_columns_to_match_set", column_set=["id", "text", "label", *groups], exact_match=True
            ),
            expectation("expect_table_row_count_to_be_between", min_value=100),
            expectation("expect_column_values_to_be_unique", column="id"),
            expectation("expect_column_values_to_not_be_null", column="text"),
            expectation("expect_column_value_lengths_to_be_between", column="text", min_value=1, max_value=20000),
            expectation("expect_column_proportion_of_unique_values_to_be_between", column="text", min_value=0.9),
            expectation("expect_column_values_to_not_be_null", column="label"),
            expectation("expect_column_values_to_be_in_set", column="label", value_set=list(labels)),
            expectation(
                "expect_column_unique_value_count_to_be_between",
                column="label",
                min_value=len(labels),
                max_value=len(labels),
            ),
            *(expectation("expect_column_values_to_not_be_null", column=group) for group in groups),
        ],
    }
