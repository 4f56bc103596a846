"""Sluicegate: from base weights to a reviewed release, through gates.

Every step is a function that a notebook can call, without Prefect::

    from sluicegate import Home, pipeline
    build = pipeline.prepare(Home.from_environment(), "deployments/reviews-en.yaml", {}, {})
    source = pipeline.read_source(build)

From the ground up: `errors`, `manifest`, `spec`, `settings`, `steps`; then `data`, `training` and
`evidence`, strangers to each other; then `policy`, `gates`, `registry`; at the top `pipeline` (the build,
step by step) and `releasing` (decisions and what follows from them).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluicegate import pipeline, releasing
    from sluicegate.manifest import Manifest
    from sluicegate.settings import Home, silence_telemetry
    from sluicegate.spec import Spec, load_spec

__version__ = "0.1.0"
__all__ = ["Home", "Manifest", "Spec", "load_spec", "pipeline", "releasing", "silence_telemetry"]

_PLACES = {
    "Home": "sluicegate.settings",
    "silence_telemetry": "sluicegate.settings",
    "Manifest": "sluicegate.manifest",
    "Spec": "sluicegate.spec",
    "load_spec": "sluicegate.spec",
}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used, so that importing the package costs next to nothing."""
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    if name in ("pipeline", "releasing"):
        return import_module(f"sluicegate.{name}")
    raise AttributeError(f"module 'sluicegate' has no attribute {name!r}")
