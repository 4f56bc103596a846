"""What the spec allows a run to spend, and what it has spent after so many steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sluicegate.spec.privacy import Privacy
from sluicegate.training.private.accounting import PrivacyAccount, account, noise_multiplier_for


@dataclass(frozen=True)
class Budget:
    """The numbers from which a private run's account follows."""

    section: Privacy
    """The spec's section."""
    rows: int
    """Training rows, which are taken to be public."""
    sampling_rate: float
    """Probability with which a row is in a step."""
    noise_multiplier: float
    """Standard deviation of the noise, over the section's `max_grad_norm`."""

    @classmethod
    def of(cls, section: Privacy, *, rows: int, sampling_rate: float, steps: int) -> Budget:
        """The budget of a run of `steps` steps, with as little noise as it allows.

        Raises:
            InputRefused: Delta is too large for so many rows, or no noise is enough.
        """
        noise = noise_multiplier_for(
            epsilon=section.target_epsilon, delta=section.delta, sampling_rate=sampling_rate, steps=steps, rows=rows
        )
        return cls(section, rows, sampling_rate, noise)

    def account(self, steps: int) -> PrivacyAccount:
        """What `steps` steps have spent."""
        return account(
            noise_multiplier=self.noise_multiplier,
            sampling_rate=self.sampling_rate,
            steps=steps,
            delta=self.section.delta,
            rows=self.rows,
            max_grad_norm=self.section.max_grad_norm,
        )

    def report(self, steps: int) -> dict[str, Any]:
        """The account of `steps` steps, and what it was to meet, for JSON; no seed."""
        return {
            "target_epsilon": self.section.target_epsilon,
            "rows": self.rows,
            **self.account(steps).to_dict(),
        }
