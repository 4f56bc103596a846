"""What people wrote, in Markdown: it is seen, and does nothing."""

from __future__ import annotations

import re

from markupsafe import Markup

_MARKS = re.compile(r"([\\`*_\[\]|~#!<>&{}$])")


def one_line(text: str) -> str:
    """`text` on one line, with a dot for each character that is not one to be seen."""
    return "".join(c if c.isprintable() else "·" for c in " ".join(text.split()))


def markdown(text: str) -> Markup:
    """`text` as Markdown that shows just these characters, inside a line or a table's cell."""
    return Markup(_MARKS.sub(r"\\\1", one_line(text)))


def code(text: str) -> Markup:
    """`text` as a span of code, inside a line or a table's cell."""
    return Markup("`" + one_line(text).replace("`", "'").replace("|", r"\|") + "`")
