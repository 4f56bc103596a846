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
    """The count, share or ratio that was held against the limits, where it is a number."""

    @property
    def is_row_wise(self) -> bool:
        """Whether rows were looked at one by one."""
        return self.element_count is not None and self.unexpected_count is not None

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
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "validation.json").write_text(text, encoding="utf-8")
    (folder / "validation.html").write_text(_page(suite, success, expectations, statistics), encoding="utf-8")


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .6rem; vertical-align: top }
tr + tr { border-top: 1px solid #d8dee4 } code { font-size: 13px; overflow-wrap: anywhere }
.held { color: #116329 } .failed { color: #a40e26; font-weight: 600 }
"""


def _page(
    suite: str, success: bool, expectations: Sequence[ExpectationOutcome], statistics: Mapping[str, int | float]
) -> str:
    verdict = (
        "every expectation held" if success else f"{statistics['failed']} of {len(expectations)} expectations failed"
    )
    facts = "".join(f"<tr><th>{escape(k.replace('_', ' '))}</th><td>{v:,.6g}</td></tr>" for k, v in statistics.items())
    rows = "".join(map(_row, expectations))
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Validation: {escape(suite)}</title>"
        f"<style>{_STYLE}</style><h1>Validation by {escape(suite)}</h1>"
        f"<p class='{'held' if success else 'failed'}'>{verdict}</p><table>{facts}</table>"
        "<h2>Expectations</h2><table><tr><th>Held</th><th>Expectation</th><th>Columns</th><th>Limits</th>"
        f"<th>Rows that break it</th><th>Observed</th></tr>{rows}</table></html>\n"
    )


def _row(outcome: ExpectationOutcome) -> str:
    held = "yes" if outcome.success else "no" if outcome.evaluated else "no: not evaluated"
    broken = f"{outcome.unexpected_count:,} of {outcome.element_count:,}" if outcome.is_row_wise else ""
    observed = "" if outcome.observed is None else f"{outcome.observed:,.6g}"
    look = "held" if outcome.success else "failed"
    return (
        f"<tr><td class='{look}'>{held}</td><td><code>{escape(outcome.type)}</code></td>"
        f"<td>{escape(', '.join(outcome.columns))}</td><td><code>{escape(json.dumps(outcome.limits))}</code></td>"
        f"<td>{broken}</td><td>{observed}</td></tr>"
    )
