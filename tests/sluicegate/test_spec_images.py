from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sluicegate.errors import SpecRefused
from sluicegate.spec import ImageScratch, LoadedSpec, load_spec

SPEC = Path(__file__).resolve().parents[2] / "deployments" / "digits.yaml"
TEXTS = SPEC.with_name("reviews-en.yaml")
SIZE = {"layers": 1, "hidden": 32, "heads": 4, "vocabulary": 500, "longest": 128}


def loaded(**changes: Any) -> LoadedSpec:
    return load_spec(SPEC, {name.replace("__", "."): value for name, value in changes.items()})


def test_the_digits_spec_is_accepted() -> None:
    spec = loaded().spec
    assert spec.data.image == "image"
    assert spec.training.base_model.scratch == ImageScratch(  # type: ignore[union-attr]
        layers=3, hidden=64, heads=4, image_size=8, patch_size=2
    )


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param({"training__task": "sequence-classification"}, "needs vocabulary and longest", id="a text task"),
        pytest.param(
            {"training__base_model": {"scratch": SIZE}}, "needs image_size and patch_size", id="a size for texts"
        ),
        pytest.param({"data__image": None, "data__largest_image_pixels": 16_777_216}, "need each other", id="no image"),
        pytest.param({"data__image": None}, "`largest_image_pixels` needs `image`", id="a limit on no images"),
        pytest.param({"data__text": "review"}, "name either `text` or `image`", id="texts too"),
        pytest.param({"data__groups": ["image"]}, "reserved name", id="a group called image"),
        pytest.param({"data__largest_image_pixels": 1 << 30}, "less than or equal to 67108864", id="a limit too high"),
        pytest.param(
            {"data__source": {"kind": "sql", "url_env": "DB", "table": "t"}}, "source of kind csv, jsonl", id="sql"
        ),
        pytest.param({"training__max_length_tokens": 64}, "`max_length_tokens` cuts texts", id="a length in tokens"),
        pytest.param(
            {
                "training__base_model": "vit",
                "training__privacy": {"target_epsilon": 3, "delta": 1e-5, "max_grad_norm": 1},
            },
            "`privacy` is for texts",
            id="privacy",
        ),
        pytest.param(
            {"training__robustness": {"noise": {"typos": 0.1}}}, "`robustness.noise` is for texts", id="noise in texts"
        ),
        pytest.param(
            {"training__robustness": {"adversarial": {"kind": "fgm", "radius": 0.1}}},
            "`robustness.adversarial` is for texts",
            id="adversarial passes",
        ),
        pytest.param({"training__soft_labels": True}, "needs `task: sequence-classification`", id="soft labels"),
        pytest.param({"evidence__baselines": ["tfidf"]}, "holds tfidf; for images there are majority", id="words"),
        pytest.param({"evidence": {}}, "holds tfidf; for images", id="baselines left out"),
        pytest.param({"scrubbing": {"languages": ["en"]}}, "`scrubbing` reads texts", id="scrubbing"),
        pytest.param({"hygiene": {"near_duplicates": None}}, "there is `hygiene.near_images`", id="near words"),
        pytest.param(
            {"hygiene": {"harm": {"classifier": {"kind": "terms"}}}}, "find nothing in images", id="harmful words"
        ),
        pytest.param({"cluster": "auto"}, "images are read on this machine", id="cluster"),
        pytest.param(
            {
                "training__base_model": {
                    "scratch": {"layers": 1, "hidden": 8, "heads": 2, "image_size": 8, "patch_size": 3}
                }
            },
            "must be a multiple of `patch_size`: 8 is none of 3",
            id="patches that do not fill it",
        ),
        pytest.param(
            {
                "training__base_model": {
                    "scratch": {"layers": 1, "hidden": 9, "heads": 2, "image_size": 8, "patch_size": 2}
                }
            },
            "must be a multiple of `heads`",
            id="heads",
        ),
        pytest.param({"training__method": "frozen"}, "`method` must be `full`", id="a frozen body of random weights"),
        pytest.param({"data__labels": []}, "`labels` must name every label", id="no labels"),
    ],
)
def test_what_does_not_go_with_images_is_refused_in_one_line(changes: dict[str, Any], line: str) -> None:
    with pytest.raises(SpecRefused, match=line) as refused:
        loaded(**changes)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param({"data.image": "image"}, "needs a source of kind csv, jsonl", id="a column of images"),
        pytest.param({"evidence.baselines": ["pixels"]}, "holds pixels, which reads images", id="pixels"),
        pytest.param(
            {"hygiene": {"near_images": None}}, "`hygiene.near_images` compares images; for texts", id="near images"
        ),
        pytest.param(
            {"training.task": "image-classification"}, "`max_length_tokens` cuts|need each other", id="the task alone"
        ),
    ],
)
def test_what_is_for_images_alone_is_refused_for_texts(changes: dict[str, Any], line: str) -> None:
    with pytest.raises(SpecRefused, match=line):
        load_spec(TEXTS, changes)


def test_majority_is_a_baseline_of_texts_with_labels_and_of_no_others() -> None:
    assert load_spec(TEXTS, {"evidence.baselines": ["majority"]}).spec.evidence.baselines == ["majority"]
    with pytest.raises(SpecRefused, match="gives no single label"):
        load_spec(SPEC.with_name("pretrain-en.yaml"), {"evidence.baselines": ["majority"]})


def test_a_spec_says_the_same_after_a_way_through_json() -> None:
    spec = loaded().spec
    assert type(spec).model_validate_json(spec.model_dump_json()) == spec
    assert yaml.safe_load(SPEC.read_text())["training"]["task"] == spec.training.task
