"""The training loop: forward, backward, step; a look at the validation rows now and then; a checkpoint.

Everything random is drawn anew at each step from the seed and the step's number, so a run that was
killed and resumed goes through the very same numbers as one that was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sluicegate.errors import InputRefused
from sluicegate.progress import report
from sluicegate.spec import Training
from sluicegate.training.batches import collate, plan
from sluicegate.training.checkpoint import Checkpoints, State
from sluicegate.training.curve import Curve, MutedCurve
from sluicegate.training.dropout import CoinSource
from sluicegate.training.engine.strategy import Local
from sluicegate.training.objective import Objective
from sluicegate.training.optimizer import MasterAdamW, rate_share
from sluicegate.training.passes import Pass
from sluicegate.training.precision import Placement
from sluicegate.training.recipes import Recipe
from sluicegate.training.rows import Rows
from sluicegate.training.scoring import Score

STAGE = "fine-tune"
LOG_EVERY_STEPS = 10


@dataclass
class Loop:
    """One run over the training rows, with all that it works on."""

    model: Any
    coins: CoinSource | None
    recipe: Recipe
    train: Rows
    validation: Rows
    objective: Objective
    backward: Pass
    optimizer: MasterAdamW
    training: Training
    placement: Placement
    checkpoints: Checkpoints
    curve: Curve | MutedCurve
    strategy: Local = field(default_factory=Local)

    def __post_init__(self) -> None:
        self.steps_per_epoch = steps_per_epoch(len(self.train), self.training)
        self.total_steps = self.steps_per_epoch * self.training.epochs
        self._epoch = lru_cache(maxsize=1)(self._plan_epoch)

    def run(self, state: State) -> State:
        """Trains from `state` to the last step, or until patience ends; the best weights are in the checkpoints.

        Raises:
            InputRefused: The loss is not a number any more.
        """
        if state.step:
            self.optimizer.load_weights(self.checkpoints.weights(state.step))
            self.optimizer.load_moments(self.checkpoints.moments(state.step))
        self.model.train()
        started = last_line = time.perf_counter()
        before, examples = state.seconds, 0
        for step in self._remaining(state):
            loss, rows = self._step(step)
            examples += rows
            state = replace(state, step=step, window_losses=(*state.window_losses, loss))
            evaluate = self._is_evaluation(step)
            if evaluate or step % LOG_EVERY_STEPS == 0:
                now = time.perf_counter()
                state = self._log(state, examples / (now - last_line))
                examples, last_line = 0, now
            if evaluate:
                state = self._evaluate(state)
                last_line = time.perf_counter()
            if evaluate or step % self.training.checkpoint_every_steps == 0:
                seconds = before + time.perf_counter() - started
                state = replace(state, curve_size=self.curve.size, seconds=seconds)
                self.checkpoints.save(state, self.optimizer.weights(), self.optimizer.moments())
        return state

    def stopped_early(self, state: State) -> bool:
        """Whether patience ended before the steps did."""
        return state.evaluations_without_gain >= self.training.patience and state.step < self.total_steps

    def _remaining(self, state: State) -> Iterator[int]:
        """The steps to come, as long as nothing stops them."""
        self._without_gain = state.evaluations_without_gain
        for step in range(state.step + 1, self.total_steps + 1):
            if self._without_gain >= self.training.patience:
                return
            yield step

    def _step(self, step: int) -> tuple[float, int]:
        epoch, position = divmod(step - 1, self.steps_per_epoch)
        seed, rank = self.training.seed, self.strategy.ranks.rank
        torch.manual_seed(int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0]))
        if self.coins is not None:
            self.coins.start(seed=seed, step=step, rank=rank)
        rows_B = self._epoch(epoch)[position]
        self.optimizer.set_rate(rate_share(step, self.total_steps, self.training.warmup_share))
        value = self._gradients(step, rows_B)
        if not math.isfinite(value):
            problem = f"the loss is not finite at step {step} with a rate of {self.training.learning_rate}"
            raise InputRefused("training", "learning_rate", problem, "lower it, or set training.precision to fp32")
        self.backward.finish()
        self.optimizer.step()
        return value, len(rows_B)

    def _gradients(self, step: int, rows_B: NDArray[np.int64]) -> float:
        """Leaves the gradients of a step's mean loss, and returns that loss; over all ranks."""
        ranks, moment = self.strategy.ranks, (self.training.seed, step)
        shares = ranks.share(rows_B, self.training.micro_batch_size)
        # a rank without rows goes through the passes with a row of another, which counts for nothing
        micro = [
            collate(self.train, some if len(some) else rows_B[:1], self.placement.device, moment=moment)
            for some in shares
        ]
        counts = [bool(len(some)) for some in shares]
        weight = ranks.total(
            sum(self.objective.weight(batch.labels.cpu().numpy()) for batch, c in zip(micro, counts, strict=True) if c)
        )
        weight = weight or 1.0  # nothing is taught
        loss = 0.0
        for place, (batch, c) in enumerate(zip(micro, counts, strict=True), start=1):
            with self.strategy.micro_batch(last=place == len(micro)):
                loss += c * self.backward(batch, c * ranks.world_size / weight)  # gradients are averaged over the ranks
        return ranks.total(loss) / weight

    def _log(self, state: State, examples_per_second: float) -> State:
        loss, epoch = math.fsum(state.window_losses) / len(state.window_losses), state.step / self.steps_per_epoch
        rate = self.training.learning_rate * rate_share(state.step, self.total_steps, self.training.warmup_share)
        self.curve.add(
            {
                "step": state.step,
                "epoch": round(epoch, 4),
                "loss": loss,
                "learning_rate": rate,
                "examples_per_second": round(examples_per_second, 1),
            }
        )
        speed = f"{examples_per_second:.0f} {self.recipe.subject}/s"
        note = f"epoch {math.ceil(epoch)}/{self.training.epochs}, loss {loss:.3f}, {speed}"
        report(STAGE, state.step, self.total_steps, "steps", note)
        return replace(state, window_losses=())

    def _evaluate(self, state: State) -> State:
        batch_size = 4 * self.training.micro_batch_size  # nothing is kept for a backward pass
        found = self.recipe.score(self.model, self.validation, self.placement, batch_size=batch_size)
        self.curve.add(
            {
                "step": state.step,
                "epoch": round(state.step / self.steps_per_epoch, 4),
                "validation_loss": found.loss,
                f"validation_{self.recipe.quality}": self.recipe.shown(found.quality),
            }
        )
        found = Score(*self.strategy.ranks.agreed([found.loss, found.quality]))
        if found.quality > state.best_quality:
            state = replace(state, best_step=state.step, best_quality=found.quality, evaluations_without_gain=0)
        else:
            state = replace(state, evaluations_without_gain=state.evaluations_without_gain + 1)
        self._without_gain = state.evaluations_without_gain
        return state

    def _is_evaluation(self, step: int) -> bool:
        """Whether the validation rows are scored after `step`: evenly through each epoch, and at its end."""
        position, n = (step - 1) % self.steps_per_epoch + 1, self.training.evaluations_per_epoch
        return position in {round(self.steps_per_epoch * (k + 1) / n) for k in range(n)}

    def _plan_epoch(self, epoch: int) -> list[NDArray[np.int64]]:
        return plan(self.train.lengths_N, self.training.rows_per_step, seed=self.training.seed, epoch=epoch)


def steps_per_epoch(rows: int, training: Training) -> int:
    """Steps of the optimizer in a pass over `rows` training rows."""
    return math.ceil(rows / training.rows_per_step)
