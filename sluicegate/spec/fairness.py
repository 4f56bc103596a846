"""What is done so that the model treats groups alike."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from sluicegate.spec.section import Section


class Counterfactual(Section):
    """Copies of the training texts with gendered words, pronouns and names exchanged.

    Source: Lu et al., Gender Bias in Neural Natural Language Processing (2020).
    """

    pairs: list[str] = []
    """Files with terms to exchange, two a line with a tab between; they come before those of Sluicegate."""


class GroupThreshold(Section):
    """Where to cut one label's score, so that groups are selected alike; it goes into the bias of the head.

    Source: Hardt et al., Equality of Opportunity in Supervised Learning (2016), with one threshold for all groups.
    """

    criterion: Literal["demographic-parity", "equalized-odds"]
    """What must be alike: how often the label is given, or how often it is rightly and wrongly given."""
    group: str
    """The column with the group, one of `data.groups`."""
    limit: Annotated[float, Field(ge=0, le=1)]
    """The largest difference between two groups; what keeps it at the highest balanced accuracy is taken."""
    label: str | None = None
    """The label that is decided on against all others; null where there are two, of which either gives the same."""
    minimum_group_size: Annotated[int, Field(gt=0)] = 30
    """A group with fewer validation rows (for equalized odds, of either kind) is not compared."""


class Fairness(Section):
    """Training that treats groups alike; nothing of it by default."""

    reweigh: Annotated[list[str], Field(min_length=1)] | None = None
    """Columns of `data.groups`; rows weigh so that group and label are independent (Kamiran & Calders, 2012)."""
    counterfactual: Counterfactual | None = None
    """Copies of texts with terms exchanged; ``true`` takes Sluicegate's own terms."""
    thresholds: GroupThreshold | None = None
    """A threshold that is found on the validation rows after training."""

    @field_validator("counterfactual", mode="before")
    @classmethod
    def _switched_on(cls, value: Any) -> Any:
        return {} if value is True else None if value is False else value
