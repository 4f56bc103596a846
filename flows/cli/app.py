"""The commands, and what becomes of their errors: one clear line and an exit code (docs/exit-codes.md)."""

from __future__ import annotations

import sys

import typer

from flows.cli import (
    data,
    deciding,
    founding,
    housekeeping,
    reading,
    responding,
    roster,
    running,
    scrub,
    selftest,
    serving,
    starting,
    tracing,
    verifying,
    watching,
)
from sluicegate.errors import SluicegateError

INTERRUPTED = 130

app = typer.Typer(
    name="sluicegate",
    help="From base weights to a reviewed release, through gates.\n\n"
    "`sluicegate run SPEC` builds a candidate and stops at its first gate; `sluicegate inbox` shows what waits, "
    "`sluicegate brief GATE` what speaks for and against it, `sluicegate approve` and `reject` decide.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for group in (
    starting,
    running,
    reading,
    deciding,
    responding,
    verifying,
    tracing,
    founding,
    roster,
    serving,
    watching,
    housekeeping,
    data,
    scrub,
    selftest,
):
    group.add_to(app)


def main() -> None:
    """Runs a command; a refusal is one line on standard error, never a traceback."""
    try:
        app(prog_name="sluicegate")
    except SluicegateError as refusal:
        print(f"sluicegate: {refusal}", file=sys.stderr)
        sys.exit(refusal.exit_code)
    except KeyboardInterrupt:
        print("sluicegate: stopped; finished steps are kept, the same command goes on from there", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)
