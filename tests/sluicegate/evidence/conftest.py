"""A candidate, rows and dossiers to look at; everything is made up on the spot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sluicegate.evidence.comparison import LiveRelease
from sluicegate.evidence.measure import measure
from sluicegate.manifest import Manifest
from sluicegate.spec import Evidence
from tests.sluicegate.evidence.made_up import LABELS, write_candidate, write_split
from tests.sluicegate.evidence.opened import write_bert

Measure = Callable[..., Path]
DATA_REPORTS: dict[str, dict[str, Any]] = {
    "source": {"rows_in_source": 500, "rows_refused": 20},
    "validation": {"success": True, "statistics": {"rows": 480, "quarantined_rows": 0}},
    "scrubbing": {
        "texts": 480, "residual_texts": 12, "residual": {"PERSON": 13},
        "by_entity": {"PERSON": {"found": 5, "operator": "replace"}},
        "canaries": {"by_entity": {"EMAIL_ADDRESS": {"planted": 50, "found": 49}}},
    },
    "hygiene": {
        "rows": 500, "dropped": {"duplicate": 3}, "harm": {"scored": 480, "harmful": 2},
        "contamination": {"quiz": {"texts": 9, "same": 2, "near": 1, "quote": 0}}, "contaminated_rows": 3,
        "near": {"rows_not_compared": 0, "rows_considered": 495},
    },
    "licences": {
        name: {"expression": "MIT", "reach": "public", "number": 3, "duties": []} for name in ("data", "base_model")
    },
    "latency": {
        "single_ms": [2.0 + n / 100 for n in range(100)], "batch_ms": [0.5 + n / 100 for n in range(20)], "batch": 32,
        "seed": 0, "threads": 2, "processors": 4, "processor": "a made-up processor", "median_characters": 30.0,
    },
    "sheet": {"source": {"kind": "made up", "rows": 480}},
    "training": {
        "energy": {
            "energy_kwh": 0.25, "carbon_kg": 0.1, "source": "modelled", "country": "DEU", "carbon_intensity": 0.4,
            "processor_watts": 85.0, "reason": "",
        },
        "privacy": {
            "target_epsilon": 3.0, "rows": 240, "epsilon_rdp": 2.99, "epsilon_prv": 2.5, "delta": 1e-6,
            "noise_multiplier": 1.25, "sampling_rate": 0.1, "steps": 40, "max_grad_norm": 1.0, "frozen_parameters": [],
        },
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``candidate``, ``older`` (knows fewer words), ``split`` and ``older-split``."""
    folder = tmp_path_factory.mktemp("evidence")
    write_candidate(folder / "candidate")
    write_candidate(folder / "older", known_words=3)
    write_split(folder / "split")
    write_split(folder / "older-split", seed=7)
    return folder


@pytest.fixture(scope="session")
def run_measure(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Measure:
    """Measures the candidate of the world; keyword arguments replace those of `measure`."""

    def run(**changed: Any) -> Path:
        folder = changed.pop("folder", None) or tmp_path_factory.mktemp("dossier")
        given: dict[str, Any] = {
            "candidate": world / "candidate",
            "candidate_digest": Manifest.of_folder(world / "candidate").digest,
            "split": world / "split",
            "spec_evidence": Evidence(baselines=["tfidf", "vader"], bootstrap_rounds=200, minimum_group_size=10),
            "labels": LABELS,
            "groups": ["place"],
            "live": [],
            "lineage": {"model": "stub", "description": "Made up <b>here</b>.", "steps": {"split": "ab" * 32}},
            "data_reports": DATA_REPORTS,
        }  # fmt: skip
        measure(**{**given, **changed}, folder=folder)
        return folder

    return run


@pytest.fixture(scope="session")
def older_release(world: Path) -> LiveRelease:
    """The older candidate, live in stage ``internal``."""
    older = world / "older"
    return LiveRelease("internal", Manifest.of_folder(older).digest, older, world / "older-split")


@pytest.fixture(scope="session")
def first_dossier(run_measure: Measure) -> Path:
    """The dossier of a first release: nothing is live."""
    return run_measure()


@pytest.fixture(scope="session")
def second_dossier(run_measure: Measure, older_release: LiveRelease) -> Path:
    """The dossier of a release that follows another, which is live in two stages."""
    return run_measure(live=[older_release, replace(older_release, stage="restricted")])


@pytest.fixture(scope="session")
def whole_dossier(run_measure: Measure, older_release: LiveRelease, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dossier of a small BERT that can be looked into, beside a live release: every section has something in it."""
    candidate = write_bert(tmp_path_factory.mktemp("bert") / "candidate")
    return run_measure(candidate=candidate, candidate_digest=Manifest.of_folder(candidate).digest, live=[older_release])
