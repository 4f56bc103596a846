"""Where raw data is kept encrypted."""

from __future__ import annotations

from sluicegate.spec.section import Section


class Vault(Section):
    """Raw and accepted rows are kept encrypted, with age; only reading, validation and scrubbing open them."""

    recipient: str
    """Whom they are encrypted for: the public half of an age key (``age1…``), made by `age-keygen`."""
    identity_env: str = "SLUICEGATE_VAULT_IDENTITY"
    """Environment variable with the secret half, or with a file that holds it; never in the spec."""
