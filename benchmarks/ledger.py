"""How long a ledger of 100,000 entries takes to verify: chain, hashes and the service's signature under each.

``SLUICEGATE_BENCH_ENTRIES`` sets another number.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from sluicegate.ledger.checkpoint import checkpoint_faults, take_checkpoint
from sluicegate.ledger.ledger import Ledger, Transaction, utc_now
from sluicegate.ledger.records import Excerpt

MOST_SECONDS = 60
_MODELS = 20


def run(pairs: int) -> dict[str, Any]:
    """Fills a ledger, verifies it, and prints what each took; there is no other way to compare with.

    Args:
        pairs: Not used: one run says enough, and it has no baseline.
    """
    count = int(os.environ.get("SLUICEGATE_BENCH_ENTRIES", "100000"))
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as folder:
        ledger = Ledger(f"sqlite:///{folder}/ledger.db", key=Path(folder) / "service.key")
        _, appended_s = _timed(lambda: ledger.transact(lambda transaction: _fill(transaction, count - 1)))
        faults, verified_s = _timed(ledger.verify)
        assert faults == ()
        _, one_s = _timed(lambda: ledger.append("decision", "model-0", {"n": "one more"}))
        checkpoint, checkpoint_s = _timed(lambda: take_checkpoint(ledger))
        excerpt, excerpt_s = _timed(lambda: Excerpt.of(ledger, "model-0"))
        assert checkpoint_faults(checkpoint, excerpt.chain) == ()
        faults, headers_s = _timed(lambda: excerpt.faults)
        assert faults == ()
        size_mb = os.path.getsize(f"{folder}/ledger.db") / 1e6
    print(f"{count} entries ({size_mb:.0f} MB) written in one transaction: {appended_s:.1f} s")
    print(f"verified: {verified_s:.1f} s, at most {MOST_SECONDS} s are wanted")
    print(f"one more entry: {one_s * 1000:.0f} ms; a checkpoint: {checkpoint_s * 1000:.0f} ms")
    print(f"an excerpt of one model of {_MODELS}: {excerpt_s:.1f} s; verified: {headers_s:.1f} s", flush=True)
    return {
        "entries": count,
        "written_s": round(appended_s, 2),
        "verified_s": round(verified_s, 2),
        "limit_s": MOST_SECONDS,
        "one_more_s": round(one_s, 4),
        "checkpoint_s": round(checkpoint_s, 4),
        "excerpt_verified_s": round(headers_s, 2),
    }


def _fill(transaction: Transaction, count: int) -> None:
    """Entries as large as signed decisions are."""
    now = utc_now()
    for number in range(count):
        body = {
            "gate": f"{number:064x}",
            "stage": "internal",
            "decision": "approve",
            "reviewer": "rita",
            "reason": "Holds on every group; the drop on the smallest one is within its interval.",
            "time": now,
            "via": "command-line",
            "grade": "signed",
            "signature": "A" * 300,
            "verdicts": {"pass": 11, "not_applicable": 2},
        }
        transaction.append("decision", f"model-{number % _MODELS}", body, idempotency_key=f"decision:{number}")


def _timed(work: Any) -> tuple[Any, float]:
    begun = time.monotonic()
    return work(), time.monotonic() - begun
