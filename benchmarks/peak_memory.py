"""The most memory that this process has held.

`getrusage` would also count what the process that started this one held at that time, since a child takes that over.
"""

from __future__ import annotations

import re
from pathlib import Path


def peak_mb() -> float:
    """Resident memory at its highest, in MiB; Linux alone tells it."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise OSError("/proc/self/status does not say VmHWM")
    return int(found[1]) / 1024
