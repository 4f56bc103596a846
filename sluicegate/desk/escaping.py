"""Text that users wrote, made harmless for the place where it is shown.

Descriptions, reasons, paths and column names come from people. Shown, they must be seen and do nothing:
no terminal escapes, no HTML, no Markdown, no templates, no links that nobody asked for.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from sluicegate.gates.reasons import printable

LONGEST_SHOWN = 600
LONGEST_REASONED = 4500
"""Of a sentence with a reason in it, and a follow-up: whoever reads them reads the whole of them."""
_ENTITIES = {character: f"&#{ord(character)};" for character in "&<>{}@$"}
_BACKSLASHED = {character: f"\\{character}" for character in "\\`*_[]|~#!"}
_MARKDOWN = str.maketrans(_ENTITIES | _BACKSLASHED)
_SAFE_IN_ADDRESS = "/:?#=&%;,+@~!$-._"
_BARE_LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp|javascript|data)(:)|(www)(\.)")


def visible(text: str, longest: int = LONGEST_SHOWN) -> str:
    """`text` on one line, cut to `longest` characters, with a dot for each character that is not one to be seen."""
    line = " ".join(text.split())
    line = "".join(character if printable(character) else "·" for character in line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def markdown(text: str, longest: int = LONGEST_SHOWN) -> str:
    """`text` as Markdown that shows just these characters; for the inside of a line or of a table's cell."""
    escaped = visible(text, longest).translate(_MARKDOWN)
    # Renderers make links of bare addresses; an entity in the middle of one reads the same and is none.
    return _BARE_LINK.sub(lambda m: f"{m[1]}&#58;" if m[2] else f"{m[3]}&#46;", escaped)


def markdown_link(name: str, target: str) -> str:
    """A link if `target` is a web address, else the name and the path as plain text."""
    if not (address := web_address(target)):
        return f"{markdown(name)}: {markdown(target)}"
    return f"[{markdown(name)}](<{address}>)"


def web_address(target: str) -> str:
    """`target`, quoted so that it stays inside a link, if it is an address of the web; else nothing."""
    try:
        scheme = urlsplit(target).scheme
    except ValueError:
        return ""
    if scheme not in ("http", "https") or any(not printable(character) for character in target):
        return ""
    return quote(target, safe=_SAFE_IN_ADDRESS)
