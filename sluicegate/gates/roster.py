"""Who may decide what, and with which key.

The roster lives in the ledger. Its first version is the root of trust, signed by the administrators whom it
names; every later one is signed by administrators of the one before, as many as that one asks for. A
roster is written whole each time, so whoever reads the newest entry knows it, and whoever reads them all
can check how it came about.

Roles are names that a policy may ask for. Two of them mean something here: an `administrator` signs
changes of the roster, a `responder` signs rollbacks and recalls in the stages that they have.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, model_validator

from sluicegate.errors import InputRefused
from sluicegate.gates.reasons import typed
from sluicegate.ledger.records import Records
from sluicegate.manifest import digest_of_value
from sluicegate.signing.keys import PublicKey
from sluicegate.spec import Identifier, Section, parse

ADMINISTRATOR, RESPONDER = "administrator", "responder"


class Member(Section):
    """Somebody with an id of their own choosing and a key."""

    id: Identifier
    """Shown in the ledger for ever; choose one that you are content to have there."""
    roles: tuple[Identifier, ...] = ()
    """What they act as, in alphabetical order."""
    stages: tuple[Identifier, ...] = ()
    """Stages whose gates they may decide, in alphabetical order."""
    public_key: str
    """An OpenSSH public key of the kind ``ssh-ed25519``, without comment."""
    code: Annotated[int, Field(ge=0)] = 0
    """Which secret for one-time codes they were given last, counted from 1; 0: none."""

    @model_validator(mode="before")
    @classmethod
    def _in_order(cls, value: Any) -> Any:
        if isinstance(value, dict):
            value = dict(value)
            for field in ("roles", "stages"):
                if isinstance(value.get(field), list | tuple):
                    value[field] = tuple(sorted(set(value[field])))
        return value

    @model_validator(mode="after")
    def _key(self) -> Member:
        _require_key(self.public_key)
        return self

    @property
    def key(self) -> PublicKey:
        """The key that their signatures are checked with."""
        return PublicKey(self.public_key)


class Roster(Section):
    """Everybody who may decide something, and how many administrators it takes to change that."""

    version: Annotated[int, Field(ge=0)] = 0
    """1 for the first, and one more with each change: no two rosters of a ledger are the same."""
    members: tuple[Member, ...] = ()
    """In the order of their ids."""
    administrators_needed: Annotated[int, Field(ge=0)] = 0
    """How many administrators must sign a change."""
    service_key: str = ""
    """The public key that signs the ledger's entries from this roster on."""
    revoked: tuple[Identifier, ...] = ()
    """Ids that were taken from people; nobody else gets them."""

    @model_validator(mode="after")
    def _sound(self) -> Roster:
        ids = [member.id for member in self.members]
        if ids != sorted(set(ids)):
            raise ValueError("members must be in the order of their ids, each id once")
        keys = {self.service_key: "the service"}
        for member in self.members:
            if (other := keys.setdefault(member.public_key, member.id)) != member.id:
                raise ValueError(f"{other} and {member.id} have the same key: one person would count twice")
        if gone := sorted(set(ids) & set(self.revoked)):
            raise ValueError(f"{gone[0]} was revoked: choose another id")
        if (self.members or self.version) and not 1 <= self.administrators_needed <= len(self.administrators):
            have = len(self.administrators)
            raise ValueError(f"{self.administrators_needed} administrators are needed for a change, {have} are there")
        if self.version:
            _require_key(self.service_key)
        return self

    @classmethod
    def from_json(cls, value: Any) -> Roster:
        """The roster that `to_json` wrote.

        Raises:
            SpecRefused: It is not one.
        """
        return parse(cls, value, "roster")

    def to_json(self) -> dict[str, Any]:
        """A JSON value with every field."""
        return self.model_dump(mode="json")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON."""
        return digest_of_value(self.to_json())

    @property
    def administrators(self) -> tuple[str, ...]:
        """Ids of those who sign changes."""
        return tuple(member.id for member in self.members if ADMINISTRATOR in member.roles)

    def member(self, reviewer: str) -> Member | None:
        """Who has this id; None if nobody has."""
        return next((known for known in self.members if known.id == reviewer), None)

    def knows(self, reviewer: str) -> bool:
        """Whether somebody has this id."""
        return self.member(reviewer) is not None

    def eligible(self, stage: str) -> tuple[str, ...]:
        """Ids of all who may decide gates of `stage`."""
        return tuple(known.id for known in self.members if stage in known.stages)

    def may_respond(self, reviewer: str, stage: str) -> bool:
        """Whether `reviewer` may roll back or recall what is in `stage`."""
        member = self.member(reviewer)
        return member is not None and RESPONDER in member.roles and stage in member.stages

    def with_member(self, member: Member) -> Roster:
        """This roster with `member` in the place of whoever had that id."""
        others = [known for known in self.members if known.id != member.id]
        return self.changed(members=sorted([*others, member], key=lambda known: known.id))

    def without(self, reviewer: str) -> Roster:
        """This roster without whoever has this id, which nobody gets again.

        Raises:
            InputRefused: Nobody has it, or too few administrators would be left.
        """
        if not self.knows(reviewer):
            raise InputRefused("roster", "id", f"{typed(reviewer)} is not on it", "`sluicegate reviewer list`")
        rest = [known for known in self.members if known.id != reviewer]
        return self.changed(members=rest, revoked=sorted([*self.revoked, reviewer]))

    def changed(self, **fields: Any) -> Roster:
        """The roster that follows this one, with these fields set.

        Raises:
            InputRefused: It would not be sound.
        """
        fields["version"] = self.version + 1
        value = self.model_dump() | {k: [m.model_dump() for m in v] if k == "members" else v for k, v in fields.items()}
        return parse(Roster, value, "roster")


def _require_key(line: str) -> None:
    try:
        found = PublicKey.parse(line, "key").line
    except InputRefused as refused:
        raise ValueError(refused.problem) from None
    if found != line:
        raise ValueError("the key must be written without a comment")


EMPTY = Roster()
"""The roster before the first one: nobody decides anything."""


def roster_now(records: Records) -> Roster:
    """The newest roster whose signatures hold.

    Raises:
        TamperingDetected: An entry does not give its own hash, or one that changed the roster does not hold.
    """
    from sluicegate.gates.roster_changes import rosters

    return rosters(records.entries("", ("ledger_opened", "roster_changed")))[-1]
