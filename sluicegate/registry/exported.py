"""What lies in the folder of an exported release, and in which form.

Everything with an id is written in the canonical form that the id is the SHA-256 of, and what people
signed is written as the bytes that they signed: so `sha256sum` and `ssh-keygen` check it, without us.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sluicegate.gates.letters import NAMESPACES
from sluicegate.gates.roster import EMPTY, Roster
from sluicegate.gates.state import Decision, Gate, Waiver, gate_id
from sluicegate.ledger.chain import Entry
from sluicegate.signing import sshsig

CANDIDATE, DOSSIER = "candidate", "dossier"
POLICY, ROSTER, GATE = "policy.json", "roster.json", "gate.json"
LEDGER, CHECKPOINT = "ledger.json", "checkpoint.json"
DECISIONS, SIGNERS = "decisions", "allowed_signers"
SUMS, README = "SHA256SUMS", "README.txt"
MANIFESTS = {folder: f"{folder}.manifest.json" for folder in (CANDIDATE, DOSSIER)}
FILES = frozenset({POLICY, ROSTER, GATE, LEDGER, CHECKPOINT, SIGNERS, SUMS, README, *MANIFESTS.values()})
"""All that lies beside the folders."""
FOLDERS = (CANDIDATE, DOSSIER, DECISIONS)
_QUESTION = ("model", "stage", "candidate", "dossier", "policy", "roster")


def question(gate: Gate, entries: Iterable[Entry]) -> dict[str, str]:
    """What the gate's id is the SHA-256 of, by its canonical JSON."""
    opening = next(e for e in entries if e.kind == "gate_opened" and gate_id(e) == gate.id)
    return {name: getattr(gate, name) for name in _QUESTION} | {"opened_by": opening.hash}


def decided(gate: Gate, entries: Sequence[Entry]) -> tuple[Decision | Waiver, ...]:
    """All that counts of what was decided at a gate, in the order of the ledger; numbered from 1 in `DECISIONS`."""
    numbers = {entry.hash: entry.seq for entry in entries}
    return tuple(sorted((*gate.decisions, *gate.waivers), key=lambda one: numbers[one.entry]))


def decision_files(gate: Gate, entries: Sequence[Entry]) -> dict[str, bytes]:
    """Path → content: what was decided at a gate, each signature, and who may sign as whom.

    Raises:
        SpecRefused: A roster among the entries cannot be read.
    """
    files, signers = {}, dict[str, None]()
    keys = _keys_at(gate, entries)
    for number, one in enumerate(decided(gate, entries), 1):
        name = statement_name(number)
        files[name] = sshsig.message(one.statement)
        if one.signature and one.grade == "signed":
            files[f"{name}.sig"] = one.signature.encode()
            signers[f'{one.reviewer} namespaces="{NAMESPACES["decision"]}" {keys[one.entry]}\n'] = None
    files[SIGNERS] = "".join(signers).encode()
    return files


def statement_name(number: int) -> str:
    """The file of what was decided as the `number`-th."""
    return f"{DECISIONS}/{number:02d}.json"


def roster_of(gate: Gate, entries: Iterable[Entry]) -> Roster:
    """The roster as it stood when the gate opened.

    Raises:
        SpecRefused: A roster among the entries cannot be read.
    """
    rosters = (Roster.from_json(entry.body["roster"]) for entry in entries if entry.kind == "roster_changed")
    return next((one for one in rosters if one.digest == gate.roster), EMPTY)


def _keys_at(gate: Gate, entries: Iterable[Entry]) -> dict[str, str]:
    """Hash of an entry in which somebody decided → the key that they had then."""
    reviewers = {one.entry: one.reviewer for one in gate.decisions} | {w.entry: w.reviewer for w in gate.waivers}
    roster, found = EMPTY, {}
    for entry in entries:
        if entry.kind == "roster_changed":
            roster = Roster.from_json(entry.body["roster"])
        elif entry.hash in reviewers:
            member = roster.member(reviewers[entry.hash])
            found[entry.hash] = member.public_key if member else ""
    return found
