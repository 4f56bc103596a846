"""Whether MLflow shows what the ledger says, and how that is put right.

MLflow's aliases and tags decide nothing here, but people serve by them, and whoever may edit there can
set them by hand. For each stage that the ledger knows: the alias ``live`` points to the version of what
is live, each release's version names its gate and its candidate, and no other version names a gate of ours.
A stage that somebody is changing right now, or whose promotion or rollback is half done, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sluicegate.errors import SluicegateError, TamperingDetected, Unavailable
from sluicegate.gates.gate import outcome
from sluicegate.gates.reasons import typed
from sluicegate.gates.state import Outcome, Release
from sluicegate.ledger.ledger import Ledger
from sluicegate.ledger.records import Records
from sluicegate.registry import tracking
from sluicegate.registry.live import LIVE, alias_of, alone_in, point_live, verify_release
from sluicegate.settings import Home
from sluicegate.spec import registered_name

if TYPE_CHECKING:
    from mlflow import MlflowClient

Place = tuple[str, str]
"""Model and stage."""


@dataclass(frozen=True)
class Difference:
    """One thing that MLflow shows otherwise than the ledger says."""

    name: str
    """The registered model."""
    what: Literal["alias", "tag", "claim", "gone"]
    version: str
    """The version that it is about; for an alias, the one that it points to (empty: none)."""
    wanted: str | None
    """Version or value as the ledger says; None: there should be none."""
    tag: str = ""
    found: str | None = None
    """The tag's value."""
    release: Release | None = None
    """The release that should be seen there."""

    def __str__(self) -> str:
        if self.what == "alias":
            here = f"points to version {self.version}" if self.version else "is missing"
            right = f"what is live there is version {self.wanted}" if self.wanted else "nothing is live there"
            return f"{self.name}: alias {LIVE} {here}, {right}"
        if self.what == "gone":
            return f"{self.name}: version {self.version} is gone, which was released"
        here = f"{self.name} version {self.version}: tag {self.tag}"
        if self.what == "claim":
            return f"{here} is {_short(self.found)}, a gate that did not let it in"
        return f"{here} is {_short(self.found)}, not {_short(self.wanted)}"


def differences(home: Home, records: Records) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """Everything that MLflow shows otherwise than the ledger says, and the stages that were left out, a line each.

    Raises:
        Unavailable: MLflow or the ledger does not answer.
    """
    known = outcome(records)
    places, gates = _places(known), {gate.id for gate in known.gates}
    found: list[Difference] = []
    left_out: list[str] = []
    with tracking.reachable(home):
        client = tracking.connect(home) if places else None
        for place in places.values():
            with _at_rest(home, records, place) as (known, busy):
                found += () if busy else _in_place(client, known, place, gates)
                left_out += [busy] if busy else []
        found += _elsewhere(client, places, gates) if places else ()
    return tuple(found), tuple(left_out)


def repair(home: Home, ledger: Ledger) -> tuple[str, ...]:
    """Puts aliases and tags in MLflow right, stage by stage; what was done and what was not, one line each.

    An alias is only set to a version whose bytes are what was approved.

    Raises:
        TamperingDetected: The ledger's chain is broken: nothing is put right by it.
        Unavailable: MLflow or the ledger does not answer.
    """
    if faults := ledger.verify():
        raise TamperingDetected("the ledger", faults)
    known = outcome(ledger)
    places, gates = _places(known), {gate.id for gate in known.gates}
    done: list[str] = []
    with tracking.reachable(home):
        client = tracking.connect(home) if places else None
        for place in places.values():
            with _at_rest(home, ledger, place) as (known, busy):
                done += [f"skipped {busy}"] if busy else []
                for one in () if busy else _in_place(client, known, place, gates):
                    done.append(_mended(home, ledger, client, one, place))
        for one in _elsewhere(client, places, gates) if places else ():
            done.append(_mended(home, ledger, client, one))
    return tuple(done)


@contextmanager
def _at_rest(home: Home, records: Records, place: Place) -> Iterator[tuple[Outcome, str]]:
    """What the ledger says, while nobody on this home changes the stage; or why it is not at rest."""
    model, stage = place
    with ExitStack() as stack:
        busy = ""
        try:
            stack.enter_context(alone_in(home, model, stage, timeout_s=0))
        except Unavailable:
            busy = f"{model}/{stage}: another process changes it right now"
        known = outcome(records, model)
        if any((r.model, r.stage) == place for r in known.rollbacks):
            busy = f"{model}/{stage}: a rollback is under way there"
        elif any((g.model, g.stage) == place and g.state == "promoting" for g in known.gates):
            busy = f"{model}/{stage}: a promotion is under way there"
        yield known, busy


def _places(known: Outcome) -> dict[str, Place]:
    """Registered model → what it stands for: every stage that the ledger knows, and every model's candidates."""
    found: dict[str, Place] = {}
    for gate in known.gates:
        told = gate.facts.get("stages")
        for stage in (gate.stage, "candidate", *(told if isinstance(told, list) else ())):
            found.setdefault(registered_name(gate.model, str(stage)), (gate.model, str(stage)))
    return found


def _in_place(client: MlflowClient, known: Outcome, place: Place, gates: Collection[str]) -> list[Difference]:
    name = registered_name(*place)
    live = known.live.get(place)
    wanted = str(live.facts["version"]) if live else None
    found = []
    if (alias := alias_of(client, name)) != wanted:
        found.append(Difference(name, "alias", alias or "", wanted, release=live))
    versions = {str(v.version): v for v in client.search_model_versions(f"name = '{name}'")}
    entered = {str(r.facts["version"]): r for r in known.releases if (r.model, r.stage) == place}
    for number, release in entered.items():
        version = versions.get(number)
        if version is None:
            found.append(Difference(name, "gone", number, number, release=release))
            continue
        for tag, value in ((tracking.GATE_TAG, release.gate), (tracking.CANDIDATE_TAG, release.candidate)):
            if (here := version.tags.get(tag)) != value:
                found.append(Difference(name, "tag", number, value, tag, here))
    strange = (v for number, v in versions.items() if number not in entered)
    return found + _claims(strange, gates)


def _elsewhere(client: MlflowClient, places: Collection[str], gates: Collection[str]) -> list[Difference]:
    """Claims in registered models that are none of ours."""
    tagged = client.search_model_versions(f"tags.`{tracking.GATE_TAG}` LIKE '%'")
    return _claims((version for version in tagged if version.name not in places), gates)


def _claims(versions: Iterable[Any], gates: Collection[str]) -> list[Difference]:
    tag = tracking.GATE_TAG
    claims = ((version, version.tags.get(tag)) for version in versions)
    return [Difference(v.name, "claim", str(v.version), None, tag, value) for v, value in claims if value in gates]


def _mended(home: Home, ledger: Ledger, client: MlflowClient, one: Difference, place: Place | None = None) -> str:
    if one.what == "gone":
        return f"left alone: {one} (roll the stage back, or bring MLflow back from a backup)"
    if one.what == "tag":
        client.set_model_version_tag(one.name, one.version, one.tag, one.wanted)
    elif one.what == "claim":
        client.delete_model_version_tag(one.name, one.version, one.tag)
    elif place is not None:
        try:
            if one.release is not None:
                verify_release(home, one.release)
        except SluicegateError as error:
            return f"left alone: {one} ({error})"
        point_live(home, ledger, *place, look=True)
    return f"put right: {one}"


def _short(value: str | None) -> str:
    if value is None:
        return "missing"
    return value[:12] if re.fullmatch("[0-9a-f]{64}", value) else typed(value)
