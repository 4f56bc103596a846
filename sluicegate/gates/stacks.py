"""What was released into each stage, one upon the other, and what became of it.

A commit puts a release on top, a rollback takes away all above the one that it returns to. A recalled
release stays where it is and is live no more: a stage with one on top is empty until it is rolled back.
"""

from __future__ import annotations

from dataclasses import replace

from sluicegate.gates.orders import order_faults
from sluicegate.gates.roster import Roster
from sluicegate.gates.state import Gate, Release, Rollback, Standing
from sluicegate.ledger.chain import Entry

Place = tuple[str, str]
"""Model and stage."""


class Stacks:
    """Releases and rollbacks, learnt from the entries in order.

    What takes an entry gives everything for which it does not count, and nothing has changed then.
    """

    def __init__(self) -> None:
        self.releases: dict[str, Release] = {}
        """Id of the gate → the release that came through it, oldest first."""
        self.rollbacks: dict[Place, Rollback] = {}
        """Under way."""
        self.recalled: set[tuple[str, str]] = set()
        """Model and candidate."""
        self._gates: dict[Place, list[str]] = {}

    @property
    def places(self) -> dict[Place, tuple[Release, ...]]:
        """What was released there and not rolled back, oldest first."""
        return {place: tuple(self.releases[gate] for gate in gates) for place, gates in self._gates.items()}

    @property
    def live(self) -> dict[Place, Release]:
        """What is live there, where something is."""
        return {place: stack[-1] for place, stack in self.places.items() if stack[-1].standing == "good"}

    def enter(self, gate: Gate, entry: Entry) -> None:
        """Takes in the commit of a promotion."""
        question = {
            name: getattr(gate, name) for name in ("model", "stage", "candidate", "dossier", "policy", "roster")
        }
        facts = dict(entry.body["facts"])
        self.releases[gate.id] = Release(**question, gate=gate.id, time=entry.time, facts=facts, entry=entry.hash)
        self._gates.setdefault((gate.model, gate.stage), []).append(gate.id)
        self.rollbacks.pop((gate.model, gate.stage), None)  # it led away from what is no longer on top

    def begin_rollback(self, entry: Entry, roster: Roster) -> tuple[str, ...]:
        """Takes in the intent of a rollback."""
        body = entry.body
        place = entry.model, body["stage"]
        gates = self._gates.get(place, [])
        found = order_faults(roster, body["order"], body["signature"])
        if not gates or gates[-1] != body["from"] or body["to"] not in gates[:-1]:
            found += ("it does not lead from what is in the stage to what was there before",)
        elif self.releases[body["to"]].standing != "good":
            found += ("the release that it returns to is not in good standing",)
        signed = {name: body["order"].get(name) for name in ("order", "model", "stage", "from", "to")}
        if signed != {"order": "rollback", "model": entry.model} | {n: body[n] for n in ("stage", "from", "to")}:
            found += ("another order was signed",)
        if not found:
            self.rollbacks[place] = Rollback(*place, leaves=body["from"], returns_to=body["to"], intended=entry.hash)
        return found

    def end_rollback(self, entry: Entry) -> tuple[str, ...]:
        """Takes in the commit of a rollback."""
        place = entry.model, entry.body["stage"]
        rollback = self.rollbacks.get(place)
        if rollback is None or (rollback.leaves, rollback.returns_to) != (entry.body["from"], entry.body["to"]):
            return ("no such rollback was under way",)
        del self.rollbacks[place]
        gates = self._gates[place]
        while gates[-1] != rollback.returns_to:
            left = gates.pop()
            if self.releases[left].standing == "good":
                self._stands(left, "rolled back")
        return ()

    def recall(self, entry: Entry, roster: Roster) -> tuple[str, ...]:
        """Takes in a recall."""
        body = entry.body
        model, candidate = entry.model, body["candidate"]
        found = order_faults(roster, body["order"], body["signature"])
        signed = {name: body["order"].get(name) for name in ("order", "model", "candidate")}
        if signed != {"order": "recall", "model": model, "candidate": candidate}:
            found += ("another order was signed",)
        elif left_out := self._stages_of(model, candidate) - set(str(body["order"].get("stages")).split(",")):
            found += (f"the order leaves out {', '.join(sorted(left_out))}",)
        if found:
            return found
        self.recalled.add((model, candidate))
        for release in list(self.releases.values()):
            if (release.model, release.candidate) == (model, candidate):
                self._stands(release.gate, "recalled")
        returning = {place: self.releases[rollback.returns_to] for place, rollback in self.rollbacks.items()}
        self.rollbacks = {p: r for p, r in self.rollbacks.items() if returning[p].standing == "good"}
        return ()

    def _stages_of(self, model: str, candidate: str) -> set[str]:
        inside = [one for stack in self.places.values() for one in stack if one.standing == "good"]
        return {one.stage for one in inside if (one.model, one.candidate) == (model, candidate)}

    def _stands(self, gate: str, standing: Standing) -> None:
        self.releases[gate] = replace(self.releases[gate], standing=standing)
