"""Per-example gradients of one parameter, kept so that their lengths and a weighted sum of them cost little.

The gradient of a matrix is a sum over places (tokens) of outer products. Its length follows from how alike the
places are, without the gradient itself (ghost clipping: Goodfellow, Efficient Per-Example Gradient Computations,
2015; Li et al., Large Language Models Can Be Strong Differentially Private Learners, 2022), and the weighted sum is
one matrix product over what the backward pass left, so there is no second one (book-keeping: Bu et al.,
Differentially Private Optimization on Large Foundation Models, 2023).

Shapes: B examples, T places of an example, P × D the matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch


class Alikeness:
    """Products of the places of each example with each other, shape (B, T, T); once for every tensor.

    A layer's input is often that of its neighbours too (query, key and value).
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], torch.Tensor] = {}

    def of(self, places_BTD: torch.Tensor) -> torch.Tensor:
        """Inner products of all pairs of places, fp32."""
        # The tensors of a backward pass live until it is done with, so none can take another's address.
        key = (places_BTD.data_ptr(), places_BTD.shape, places_BTD.stride(), places_BTD.dtype)
        if key not in self._known:
            self._known[key] = torch.bmm(places_BTD, places_BTD.mT).float()
        return self._known[key]


class PerExample(Protocol):
    """The gradients of one parameter for each example of a batch."""

    def squared_lengths(self, alikeness: Alikeness) -> torch.Tensor:
        """Squared Euclidean norm of each example's gradient, fp32, shape (B,)."""

    def add_weighted(self, weights_B: torch.Tensor, total: torch.Tensor) -> None:
        """Adds the sum of all examples' gradients, each times its weight, to `total`, of the parameter's shape."""


@dataclass(frozen=True)
class Written:
    """Gradients written out."""

    gradients: torch.Tensor
    """Shape (B, …), the parameter's behind it."""

    def squared_lengths(self, alikeness: Alikeness) -> torch.Tensor:
        """See `PerExample`."""
        return self.gradients.flatten(1).float().square().sum(1)

    def add_weighted(self, weights_B: torch.Tensor, total: torch.Tensor) -> None:
        """See `PerExample`."""
        total.view(-1).addmv_(self.gradients.flatten(1).float().mT, weights_B)


@dataclass(frozen=True)
class OuterProducts:
    """Gradients of a matrix as Σ over places of left ⊗ right: a linear layer's output gradients and inputs."""

    left_BTP: torch.Tensor
    right_BTD: torch.Tensor

    def squared_lengths(self, alikeness: Alikeness) -> torch.Tensor:
        """See `PerExample`."""
        return _sum_of_products(alikeness.of(self.left_BTP), alikeness.of(self.right_BTD), self.left_BTP.dtype)

    def add_weighted(self, weights_B: torch.Tensor, total: torch.Tensor) -> None:
        """See `PerExample`."""
        left, right = self.left_BTP, self.right_BTD
        if left.shape[2] <= right.shape[2]:
            left = _weighted(left, weights_B)
        else:
            right = _weighted(right, weights_B)
        _add_product(total, left.flatten(0, 1).mT, right.flatten(0, 1))

    def written(self) -> Written:
        """The same, written out."""
        return Written(torch.bmm(self.left_BTP.mT, self.right_BTD))


