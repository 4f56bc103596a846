"""Starts the command line; telemetry is switched off before any library that has it is imported."""

from sluicegate.settings import silence_telemetry

silence_telemetry()

from flows.cli.app import main  # noqa: E402

main()
