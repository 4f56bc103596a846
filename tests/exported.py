"""Releases in the ledger and in the archive without MLflow, and what somebody does who tampers with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sluicegate.evidence.dossier import Dossier, load_dossier, write_dossier
from sluicegate.evidence.finding import measured
from sluicegate.gates.decisions import Grounds, decide
from sluicegate.gates.gate import find_gate, open_gate, outcome
from sluicegate.gates.letters import Letter
from sluicegate.gates.releases import (
    record_commit,
    record_intent,
    record_recall,
    record_rollback_commit,
    record_rollback_intent,
)
from sluicegate.gates.state import Gate
from sluicegate.ledger.chain import Entry, Header
from sluicegate.ledger.ledger import open_ledger
from sluicegate.ledger.records import Excerpt
from sluicegate.policy import Policy, judge
from sluicegate.registry import archive
from sluicegate.settings import Home
from sluicegate.signing.keys import PrivateKey, load_service_key
from tests import people
from tests.people import Person, person

CHECK, OTHER = "performance.macro_f1", "performance.accuracy"
POLICY = {
    "stages": [
        {
            "stage": "internal",
            "limits": [{"check": CHECK, "min": 0.6}, {"check": OTHER, "min": 0.9, "blocking": False}],
        },
        {"stage": "public", "limits": [{"check": CHECK, "min": 0.65}], "gate": {"approvals": 2}},
    ]
}


class Gatehouse:
    """A home with a ledger; Ada administers and responds, Rita and Ravi decide, Otto builds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = Home.at(root / "home")
        self.ledger = open_ledger(self.home)
        self.ada = person("ada", "administrator", "responder")
        self.rita, self.ravi, self.otto = person("rita"), person("ravi"), person("otto")
        people.found(self.ledger, self.ada, self.rita, self.ravi, self.otto)
        self.policy = Policy.from_json(POLICY)
        archive.keep_value(self.policy.to_json(), self.home.policies)

    @property
    def root_key(self) -> Any:
        return self.ada.key.public

    @property
    def service_key(self) -> PrivateKey:
        return load_service_key(self.home.service_key)

    def opened(
        self, stage: str = "internal", seed: int = 0, f1: float = 0.7, model: str = "reviews", **more: Any
    ) -> Gate:
        candidate, dossier = self._keep(seed, f1)
        question = {
            "model": model,
            "stage": stage,
            "candidate": candidate,
            "dossier": dossier,
            "policy": self.policy.digest,
            "rule": self.policy.rule(stage),
            "accountable": "otto",
            "facts": {"stages": ["internal", "public"]},
        }
        return open_gate(self.ledger, **(question | more))

    def decided(self, gate: Gate, letter: Letter) -> Gate:
        """The gate after a letter was put to it, on the verdicts that its evidence gives."""
        known = outcome(self.ledger, gate.model)
        live = known.live.get((gate.model, gate.stage))
        dossier = load_dossier(archive.dossier(self.home, gate.dossier))
        waived = find_gate(self.ledger, gate.id).waived(gate.opened)
        judgement = judge(dossier, self.policy, gate.stage, live=live.candidate if live else None, waived=waived)
        return decide(self.ledger, gate.id, letter, grounds=Grounds(judgement, {CHECK}), via="file")

    def released(self, stage: str = "internal", seed: int = 0, **more: Any) -> Gate:
        gate = self.opened(stage, seed, **more)
        for one in (self.rita, self.ravi)[: gate.rule.people]:
            self.decided(gate, one.approves(gate))
        return self.promoted(gate)

    def promoted(self, gate: Gate) -> Gate:
        record_intent(self.ledger, gate.id)
        record_commit(self.ledger, gate.id, facts={"version": 1})
        return find_gate(self.ledger, gate.id)

    def rolled_back(self, leaves: Gate, returns_to: Gate) -> None:
        said = {"model": leaves.model, "stage": leaves.stage, "from_": leaves.id, "to": returns_to.id}
        rollback = record_rollback_intent(self.ledger, self.ada.orders("rollback", **said))
        record_rollback_commit(self.ledger, rollback, facts={})

    def recalled(self, gate: Gate) -> None:
        said = {"model": gate.model, "candidate": gate.candidate, "stages": gate.stage}
        record_recall(self.ledger, self.ada.orders("recall", **said))

    def _keep(self, seed: int, f1: float) -> tuple[str, str]:
        made = self.root / f"made-{seed}-{f1}"
        if not made.exists():
            (made / "candidate").mkdir(parents=True)
            (made / "candidate" / "model.safetensors").write_bytes(bytes([seed]) * 100)
            (made / "dossier").mkdir()
        candidate = archive.keep(made / "candidate", self.home.candidates).name
        findings = (measured(CHECK, f1), measured(OTHER, 0.8))
        lineage = {"owner": "otto"}
        write_dossier(Dossier(candidate=candidate, findings=findings, lineage=lineage), made / "dossier")
        return candidate, archive.keep(made / "dossier", self.home.dossiers).name


def thief_appends(
    gatehouse: Gatehouse, kind: Any, body: dict[str, Any], *, model: str = "reviews", entries: tuple[Entry, ...] = ()
) -> tuple[Entry, ...]:
    """What the ledger holds, and one entry more that whoever has the service's key made up and signed."""
    entries = entries or gatehouse.ledger.entries()
    more = Entry.following(
        entries[-1],
        time=entries[-1].time,
        kind=kind,
        model=model,
        body=body,
        idempotency_key=None,
        sign=gatehouse.service_key.sign,
    )
    return (*entries, more)


def written_anew(entries: tuple[Entry, ...], key: PrivateKey) -> tuple[Entry, ...]:
    """A chain in which everything is said again, hashed and signed by whoever has `key`."""
    found: list[Entry] = []
    for entry in entries:
        found.append(
            Entry.following(
                found[-1] if found else None,
                time=entry.time,
                kind=entry.kind,  # type: ignore[arg-type]
                model=entry.model,
                body=entry.body,
                idempotency_key=entry.idempotency_key,
                sign=key.sign,
            )
        )
    return tuple(found)


def ledger_of(folder: Path) -> Excerpt:
    return Excerpt.from_json(json.loads((folder / "ledger.json").read_text("utf-8")))


def put_ledger(folder: Path, shown: tuple[Entry, ...], headers: tuple[Header, ...] = ()) -> None:
    (folder / "ledger.json").write_text(json.dumps(Excerpt(shown, headers).to_json()), "utf-8")
    put_sums(folder)


def put_sums(folder: Path) -> None:
    """Check sums that fit again: whoever changes a file changes these too."""
    from sluicegate.manifest import Manifest

    (folder / "SHA256SUMS").unlink(missing_ok=True)
    sums = [f"{e.sha256}  {e.path}\n" for e in Manifest.of_folder(folder).files]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8")


def edited(entries: tuple[Entry, ...], which: Callable[[Entry], bool], **said: Any) -> tuple[Entry, ...]:
    """The entries, with something else said in those that `which` finds."""
    return tuple(replace(e, body=e.body | said) if which(e) else e for e in entries)


__all__ = [
    "CHECK",
    "Gatehouse",
    "Person",
    "edited",
    "ledger_of",
    "put_ledger",
    "put_sums",
    "thief_appends",
    "written_anew",
]
