"""What the model is for, and what harm it may do: a form that a person fills in, for nothing can measure it.

All of it may be left out. What is left out is shown as a blank, in the dossier and in the model card.
"""

from __future__ import annotations

from sluicegate.spec.section import Section


class Use(Section):
    """The rest of the form that `intended_use` begins. It is published with the model: name no private person."""

    out_of_scope_uses: str | None = None
    """What the model must not be used for, or was not made for."""
    users: str | None = None
    """Who is meant to use it."""
    affected_people: str | None = None
    """Whom its answers are about, or have consequences for, whether they use it or not."""
    known_harms: str | None = None
    """Harm that it is known to do or likely to do, and to whom."""
    mitigations: str | None = None
    """What is done against that harm, and what is left to whoever uses the model."""
    contact: str | None = None
    """Where harm and errors are reported: an address of a team rather than a person."""
