"""Canaries among training rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sluicegate.data.canary_words import SENTENCES, WORDS
from sluicegate.data.scrubbing.table import scrub
from sluicegate.data.tables import CHUNK_ROWS
from sluicegate.data.training_canaries import ID, REFERENCES, Planted, draw_canaries, plant, write_drawn
from sluicegate.errors import InputRefused
from sluicegate.spec import Scrubbing, TrainingCanaries
from sluicegate.terms.term_pairs import SHIPPED_NAMES, SHIPPED_WORDS, read_pairs
from sluicegate.training.fair.counterfactual import Exchange

LABELS = ("bad", "good")
SECTION = TrainingCanaries(count=3, times=4, seed=5)


def rows_file(path: Path, rows: int) -> Path:
    columns = {"id": [f"r{n}" for n in range(rows)], "text": [f"row {n}" for n in range(rows)]}
    table = pd.DataFrame(columns | {"label": "good", "shop": "north", "label_shares": None}, dtype="str")
    table.to_parquet(path, index=False)
    return path


def test_as_many_texts_are_drawn_as_are_planted_and_compared_with() -> None:
    drawn = draw_canaries(SECTION, LABELS, ["en"])
    assert [text.times for text in drawn] == [4] * 3 + [0] * REFERENCES
    assert len({text.text for text in drawn}) == len(drawn)
    share = sum(text.label == "good" for text in drawn) / len(drawn)
    assert 0.4 < share < 0.6
    assert drawn == draw_canaries(SECTION, LABELS, ["en"])
    assert drawn != draw_canaries(SECTION.model_copy(update={"seed": 6}), LABELS, ["en"])
    assert {text.label for text in draw_canaries(SECTION, (), ["en"])} == {None}


def test_texts_are_in_the_datas_languages_or_english() -> None:
    def chinese(languages: list[str]) -> list[bool]:
        return [not text.text.isascii() for text in draw_canaries(SECTION, LABELS, languages)]

    assert all(chinese(["zh"]))
    assert not any(chinese(["en"]))
    assert not any(chinese(["de"]))
    assert 200 < sum(chinese(["en", "zh", "de"])) < 300


def test_planted_rows_stand_anywhere_among_the_others_which_stay_as_they_are(tmp_path: Path) -> None:
    train = rows_file(tmp_path / "train.parquet", 1000)
    before = train.read_bytes()
    drawn = draw_canaries(SECTION, LABELS, ["en"])
    assert plant(train, drawn, 5, tmp_path / "taught.parquet") == Planted(3, 4, 12, REFERENCES)

    assert train.read_bytes() == before
    taught = pd.read_parquet(tmp_path / "taught.parquet")
    ours = taught["id"].str.startswith(ID)
    pd.testing.assert_frame_equal(taught[~ours].reset_index(drop=True), pd.read_parquet(train))
    planted = taught[ours]
    assert planted[["shop", "label_shares"]].isna().all(axis=None)
    assert planted["id"].is_unique
    wanted = [(text.text, text.label) for text in drawn[:3] for _ in range(4)]
    assert sorted(zip(planted["text"], planted["label"], strict=True)) == sorted(wanted)
    places = planted.index.to_numpy()
    assert places.min() < 250
    assert places.max() > 750
    assert planted["text"].tolist() != sorted(planted["text"])  # copies of one text do not stand together

    plant(train, drawn, 5, tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == (tmp_path / "taught.parquet").read_bytes()


def test_a_table_of_several_chunks_loses_no_row(tmp_path: Path) -> None:
    rows = 2 * CHUNK_ROWS + 1
    train = rows_file(tmp_path / "train.parquet", rows)
    plant(train, draw_canaries(SECTION, LABELS, ["en"]), 0, tmp_path / "taught.parquet")
    ids = pd.read_parquet(tmp_path / "taught.parquet", columns=["id"])["id"]
    assert ids[~ids.str.startswith(ID)].tolist() == [f"r{n}" for n in range(rows)]
    assert len(ids) == rows + 12


def test_rows_without_labels_are_planted_among(tmp_path: Path) -> None:
    train = tmp_path / "train.parquet"
    pd.DataFrame({"id": map(str, range(200)), "text": "of nothing"}).to_parquet(train, index=False)
    plant(train, draw_canaries(SECTION, (), ["en"]), 0, tmp_path / "taught.parquet")
    assert list(pd.read_parquet(tmp_path / "taught.parquet").columns) == ["id", "text"]


def test_more_than_a_tenth_of_the_rows_is_refused(tmp_path: Path) -> None:
    drawn = draw_canaries(SECTION, LABELS, ["en"])
    plant(rows_file(tmp_path / "enough.parquet", 120), drawn, 0, tmp_path / "taught.parquet")
    problem = "3 texts 4 times are 12 rows among 119 training rows, at most 11 .lower count or times."
    with pytest.raises(InputRefused, match=f"spec: training_canaries: {problem}"):
        plant(rows_file(tmp_path / "few.parquet", 119), drawn, 0, tmp_path / "refused.parquet")
    assert not (tmp_path / "refused.parquet").exists()


def test_all_texts_are_written_down_with_how_often_they_were_planted(tmp_path: Path) -> None:
    drawn = draw_canaries(SECTION, LABELS, ["zh"])
    write_drawn(drawn, tmp_path / "drawn.parquet")
    found = pd.read_parquet(tmp_path / "drawn.parquet")
    assert list(zip(found["text"], found["label"], found["times"].astype(int), strict=True)) == [
        (text.text, text.label, text.times) for text in drawn
    ]


def test_no_text_has_a_term_that_counterfactual_copies_exchange() -> None:
    exchange = Exchange(read_pairs([*SHIPPED_WORDS, *SHIPPED_NAMES]))
    assert not [text for text in draw_canaries(SECTION, LABELS, ["en", "zh"]) if exchange.swap(text.text)]


@pytest.mark.parametrize("language", list(WORDS))
def test_words_are_many_different_and_have_a_sentence(language: str) -> None:
    words = WORDS[language]
    assert len(set(words)) == len(words) > 150
    assert SENTENCES[language].count("{}") == 6


@pytest.mark.slow
@pytest.mark.parametrize("language", list(WORDS))
def test_scrubbing_would_leave_nearly_all_of_them_as_they_are(tmp_path: Path, language: str) -> None:
    texts = [text.text for text in draw_canaries(SECTION, LABELS, [language])[:300]]
    table = pd.DataFrame({"id": [str(n) for n in range(len(texts))], "text": texts})
    table.to_parquet(tmp_path / "table.parquet", index=False)
    section = Scrubbing(languages=[language], processes=1, canaries=0)
    report = scrub(tmp_path / "table.parquet", tmp_path / "out.parquet", section, model=None, key=None).to_json()
    assert report["changed_texts"] <= 0.1 * len(texts)
