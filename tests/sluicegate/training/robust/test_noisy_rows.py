from __future__ import annotations

from pathlib import Path

import pandas as pd

from sluicegate.spec.spans import parse_spans
from sluicegate.training.robust.noise import Noise, noisy
from sluicegate.training.robust.noisy_rows import write_noisy
from sluicegate.training.rows import READ_AT_ONCE

NOISE = Noise(typo_share=0.3, drop_share=0.2)


def changed(folder: Path, table: pd.DataFrame, *, epoch: int, noise: Noise = NOISE) -> pd.DataFrame:
    table.to_parquet(folder / "rows.parquet")
    write_noisy(folder / "rows.parquet", folder / "noisy.parquet", noise, seed=5, epoch=epoch)
    return pd.read_parquet(folder / "noisy.parquet")


def test_every_row_keeps_its_place_and_all_but_its_text(tmp_path: Path) -> None:
    count = READ_AT_ONCE + 7  # more than are read at once
    table = pd.DataFrame({"text": ["the kettle sings quietly"] * count, "label": [str(i) for i in range(count)]})
    found = changed(tmp_path, table, epoch=3)

    assert found["label"].equals(table["label"])
    for row in (0, 1, READ_AT_ONCE, count - 1):
        assert found["text"][row] == noisy(table["text"][row], NOISE, seed=5, epoch=3, row=row)[0]
    assert found["text"].nunique() > 10


def test_an_epoch_gives_the_same_texts_every_time_and_another_one_others(tmp_path: Path) -> None:
    table = pd.DataFrame({"text": ["the kettle sings quietly"] * 20})
    first = changed(tmp_path, table, epoch=0)

    assert changed(tmp_path, table, epoch=0).equals(first)
    assert not changed(tmp_path, table, epoch=1).equals(first)


def test_spans_stay_on_their_words(tmp_path: Path) -> None:
    spans = '[{"start": 8, "end": 12, "entity_type": "PERSON"}]'
    table = pd.DataFrame({"text": ["write a Bob1 letter quickly please"] * 40, "spans": [spans] * 40})
    found = changed(tmp_path, table, epoch=0)

    kept = 0
    for text, of_text in zip(found["text"], found["spans"], strict=True):
        for span in parse_spans(of_text, len(text)):
            assert text[span.start : span.end] == "Bob1"  # a word with a digit gets no typo
            kept += 1
    assert 20 < kept < 40
