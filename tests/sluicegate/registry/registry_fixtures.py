"""A small house for tests: a home, a stub candidate with the real loader's interface, dossiers, approved gates."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from sluicegate.gates.decisions import Grounds, decide
from sluicegate.gates.gate import find_gate, open_gate
from sluicegate.gates.letters import Letter
from sluicegate.gates.releases import live
from sluicegate.gates.state import Gate, Release
from sluicegate.ledger.ledger import open_ledger
from sluicegate.manifest import Manifest, digest_of_file
from sluicegate.policy import Judgement, Verdict, default_rule
from sluicegate.registry import archive
from sluicegate.registry.rollback import recall_order, rollback_order
from sluicegate.registry.stages import promote
from sluicegate.settings import Home
from tests import people

LABELS = ("negative", "neutral", "positive")
STAGES = ("internal", "restricted", "public", *(f"s{number}" for number in range(60)))
ADA = people.person("ada", "administrator", "responder", stages=STAGES)
"""Decides alone, rolls back and recalls; Otto answers for what is built."""

PASSED = Verdict(check="performance.macro_f1", verdict="pass", limit="≥ 0.6", value=0.7, margin=0.1)

LOADER = '''"""Loads the candidate beside it."""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np


class Classifier:
    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file

        named = json.loads((folder / "config.json").read_text())["id2label"]
        self.labels = [named[str(index)] for index in range(len(named))]
        self.weights = load_file(str(folder / "model.safetensors"))["weights"]

    def predict(self, texts: list[str]) -> list[dict[str, float]]:
        return [dict(zip(self.labels, row)) for row in self.predict_proba(texts).tolist()]

    def predict_proba(self, texts: list[str]) -> np.ndarray:
        features = np.array([[len(t) / 50, t.count(" ") / 10, 1.0] for t in texts])
        scores = np.exp(features @ self.weights[:, : len(self.labels)].astype(np.float64))
        return scores / scores.sum(axis=1, keepdims=True)


def load(folder: Path) -> Classifier:
    return Classifier(Path(folder))


if __name__.startswith("code_model_"):  # MLflow runs it
    import mlflow
    import pandas as pd

    class Model(mlflow.pyfunc.PythonModel):
        def load_context(self, context):
            self.classifier = load(Path(context.artifacts["candidate"]))

        def predict(self, context, model_input: pd.DataFrame, params=None):
            found = self.classifier.predict_proba(list(model_input["text"]))
            columns = {label: found[:, index] for index, label in enumerate(self.classifier.labels)}
            return pd.DataFrame({"label": [self.classifier.labels[i] for i in found.argmax(1)], **columns})

    mlflow.models.set_model(Model())
'''


def write_candidate(folder: Path, seed: int = 0, *, columns: int = 3, loader: str = LOADER) -> str:
    """Fills `folder` with a candidate of about 12 × `columns` bytes and returns its digest."""
    folder.mkdir(parents=True)
    weights = np.random.default_rng(seed).normal(size=(3, columns)).astype(np.float32)
    save_file({"weights": weights}, str(folder / "model.safetensors"))
    config = {"id2label": {str(index): label for index, label in enumerate(LABELS)}}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "tokenizer").mkdir()
    (folder / "tokenizer" / "vocab.txt").write_text("a\nb\n", "utf-8")
    (folder / "requirements.txt").write_text("mlflow==3.17.2\nnumpy==2.4.6\nsafetensors==0.6.0\n", "utf-8")
    (folder / "loader.py").write_text(loader, "utf-8")
    return Manifest.of_folder(folder).digest


def write_dossier(folder: Path, lineage: dict[str, Any] | None = None, note: str = "") -> str:
    """Fills `folder` with what has a dossier's form and returns its digest."""
    (folder / "plots").mkdir(parents=True)
    content = {"format": 1, "candidate": "c", "findings": [], "lineage": lineage or {}, "settings": {"note": note}}
    (folder / "dossier.json").write_text(json.dumps(content), "utf-8")
    (folder / "plots" / "confusion.png").write_bytes(b"\x89PNG not really")
    return Manifest.of_folder(folder).digest


