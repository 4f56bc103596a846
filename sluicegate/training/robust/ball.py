"""The ball of a row that a perturbation stays in: of the Frobenius norm, over the row's real tokens alone.

Shapes: B rows, T tokens, H width of an embedding.
"""

from __future__ import annotations

import torch

_TINY = 1e-30


def row_norms(values_BTH: torch.Tensor) -> torch.Tensor:
    """Frobenius norm of each row, shape (B, 1, 1)."""
    norms_B11: torch.Tensor = torch.linalg.vector_norm(values_BTH, dim=(1, 2), keepdim=True)
    return norms_B11


def direction(gradient_BTH: torch.Tensor, mask_BT: torch.Tensor) -> torch.Tensor:
    """The gradient of each row over its real tokens, scaled to norm 1; zero where it is zero."""
    real_BTH = gradient_BTH * mask_BT[..., None]
    largest_B11 = real_BTH.abs().amax(dim=(1, 2), keepdim=True).clamp_min(_TINY)
    real_BTH = real_BTH / largest_B11  # squares of a small gradient would vanish in fp32
    return real_BTH / row_norms(real_BTH).clamp_min(_TINY)


def project(delta_BTH: torch.Tensor, radius: float) -> torch.Tensor:
    """The nearest point of each row's ball."""
    return delta_BTH * (radius / row_norms(delta_BTH).clamp_min(_TINY)).clamp_max(1.0)


def random_start(mask_BT: torch.Tensor, width: int, radius: float) -> torch.Tensor:
    """A point of each row's ball: uniform in a cube inside of it, drawn from torch's generator; shape (B, T, H).

    Each number is uniform in ± radius / √n, of the n numbers of the row's real tokens. Source: Zhu et al., FreeLB:
    Enhanced Adversarial Training for Natural Language Understanding (2020), algorithm 1.
    """
    rows, length = mask_BT.shape
    cube_BTH = torch.rand(rows, length, width, device=mask_BT.device) * 2 - 1
    numbers_B = mask_BT.sum(dim=1).clamp_min(1) * width
    return cube_BTH * mask_BT[..., None] * (radius / numbers_B.sqrt())[:, None, None]
