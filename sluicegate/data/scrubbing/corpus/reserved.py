"""Names that no made-up text may use: the planted canaries and the pseudonyms bear them."""

from __future__ import annotations

from sluicegate.data.scrubbing import invented

_SYLLABLES = 20
RESERVED = frozenset(
    name.lower()
    for listed in vars(invented).values()
    if isinstance(listed, (list, tuple)) and len(listed) > _SYLLABLES
    for name in listed
)
"""Every name in the lists of `invented.py` (lists of up to twenty entries are syllables), in lower case."""
