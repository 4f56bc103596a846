"""A candidate of the demo, made on the spot: its base model fine-tuned as its spec says, on its texts as they are.

Nothing is scrubbed, since only what comes after is measured; no text that stands there twice is used.
``SLUICEGATE_BENCH_TRAIN_ROWS`` sets how many rows it learns from (6,000; the demo has 6,700).
"""

from __future__ import annotations

import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.training import DOMAINS, SPEC, inputs
from sluicegate.errors import Unavailable
from sluicegate.manifest import Manifest
from sluicegate.spec import Spec, load_spec

VALIDATION_ROWS = 500


@dataclass(frozen=True)
class DemoCandidate:
    """A packed candidate, and what is needed to measure it."""

    folder: Path
    """The candidate's folder."""
    digest: str
    base_model: Path
    train: Path
    validation: Path
    others: pd.DataFrame
    """Rows that it did not learn from."""


def demo_spec() -> Spec:
    """The demo's own spec."""
    return load_spec(SPEC).spec


def make(folder: Path) -> DemoCandidate:
    """Fine-tunes and packs it inside `folder`."""
    from sluicegate.training.candidate import pack
    from sluicegate.training.fine_tuning import fine_tune

    spec, learned = demo_spec(), int(os.environ.get("SLUICEGATE_BENCH_TRAIN_ROWS", "6000"))
    base_model, archive = inputs()
    rows = _rows(archive, spec)
    ends = (learned, learned + VALIDATION_ROWS)
    if ends[1] >= len(rows):
        raise Unavailable(f"SLUICEGATE_BENCH_TRAIN_ROWS is {learned}, and there are {len(rows) - VALIDATION_ROWS} rows")
    train, validation = folder / "train.parquet", folder / "validation.parquet"
    rows[: ends[0]].to_parquet(train, index=False)
    rows[slice(*ends)].to_parquet(validation, index=False)
    labels, training = spec.data.labels, spec.training
    fine_tune(
        train=train,
        validation=validation,
        labels=labels,
        training=training,
        base_model=base_model,
        folder=folder / "trained",
    )
    candidate = folder / "candidate"
    pack(folder / "trained" / "model", candidate, labels=labels, max_length_tokens=training.max_length_tokens)
    others = rows[ends[1] :].reset_index(drop=True)
    return DemoCandidate(candidate, Manifest.of_folder(candidate).digest, base_model, train, validation, others)


def _rows(archive: Path, spec: Spec) -> pd.DataFrame:
    """Every text of the archive with its label and domain, in an order of its own."""
    assert spec.data.rating is not None
    low, high = spec.data.rating.cut_points
    found = []
    with tarfile.open(archive) as tar:
        for domain in DOMAINS:
            member = tar.extractfile(f"hutto_ICWSM_2014/{domain}_GroundTruth.txt")
            assert member is not None
            for line in member.read().decode("utf-8").splitlines():
                fields = line.split("\t")
                if len(fields) >= 3:
                    rating = float(fields[1])
                    label = spec.data.labels[(rating >= low) + (rating >= high)]
                    found.append((f"{domain}-{fields[0]}", fields[2], label, domain))
    rows = pd.DataFrame(found, columns=["id", "text", "label", "domain"])
    return rows.drop_duplicates("text").drop_duplicates("id").sample(frac=1, random_state=0, ignore_index=True)
