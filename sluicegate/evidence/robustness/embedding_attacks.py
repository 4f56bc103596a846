"""What is left of the candidate's right answers when the embeddings of the words are moved against it.

A text's words are moved by no more, all together, than a radius: `EPSILON` of the mean length of a word's embedding.
Embeddings lie between words, so no user can type these texts; the figure tells how far the answers stand from
the nearest other one, and a large drop under a small radius tells of a decision that hangs by little.

    FGM   one step of the whole radius along the gradient. Miyato et al., Adversarial Training Methods for
          Semi-Supervised Text Classification (2017)
    PGD   `STEPS` steps from a random point of the ball, each 2.5 / `STEPS` of the radius long and back into it. Madry
          et al., Towards Deep Learning Models Resistant to Adversarial Attacks (2018)

Only rows that are answered rightly are attacked, and PGD only tries what FGM left standing: right answers kept under
PGD are those that neither could turn, at any step. Gradients are of the log-odds of the true label, which point the
same way as the loss's. A row whose gradient vanishes was not attacked, so it is never told to have held.

Shapes: N rows, B rows of a batch, T tokens, H width of an embedding, L labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sluicegate.evidence.finding import Finding, measured, not_evaluated
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.proportions import exact_interval
from sluicegate.evidence.robustness.embedding_catalogue import EPSILON, STEPS
from sluicegate.evidence.sampling import MOST_ROWS
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.token_budget import by_length, within_budget
from sluicegate.evidence.usable import why_unusable
from sluicegate.evidence.white_box import Opaque, Reading, WhiteBox, log_odds

MOST_TOKENS = 4_200
"""Tokens of the rows that are attacked, all together, unless these would be too few rows."""
_AT_ONCE = 2_048
_FGM, _PGD = "robustness.fgm_accuracy_kept", "robustness.pgd_accuracy_kept"
_TINY = 1e-30


@dataclass(frozen=True)
class _Attacked:
    """What became of the rows that were answered rightly."""

    fgm_N: NDArray[np.bool_]
    """Whether one step turned the answer."""
    pgd_N: NDArray[np.bool_]
    """Whether one step or several did."""
    vanished_N: NDArray[np.bool_]
    """Whether there was no gradient to go along."""


def measure_embedding_attacks(
    box: WhiteBox | Opaque,
    texts_N: Sequence[str],
    predictions: Predictions,
    confidence: float,
    smallest: int,
    seed: int,
) -> tuple[list[Finding], dict[str, Any]]:
    """Share of right answers kept under FGM and under PGD, and how they were come by, as JSON.

    Args:
        box: The candidate opened up.
        texts_N: The test rows' texts.
        predictions: The candidate's answers to them.
        confidence: Level of the intervals, which are exact.
        smallest: Fewer rows are too few.
        seed: Of the draw of rows, at most 500 and `MOST_TOKENS`, and of PGD's starts.
    """
    if why := box.why if isinstance(box, Opaque) else why_unusable(predictions, smallest):
        return _absent(why, len(texts_N))
    assert isinstance(box, WhiteBox)
    rows_N, readings = _draw(box, texts_N, predictions, smallest, seed)
    if len(rows_N) < smallest:
        return _absent(f"{len(rows_N)} rows with words were answered rightly, fewer than {smallest}", len(rows_N))
    norm = _mean_norm(box, readings)
    attacked = _attack(box, readings, predictions.actual_N[rows_N], EPSILON * norm, seed)
    figures = {
        "rows": len(rows_N),
        "seed": seed,
        "confidence": confidence,
        "epsilon": EPSILON,
        "mean_embedding_norm": norm,
        "radius": EPSILON * norm,
        "steps": STEPS,
    }
    if vanished := int(attacked.vanished_N.sum()):
        why = f"the gradient of {vanished} of {len(rows_N)} rows vanishes or is not finite, so they were not attacked"
        findings, _ = _absent(why, len(rows_N))
        return findings, {**figures, "why": why}
    kept = {_FGM: ~attacked.fgm_N, _PGD: ~attacked.pgd_N}
    findings = [_finding(check, kept_N, confidence, seed) for check, kept_N in kept.items()]
    turned = {"fgm": int(attacked.fgm_N.sum()), "pgd": int(attacked.pgd_N.sum())}
    return findings, {**figures, "turned": turned}


def _absent(why: str, rows: int) -> tuple[list[Finding], dict[str, Any]]:
    return [not_evaluated(check, why, n=rows) for check in (_FGM, _PGD)], {"why": why}


def _finding(check: str, kept_N: NDArray[np.bool_], confidence: float, seed: int) -> Finding:
    interval = exact_interval(int(kept_N.sum()), len(kept_N), confidence)
    return measured(check, kept_N.mean(), n=len(kept_N), interval=interval, confidence=confidence, seed=seed)


def _draw(
    box: WhiteBox, texts_N: Sequence[str], predictions: Predictions, fewest: int, seed: int
) -> tuple[Indices, Sequence[Reading]]:
    """Rows that are answered rightly and have words, as many as may be attacked, and what is read of them."""
    right_N = np.flatnonzero(predictions.given_N == predictions.actual_N)
    drawn_N = np.random.default_rng(seed).permutation(right_N)[: max(MOST_ROWS, fewest)]
    read = dict(zip(drawn_N.tolist(), box.read([texts_N[row] for row in drawn_N]), strict=True))
    worded = [row for row, reading in read.items() if any(reading.own)]
    if not worded:
        return np.zeros(0, dtype=np.int64), []
    kept = within_budget(range(len(worded)), [len(read[row].ids) for row in worded], MOST_TOKENS, fewest)
    rows_N = np.array([worded[place] for place in kept], dtype=np.int64)
    return rows_N, [read[row] for row in rows_N.tolist()]


def _mean_norm(box: WhiteBox, readings: Sequence[Reading]) -> float:
    """Mean length of the embeddings of the rows' own tokens."""
    ids = [token for reading in readings for token, own in zip(reading.ids, reading.own, strict=True) if own]
    return float(box.embed(torch.tensor([ids]))[0].norm(dim=-1).mean())


