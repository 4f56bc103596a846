"""What a rank needs to know, as a JSON file."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from sluicegate.spec import Training


class Job(BaseModel):
    """One training run, from files to files."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    train: Path
    """Parquet with columns text and label (text and spans for token classification)."""
    validation: Path
    """The same, for early stopping."""
    labels: tuple[str, ...]
    """Every label, or entity type, in the model's order."""
    training: Training
    """The spec's section."""
    base_model: Path | None
    """Folder of the base model; None where the section says `scratch`."""
    folder: Path
    """Where the output goes."""
    fingerprint: str
    """Digest of all that the weights depend on."""
    pairs: tuple[Path, ...] = ()
    """Files of terms to be exchanged in copies of the rows."""
