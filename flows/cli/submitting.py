"""A gate as one machine can reach it: through the ledger that is here, or through Prefect alone."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flows.cli.console import say, showing_progress
from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    from pathlib import Path

    from sluicegate.desk.brief import Brief
    from sluicegate.gates.letters import Letter
    from sluicegate.gates.state import Gate, Via
    from sluicegate.ledger.records import Records
    from sluicegate.settings import Home

_PATIENCE_S = 180


@dataclass
class Desk:
    """One gate, and what can be asked about it from here."""

    home: Home
    records: Records
    gate: Gate
    transport: str | None = None
    """Address of the Prefect API through which letters go; None: the ledger is here."""

    @classmethod
    def at(cls, prefix: str) -> Desk:
        """The gate whose id begins so, in the ledger that is here, or else where Prefect has a run that waits at it.

        Raises:
            InputRefused: There is no such gate.
        """
        from flows.cli.home import open_home
        from flows.cli.server import served_api
        from sluicegate.gates.gate import find_gate

        home, ledger = open_home()
        address = served_api(home)
        try:
            gate = find_gate(ledger, prefix)
        except InputRefused:
            if address is None or ledger.entries(kinds=("gate_opened",)):
                raise
            from flows.cli.waiting import fetch_case

            excerpt = fetch_case(home, address, prefix)
            return cls(home, excerpt, find_gate(excerpt, prefix), address)
        writable = home.ledgerd is not None or home.service_key.exists()
        return cls(home, ledger, gate, None if writable else address)

    def brief(self) -> Brief:
        """The page to decide from, rendered here from bytes whose digests were recomputed here."""
        from sluicegate import releasing

        return releasing.brief(self.home, self.gate.id, self.records)

    def submit(self, letter: Letter, *, via: Via, quiet: bool = False) -> Gate:
        """Hands a decision over and does what follows from it; returns the gate as it stands then.

        Raises:
            ReleaseDenied: The gate refused it.
        """
        if self.transport is not None:
            from flows.cli.waiting import hand_over

            said = hand_over(self.home, self.transport, self.gate, letter)
            self._keep_receipt(said.get("receipt"))
            self.gate = replace(self.gate, state=said.get("state", self.gate.state))
            return self.gate
        from sluicegate import progress, releasing
        from sluicegate.audit.receipts import receipt_for
        from sluicegate.ledger.ledger import open_ledger

        self.gate = releasing.put(self.home, letter, via=via)
        self._keep_receipt(receipt_for(open_ledger(self.home), letter).to_json())
        with nullcontext() if quiet else showing_progress():
            if (
                self.gate.state != "open"
                and not self.wake()
                and self.gate.state in ("approved", "promoting", "released")
            ):
                releasing.promote(self.home, self.gate.id)
                progress.report("promote", 1, 1, "done")
                releasing.open_next_gate(self.home, self.gate.id)
        return self.refresh()

    def wake(self) -> bool:
        """Wakes the gate's suspended run, if a server is up and has one, and waits until it has promoted."""
        from flows.cli.server import served_api

        address = served_api(self.home)
        if address is None:
            return False
        from flows.cli.waiting import wake

        if not wake(self.home, address, self.gate):
            return False
        deadline = time.monotonic() + _PATIENCE_S
        while self.refresh().state in ("approved", "promoting"):
            if time.monotonic() > deadline:
                print("The decision is recorded; its run has not promoted it yet (is a worker up?).", file=sys.stderr)
                break
            time.sleep(1)
        return True

    def start_run(self) -> None:
        """Starts the gate's run, if a server is up."""
        from flows.cli.server import served_api

        if (address := served_api(self.home)) is not None:
            from flows.cli.waiting import start

            start(self.home, address, self.gate)

    def refresh(self) -> Gate:
        """The gate as it stands now."""
        from sluicegate.gates.gate import find_gate

        self.gate = find_gate(self.records, self.gate.id)
        return self.gate

    def following(self) -> str | None:
        """The open gate of the same candidate after this one, if there is one."""
        from sluicegate.gates.gate import gates

        later = [
            g.id
            for g in gates(self.records, self.gate.model)
            if g.candidate == self.gate.candidate and g.state == "open" and g.id != self.gate.id
        ]
        return later[-1] if later else None

    def _keep_receipt(self, receipt: dict[str, Any] | None) -> None:
        from sluicegate.audit.receipts import Receipt

        if receipt is not None:
            Receipt.from_json(receipt).keep(self.home.receipts)


def require_new(out: Path | None) -> None:
    """Refuses to write a letter over a file that is there.

    Raises:
        InputRefused: It is.
    """
    if out is not None and out.exists():
        raise InputRefused(out, "", "is there already", "name a file that is not")


def say_standing(gate: Gate, following: str | None = None, *, commands: bool = True) -> None:
    """Says how it stands with a gate, and what can be typed next."""
    from sluicegate.desk.escaping import visible

    short, place = gate.id[:12], f"stage {gate.stage} of {gate.model}"
    if gate.state == "open":
        given = f" {len(gate.decisions)} approved; needed: {', '.join(gate.needed)}." if gate.decisions else ""
        say(f"\nAwaiting review: gate {short}, {place}.{given}" + (" To go on, one of:" if commands else ""))
        for verb in ("approve", "reject") if commands else ():
            say(f'  sluicegate {verb} {short} --as ID --reason "…"')
        say(f"  sluicegate brief {short}" + ("" if commands else "   (this page again)"))
        return
    by = f", decided by {gate.decision.reviewer}" if gate.decision else ""
    say(f"\nGate {short}, {place}: {gate.state}{by}.")
    if gate.state == "released" and following:
        say(f"The next gate is open: sluicegate brief {following[:12]}")
    if gate.state in ("rejected", "withdrawn", "superseded", "expired"):
        say(f"{visible(gate.ended)}\nTo ask again: sluicegate reopen {short}".strip())
