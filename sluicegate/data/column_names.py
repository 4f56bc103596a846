"""The names of columns, as an error may tell them.

A file without a header has its first row for names, and what is in a row is nobody's business.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

MOST = 20
_A_NAME = re.compile(r"(?!.*(?:\d\D*){5})[\w .:/()%#\u200b-\u200f\ufeff-]{1,40}")


def named_twice(names: Collection[str]) -> str:
    """The names that stand there more than once, as an error may tell them; empty if there are none."""
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    return listed(twice) if twice else ""


def listed(names: Collection[str]) -> str:
    """The names, the first twenty of them; of those that look like values only how many there are.

    A name has at most 40 letters, digits, spaces or marks, no @ among them, and fewer than five digits.
    """
    if not names:
        return "none"
    told = [_shown(name) for name in map(str, names) if _A_NAME.fullmatch(name)]
    hidden, further = len(names) - len(told), len(told[MOST:])
    more = [f"{further} more"] if further else []
    more += [f"{hidden} that look like values (no header, or another delimiter?)"] if hidden else []
    return ", ".join([*told[:MOST], *more])


def _shown(name: str) -> str:
    """The name, with quotes and escapes where it holds what cannot be seen."""
    return name if name.isprintable() and name == name.strip() else repr(name)
