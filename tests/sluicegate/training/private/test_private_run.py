from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from sluicegate.training.private.accounting import account, noise_multiplier_for
from sluicegate.training.private.private_pass import PrivatePass
from sluicegate.training.private.sampling import PoissonSampling, micro_batches

ROWS, EPSILON, DELTA = 4000, 2.0, 1e-5


@dataclass(frozen=True)
class Points:
    points_BD: torch.Tensor
    labels: torch.Tensor

    def at(self, chosen_B: np.ndarray) -> Points:
        return Points(self.points_BD[chosen_B], self.labels[chosen_B])


def two_clouds(count: int, seed: int) -> Points:
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 2, (count,), generator=generator)
    points = torch.randn(count, 5, generator=generator)
    points[:, 0] += 4.0 * labels - 2
    return Points(points, labels)


def trained(seed: int) -> tuple[nn.Module, float, int]:
    """A private run whole: the noise for a target, steps over drawn rows, and what they spent."""
    train, sampling = two_clouds(ROWS, seed=1), PoissonSampling.expecting(200, rows=ROWS, seed=seed)
    steps = sampling.steps(epochs=4)
    noise = noise_multiplier_for(epsilon=EPSILON, delta=DELTA, sampling_rate=sampling.rate, steps=steps, rows=ROWS)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.LayerNorm(8), nn.Linear(8, 2))

    def row_losses(batch: Points) -> torch.Tensor:
        return nn.functional.cross_entropy(model(batch.points_BD), batch.labels, reduction="none")

    private = PrivatePass(model, row_losses, sampling=sampling, max_grad_norm=1.0, noise_multiplier=noise)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    for step in range(1, steps + 1):
        for chosen_B in micro_batches(private.start(step), np.ones(ROWS, dtype=np.int64), 64):
            private(train.at(chosen_B), 1.0)
        private.finish()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    spent = account(
        noise_multiplier=noise, sampling_rate=sampling.rate, steps=steps, delta=DELTA, rows=ROWS, max_grad_norm=1.0
    )
    return model, max(spent.epsilon_rdp, spent.epsilon_prv), steps


def test_a_private_run_learns_within_its_budget_and_repeats() -> None:
    model, epsilon, steps = trained(seed=7)
    fresh = two_clouds(1000, seed=2)
    accuracy = (model(fresh.points_BD).argmax(1) == fresh.labels).float().mean().item()

    assert steps == 80
    assert 0.98 * EPSILON < epsilon <= EPSILON
    assert accuracy > 0.93  # the best possible is Φ(2) = 0.977
    again, _, _ = trained(seed=7)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
