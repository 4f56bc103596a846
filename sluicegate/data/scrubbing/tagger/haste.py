"""Posts, chats and comments: texts written in haste, in which a capital or the want of one says little.

Names in them look less like the names of careful texts, so the classifier is to lean further to recall there, but not
for everyday words in small letters, which nearly all words of such a text are.
"""

from __future__ import annotations

import re

LONGEST = 400
"""Characters; longer texts were hardly written in haste."""
_SIGNS = re.compile(
    r"(?<!\w)[@#]\w|\bRT\b|https?:"  # handles, hashtags, posts handed on, links
    r"|[\U0001f300-\U0001faff\u2600-\u27bf]|[:;] ?-?[)(DP]|<3"
    r"|([A-Za-z])\1\1|[!?]\s?[!?]"
    r"|(?<!\S)i(?!\S)|\A\W*[a-z]"
    r"|(?<!\w)(?i:lol|lmao|omg|u|ur|im|dont|wtf|rt|smh|gonna|wanna|gotta|ya|yall|cuz|tho|thx|pls|plz|(?:ha){2,}|tbh|idk|ok)(?!\w)"
)


def hasty(text: str) -> bool:
    """Whether anything about `text` says that it was written in haste."""
    return len(text) < LONGEST and _SIGNS.search(text) is not None
