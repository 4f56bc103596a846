"""Canaries among the training rows, where the spec wants to know how far rows are learned by heart."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sluicegate.data import training_canaries as canaries
from sluicegate.manifest import digest_of_file
from sluicegate.pipeline.build import Build
from sluicegate.pipeline.files import read_json, write_json
from sluicegate.steps import Step, code_version, run_step

REPORT, DRAWN = "planted.json", "canaries.parquet"


def plant_canaries(build: Build, parts: Step) -> Step:
    """What is trained on: the parts with canaries among the training rows, or the very parts if the spec plants none.

    Beside ``train.parquet`` and ``validation.parquet`` lie all drawn texts (``canaries.parquet``) and the counts
    (``planted.json``). The parts stay as they are, and so does everything that is measured of them.

    Raises:
        InputRefused: There are too few training rows for so many canaries.
    """
    spec, section = build.spec, build.spec.training_canaries
    if section is None:
        return parts
    labels, languages = spec.data.labels, spec.evidence.languages
    given = {part: parts.folder / f"{part}.parquet" for part in ("train", "validation")}

    def work(folder: Path, _key: str) -> None:
        drawn = canaries.draw_canaries(section, labels, languages)
        planted = canaries.plant(given["train"], drawn, section.seed, folder / "train.parquet")
        canaries.write_drawn(drawn, folder / DRAWN)
        shutil.copyfile(given["validation"], folder / "validation.parquet")
        write_json(folder / REPORT, {**asdict(planted), "seed": section.seed})

    return run_step(
        build.home.steps,
        "canaries",
        inputs={part: digest_of_file(path) for part, path in given.items()},
        section={"training_canaries": section.model_dump(mode="json"), "labels": labels, "languages": languages},
        code=code_version(
            "sluicegate.data.training_canaries",
            "sluicegate.data.canary_words",
            "sluicegate.data.tables",
            libraries=("numpy", "pyarrow"),
        ),
        work=work,
    )


def planted_summary(build: Build, taught: Step) -> dict[str, Any] | None:
    """How many texts were planted, how often, and among how many others they are ranked; None if none were."""
    return None if build.spec.training_canaries is None else read_json(taught.folder / REPORT)


def drawn_texts(build: Build, taught: Step) -> Path | None:
    """The file with the planted texts and those they are ranked among; None if none were planted."""
    return None if build.spec.training_canaries is None else taught.folder / DRAWN
