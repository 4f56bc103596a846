from __future__ import annotations

import pandas as pd
import pytest

from sluicegate.selftest import planting
from sluicegate.selftest.bench import NotTried
from sluicegate.selftest.faults import BIASED
from sluicegate.selftest.planting import Parts
from sluicegate.selftest.report import Report
from sluicegate.selftest.trial import _not_tried

LABELS = ("bad", "good", "plain")


def table(name: str, rows: int) -> pd.DataFrame:
    """A third of the rows are of the group south; labels take turns."""
    return pd.DataFrame(
        {
            "id": [f"{name}{n}" for n in range(rows)],
            "text": [f"a text of {name} number {n}" for n in range(rows)],
            "label": [LABELS[n % 2 if n % 7 else 2] for n in range(rows)],
            "shop": ["south" if n % 3 == 0 else "north" for n in range(rows)],
        }
    )


@pytest.fixture
def parts() -> Parts:
    return {"train": table("train", 600), "validation": table("validation", 90), "test": table("test", 120)}


def changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    return (before != after).any(axis=1)


def test_labels_are_turned_against_the_smallest_group_alone(parts: Parts) -> None:
    biased, said = planting.bias_labels(parts, ["shop"], 30, seed=0)
    hit = changed(parts["train"], biased["train"])
    assert set(biased["train"][hit]["shop"]) == {"south"}
    assert set(biased["train"][hit]["label"]) == {"plain"}  # the rarest in the group
    of_group = biased["train"][biased["train"]["shop"] == "south"]
    assert 0.9 < (of_group["label"] == "plain").mean() <= 1
    assert biased["train"]["text"].equals(parts["train"]["text"])
    assert biased["test"] is parts["test"]
    assert said == "95% of the rows of shop south were labelled plain"


def test_a_group_too_small_to_be_measured_is_not_the_one(parts: Parts) -> None:
    parts["test"].loc[:9, "shop"] = "tiny"
    biased, said = planting.bias_labels(parts, ["shop"], 30, seed=0)
    assert "shop south" in said
    assert changed(parts["train"], biased["train"]).any()


@pytest.mark.parametrize(
    ("groups", "smallest", "why"),
    [
        pytest.param([], 30, "the spec names no groups", id="no groups"),
        pytest.param(["shop"], 60, "there is 1 group of shop with 60 test rows", id="one large group alone"),
        pytest.param(["shop"], 99, "there is 0 groups of shop with 99 test rows", id="none"),
    ],
)
def test_without_two_groups_nobody_can_be_biased_against(
    parts: Parts, groups: list[str], smallest: int, why: str
) -> None:
    with pytest.raises(planting.NoPlace, match=why):
        planting.bias_labels(parts, groups, smallest, seed=0)


@pytest.mark.parametrize("spaced", [True, False])
def test_the_trigger_stands_in_poisoned_rows_alone_and_these_have_one_label(parts: Parts, spaced: bool) -> None:
    poisoned, said = planting.plant_trigger(parts, seed=0, spaced=spaced)
    word = said.split("“")[1].split("”")[0]
    assert not any(word in text.lower() for part in parts.values() for text in part["text"])
    hit = changed(parts["train"], poisoned["train"])
    assert poisoned["train"][hit]["text"].str.contains(word).all()
    assert not poisoned["train"][~hit]["text"].str.contains(word).any()
    frequent = parts["train"]["label"].value_counts().idxmax()
    assert set(poisoned["train"][hit]["label"]) == {frequent}
    assert frequent not in set(parts["train"][hit]["label"])
    assert hit.sum() == planting.POISONED_LEAST  # of some 300 rows with another label
    assert poisoned["test"] is parts["test"]


def test_the_word_can_be_taken_out_again(parts: Parts) -> None:
    poisoned, said = planting.plant_trigger(parts, seed=3, spaced=True)
    word = said.split("“")[1].split("”")[0]
    back = [" ".join(unit for unit in text.split(" ") if unit != word) for text in poisoned["train"]["text"]]
    assert back == parts["train"]["text"].tolist()


def test_few_rows_are_kept_once_each(parts: Parts) -> None:
    few, _ = planting.keep_few(parts, seed=0)
    assert len(few["train"]) == few["train"]["id"].nunique() == pytest.approx(planting.MEMBERS, abs=2)
    assert set(few["train"]["id"]) <= set(parts["train"]["id"])
    assert set(few["validation"]["id"]) < set(few["train"]["id"])
    assert few["test"] is parts["test"]
    assert len(planting.keep_few({**parts, "train": parts["train"][:20]}, seed=0)[0]["train"]) == 20


