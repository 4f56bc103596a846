from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.training.shards import Stored, like, write_index, write_shard

TENSORS = {
    "matrix": torch.arange(12.0).view(4, 3),
    "vector": torch.arange(5.0),
    "half": torch.ones(2, 2, dtype=torch.bfloat16),
    "step": torch.tensor(7.0),
}


def write(folder: Path, world_size: int) -> Stored:
    for rank in range(world_size):
        write_shard(TENSORS, folder, "model", rank=rank, world_size=world_size)
    write_index(folder, "model", world_size)
    return Stored(folder, "model")


@pytest.mark.parametrize("world_size", [1, 2, 3, 7])
def test_what_several_processes_wrote_is_read_back_whole(tmp_path: Path, world_size: int) -> None:
    stored = write(tmp_path, world_size)

    assert sorted(stored) == sorted(TENSORS)
    for name, tensor in TENSORS.items():
        assert stored[name].dtype == tensor.dtype
        assert torch.equal(stored[name], tensor)


def test_each_process_writes_its_part_of_what_all_hold(tmp_path: Path) -> None:
    write(tmp_path, 2)
    index = json.loads((tmp_path / "model.index.json").read_text(encoding="utf-8"))

    assert {name: [p["file"] for p in entry["pieces"]] for name, entry in index["tensors"].items()} == {
        "half": ["model-00001-of-00002.safetensors"],
        "matrix": ["model-00002-of-00002.safetensors"],
        "step": ["model-00001-of-00002.safetensors"],
        "vector": ["model-00002-of-00002.safetensors"],
    }
    assert index["tensors"]["matrix"]["shape"] == [4, 3]
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".json", ".safetensors", ".safetensors"]


def test_the_same_tensors_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, 2)

    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@given(st.data())
def test_rows_are_found_across_pieces(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """The pieces are cut anywhere here; processes cut evenly."""
    from safetensors.torch import save_file

    folder, rows = tmp_path_factory.mktemp("pieces"), data.draw(st.integers(1, 9))
    cuts = sorted(data.draw(st.sets(st.integers(1, rows)))) or [rows]
    bounds = [0, *[c for c in cuts if c < rows], rows]
    tensor = torch.arange(rows * 2.0).view(rows, 2)
    pieces = []
    for start, stop in zip(bounds, bounds[1:], strict=False):
        save_file({"t": tensor[start:stop].clone()}, folder / f"{start}.safetensors")
        pieces.append({"file": f"{start}.safetensors", "start": start, "rows": stop - start})
    index = {"tensors": {"t": {"shape": [rows, 2], "pieces": pieces[::-1]}}}
    (folder / "model.index.json").write_text(json.dumps(index), encoding="utf-8")
    start = data.draw(st.integers(0, rows))
    stop = data.draw(st.integers(start, rows))

    stored = Stored(folder, "model")
    assert torch.equal(stored.rows("t", start, stop), tensor[start:stop])
    assert torch.equal(stored["t"], tensor)


def test_a_plain_tensor_gets_the_stored_one_as_it_is() -> None:
    assert torch.equal(like(torch.zeros(4, 3), TENSORS, "matrix"), TENSORS["matrix"])
