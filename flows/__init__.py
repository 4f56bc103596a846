"""The flows: one file each, and `cli`, the command line that starts them.

Whoever starts them, a worker of somebody else's too, telemetry is off before a library that has it is imported.
"""

from sluicegate.settings import silence_telemetry

silence_telemetry()