def _attack(box: WhiteBox, readings: Sequence[Reading], actual_N: Indices, radius: float, seed: int) -> _Attacked:
    found = _Attacked(*(np.zeros(len(readings), dtype=np.bool_) for _ in range(3)))
    generator = torch.Generator().manual_seed(seed)
    for rows in by_length([len(reading.ids) for reading in readings], _AT_ONCE):
        batch = _Batch.of(box, [readings[row] for row in rows], actual_N[rows])
        found.fgm_N[rows], found.vanished_N[rows] = batch.fgm(radius)
        standing = np.flatnonzero(~found.fgm_N[rows])
        found.pgd_N[rows] = found.fgm_N[rows]
        if len(standing):
            found.pgd_N[np.array(rows)[standing]] = batch.only(standing).pgd(radius, generator)
    return found


@dataclass(frozen=True)
class _Batch:
    """Rows that are attacked together."""

    box: WhiteBox
    ids_BT: torch.Tensor
    mask_BT: torch.Tensor
    own_BT: torch.Tensor
    embeddings_BTH: torch.Tensor
    actual_B: torch.Tensor

    @classmethod
    def of(cls, box: WhiteBox, readings: Sequence[Reading], actual_B: Indices) -> _Batch:
        ids_BT, mask_BT, own_BT = box.tensors(readings)
        return cls(box, ids_BT, mask_BT, own_BT, box.embed(ids_BT), torch.from_numpy(actual_B))

    def only(self, rows: Indices) -> _Batch:
        parts = (self.ids_BT, self.mask_BT, self.own_BT, self.embeddings_BTH, self.actual_B)
        return _Batch(self.box, *(part[torch.from_numpy(rows)] for part in parts))

    def fgm(self, radius: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether one step turns each answer, and whether there was no gradient."""
        _, gradient_BTH = self._gradient(torch.zeros_like(self.embeddings_BTH))
        sizes_B = gradient_BTH.abs().amax(dim=(1, 2))
        turned_B = self._turned(-radius * self._direction(gradient_BTH))
        return turned_B.numpy(), (~torch.isfinite(sizes_B) | (sizes_B == 0)).numpy()

    def pgd(self, radius: float, generator: torch.Generator) -> NDArray[np.bool_]:
        """Whether any of the steps turns each answer."""
        delta_BTH = self._start(radius, generator)
        turned_B = torch.zeros(len(self.actual_B), dtype=torch.bool)
        for _ in range(STEPS):
            logits_BL, gradient_BTH = self._gradient(delta_BTH)
            turned_B |= logits_BL.argmax(-1) != self.actual_B
            delta_BTH = delta_BTH - 2.5 / STEPS * radius * self._direction(gradient_BTH)
            delta_BTH = delta_BTH * (radius / _norms(delta_BTH)).clamp_max(1.0)
        return (turned_B | self._turned(delta_BTH)).numpy()

    def _start(self, radius: float, generator: torch.Generator) -> torch.Tensor:
        """A point of each row's ball, uniform in its volume."""
        way_BTH = torch.randn(self.embeddings_BTH.shape, generator=generator) * self.own_BT[..., None]
        numbers_B = self.own_BT.sum(1) * self.embeddings_BTH.shape[-1]
        shares_B = torch.rand(len(numbers_B), generator=generator) ** (1 / numbers_B)
        return way_BTH / _norms(way_BTH) * radius * shares_B[:, None, None]

    def _gradient(self, delta_BTH: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits, and the gradient of the true label's log-odds over the text's own tokens."""
        moved_BTH = (self.embeddings_BTH + delta_BTH).requires_grad_()
        logits_BL = self.box.logits(moved_BTH, self.ids_BT, self.mask_BT)
        (gradient_BTH,) = torch.autograd.grad(log_odds(logits_BL, self.actual_B).sum(), moved_BTH)
        return logits_BL.detach(), gradient_BTH * self.own_BT[..., None]

    def _direction(self, gradient_BTH: torch.Tensor) -> torch.Tensor:
        """The gradient of each row at length 1; zero where it is zero."""
        scaled_BTH = gradient_BTH / gradient_BTH.abs().amax(dim=(1, 2), keepdim=True).clamp_min(_TINY)
        return scaled_BTH / _norms(scaled_BTH)

    def _turned(self, delta_BTH: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            logits_BL = self.box.logits(self.embeddings_BTH + delta_BTH, self.ids_BT, self.mask_BT)
        return logits_BL.argmax(-1) != self.actual_B


def _norms(values_BTH: torch.Tensor) -> torch.Tensor:
    """Frobenius norm of each row, shape (B, 1, 1), at least `_TINY`."""
    norms_B11: torch.Tensor = torch.linalg.vector_norm(values_BTH, dim=(1, 2), keepdim=True)
    return norms_B11.clamp_min(_TINY)
