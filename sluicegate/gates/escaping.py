"""Text that users wrote, made harmless for the place where it is shown.

Descriptions, reasons, paths and column names come from people. Shown, they must be seen and do nothing:
no terminal escapes, no HTML, no Markdown, no templates, no links that nobody asked for.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from sluicegate.gates.reasons import printable

LONGEST_SHOWN = 600
_ENTITIES = {character: f"&#{ord(character)};" for character in "&<>{}@$"}
_BACKSLASHED = {character: f"\\{character}" for character in "\\`*_[]|~#!"}
_MARKDOWN = str.maketrans(_ENTITIES | _BACKSLASHED)
_BARE_LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp|javascript|data)(:)|(www)(\.)")


def visible(text: str, longest: int = LONGEST_SHOWN) -> str:
    """`text` on one line, cut to `longest` characters, with a dot for each character that is not one to be seen."""
    line = " ".join(text.split())
    line = "".join(character if printable(character) else "·" for character in line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def markdown(text: str) -> str:
    """`text` as Markdown that shows just these characters; for the inside of a line or of a table's cell."""
    escaped = visible(text).translate(_MARKDOWN)
    # Renderers make links of bare addresses; an entity in the middle of one reads the same and is none.
    return _BARE_LINK.sub(lambda m: f"{m[1]}&#58;" if m[2] else f"{m[3]}&#46;", escaped)


def markdown_link(name: str, target: str) -> str:
    """A link if `target` is a web address, else the name and the path as plain text."""
    if urlsplit(target).scheme not in ("http", "https") or any(not printable(c) for c in target):
        return f"{markdown(name)}: {markdown(target)}"
    return f"[{markdown(name)}](<{quote(target, safe=_SAFE_IN_ADDRESS)}>)"


_SAFE_IN_ADDRESS = "/:?#=&%;,+@~!$-._"
