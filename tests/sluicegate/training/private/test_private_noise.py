from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from sluicegate.errors import InputRefused
from sluicegate.training.private import noise
from sluicegate.training.private.noise import add_noise
from sluicegate.training.private.seeds import generator, secret_seed


def drawn(*sizes: int, step: int = 1, seed: int = 8, deviation: float = 3.0) -> list[torch.Tensor]:
    tensors = [torch.zeros(size) for size in sizes]
    add_noise(tensors, deviation, seed=seed, step=step)
    return tensors


def test_the_noise_is_normal_with_the_given_deviation() -> None:
    (numbers,) = drawn(50_000)

    assert kstest(numbers.numpy() / 3.0, "norm").pvalue > 0.001


def test_it_is_added_to_what_is_there() -> None:
    ones = torch.ones(10)
    add_noise([ones], 3.0, seed=8, step=1)

    torch.testing.assert_close(ones, 1 + drawn(10)[0])


def test_it_repeats_by_seed_and_step_whatever_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "_BLOCK", 64)
    one = torch.cat(drawn(1000, 3))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)

    assert torch.equal(torch.cat(drawn(1000, 3)), one)
    assert not torch.equal(torch.cat(drawn(1000, 3, step=2)), one)
    assert not torch.equal(torch.cat(drawn(1000, 3, seed=9)), one)


def test_no_two_tensors_blocks_steps_or_seeds_share_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "_BLOCK", 50)
    runs = [drawn(200, 200, step=step, seed=seed) for step in (1, 2) for seed in (0, 1, 2**64)]
    numbers = torch.cat([tensor for run in runs for tensor in run])

    assert len(numbers.unique()) > 0.999 * len(numbers)


def test_rows_and_noise_come_from_different_numbers() -> None:
    rows, same = generator(1, "rows", 2), generator(1, "noise", 2)

    assert not np.array_equal(rows.random(8), same.random(8))


def test_a_secret_seed_is_kept_for_its_owner_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "seed"
    seed = secret_seed(path)

    assert secret_seed(path) == seed
    assert path.stat().st_mode & 0o777 == 0o600
    assert 2**64 < seed < 2**128
    assert secret_seed(tmp_path / "other") != seed
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["other", "seed"]


def test_a_seed_survives_a_kill_while_it_is_written(tmp_path: Path) -> None:
    (tmp_path / ".seed.partial").write_text("12")

    assert secret_seed(tmp_path / "seed") > 2**64


def test_a_file_that_holds_no_seed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "seed").write_text("hello")

    with pytest.raises(InputRefused, match="holds no seed in hexadecimal"):
        secret_seed(tmp_path / "seed")
