"""`prefect …` that knows the block `mail`: a server started by it can send e-mail for an automation."""

from __future__ import annotations

import tasks.mail  # noqa: F401  # importing the class is what makes it known

if __name__ == "__main__":
    from prefect.cli import app

    app()
