import hashlib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.data.splits import PARTS, split
from sluicegate.errors import DataRejected
from sluicegate.spec import Split
from sluicegate.spelling import spelling
from tests.sluicegate.data.conftest import canonical_table


def parts_of(table: pd.DataFrame, section: Split, folder: Path) -> dict[str, pd.DataFrame]:
    """The three parts, as they were written."""
    folder.mkdir(exist_ok=True)
    table.to_parquet(folder / "table.parquet", index=False)
    rows = split(folder / "table.parquet", section, folder / "parts")
    parts = {part: pd.read_parquet(folder / "parts" / f"{part}.parquet") for part in PARTS}
    assert {part: len(found) for part, found in parts.items()} == rows
    return parts


def test_the_parts_have_their_shares_within_each_label(reviews, tmp_path):
    parts = parts_of(reviews, Split(test_share=0.2, validation_share=0.1), tmp_path)
    counts = {part: parts[part]["label"].value_counts().to_dict() for part in PARTS}
    assert counts == {
        "test": {"good": 4, "bad": 4},
        "validation": {"good": 2, "bad": 2},
        "train": {"good": 14, "bad": 14},
    }


def test_every_row_is_in_one_part_with_its_columns_in_the_order_of_the_table(reviews, tmp_path):
    parts = parts_of(reviews, Split(), tmp_path)
    together = pd.concat(parts.values())
    assert sorted(together["id"]) == sorted(reviews["id"])
    for part in parts.values():
        positions = part["id"].str[1:].astype(int).tolist()
        assert positions == sorted(positions)
        assert list(part.columns) == list(reviews.columns)


def members(table: pd.DataFrame, section: Split, folder: Path) -> dict[str, list[str]]:
    return {part: sorted(rows["id"]) for part, rows in parts_of(table, section, folder).items()}


def test_the_order_of_the_rows_does_not_matter_and_the_seed_does(reviews, tmp_path):
    one = members(reviews, Split(seed=1), tmp_path)
    assert one == members(reviews.sample(frac=1, random_state=5), Split(seed=1), tmp_path)
    assert one != members(reviews, Split(seed=2), tmp_path)


def test_the_parts_of_a_seed_stay_what_they_are(reviews, tmp_path):
    """By hand: within a label, texts in the order of the SHA-256 of seed, NUL and spelling."""
    reviews["draw"] = [hashlib.sha256(f"7\0{text}".encode()).hexdigest() for text in reviews["text"]]
    ordered = [rows.sort_values("draw")["id"].tolist() for _, rows in reviews.groupby("label")]
    found = members(reviews.drop(columns="draw"), Split(test_share=0.2, validation_share=0.1, seed=7), tmp_path)
    assert found["test"] == sorted(ordered[0][:4] + ordered[1][:4])
    assert found["validation"] == sorted(ordered[0][4:6] + ordered[1][4:6])


def test_more_rows_than_a_chunk_has_are_all_parted(tmp_path):
    rows = [(f"kettle {i % 35_000}", "good" if i % 2 else "bad", "north") for i in range(60_000)]
    table = canonical_table(rows)
    parts = parts_of(table, Split(), tmp_path)
    assert sorted(pd.concat(parts.values())["id"]) == sorted(table["id"])
    assert len(set(parts["test"]["text"]) & set(parts["train"]["text"])) == 0
    assert len(parts["test"]) == pytest.approx(0.15 * 60_000, abs=4)


HOSTILE = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
DRAWN = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["good", "bad"])), min_size=60, max_size=120)


@HOSTILE
@given(DRAWN)
def test_duplicates_are_never_on_both_sides(tmp_path, drawn):
    variants = ("kettle {}", "KETTLE  {}", "\uff4bettle {}\u200b")
    rows = [(variants[i % 3].format(n), label, "north") for i, (n, label) in enumerate(drawn)]
    try:
        parts = parts_of(canonical_table(rows), Split(test_share=0.3, validation_share=0.3), tmp_path)
    except DataRejected:
        return
    sides = [side for part in parts.values() for side in set(part["text"].map(spelling))]
    assert len(sides) == len(set(sides))