@dataclass(frozen=True)
class Lookups:
    """Gradients of a table as Σ over places of one row's: an embedding's ids and output gradients."""

    ids_BT: torch.Tensor
    right_BTD: torch.Tensor
    padding_id: int | None
    """Row that gets no gradient."""

    def squared_lengths(self, alikeness: Alikeness) -> torch.Tensor:
        """See `PerExample`."""
        same_BTT = (self.ids_BT.unsqueeze(2) == self.ids_BT.unsqueeze(1)) & self._counted_BT().unsqueeze(1)
        return _sum_of_products(same_BTT, alikeness.of(self.right_BTD), self.right_BTD.dtype)

    def add_weighted(self, weights_B: torch.Tensor, total: torch.Tensor) -> None:
        """See `PerExample`."""
        weights_BT = weights_B.unsqueeze(1) * self._counted_BT()
        total.index_add_(0, self.ids_BT.flatten(), (self.right_BTD * weights_BT.unsqueeze(2)).float().flatten(0, 1))

    def with_products(self, products: OuterProducts) -> torch.Tensor:
        """Inner product of these gradients with `products` of the same table, fp32, shape (B,)."""
        places = self.ids_BT.unsqueeze(1).expand(-1, products.left_BTP.shape[1], -1)
        left_BST = products.left_BTP.gather(2, places).float() * self._counted_BT().unsqueeze(1)
        right_BST = torch.bmm(products.right_BTD.to(self.right_BTD.dtype), self.right_BTD.mT).float()
        return (left_BST * right_BST).sum((1, 2))

    def _counted_BT(self) -> torch.Tensor:
        if self.padding_id is None:
            return torch.ones_like(self.ids_BT, dtype=torch.bool)
        return self.ids_BT != self.padding_id


@dataclass(frozen=True)
class Tied:
    """Gradients of a table that is looked up in and multiplied by, as word embeddings under a language model's head."""

    lookups: Lookups
    products: OuterProducts

    def squared_lengths(self, alikeness: Alikeness) -> torch.Tensor:
        """See `PerExample`."""
        alone_B = self.lookups.squared_lengths(alikeness) + self.products.squared_lengths(alikeness)
        return alone_B + 2 * self.lookups.with_products(self.products)

    def add_weighted(self, weights_B: torch.Tensor, total: torch.Tensor) -> None:
        """See `PerExample`."""
        self.lookups.add_weighted(weights_B, total)
        self.products.add_weighted(weights_B, total)


def combine(parts: Sequence[PerExample]) -> PerExample:
    """The gradients of a parameter that was used in several places: their sum."""
    products, lookups = _joined_products(parts), _joined_lookups(parts)
    written = [part.gradients for part in parts if isinstance(part, Written)]
    if products and lookups:
        return Tied(lookups, products)
    if products and (written or _is_short(products)):
        written.append(products.written().gradients)
    elif products:
        return products
    if lookups:
        return lookups
    return Written(torch.stack(written).sum(0)) if len(written) > 1 else Written(written[0])


def _joined_products(parts: Sequence[PerExample]) -> OuterProducts | None:
    found = [part for part in parts if isinstance(part, OuterProducts)]
    if len(found) < 2:
        return found[0] if found else None
    return OuterProducts(torch.cat([f.left_BTP for f in found], 1), torch.cat([f.right_BTD for f in found], 1))


def _joined_lookups(parts: Sequence[PerExample]) -> Lookups | None:
    found = [part for part in parts if isinstance(part, Lookups)]
    if len(found) < 2:
        return found[0] if found else None
    ids, right = torch.cat([f.ids_BT for f in found], 1), torch.cat([f.right_BTD for f in found], 1)
    return Lookups(ids, right, found[0].padding_id)


def _is_short(products: OuterProducts) -> bool:
    """Whether an example's gradient is no longer than what it is made of, as LoRA's are: then it is written out."""
    (_, places, p), d = products.left_BTP.shape, products.right_BTD.shape[2]
    return p * d <= places * (p + d)


def _sum_of_products(left_BTT: torch.Tensor, right_BTT: torch.Tensor, computed_in: torch.dtype) -> torch.Tensor:
    """Σ of the products of each example's two matrices, not under the exact value by what rounding them may take."""
    products_BTT = left_BTT * right_BTT
    return products_BTT.sum((1, 2)) + torch.finfo(computed_in).eps * products_BTT.abs().sum((1, 2))


def _weighted(places_BTD: torch.Tensor, weights_B: torch.Tensor) -> torch.Tensor:
    return places_BTD * weights_B.to(places_BTD.dtype).view(-1, 1, 1)


def _add_product(total: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> None:
    if left.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total.add_(left @ right)
