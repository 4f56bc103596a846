"""Whether a model in MLflow's form is the candidate that was approved, and nothing besides.

A candidate's digest covers what is loaded or executed. MLflow wraps it: a descriptor (MLmodel) that says
which module loads it and which file is run, a copy of the loader, environment files. Whoever edits those
chooses what code runs without touching the candidate, so none of them is taken on trust: each must hold
exactly what MLflow writes for a model from code, apart from ids, versions and times.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.evidence.predictions import columns_of, input_of
from sluicegate.manifest import FileEntry, Manifest

CANDIDATE_PATH = "artifacts/candidate"
"""Where the candidate lies inside the model's folder."""
LOADER = "loader.py"
WRAPPING = frozenset({"MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt", LOADER})
"""The files that MLflow puts around it."""

_VERSION = re.compile(r"\d+(\.[0-9A-Za-z]+)*([+-][0-9A-Za-z.]+)?")
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?")
_PIP = re.compile(r"pip(<=[0-9.]+)?")
_BUILD = re.compile(r"(pip|setuptools|wheel)(==[0-9A-Za-z.]+)?")
_SIZE = re.compile(r"\d+")


def verify_model(folder: Path, digest: str, what: str = "") -> None:
    """Checks a model's folder, as it was downloaded, against a candidate's digest.

    Args:
        folder: The folder that holds MLmodel.
        digest: The candidate's digest.
        what: What to call it in the refusal.

    Raises:
        TamperingDetected: With every difference: in the candidate, in what is around it, or added to it.
    """
    files = {entry.path: entry for entry in Manifest.of_folder(folder).files}
    prefix = f"{CANDIDATE_PATH}/"
    inside = Manifest(
        tuple(
            FileEntry(path.removeprefix(prefix), e.size, e.sha256)
            for path, e in files.items()
            if path.startswith(prefix)
        )
    )
    faults = []
    if inside.digest != digest:
        faults.append(f"the candidate's bytes give {inside.digest[:16]}…, not {digest[:16]}…")
    around = {path for path in files if not path.startswith(prefix)}
    faults += [f"{path} is missing" for path in sorted(WRAPPING - around)]
    faults += [f"{path} was added" for path in sorted(around - WRAPPING)]
    own_loader = files.get(prefix + LOADER)
    if LOADER in around and (own_loader is None or files[LOADER].sha256 != own_loader.sha256):
        faults.append(f"{LOADER} is not the candidate's")
    faults += _descriptor_faults(folder) if "MLmodel" in around else []
    faults += _environment_faults(folder) if around >= WRAPPING else []
    if faults:
        raise TamperingDetected(what or f"candidate {digest[:12]} in {folder.name}", tuple(faults))


def signature_of(candidate: Path) -> dict[str, Any]:
    """What the candidate takes and gives, as MLflow describes it; read from the labels in its configuration.

    One column ``text`` in, or ``image``, files in base64; out, the label and one probability a label, in the model's
    order, or for a tagger one column ``spans`` with JSON, or for a language model likelihoods.
    """
    return {
        "inputs": [{"type": "string", "name": input_of(candidate), "required": True}],
        "outputs": [{"type": kind, "name": name, "required": True} for name, kind in columns_of(candidate).items()],
        "params": None,
    }


def requirements_of(candidate: Path) -> list[str]:
    """The candidate's pinned requirements, one a line."""
    lines = (candidate / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip()]


def _descriptor_faults(folder: Path) -> list[str]:
    try:
        found = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))
        signature = dict(found["signature"])
        for side in ("inputs", "outputs", "params"):
            signature[side] = json.loads(signature[side]) if signature[side] is not None else None
        expected_signature = signature_of(folder / CANDIDATE_PATH)
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError, OSError, InputRefused):
        return ["MLmodel does not describe a model from code"]
    expected = {
        "artifact_path": "model",
        "flavors": {
            "python_function": {
                "artifacts": {"candidate": {"path": CANDIDATE_PATH, "uri": CANDIDATE_PATH}},
                "cloudpickle_version": _VERSION,
                "code": None,
                "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
                "loader_module": "mlflow.pyfunc.loaders.code_model",
                "model_code_path": LOADER,
                "python_version": _VERSION,
                "streamable": False,
            }
        },
        "is_signature_from_type_hint": False,
        "mlflow_version": _VERSION,
        "model_id": _MODEL_ID,
        "model_size_bytes": _SIZE,
        "model_uuid": _MODEL_ID,
        "prompts": None,
        "run_id": _RUN_ID,
        "signature": expected_signature,
        "type_hint_from_example": False,
        "utc_time_created": _TIME,
    }
    return _differences("MLmodel", expected, {**found, "signature": signature})


def _environment_faults(folder: Path) -> list[str]:
    try:
        requirements = requirements_of(folder)
        conda = yaml.safe_load((folder / "conda.yaml").read_text(encoding="utf-8"))
        python = yaml.safe_load((folder / "python_env.yaml").read_text(encoding="utf-8"))
        expected_requirements = requirements_of(folder / CANDIDATE_PATH)
        build = [_BUILD] * len(python["build_dependencies"])
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, OSError):
        return ["the environment files cannot be read"]
    faults = [] if requirements == expected_requirements else ["requirements.txt is not the candidate's"]
    faults += _differences(
        "conda.yaml",
        {
            "channels": ["conda-forge"],
            "dependencies": [re.compile(r"python=" + _VERSION.pattern), _PIP, {"pip": expected_requirements}],
            "name": "mlflow-env",
        },
        conda,
    )
    faults += _differences(
        "python_env.yaml",
        {"python": _VERSION, "build_dependencies": build, "dependencies": ["-r requirements.txt"]},
        python,
    )
    return faults


def _differences(where: str, expected: Any, found: Any) -> list[str]:
    """Every place where `found` is not `expected`; a pattern there stands for any whole text that it matches."""
    if isinstance(expected, re.Pattern):
        fits = isinstance(found, str | int) and not isinstance(found, bool) and expected.fullmatch(str(found))
        return [] if fits else [f"{where} was changed"]
    if isinstance(expected, dict) and isinstance(found, dict):
        faults = [f"{where}: {key} is missing" for key in sorted(expected.keys() - found.keys())]
        faults += [f"{where}: {key} was added" for key in sorted(map(str, found.keys() - expected.keys()))]
        for key in expected.keys() & found.keys():
            faults += _differences(f"{where}: {key}", expected[key], found[key])
        return sorted(faults)
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [f for a, b in zip(expected, found, strict=True) for f in _differences(where, a, b)]
    # 0 and False, 1 and True are equal in Python, and not in a descriptor.
    return [] if type(expected) is type(found) and expected == found else [f"{where} was changed"]