@HOSTILE
@given(DRAWN, st.lists(st.none() | st.integers(0, 8), min_size=120, max_size=120))
def test_a_cluster_is_never_on_both_sides_even_through_a_text_that_is_in_two(tmp_path, drawn, clusters):
    table = canonical_table([(f"kettle {n}", label, "north") for n, label in drawn])
    table["cluster"] = pd.Series([None if c is None else str(c) for c in clusters[: len(table)]], dtype="str")
    try:
        parts = parts_of(table, Split(test_share=0.3, validation_share=0.3), tmp_path)
    except DataRejected:
        return
    for column in ("cluster", "text"):
        sides = [side for part in parts.values() for side in set(part[column].dropna())]
        assert len(sides) == len(set(sides))


def test_what_clusters_are_called_does_not_matter_and_their_rows_keep_the_column(reviews, tmp_path):
    reviews["cluster"] = [None if i % 5 else str(i % 3) for i in range(len(reviews))]
    one = parts_of(reviews, Split(), tmp_path)
    assert list(one["test"].columns) == list(reviews.columns)
    names = {"0": "b", "1": "c", "2": "a"}
    other = parts_of(reviews.assign(cluster=reviews["cluster"].map(names)), Split(), tmp_path)
    assert {p: r["id"].tolist() for p, r in one.items()} == {p: r["id"].tolist() for p, r in other.items()}


