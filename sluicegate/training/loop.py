"""The training loop: forward, backward, step; a look at the validation rows now and then; a checkpoint.

Everything random is drawn anew at each step from the seed and the step's number, so a run that was
killed and resumed goes through the very same numbers as one that was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from sluicegate.errors import InputRefused
from sluicegate.progress import report
from sluicegate.spec import Training
from sluicegate.training.batches import collate, plan
from sluicegate.training.checkpoint import Checkpoints, State
from sluicegate.training.curve import Curve, MutedCurve
from sluicegate.training.divergence import ENOUGH_STEPS, check_loss
from sluicegate.training.dropout import CoinSource
from sluicegate.training.energy import EnergyUse
from sluicegate.training.engine.strategy import Local
from sluicegate.training.losses import StepLoss, mean_loss
from sluicegate.training.memory import fewer_rows, is_out_of_memory, needing_memory
from sluicegate.training.objective import Objective
from sluicegate.training.optimizer import MasterAdamW, rate_share
from sluicegate.training.passes import Pass
from sluicegate.training.precision import Placement
from sluicegate.training.private.run import PrivateRun
from sluicegate.training.recipes import Recipe
from sluicegate.training.rows import Rows
from sluicegate.training.scoring import Score

STAGE = "fine-tune"
LOG_EVERY_STEPS = 10
T = TypeVar("T")


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
    noisy: Callable[[int], Rows] | None = None
    """Gives the training rows as they are in an epoch, where their texts change; as many, and in the same order."""
    private: PrivateRun | None = None
    """Draws the rows of each step, and makes its gradient, where the run is private; `backward` is its pass."""

    def __post_init__(self) -> None:
        self.steps_per_epoch = steps_per_epoch(len(self.train), self.training)
        self.total_steps = self.steps_per_epoch * self.training.epochs
        self._epoch = lru_cache(maxsize=1)(self._plan_epoch)

    def run(self, state: State, energy: Callable[[], EnergyUse | None] | None = None) -> State:
        """Trains from `state` to the last step, or until patience ends; the best weights are in the checkpoints.

        Args:
            state: Where the run stands.
            energy: Gives what the run has taken until now, earlier tries included, if that is known; it is kept with
                each checkpoint.

        Raises:
            InputRefused: The loss is not a number any more or diverges, or the device has too little memory.
        """
        self.micro_batch_size = state.micro_batch_size or self.training.micro_batch_size
        self._scored_at_once = 4 * self.micro_batch_size  # nothing is kept for a backward pass
        if state.step:
            self.optimizer.load_weights(self.checkpoints.weights(state.step))
            self.optimizer.load_moments(self.checkpoints.moments(state.step))
        if self.train.cut:
            most = self.training.max_length_tokens
            note = f"{self.train.cut} of {len(self.train)} texts are longer than {most} tokens, and lose their ends"
            report(STAGE, state.step, self.total_steps, "steps", note)
        self.model.train()
        started = last_line = time.perf_counter()
        before, examples = state.seconds, 0
        for step in self._remaining(state):
            loss = self._step(step)
            examples += loss.rows
            state = self._checked(replace(state, step=step, window=(*state.window, loss)), loss)
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
                used = energy() if energy is not None else None
                state = replace(state, curve_size=self.curve.size, seconds=seconds, energy=used)
                state = replace(state, micro_batch_size=self.micro_batch_size)
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

    def _step(self, step: int) -> StepLoss:
        self.optimizer.set_rate(rate_share(step, self.total_steps, self.training.warmup_share))
        loss, at_once = self._fit(step, self.micro_batch_size, lambda n: self._gradients(step, n))
        if at_once != self.micro_batch_size:
            self.micro_batch_size = at_once
            self.curve.add({"step": step, "micro_batch_size": at_once})
        if not math.isfinite(loss.mean):
            raise self._not_finite(f"the loss is not finite at step {step}")
        with needing_memory("training", "base_model", "its gradients and AdamW's moments do"):
            self.backward.finish()
            self.optimizer.step()
        return loss

    def _fit(self, step: int, at_once: int, work: Callable[[int], T]) -> tuple[T, int]:
        """What `work` gives with that many rows at once, or half as many where the device's memory asks for it.

        Returns:
            It, and how many fitted.
        """
        while True:
            try:
                return work(at_once), at_once
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
            before, at_once = at_once, fewer_rows(at_once, processes=self.strategy.ranks.world_size)
            self.optimizer.drop_gradients()
            if self.placement.device.type == "cuda":
                torch.cuda.empty_cache()
            note = f"too little memory for {before} {self.recipe.subject} at once, on with {at_once}"
            report(STAGE, step, self.total_steps, "steps", note)

    def scored(self, step: int, score: Callable[[int], T]) -> T:
        """What `score` gives after `step`, without gradients, with as many rows at once as fit: it is told how many."""
        found, self._scored_at_once = self._fit(step, self._scored_at_once, score)
        return found

    def _start_chance(self, step: int) -> None:
        """Everything random from here on depends on the seed, the step and the rank alone."""
        seed, rank = self.training.seed, self.strategy.ranks.rank
        torch.manual_seed(int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0]))
        if self.coins is not None:
            self.coins.start(seed=seed, step=step, rank=rank)

    def _gradients(self, step: int, at_once: int) -> StepLoss:
        """Leaves the gradients of a step's mean loss, and returns that loss; over all ranks."""
        self._start_chance(step)
        epoch, position = divmod(step - 1, self.steps_per_epoch)
        rows, batches = self._epoch(epoch)
        ranks, device, moment = self.strategy.ranks, self.placement.device, (self.training.seed, step)
        if self.private is not None:
            drawn_B = self.private.draw(step)
            return self.private.sum_gradients(rows, drawn_B, at_once, device, moment)
        rows_B = batches[position]
        shares = ranks.share(rows_B, at_once)
        # a rank without rows goes through the passes with a row of another, which counts for nothing
        micro = [collate(rows, some if len(some) else rows_B[:1], device, moment=moment) for some in shares]
        counts = [bool(len(some)) for some in shares]
        weight = ranks.total(
            sum(
                self.objective.weight(batch.labels.cpu().numpy(), batch.weights_B)
                for batch, c in zip(micro, counts, strict=True)
                if c
            )
        )
        weight = weight or 1.0  # nothing is taught
        loss = 0.0
        for place, (batch, c) in enumerate(zip(micro, counts, strict=True), start=1):
            with self.strategy.micro_batch(last=place == len(micro)):
                loss += c * self.backward(batch, c * ranks.world_size / weight)  # gradients are averaged over the ranks
        return StepLoss(ranks.total(loss) / weight, len(rows_B))

    def _not_finite(self, what: str) -> InputRefused:
        problem = f"{what} with a rate of {self.training.learning_rate}"
        return InputRefused("training", "learning_rate", problem, "lower it, or set training.precision to fp32")

    def _log(self, state: State, examples_per_second: float) -> State:
        loss, epoch = mean_loss(state.window), state.step / self.steps_per_epoch
        rate = self.training.learning_rate * rate_share(state.step, self.total_steps, self.training.warmup_share)
        self.curve.add(
            {
                "step": state.step,
                "epoch": round(epoch, 4),
                **({"loss": loss} if loss is not None else {}),
                "learning_rate": rate,
                "examples_per_second": round(examples_per_second, 1),
            }
        )
        speed = f"{examples_per_second:.0f} {self.recipe.subject}/s"
        said = f"{loss:.3f}" if loss is not None else "of no rows"
        note = f"epoch {math.ceil(epoch)}/{self.training.epochs}, loss {said}, {speed}"
        report(STAGE, state.step, self.total_steps, "steps", note)
        return replace(state, window=())

    def _checked(self, state: State, loss: StepLoss) -> State:
        """The state with the loss of its last step, if the run does not diverge."""
        recent = (*state.recent, loss)[-ENOUGH_STEPS:]
        first, mean = state.first_loss, mean_loss(recent)
        if len(recent) == ENOUGH_STEPS and mean is not None:
            first = mean if first is None else first
            check_loss(mean, first, step=state.step, learning_rate=self.training.learning_rate)
        return replace(state, recent=recent, first_loss=first)

    def _evaluate(self, state: State) -> State:

        def score(at_once: int) -> Score:
            return self.recipe.score(self.model, self.validation, self.placement, batch_size=at_once)

        found = self.scored(state.step, score)
        if not math.isfinite(found.loss):
            raise self._not_finite(f"the loss on the validation rows is not finite after step {state.step}")
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

    def _plan_epoch(self, epoch: int) -> tuple[Rows, list[NDArray[np.int64]]]:
        """The rows of an epoch, and those of each step of it."""
        rows = self.train if self.noisy is None else self.noisy(epoch)
        return rows, plan(rows.lengths_N, self.training.rows_per_step, seed=self.training.seed, epoch=epoch)


def steps_per_epoch(rows: int, training: Training) -> int:
    """Steps of the optimizer in a pass over `rows` training rows."""
    return math.ceil(rows / training.rows_per_step)
