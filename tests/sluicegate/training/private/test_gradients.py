from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.training.private.gradients import Alikeness, Lookups, OuterProducts, PerExample, Tied, Written, combine

SIZES = st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))


def products(b: int, t: int, p: int, d: int, seed: int) -> OuterProducts:
    generator = torch.Generator().manual_seed(seed)
    return OuterProducts(torch.randn(b, t, p, generator=generator), torch.randn(b, t, d, generator=generator))


def lookups(b: int, t: int, p: int, d: int, seed: int, padding: int | None = 0) -> Lookups:
    generator = torch.Generator().manual_seed(seed + 1000)
    ids = torch.randint(0, p, (b, t), generator=generator)
    return Lookups(ids, torch.randn(b, t, d, generator=generator), padding)


def written_out(part: PerExample, p: int, d: int) -> torch.Tensor:
    """One example at a time, place by place."""
    if isinstance(part, Written):
        return part.gradients
    if isinstance(part, Tied):
        return written_out(part.lookups, p, d) + written_out(part.products, p, d)
    if isinstance(part, OuterProducts):
        return torch.einsum("btp,btd->bpd", part.left_BTP, part.right_BTD)
    found = torch.zeros(len(part.ids_BT), p, d)
    for b, row in enumerate(part.ids_BT.tolist()):
        for t, token in enumerate(row):
            if token != part.padding_id:
                found[b, token] += part.right_BTD[b, t]
    return found


def assert_same(found: PerExample, expected_BPD: torch.Tensor) -> None:
    lengths_B = expected_BPD.flatten(1).square().sum(1)
    scale = expected_BPD.square().sum() + 1
    torch.testing.assert_close(found.squared_lengths(Alikeness()), lengths_B, rtol=1e-5, atol=1e-5 * scale.item())
    weights_B = torch.linspace(0.2, 1, len(expected_BPD))
    total = torch.ones(expected_BPD.shape[1:])
    found.add_weighted(weights_B, total)
    torch.testing.assert_close(total, 1 + torch.einsum("b,bpd->pd", weights_B, expected_BPD), rtol=1e-4, atol=1e-4)


@given(SIZES)
def test_outer_products(sizes: tuple[int, int, int, int, int]) -> None:
    _, _, p, d, _ = sizes
    part = products(*sizes)

    assert_same(part, written_out(part, p, d))
    assert_same(combine([part]), written_out(part, p, d))


@given(SIZES, st.sampled_from([None, 0]))
def test_lookups(sizes: tuple[int, int, int, int, int], padding: int | None) -> None:
    _, _, p, d, _ = sizes
    part = lookups(*sizes, padding=padding)

    assert_same(part, written_out(part, p, d))


@given(SIZES, st.integers(1, 3), st.integers(1, 3))
def test_uses_of_every_kind_add_up(sizes: tuple[int, int, int, int, int], first: int, second: int) -> None:
    b, t, p, d, seed = sizes
    of_products = [products(b, t, p, d, seed + i) for i in range(first)]
    of_lookups = [lookups(b, t, p, d, seed + i) for i in range(second)]
    for parts in (of_products, of_lookups, [*of_lookups, *of_products]):
        assert_same(combine(parts), torch.stack([written_out(part, p, d) for part in parts]).sum(0))


def test_short_gradients_are_written_out_and_long_ones_are_not() -> None:
    assert isinstance(combine([products(2, 30, 8, 384, 0)]), Written)
    assert isinstance(combine([products(2, 30, 384, 384, 0)]), OuterProducts)


def test_gradients_written_out_add_up_with_outer_products() -> None:
    part, more = products(3, 2, 4, 5, 0), Written(torch.randn(3, 4, 5))

    assert_same(combine([part, more]), written_out(part, 4, 5) + more.gradients)


@pytest.mark.parametrize("seed", range(5))
def test_in_bf16_a_gradient_whose_places_cancel_is_not_taken_for_shorter_than_it_is(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    left, right = torch.randn(8, 1, 64, generator=generator), torch.randn(8, 1, 64, generator=generator)
    nearly = right + 0.01 * torch.randn(8, 1, 64, generator=generator)
    part = OuterProducts(torch.cat([left, -left], 1).bfloat16(), torch.cat([right, nearly], 1).bfloat16())
    exact = OuterProducts(part.left_BTP.double(), part.right_BTD.double())

    assert (part.squared_lengths(Alikeness()) >= written_out(exact, 64, 64).square().sum((1, 2)).float()).all()
