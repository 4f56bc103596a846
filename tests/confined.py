"""Commands in namespaces of their own."""

from __future__ import annotations

import shutil
import subprocess

import pytest


def confined(option: str, script: str) -> list[str]:
    """A command in a namespace of its own; the test is skipped where the kernel does not allow one."""
    probe = (
        subprocess.run(["unshare", option, "true"], capture_output=True, check=False)
        if shutil.which("unshare")
        else None
    )
    if probe is None or probe.returncode:
        pytest.skip(f"`unshare {option}` is not allowed here")
    return ["unshare", option, "sh", "-c", script, "sh"]
