import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.data.hygiene.spelling import spelling
from sluicegate.data.splits import PARTS, split
from sluicegate.errors import DataRejected
from sluicegate.spec import Split
from tests.sluicegate.data.conftest import canonical_table


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Warm  kettle\n", "warm kettle", id="white space and case"),
        pytest.param("cafe\u0301", "CAF\u00c9", id="composed and decomposed"),
        pytest.param("\uff2b\uff45ttle", "kettle", id="full width"),
        pytest.param("Stra\u00dfe", "STRASSE", id="sharp s"),
        pytest.param("\u00a0a\u2003b", "a b", id="other spaces"),
    ],
)
def test_variants_that_no_reader_would_see_are_one_spelling(one, other):
    assert spelling(one) == spelling(other)


@given(st.text())
def test_a_spelling_is_its_own_spelling(text):
    assert spelling(spelling(text)) == spelling(text)


def test_the_parts_have_their_shares_within_each_label(reviews):
    parts = split(reviews, Split(test_share=0.2, validation_share=0.1))
    counts = {part: parts[part]["label"].value_counts().to_dict() for part in PARTS}
    assert counts == {
        "test": {"good": 4, "bad": 4},
        "validation": {"good": 2, "bad": 2},
        "train": {"good": 14, "bad": 14},
    }


def test_every_row_is_in_one_part_with_its_columns_in_the_order_of_the_table(reviews):
    parts = split(reviews, Split())
    together = pd.concat(parts.values())
    assert sorted(together["id"]) == sorted(reviews["id"])
    for part in parts.values():
        positions = part["id"].str[1:].astype(int).tolist()
        assert positions == sorted(positions)
        assert part.index.tolist() == list(range(len(part)))
        assert list(part.columns) == list(reviews.columns)


def test_the_order_of_the_rows_does_not_matter_and_the_seed_does(reviews):
    def members(table, seed):
        return {part: sorted(rows["id"]) for part, rows in split(table, Split(seed=seed)).items()}

    assert members(reviews, 1) == members(reviews.sample(frac=1, random_state=5), 1)
    assert members(reviews, 1) != members(reviews, 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["good", "bad"])), min_size=60, max_size=120))
def test_duplicates_are_never_on_both_sides(drawn):
    variants = ("kettle {}", "KETTLE  {}", "\uff4bettle {}")
    rows = [(variants[i % 3].format(n), label, "north") for i, (n, label) in enumerate(drawn)]
    try:
        parts = split(canonical_table(rows), Split(test_share=0.3, validation_share=0.3))
    except DataRejected:
        return
    sides = [side for part in parts.values() for side in set(part["text"].map(spelling))]
    assert len(sides) == len(set(sides))


def test_a_part_that_would_lack_a_label_is_refused():
    rows = [(f"kettle {i}", "good", "north") for i in range(20)] + [("cold", "bad", "north"), ("cool", "bad", "north")]
    with pytest.raises(DataRejected, match=r"train would lack 1 of 2 labels \(bad\)"):
        split(canonical_table(rows), Split())


@pytest.mark.parametrize("column", ["text", "label"])
def test_missing_values_are_refused(reviews, column):
    reviews.loc[[1, 2], column] = None
    with pytest.raises(DataRejected, match=f"split: {column}: 2 of 40 values are missing"):
        split(reviews, Split())
