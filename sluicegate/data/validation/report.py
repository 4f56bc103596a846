"""The validation's result as JSON for programs and as one HTML page for people, without a cell value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ExpectationOutcome:
    """One expectation and whether it held."""

    type: str
    """Great Expectations' name for it."""
    columns: tuple[str, ...]
    """Columns that it is about; empty for the table as a whole."""
    limits: dict[str, Any]
    """Its other arguments, as the suite has them."""
    success: bool
    """Whether it held."""
    evaluated: bool
    """Whether it could be evaluated at all; if not, it did not hold."""
    element_count: int | None
    """Rows that were looked at, for a row-wise expectation."""
    unexpected_count: int | None
    """Rows that break it, for a row-wise expectation."""
    missing_count: int | None
    """Rows without a value, which a row-wise expectation passes over."""
    observed: float | int | None
    """The count, share or ratio that was held against the limits, where it is a number and no cell of the data."""
    notes: str = ""
    """What the suite's author wrote beside it."""

    @property
    def is_row_wise(self) -> bool:
        """Whether rows were looked at one by one."""
        return self.element_count is not None and self.unexpected_count is not None

    @property
    def broken_share(self) -> float | None:
        """Share of the rows looked at that break it; None where rows are not looked at one by one."""
        if self.element_count is None or self.unexpected_count is None:
            return None
        return self.unexpected_count / self.element_count if self.element_count else 0.0

    def sentence(self) -> str:
        """Name, columns and figures in a few words."""
        name = f"{self.type}({', '.join(self.columns)})"
        if not self.evaluated:
            return f"{name} could not be evaluated"
        if self.is_row_wise:
            return f"{name}: {self.unexpected_count} of {self.element_count} rows break it"
        return f"{name}: observed {self.observed}" if self.observed is not None else name


def write(
    suite: str,
    success: bool,
    expectations: Sequence[ExpectationOutcome],
    statistics: Mapping[str, int | float],
    folder: Path,
) -> None:
    """Writes ``validation.json`` and ``validation.html`` to `folder`."""
    value = {
        "suite": suite,
        "success": success,
        "statistics": dict(statistics),
        "expectations": [asdict(outcome) for outcome in expectations],
    }
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=str)
    (folder / "validation.json").write_text(text, encoding="utf-8")
    (folder / "validation.html").write_text(_page(suite, success, expectations, statistics), encoding="utf-8")


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem }
th, td { text-align: left; padding: .35rem .6rem; vertical-align: top }
tr + tr { border-top: 1px solid #d8dee4 } code { font-size: 13px; overflow-wrap: anywhere }
.held { color: #116329 } .failed { color: #a40e26; font-weight: 600 } .notes { color: #57606a; font-size: 13px }
.bar { background: #eaeef2; height: 6px; width: 8rem } .bar div { background: #a40e26; height: 6px }
.facts { width: auto }
"""
_NAMES = ("Held", "Expectation", "Columns", "Limits", "Rows that break it", "Observed")
_HEAD = f"<tr>{''.join(f'<th>{name}</th>' for name in _NAMES)}</tr>"


def _page(
    suite: str, success: bool, expectations: Sequence[ExpectationOutcome], statistics: Mapping[str, int | float]
) -> str:
    failed = sorted((o for o in expectations if not o.success), key=_weight, reverse=True)
    held = sorted((o for o in expectations if o.success), key=_weight, reverse=True)
    verdict = "every expectation held" if success else f"{len(failed)} of {len(expectations)} expectations failed"
    facts = "".join(f"<tr><th>{escape(k.replace('_', ' '))}</th><td>{v:,.6g}</td></tr>" for k, v in statistics.items())
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Validation: {escape(suite)}</title>"
        f"<style>{_STYLE}</style><h1>Validation by {escape(suite)}</h1>"
        f"<p class='{'held' if success else 'failed'}'>{verdict}</p>"
        f"{_table('What failed', failed)}{_table('What held', held)}"
        f"<h2>Counts</h2><table class='facts'>{facts}</table>"
        "<p class='notes'>This page holds counts, shares and what the suite says; no cell of the data. "
        "Rows that break a row-wise expectation are in the quarantine file, with reasons.</p></html>\n"
    )


def _weight(outcome: ExpectationOutcome) -> tuple[bool, float]:
    """What could not be evaluated is worst, then what most rows break; others stay in suite order."""
    return not outcome.evaluated, outcome.broken_share or 0.0


def _table(title: str, outcomes: Sequence[ExpectationOutcome]) -> str:
    return f"<h2>{title}</h2><table>{_HEAD}{''.join(map(_row, outcomes))}</table>" if outcomes else ""


def _row(outcome: ExpectationOutcome) -> str:
    held = "yes" if outcome.success else "no" if outcome.evaluated else "no: not evaluated"
    broken = ""
    if (share := outcome.broken_share) is not None:
        bar = f"<div class='bar'><div style='width:{share:.2%}'></div></div>" if share else ""
        broken = f"{outcome.unexpected_count:,} of {outcome.element_count:,} ({share:.2%}){bar}"
    observed = "" if outcome.observed is None else f"{outcome.observed:,.6g}"
    notes = f"<div class='notes'>{escape(outcome.notes)}</div>" if outcome.notes else ""
    limits = escape(json.dumps(outcome.limits, ensure_ascii=False, default=str))
    return (
        f"<tr><td class='{'held' if outcome.success else 'failed'}'>{held}</td>"
        f"<td><code>{escape(outcome.type)}</code>{notes}</td>"
        f"<td>{escape(', '.join(outcome.columns))}</td><td><code>{limits}</code></td>"
        f"<td>{broken}</td><td>{observed}</td></tr>"
    )
