"""Patterns that Python's `re` and DuckDB read alike, so that both ways of looking at a table see the same."""

from __future__ import annotations

NUMBER_PATTERN = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
"""What is a number: digits with a decimal point, perhaps an exponent; no separators, spaces, NaN or infinity."""
_TIME = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
DATE_PATTERN = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:{_TIME})?"
"""ISO 8601 dates, and times with or without an offset from UTC; without one they are taken as UTC.

Seconds have at most nine digits after the point (nanoseconds); what is made of them keeps six.
"""
