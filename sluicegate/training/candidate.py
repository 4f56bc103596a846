"""A candidate: a trained model's folder with everything that is loaded or executed to serve it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

from sluicegate.errors import InputRefused
from sluicegate.manifest import Manifest
from sluicegate.spec.model import Task
from sluicegate.training.recipes import recipe_for

CARD, LOADER, REQUIREMENTS = "candidate.json", "loader.py", "requirements.txt"
# Nothing else of a model's folder is served but these and what reads its rows, so nothing else can ride along.
_MODEL_FILES = ("config.json", "model.safetensors")


def pack(
    model: Path,
    folder: Path,
    *,
    labels: Sequence[str],
    max_length_tokens: int,
    task: Task = "sequence-classification",
) -> Manifest:
    """Fills `folder` with the candidate; the digest of its manifest is the candidate's name.

    Beside the model's own files it holds ``loader.py`` (the script that serves it), ``candidate.json``
    (task, labels in the model's order, for texts the tokens at most) and ``requirements.txt`` (the libraries as
    they are here). The same model packed twice, by the same libraries, gives the same bytes.

    Raises:
        InputRefused: A file is missing in `model`, its labels are others, or `folder` is not empty.
    """
    recipe = recipe_for(task)
    names = (*_MODEL_FILES, *recipe.reader_files)
    _check(model, names, recipe.outputs(labels))
    if folder.is_dir() and any(folder.iterdir()):
        raise InputRefused(folder, "", "is not empty, a candidate is packed into a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(model / name, folder / name)
    card: dict[str, Any] = {"labels": list(labels), "task": task}
    if recipe.subject == "texts":
        card["max_length_tokens"] = max_length_tokens
    (folder / CARD).write_text(json.dumps(card, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / LOADER).write_bytes(files("sluicegate.training").joinpath(recipe.loader).read_bytes())
    pins = "".join(f"{name}=={metadata.version(name).split('+')[0]}\n" for name in recipe.served_by)
    (folder / REQUIREMENTS).write_text(pins, encoding="utf-8")
    return Manifest.of_folder(folder)


def _check(model: Path, names: Sequence[str], tags: Sequence[str]) -> None:
    """Whether the files are there, and the model's outputs are `tags`; none for a language model."""
    if missing := [name for name in names if not (model / name).is_file()]:
        raise InputRefused(model, missing[0], "is missing, a candidate needs it", "train the model again")
    if not tags:
        return
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    named = [config["id2label"][str(i)] for i in range(len(config["id2label"]))]
    if named != list(tags):
        raise InputRefused(model / "config.json", "id2label", f"names {', '.join(named)}, not {', '.join(tags)}")
