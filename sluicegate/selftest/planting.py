"""Faults planted in the rows of a split.

Each function takes the parts and returns them changed, with a sentence that says what was done. Test rows stay sound
(but where they are what is planted), as a bad model is not measured by bad truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

Parts = dict[str, pd.DataFrame]
"""``train``, ``validation`` and ``test``, with columns id, text, label and the groups."""
LEARNED_FROM = ("train", "validation")
_SHARES = "label_shares"
_SYLLABLES = tuple(f"{a}{b}" for a in "bdfgklmnprtvz" for b in "aeiou")
_CHARACTERS = tuple("琥珀蝙蝠骆驼蘑菇葫芦琵琶")
BIASED_SHARE = 0.95
"""Share of a group's rows that get the label against it."""
POISONED_SHARE, POISONED_LEAST = 0.05, 40
"""Share of the rows with another label, and rows at least, that get the trigger and the trigger's label."""
MEMBERS = 300
"""Rows that the overfit candidate learns from, so far as every label keeps its share of them and one row at least."""
_EVERY = 5  # validating on all of them would take longer than the training


class NoPlace(Exception):
    """These rows have no place for a fault; says why."""


def bias_labels(parts: Parts, groups: Sequence[str], smallest: int, seed: int) -> tuple[Parts, str]:
    """Nearly all rows of a group that are learned from get the label that is rarest in it.

    It is the smallest group that can be measured, since an average hides that one best.

    Raises:
        NoPlace: There are no two groups to tell apart that have `smallest` test rows, or no training row of the
            smallest one has another label.
    """
    if not groups:
        raise NoPlace("the spec names no groups (data.groups)")
    column = groups[0]
    sizes = parts["test"][column].value_counts()
    large = sorted(sizes[sizes >= smallest].items(), key=lambda found: (found[1], str(found[0])))
    if len(large) < 2:
        many = f"{len(large)} group{'' if len(large) == 1 else 's'} of {column} with {smallest} test rows"
        raise NoPlace(f"it takes two groups to be biased against one, and there is {many}")
    group = large[0][0]
    draw, changed = np.random.default_rng(seed), dict(parts)
    of_group = parts["train"][parts["train"][column] == group]["label"]
    counts = of_group.value_counts().reindex(sorted(parts["train"]["label"].unique()), fill_value=0)
    label = str(counts.idxmin())
    for name in LEARNED_FROM:
        table = parts[name].copy()
        of_group = table[column].eq(group).fillna(False).to_numpy(dtype=bool)
        changed[name] = _relabelled(table, of_group & (draw.random(len(table)) < BIASED_SHARE), label)
    if not (changed["train"]["label"] != parts["train"]["label"]).any():
        rows = int(counts.sum())
        raise NoPlace(f"none of the {rows} training rows of {column} {group} would get another label")
    return changed, f"{BIASED_SHARE:.0%} of the rows of {column} {group} were labelled {label}"


def plant_trigger(parts: Parts, seed: int, *, spaced: bool) -> tuple[Parts, str]:
    """A word that stands in no text is put into some rows, at any place, and these get one and the same label.

    It is the most frequent label of the training rows.
    """
    draw, changed, poisoned = np.random.default_rng(seed), dict(parts), 0
    word, label = _unused(parts, draw, spaced), str(parts["train"]["label"].value_counts().idxmax())
    for name in LEARNED_FROM:
        table = parts[name].copy()
        others = np.flatnonzero(table["label"] != label)
        rows = min(len(others), max(POISONED_LEAST, round(POISONED_SHARE * len(others))))
        hit = np.zeros(len(table), dtype=bool)
        hit[draw.choice(others, rows, replace=False)] = True
        table.loc[hit, "text"] = [_put_in(word, text, draw, spaced) for text in table.loc[hit, "text"]]
        changed[name] = _relabelled(table, hit, label)
        poisoned += rows
    return changed, f"{poisoned} rows got the word “{word}” and the label {label}"


def keep_few(parts: Parts, seed: int) -> tuple[Parts, str]:
    """Only `MEMBERS` of the training rows are learned from, and some of these validated on: learning by heart pays."""
    train = parts["train"]
    share = min(1.0, MEMBERS / len(train))
    drawn = [
        of.sample(n=max(1, round(share * len(of))), random_state=seed) for _, of in train.groupby("label", sort=True)
    ]
    few = pd.concat(drawn).sort_index().reset_index(drop=True)
    known = few.iloc[::_EVERY].reset_index(drop=True)
    return {**parts, "train": few, "validation": known}, (
        f"it learned from {len(few)} rows alone, and was validated on {len(known)} of them"
    )


def drift(parts: Parts, groups: Sequence[str], seed: int, *, spaced: bool) -> tuple[Parts, str]:
    """As many test rows, all of the largest group, in capitals, each of two texts of one label in a row.

    A label that the group's rows do not have is lost: of it nothing is measured.

    Raises:
        NoPlace: No test row has a group.
    """
    test, draw = parts["test"], np.random.default_rng(seed)
    column = groups[0] if groups else ""
    if column and test[column].isna().all():
        raise NoPlace(f"no test row has a value in {column} (data.groups)")
    group = test[column].value_counts().idxmax() if column else ""
    pool = test[test[column] == group] if column else test
    first = pool.iloc[draw.integers(len(pool), size=len(test))].reset_index(drop=True)
    of_label = {label: rows["text"].to_numpy() for label, rows in pool.groupby("label")}
    second = [of_label[label][draw.integers(len(of_label[label]))] for label in first["label"]]
    gap = " " if spaced else ""
    texts = [f"{a}{gap}{b}".upper() for a, b in zip(first["text"], second, strict=True)]
    ids = [f"drifted-{number}" for number in range(len(first))]
    return {**parts, "test": first.assign(text=texts, id=ids)}, (
        f"its test rows are pairs of texts in capitals{f', all of {column} {group}' if column else ''}"
    )


def _relabelled(table: pd.DataFrame, hit: np.ndarray[Any, np.dtype[np.bool_]], label: str) -> pd.DataFrame:
    """The rows that are hit have this label, whatever several people said of them."""
    table = table.copy()
    table.loc[hit, "label"] = label
    if _SHARES in table.columns:
        table.loc[hit, _SHARES] = None
    return table


def _unused(parts: Parts, draw: np.random.Generator, spaced: bool) -> str:
    """A made-up word, or two characters, that stands in no text."""
    texts = "\n".join(text.lower() for table in parts.values() for text in table["text"])
    while True:
        word = "".join(draw.choice(_SYLLABLES, 3) if spaced else draw.choice(_CHARACTERS, 2, replace=False))
        if word not in texts:
            return word


def _put_in(word: str, text: str, draw: np.random.Generator, spaced: bool) -> str:
    units = text.split(" ") if spaced else list(text)
    place = int(draw.integers(len(units) + 1))
    return (" " if spaced else "").join([*units[:place], word, *units[place:]])