def test_texts_in_a_chain_of_clusters_stay_together(tmp_path):
    chain = [(f"link {i // 2}", "good", "north") for i in range(40)]
    table = canonical_table(
        [*chain, *[(f"good {i}", "good", "n") for i in range(200)], *[(f"b {i}", "bad", "n") for i in range(60)]]
    )
    clusters = [str((i + 1) // 2) for i in range(40)]  # each text is in its own cluster and in the next text's
    table["cluster"] = pd.Series([*clusters, *[None] * 260], dtype="str")
    parts = parts_of(table, Split(), tmp_path)
    assert sum(part["text"].str.startswith("link").any() for part in parts.values()) == 1


def clustered(sizes: list[int], label: str = "good") -> pd.DataFrame:
    """A canonical table of one label whose clusters have these many rows; a row alone has no cluster."""
    rows = [(number, row, size) for number, size in enumerate(sizes) for row in range(size)]
    table = canonical_table([(f"kettle {number} {row} {label}", label, "north") for number, row, _ in rows])
    table["cluster"] = pd.Series([f"{label} {number}" if size > 1 else None for number, _, size in rows], dtype="str")
    return table


def test_the_parts_of_clusters_stay_what_they_are(tmp_path):
    """By hand: a cluster in the order of the MD5 of its least draw in hexadecimals, the first byte the least."""
    table = clustered([2] * 30)
    draws = [int(hashlib.sha256(f"3\0{text}".encode()).hexdigest()[:32], 16) for text in table["text"]]
    least = pd.Series(draws, dtype=object).groupby(table["cluster"]).min()
    order = least.map(lambda draw: int.from_bytes(hashlib.md5(f"{draw:X}".encode()).digest(), "little")).sort_values()
    parts = parts_of(table, Split(test_share=0.2, validation_share=0.1, seed=3), tmp_path)
    assert set(parts["test"]["cluster"]) == set(order.index[:6])
    assert set(parts["validation"]["cluster"]) == set(order.index[6:9])


@pytest.mark.parametrize("size", [2, 10])
def test_rows_of_clusters_have_the_same_share_of_the_test_as_of_the_table(tmp_path, size):
    table = clustered([size] * (2000 // size) + [1] * 8000)
    parts = parts_of(table, Split(test_share=0.3, validation_share=0.2), tmp_path)
    for part, share in (("test", 0.3), ("validation", 0.2), ("train", 0.5)):
        assert len(parts[part]) == pytest.approx(share * 10_000, abs=size)
        assert parts[part]["cluster"].notna().mean() == pytest.approx(0.2, abs=0.04)


@pytest.mark.parametrize("seed", range(5))
def test_a_cluster_that_is_larger_than_its_part_is_trained_on(tmp_path, seed):
    table = clustered([300, *[1] * 700])
    parts = parts_of(table, Split(test_share=0.15, validation_share=0.1, seed=seed), tmp_path)
    assert {part: len(rows) for part, rows in parts.items()} == {"train": 750, "validation": 100, "test": 150}
    assert parts["train"]["cluster"].notna().sum() == 300


def test_of_clusters_that_are_all_larger_than_a_part_the_smallest_are_tested_and_validated_on(tmp_path):
    parts = parts_of(clustered([60, 20, 30]), Split(test_share=0.15, validation_share=0.1), tmp_path)
    assert {part: len(rows) for part, rows in parts.items()} == {"train": 60, "validation": 30, "test": 20}


def test_a_part_is_nearest_to_its_share(tmp_path):
    """By hand: of 60 rows in threes 10 are asked for, so 9 or, with a fourth three, 12; 9 is nearer."""
    parts = parts_of(clustered([3] * 20), Split(test_share=1 / 6, validation_share=1 / 6), tmp_path)
    assert {part: len(rows) for part, rows in parts.items()} == {"train": 42, "validation": 9, "test": 9}


def test_a_label_whose_rows_stay_together_is_refused_for_that_reason(tmp_path):
    table = pd.concat([clustered([5, 5], "bad"), clustered([1] * 90)])
    table["id"] = [f"r{i}" for i in range(len(table))]
    few = r"100 rows in 92 units that stay together are too few: "
    lack = r"train would lack 1 of 2 labels \(bad: 10 rows in 2 units that stay together\)"
    with pytest.raises(DataRejected, match=few + lack):
        parts_of(table, Split(), tmp_path)


def test_rows_without_labels_that_stay_together_are_refused_for_that_reason(tmp_path):
    table = clustered([500, 500]).drop(columns="label")
    with pytest.raises(DataRejected, match="split: 1000 rows in 2 units that stay together are too few: train would"):
        parts_of(table, Split(), tmp_path)


def test_a_part_that_would_lack_a_label_is_refused_and_nothing_stays(tmp_path):
    rows = [(f"kettle {i}", "good", "north") for i in range(20)] + [("cold", "bad", "north"), ("cool", "bad", "north")]
    with pytest.raises(DataRejected, match=r"train would lack 1 of 2 labels \(bad\)"):
        parts_of(canonical_table(rows), Split(), tmp_path)
    assert list((tmp_path / "parts").iterdir()) == []


def test_without_labels_all_rows_are_parted_as_one(reviews, tmp_path):
    parts = parts_of(reviews.drop(columns="label"), Split(test_share=0.2, validation_share=0.1), tmp_path)
    assert {part: len(rows) for part, rows in parts.items()} == {"test": 8, "validation": 4, "train": 28}
    assert all(list(rows.columns) == ["id", "text", "shop"] for rows in parts.values())


@pytest.mark.parametrize("columns", [["id", "text", "label"], ["id", "text"]])
def test_a_table_without_rows_is_refused(reviews, columns, tmp_path):
    with pytest.raises(DataRejected, match="split: there are no rows to part"):
        parts_of(reviews[columns].iloc[:0], Split(), tmp_path)


def test_too_few_rows_without_labels_are_refused(tmp_path):
    table = canonical_table([("cold", "bad", "north"), ("warm", "bad", "north")]).drop(columns="label")
    with pytest.raises(DataRejected, match="split: 2 rows are too few: train would be empty"):
        parts_of(table, Split(), tmp_path)


@pytest.mark.parametrize("column", ["text", "label"])
def test_missing_values_are_refused(reviews, column, tmp_path):
    reviews.loc[[1, 2], column] = None
    with pytest.raises(DataRejected, match=f"split: {column}: 2 of 40 values are missing"):
        parts_of(reviews, Split(), tmp_path)