def write_training(folder: Path) -> Path:
    """Fills `folder` with a curve of three steps and a summary."""
    folder.mkdir(parents=True)
    points = [
        {"step": 1, "loss": 1.1, "learning_rate": 1e-4},
        {"step": 2, "loss": 0.9, "learning_rate": 5e-5},
        {"step": 2, "validation_loss": 0.95, "validation_macro_f1": 0.5},
    ]
    (folder / "curve.jsonl").write_text("".join(json.dumps(p) + "\n" for p in points), "utf-8")
    (folder / "summary.json").write_text(json.dumps({"precision": "fp32", "threads": 1, "steps": 2}), "utf-8")
    return folder


class House:
    """One home with its ledger, and Ada on its roster."""

    def __init__(self, root: Path, template: Path) -> None:
        self.root = root
        (root / "mlflow").mkdir(parents=True)
        shutil.copyfile(template, root / "mlflow" / "mlflow.db")  # MLflow takes seconds to make its tables
        self.move(root)
        people.found(self.ledger, ADA)

    def move(self, root: Path) -> None:
        """Goes on in another home."""
        self.root, self.home = root, Home.at(root)
        self.ledger = open_ledger(self.home)

    def keep(self, seed: int = 0, lineage: dict[str, Any] | None = None) -> tuple[str, str, str]:
        """A candidate, a dossier and a policy in the archive; their digests."""
        scratch = self.root / f"made-{seed}"
        if not scratch.exists():
            write_candidate(scratch / "candidate", seed)
            write_dossier(scratch / "dossier", lineage, note=str(seed))
        candidate = archive.keep(scratch / "candidate", self.home.candidates).name
        dossier = archive.keep(scratch / "dossier", self.home.dossiers).name
        policy = digest_of_file(archive.keep_value({"stages": {"internal": []}}, self.home.policies))
        return candidate, dossier, policy

    def open(self, stage: str = "internal", seed: int = 0, model: str = "reviews", **more: Any) -> Gate:
        """An open gate."""
        candidate, dossier, policy = self.keep(seed, more.pop("lineage", None))
        return open_gate(
            self.ledger,
            model=model,
            stage=stage,
            candidate=candidate,
            dossier=dossier,
            policy=policy,
            rule=default_rule(stage),
            accountable="otto",
            facts=more,
        )

    def decide(self, gate: Gate, decision: str = "approve") -> Gate:
        """A decision by the only reviewer."""
        judgement = Judgement(verdicts=(PASSED,), stage=gate.stage, live=live(self.ledger, gate.model, gate.stage))
        letter = ADA.decides(gate, decision, "measured and read")
        return decide(self.ledger, gate.id, letter, grounds=Grounds(judgement), via="command-line")

    def approved(self, stage: str = "internal", seed: int = 0, **more: Any) -> Gate:
        """A gate that was opened and approved."""
        return self.decide(self.open(stage, seed, **more))

    def released(self, stage: str = "internal", seed: int = 0, **more: Any) -> Release:
        """A release that went all the way."""
        return promote(self.home, self.ledger, self.approved(stage, seed, **more).id)

    def state(self, gate: Gate) -> str:
        """The gate's state now."""
        return find_gate(self.ledger, gate.id).state

    def rollback_letter(self, stage: str = "internal", model: str = "reviews") -> Letter:
        """An order to roll a stage back, signed by Ada."""
        return rollback_order(self.ledger, model, stage, "ada", "It misleads people.").signed("ada", ADA.key)

    def recall_letter(self, release: Release) -> Letter:
        """An order to recall a release's candidate, signed by Ada."""
        return recall_order(self.ledger, release, "ada", "It misleads people.").signed("ada", ADA.key)
