"""How a roster follows another: proposed, signed by administrators, recorded.

The statement that they sign names the ledger, the roster before and the roster after by their digests, so
a signature holds for one step of one ledger and cannot be used again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sluicegate.errors import ReleaseDenied, SluicegateError, TamperingDetected
from sluicegate.gates.letters import NAMESPACES, Letter, Signature
from sluicegate.gates.roster import EMPTY, Roster
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.ledger import Ledger, Transaction, utc_now
from sluicegate.ledger.records import Records
from sluicegate.ledger.writer import writes
from sluicegate.signing import sshsig

KINDS = ("ledger_opened", "roster_changed")


def ledger_id(entries: Iterable[Entry]) -> str:
    """Hash of the entry that opened the ledger; empty if it is not among them."""
    return next((entry.hash for entry in entries if entry.kind == "ledger_opened"), "")


def service_key_at_opening(entries: Iterable[Entry]) -> str:
    """The service's public key as the ledger's first entry names it; empty if that is not among them."""
    return next((str(e.body.get("service_key", "")) for e in entries if e.kind == "ledger_opened"), "")


def propose(records: Records, after: Roster, verb: str, who: str) -> Letter:
    """A letter that asks for `after` in the place of the roster that is there now; nobody has signed it yet.

    Args:
        records: The ledger.
        after: The roster as it should be.
        verb: What is done: found, add, rotate, revoke …
        who: The id that it is done to.
    """
    known = records.entries("", KINDS)
    statement = {
        "ledger": ledger_id(known),
        "previous": rosters(known)[-1].digest,
        "roster": after.digest,
        "verb": verb,
        "id": who,
        "time": utc_now(),
    }
    return Letter(subject="roster", statement=statement, roster=after.to_json())


@writes
def change_roster(ledger: Ledger, letter: Letter) -> Roster:
    """Records a new roster, if enough administrators have signed for it; the same letter again changes nothing.

    Raises:
        ReleaseDenied: A signature does not hold, too few are there, or the roster has changed since it was proposed.
    """

    def work(transaction: Transaction) -> Roster:
        known = transaction.entries("", KINDS)
        before = rosters(known)[-1]
        body = _body(letter)
        if any(e.body["statement"] == body["statement"] for e in known if e.kind == "roster_changed"):
            return before
        if found := change_faults(before, body, ledger_id(known), service_key_at_opening(known)):
            raise ReleaseDenied(f"the roster stays as it is: {'; '.join(found)}")
        transaction.append("roster_changed", "", body, idempotency_key=f"roster:{before.version + 1}")
        return Roster.from_json(body["roster"])

    return ledger.transact(work)


def rosters(entries: Iterable[Entry]) -> tuple[Roster, ...]:
    """Every roster that there ever was, the empty one first.

    Raises:
        TamperingDetected: A change does not hold.
    """
    history = RosterHistory()
    for entry in entries:
        history.learn(entry)
    return tuple(history.by_digest.values())


class RosterHistory:
    """Every roster that there ever was, learnt from the entries in order; the empty one is the first."""

    def __init__(self) -> None:
        self.newest = EMPTY
        self.by_digest = {EMPTY.digest: EMPTY}
        self._opening = ("", "")

    def learn(self, entry: Entry) -> None:
        """Takes in an entry, if it is of a kind that matters here.

        Raises:
            TamperingDetected: It changes the roster, and does not hold.
        """
        if entry.kind not in KINDS:
            return
        faults: tuple[str, ...] = ()
        if entry.model or (entry.kind == "ledger_opened") != (entry.seq == 1):
            faults = (f"{entry.kind} is not where it belongs",)
        elif entry.kind == "ledger_opened":
            self._opening = entry.hash, str(entry.body.get("service_key", ""))
        elif not (faults := change_faults(self.newest, entry.body, *self._opening)):
            self.newest = Roster.from_json(entry.body["roster"])
            self.by_digest[self.newest.digest] = self.newest
        if faults:
            raise TamperingDetected("the ledger", tuple(f"entry {entry.seq}: {fault}" for fault in faults))


def change_faults(before: Roster, body: dict[str, Any], ledger: str, service_key: str) -> tuple[str, ...]:
    """Everything for which a change of the roster does not hold; empty if it does.

    Args:
        before: The roster that it follows.
        body: ``roster``, ``statement`` and ``signatures``.
        ledger: Hash of the ledger's first entry.
        service_key: The service's key as the first entry names it.
    """
    try:
        after, statement = Roster.from_json(body["roster"]), dict(body["statement"])
        signatures = {str(one["by"]): str(one["signature"]) for one in body["signatures"]}
    except (SluicegateError, KeyError, TypeError, ValueError) as error:
        problem = str(error) if isinstance(error, SluicegateError) else "it is not whole"
        return (f"the new roster cannot be read: {problem}",)
    found = []
    if not ledger:
        found.append("the ledger has not been opened yet: `sluicegate init-ledger`")
    elif statement.get("ledger") != ledger:
        found.append("it was signed for another ledger")
    if statement.get("previous") != before.digest:
        found.append("the roster has changed since it was proposed: propose it again")
    if statement.get("roster") != after.digest:
        found.append("another roster was signed than the one that came with it")
    if after.version != before.version + 1:
        found.append(f"it is version {after.version}, and would follow version {before.version}")
    if before == EMPTY and after.service_key != service_key:
        found.append("the first roster names another key of the service than the ledger's first entry")
    return (*found, *_lost(before, after), *_signing_faults(before, after, statement, signatures))


def _lost(before: Roster, after: Roster) -> list[str]:
    """Ids that could be given to somebody else once this holds."""
    kept = {*after.revoked, *(member.id for member in after.members)}
    gone = [member.id for member in before.members if member.id not in kept]
    back = [who for who in before.revoked if who not in after.revoked]
    return [f"{who} was taken off without being revoked" for who in gone] + [
        f"{who} was revoked for good" for who in back
    ]


def _signing_faults(before: Roster, after: Roster, statement: Any, signatures: dict[str, str]) -> tuple[str, ...]:
    judges = after if before == EMPTY else before  # the first administrators vouch for themselves
    found, good = [], set()
    for by, signature in signatures.items():
        member = judges.member(by)
        if member is None or by not in judges.administrators:
            found.append(f"{member.id if member else 'somebody unknown'} is not an administrator")
        elif fault := sshsig.faults(statement, signature, member.key, NAMESPACES["roster"]):
            found.append(f"the signature of {by} does not hold: {fault}")
        else:
            good.add(by)
    if len(good) < judges.administrators_needed or not good:
        found.append(f"{len(good)} of {max(judges.administrators_needed, 1)} administrators have signed")
    return tuple(found)


def signers(body: dict[str, Any]) -> tuple[Signature, ...]:
    """Whose signatures are said to be under a change."""
    return tuple(Signature(by=one["by"], signature=one["signature"]) for one in body["signatures"])


def _body(letter: Letter) -> dict[str, Any]:
    value = letter.model_dump(mode="json")
    return {"roster": value["roster"], "statement": value["statement"], "signatures": value["signatures"]}
