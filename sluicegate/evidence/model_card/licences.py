"""SPDX names of licences, and the hub's names for them.

Source: Hugging Face, Hub documentation, Licenses (the list of licence identifiers).
"""

from __future__ import annotations

import re

_SAME = frozenset({
    "afl-3.0", "agpl-3.0", "apache-2.0", "artistic-2.0", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear",
    "bsl-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0",
    "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0",
    "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0",
    "ecl-2.0", "epl-1.0", "epl-2.0", "etalab-2.0", "eupl-1.1", "eupl-1.2", "gpl-2.0", "gpl-3.0", "isc", "lgpl-2.1",
    "lgpl-3.0", "lppl-1.3c", "mit", "mpl-2.0", "ms-pl", "ncsa", "ofl-1.1", "osl-3.0", "postgresql", "unlicense",
    "wtfpl", "zlib",
})  # fmt: skip
"""Names that are SPDX's in small letters."""
_OTHERWISE = {"odc-by-1.0": "odc-by", "odbl-1.0": "odbl", "pddl-1.0": "pddl", "c-uda-1.0": "c-uda"}
_VERSIONED = re.compile(r"^((?:agpl|lgpl|gpl)-[\d.]+)(?:-only|-or-later|\+)$")
OTHER = "other"


def hub_licence(spdx: str) -> str:
    """The hub's name for a licence; ``other`` if it has none, as for an expression of several."""
    name = spdx.strip().casefold()
    if versioned := _VERSIONED.match(name):
        name = versioned[1]
    return name if name in _SAME else _OTHERWISE.get(name, OTHER)
