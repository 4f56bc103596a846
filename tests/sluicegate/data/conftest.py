"""A few made-up reviews, and a spaCy pipeline that finds made-up names by rule."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

PEOPLE = ("Ada Quill", "Boris Tarn")
PLACES = ("Utrecht", "Port Brine")


def canonical_table(rows: list[tuple[str | None, str | None, str | None]]) -> pd.DataFrame:
    """A canonical table with one group column, `shop`, from (text, label, shop)."""
    texts, labels, shops = zip(*rows, strict=True)
    ids = [f"r{i}" for i in range(len(rows))]
    return pd.DataFrame({"id": ids, "text": texts, "label": labels, "shop": shops}).astype("str")


@pytest.fixture
def reviews() -> pd.DataFrame:
    """Forty different texts, half of them good, from two shops."""
    return canonical_table(
        [(f"kettle number {i} boils", "good" if i % 2 else "bad", "north" if i % 4 < 2 else "south") for i in range(40)]
    )


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spaCy pipeline on disk: names by rule, and the lemmas of two words."""
    import spacy

    nlp = spacy.blank("en")
    lemmas = nlp.add_pipe("attribute_ruler")
    for word, lemma in {"telephones": "telephone", "us_ssn": "us_ssn"}.items():
        lemmas.add([[{"LOWER": word}]], {"LEMMA": lemma})
    patterns = [{"label": "PERSON", "pattern": name} for name in PEOPLE]
    patterns += [{"label": "GPE", "pattern": name} for name in PLACES]
    nlp.add_pipe("entity_ruler", name="ner").add_patterns(patterns)
    folder = tmp_path_factory.mktemp("pipeline") / "names"
    nlp.to_disk(folder)
    return folder