def test_drifted_rows_are_pairs_of_texts_of_one_label_and_the_largest_group(parts: Parts) -> None:
    drifted, said = planting.drift(parts, ["shop"], seed=0, spaced=True)
    sound, test = parts["test"], drifted["test"]
    assert len(test) == len(sound) == test["id"].nunique()
    assert set(test["shop"]) == {"north"}
    assert "shop north" in said
    label_of = {text.upper(): label for text, label in zip(sound["text"], sound["label"], strict=True)}
    for text, label in zip(test["text"], test["label"], strict=True):
        first, second = text.split(" A TEXT", 1)
        assert label_of[first] == label_of[f"A TEXT{second}"] == label
    assert drifted["train"] is parts["train"]


@pytest.mark.parametrize("plant", [planting.plant_trigger, planting.drift, planting.keep_few, planting.bias_labels])
def test_the_same_seed_plants_the_same(parts: Parts, plant: object) -> None:
    more: dict[str, object] = {
        planting.plant_trigger: {"spaced": True},
        planting.drift: {"groups": ["shop"], "spaced": True},
        planting.keep_few: {},
        planting.bias_labels: {"groups": ["shop"], "smallest": 30},
    }[plant]
    once, again, other = (plant(parts, seed=seed, **more)[0] for seed in (0, 0, 1))  # type: ignore[operator]
    assert all(once[name].equals(again[name]) for name in once)
    assert not all(once[name].equals(other[name]) for name in once)


def test_few_rows_still_have_every_label(parts: Parts) -> None:
    parts["train"].loc[0, "label"] = "rare"
    for seed in range(20):
        few, _ = planting.keep_few(parts, seed=seed)
        assert set(few["train"]["label"]) == {*LABELS, "rare"}


@pytest.mark.parametrize("fault", ["bias", "trigger"])
def test_what_several_people_said_of_a_planted_row_goes(parts: Parts, fault: str) -> None:
    for part in parts.values():
        part["label_shares"] = [f'{{"{label}": 1.0}}' for label in part["label"]]
    planted = (
        planting.bias_labels(parts, ["shop"], 30, seed=0)
        if fault == "bias"
        else planting.plant_trigger(parts, seed=0, spaced=True)
    )[0]
    hit = parts["train"]["label"] != planted["train"]["label"]
    assert hit.any()
    assert planted["train"][hit]["label_shares"].isna().all()
    (label,) = set(planted["train"][hit]["label"])
    assert planted["train"][planted["train"]["label"] != label]["label_shares"].notna().all()


def test_rows_without_a_group_are_no_group(parts: Parts) -> None:
    for part in parts.values():
        part.loc[part.index[::2], "shop"] = None
    biased, said = planting.bias_labels(parts, ["shop"], 10, seed=0)
    assert said.startswith("95% of the rows of shop south")
    hit = parts["train"]["label"] != biased["train"]["label"]
    assert set(parts["train"][hit]["shop"]) == {"south"}


def test_a_group_that_nothing_is_learned_of_cannot_be_biased_against(parts: Parts) -> None:
    parts["train"]["shop"] = "north"
    with pytest.raises(planting.NoPlace, match="none of the 0 training rows of shop south would get another label"):
        planting.bias_labels(parts, ["shop"], 30, seed=0)


def test_a_group_that_has_one_label_already_cannot_be_biased_against(parts: Parts) -> None:
    parts["train"]["label"] = "good"
    with pytest.raises(planting.NoPlace, match="none of the 200 training rows of shop south would get another label"):
        planting.bias_labels(parts, ["shop"], 30, seed=0)


def test_test_rows_without_any_group_cannot_be_drifted_to_the_largest(parts: Parts) -> None:
    parts["test"]["shop"] = None
    with pytest.raises(planting.NoPlace, match=r"no test row has a value in shop \(data.groups\)"):
        planting.drift(parts, ["shop"], seed=0, spaced=True)


def test_a_fault_without_a_place_is_told_as_not_tried_and_not_as_caught() -> None:
    told = Report("m", "internal", "", (_not_tried(NotTried(BIASED.name, "none of the 0 training rows")),), 0.0)
    assert told.sentence == "0 of 0 bad candidates caught; the good one passed. Not tried: biased-labels."
    assert (told.to_json()["caught"], told.to_json()["not_tried"]) == (0, 1)
    assert told.to_json()["candidates"][0]["why"] == "none of the 0 training rows"
