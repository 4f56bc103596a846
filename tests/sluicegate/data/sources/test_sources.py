import hashlib
import io
import tarfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from sluicegate.addresses import with_driver
from sluicegate.data.sources.database import sql_chunks
from sluicegate.data.sources.reading import fingerprint
from sluicegate.errors import DataRejected, InputRefused, SpecRefused, Unavailable
from sluicegate.spec import Data
from tests.postgresql import postgresql_server
from tests.sluicegate.data.sources.conftest import both, data, json_lines, reading, refused_of, table_of

ROWS = [{"text": "warm kettle", "label": "good"}, {"text": "cold kettle", "label": "bad"}]


def parquet(folder: Path, rows: list) -> dict:
    pd.DataFrame(rows).to_parquet(folder / "r.parquet")
    return {"kind": "parquet", "path": "r.parquet"}


def csv(folder: Path, rows: list) -> dict:
    pd.DataFrame(rows).to_csv(folder / "r.csv", index=False)
    return {"kind": "csv", "path": "r.csv"}


def dataset(folder: Path, rows: list) -> dict:
    import datasets

    datasets.DatasetDict({"train": datasets.Dataset.from_list(rows)}).save_to_disk(str(folder / f"set{len(rows)}"))
    return {"kind": "dataset", "path": f"set{len(rows)}"}


@pytest.mark.parametrize("kind", [csv, json_lines, parquet, dataset])
def test_every_kind_of_file_gives_the_same_table_and_its_digest_follows_the_content(tmp_path, kind):
    table, digest = both(data(kind(tmp_path, ROWS)), tmp_path)
    assert table.to_dict("records") == [{"id": str(i), **row} for i, row in enumerate(ROWS)]
    assert both(data(kind(tmp_path, ROWS)), tmp_path)[1] == digest or kind in (parquet, dataset)
    changed = [*ROWS, {"text": "no kettle", "label": "bad"}]
    assert both(data(kind(tmp_path, changed)), tmp_path)[1] != digest


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_missing_file_is_refused_by_name(tmp_path, kind):
    section = data({"kind": kind, "path": "nowhere"})
    with pytest.raises(InputRefused, match=r"nowhere: there is no such file"):
        fingerprint(section, lambda p: tmp_path / p, tmp_path, {})
    with pytest.raises(InputRefused, match=r"nowhere: there is no such file"):
        reading(section, tmp_path)


@pytest.mark.parametrize("kind", [csv, json_lines, parquet, dataset])
def test_a_missing_column_is_refused_with_the_columns_that_are_there(tmp_path, kind):
    section = data(kind(tmp_path, [{"body": "a", "label": "good"}]))
    with pytest.raises(InputRefused, match="column 'text': is missing; the columns are body, label"):
        both(section, tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b'{"text": "a", "label": "bad"}\n{"text": \n', "line 2: is not JSON", id="not JSON"),
        pytest.param(
            b'{"text": "a", "label": "bad"}\n[1]\n', "line 2: must hold a JSON object, not list", id="not an object"
        ),
        pytest.param(
            b'{"text": "a", "label": "bad"}\n{"text": "\xe9"}',
            "line 2, column 'text': is not utf-8 text",
            id="not UTF-8",
        ),
        pytest.param(b"", "r.jsonl: is empty", id="no bytes"),
        pytest.param(b"\n \n", "r.jsonl: holds no rows", id="no rows"),
        pytest.param(b'{"text": "a", "text": "b"}', "line 1: names a key twice", id="a key twice"),
        pytest.param(b'{"text": ' + b"[" * 100_000, "line 1: is nested too deeply", id="nested deeply"),
        pytest.param(
            b'{"text": ' + b"1" * 5000 + b"}", "line 1: holds a number with too many digits", id="long number"
        ),
    ],
)
def test_json_lines_that_are_none_are_refused_by_line(tmp_path, content, words):
    (tmp_path / "r.jsonl").write_bytes(content)
    with pytest.raises(InputRefused, match=words):
        both(data({"kind": "jsonl", "path": "r.jsonl"}), tmp_path)


@pytest.mark.parametrize("keep", [0, 4, 200])
def test_a_truncated_parquet_file_is_refused(tmp_path, keep):
    source = parquet(tmp_path, ROWS)
    (tmp_path / "r.parquet").write_bytes((tmp_path / "r.parquet").read_bytes()[:keep])
    with pytest.raises(InputRefused, match="r.parquet: is not a whole Parquet file"):
        both(data(source), tmp_path)


def test_a_parquet_file_that_breaks_off_inside_is_refused_with_the_row(tmp_path):
    frame = pd.DataFrame({"text": [f"kettle {i}" for i in range(20_000)], "label": ["good", "bad"] * 10_000})
    frame.to_parquet(tmp_path / "r.parquet", row_group_size=5000, compression="zstd")
    content = bytearray((tmp_path / "r.parquet").read_bytes())
    content[len(content) // 2 : len(content) // 2 + 2000] = bytes(2000)  # the footer is whole, a page is not
    (tmp_path / "r.parquet").write_bytes(content)
    with pytest.raises(InputRefused, match="r.parquet: (row [0-9]+ and what follows: )?is not a whole Parquet file"):
        reading(data({"kind": "parquet", "path": "r.parquet"}), tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_many_chunks_make_one_table_in_order(tmp_path):
    frame = pd.DataFrame({"text": [f"kettle {i}" for i in range(60_000)], "label": ["good", "bad"] * 30_000})
    frame.to_parquet(tmp_path / "r.parquet")
    frame.to_csv(tmp_path / "r.csv", index=False)
    reports = [reading(data({"kind": kind, "path": f"r.{kind}"}), tmp_path) for kind in ("parquet", "csv")]
    assert reports[0] == reports[1]
    assert table_of(data({"kind": "csv", "path": "r.csv"}), tmp_path)["text"].equals(frame["text"].astype("str"))


def test_a_class_number_without_a_name_is_refused_and_minus_one_is_missing(tmp_path):
    import datasets

    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(num_classes=2)})
    plain = {"text": datasets.Value("string"), "label": datasets.Value("int64")}
    made = datasets.Dataset.from_dict({"text": list("abcd"), "label": [1, 0, 7, -1]}, features=datasets.Features(plain))
    made = made.with_format("arrow")
    made.info.features = features
    made.save_to_disk(str(tmp_path / "one"))
    section = data({"kind": "dataset", "path": "one"}, labels=["0", "1"], refused_rows_max_share=0.3)
    table = table_of(section, tmp_path)
    assert table["label"].isna().tolist() == [False, False, True]
    assert refused_of(tmp_path) == [("3", "label", "holds a number that is not one of its 2 classes")]


def test_integer_labels_with_gaps_stay_integers(tmp_path):
    pd.DataFrame({"text": ["a", "b", "c"], "label": pd.array([1, None, 0], dtype="Int64")}).to_parquet(
        tmp_path / "r.parquet"
    )
    table, _ = both(data({"kind": "parquet", "path": "r.parquet"}, labels=["0", "1"]), tmp_path)
    assert table["label"].dropna().tolist() == ["1", "0"]


def test_class_labels_of_a_data_set_become_their_names(tmp_path):
    import datasets

    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])}
    )
    made = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, 0]}, features=features)
    made.save_to_disk(str(tmp_path / "one"))
    table, _ = both(data({"kind": "dataset", "path": "one"}), tmp_path)
    assert table["label"].tolist() == ["good", "bad"]


def test_a_split_that_the_data_set_lacks_is_refused_with_those_it_has(tmp_path):
    section = data({**dataset(tmp_path, ROWS), "split": "dev"})
    with pytest.raises(InputRefused, match="data.source.split: must name one of train"):
        both(section, tmp_path)


def test_a_folder_that_is_no_data_set_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputRefused, match="is not a folder that save_to_disk"):
        both(data({"kind": "dataset", "path": "empty"}), tmp_path)


@pytest.mark.parametrize("revision", [None, "main"])
def test_a_hub_name_without_its_commit_is_refused_before_any_network(tmp_path, revision):
    section = data({"kind": "dataset", "path": "owner/name", "revision": revision})
    with pytest.raises(SpecRefused, match="a hub name needs the commit"):
        fingerprint(section, lambda p: tmp_path / p, tmp_path, {})
    with pytest.raises(SpecRefused, match="a hub name needs the commit"):
        reading(section, tmp_path)


def test_a_hub_name_without_the_network_is_unavailable_with_the_remedy(tmp_path):
    section = data({"kind": "dataset", "path": "no-such-owner/no-such-name", "revision": "0" * 40})
    with pytest.raises(Unavailable, match="run once with the network and HF_HUB_OFFLINE=0"):
        reading(section, tmp_path)


@pytest.fixture
def database(tmp_path) -> dict[str, str]:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("create table reviews (label text, text text, stars integer)"))
        for i in (3, 1, 2):
            row = {"t": f"kettle {i}", "l": "good" if i > 1 else "bad", "s": i}
            connection.execute(sa.text("insert into reviews values (:l, :t, :s)"), row)
    engine.dispose()
    return {"SHOP_URL": url}


@pytest.mark.parametrize(
    "how", [{"table": "reviews"}, {"query": "select text, label from reviews order by stars desc"}]
)
def test_a_table_or_query_is_read_in_the_order_of_its_values(tmp_path, database, how):
    table, digest = both(data({"kind": "sql", "url_env": "SHOP_URL", **how}), tmp_path, database)
    assert sorted(table["text"]) == ["kettle 1", "kettle 2", "kettle 3"]
    with sa.create_engine(database["SHOP_URL"]).begin() as connection:  # the same rows, stored in another order
        connection.execute(sa.text("delete from reviews where stars = 3"))
        connection.execute(sa.text("insert into reviews values ('good', 'kettle 3', 3)"))
    assert list((tmp_path / "out").glob(".*")) == []
    again, same = both(data({"kind": "sql", "url_env": "SHOP_URL", **how}), tmp_path, database)
    assert again.equals(table)
    assert same == digest
    with sa.create_engine(database["SHOP_URL"]).begin() as connection:
        connection.execute(sa.text("delete from reviews where stars = 3"))
    assert both(data({"kind": "sql", "url_env": "SHOP_URL", **how}), tmp_path, database)[1] != digest


def test_values_of_a_database_keep_their_types(tmp_path):
    url = f"sqlite:///{tmp_path / 'types.db'}"
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("create table t (text, stars, shop, raw)"))
        for row in [("a", 2.0, 3.0, b"x"), ("b", 1, "3", b"y"), ("c", "0.5", None, None), (4, 1, "n", None)]:
            connection.execute(sa.text("insert into t values (:a, :b, :c, :d)"), dict(zip("abcd", row, strict=True)))
    rating = {"column": "stars", "cut_points": [1]}
    source = {"kind": "sql", "url_env": "T", "table": "t"}
    section = data(source, label=None, rating=rating, groups=["shop"], refused_rows_max_share=0.5)
    table = table_of(section, tmp_path, {"T": url})
    assert table["label"].tolist() == ["good", "bad", "bad"]
    assert table["shop"].tolist()[:2] == ["3", "3"]
    assert refused_of(tmp_path) == [("1", "text", "is not text but a value of type int")]
    section = data(source, label=None, rating=rating, groups=["raw"], refused_rows_max_share=0.9)
    with pytest.raises(DataRejected, match="1 of the 2 labels"):
        reading(section, tmp_path, {"T": url})
    source = {"kind": "sql", "url_env": "T", "query": "select * from t where raw is not null"}
    with pytest.raises(InputRefused, match="column 'raw': holds values of type bytes, which have no name; 2 of 2 rows"):
        reading(data(source, label=None, rating=rating, groups=["raw"]), tmp_path, {"T": url})


AS_WRITTEN = [
    pytest.param("select text, label from reviews where text = 'at 9 :30'", 1, id="a colon and a number"),
    pytest.param("select text, label from reviews where text like '%:x'", 1, id="a colon and a name"),
    pytest.param("select text, label from reviews where text like 'at%'", 2, id="a per cent sign"),
    pytest.param("select text, label from reviews where text like '%s :x' or 7 % 4 = 3", 4, id="a placeholder's look"),
    pytest.param("select text, label from reviews where text = 'a \\:b ?'", 1, id="a backslash and a question mark"),
]


def answered(tmp_path: Path, url: str, query: str) -> int:
    """Rows that a query gives of four reviews, whose texts have what others take for parameters."""
    engine = sa.create_engine(with_driver(url))
    with engine.begin() as connection:
        connection.execute(sa.text("create table reviews (text varchar(20), label varchar(20))"))
        for i, text in enumerate(["at 9 :30", "at nine:x", "a \\:b ?", "100 % sure"]):
            row = {"t": text, "l": ["good", "bad"][i % 2]}
            connection.execute(sa.text("insert into reviews values (:t, :l)"), row)
    engine.dispose()
    source = data({"kind": "sql", "url_env": "T", "query": query}).source
    return sum(len(chunk) for chunk in sql_chunks(source, {"T": url}, ["text", "label"], tmp_path))


@pytest.mark.parametrize(("query", "rows"), AS_WRITTEN)
def test_a_query_reaches_sqlite_as_it_is_written(tmp_path, query, rows):
    assert answered(tmp_path, f"sqlite:///{tmp_path / 'reviews.db'}", query) == rows


@pytest.fixture(scope="module")
def postgresql():
    with postgresql_server() as address:
        yield address


@pytest.mark.parametrize(
    ("query", "rows"),
    [*AS_WRITTEN, pytest.param("select text, label from reviews where 1 = '1'::int", 4, id="a cast")],
)
def test_a_query_reaches_postgresql_as_it_is_written(tmp_path, postgresql, query, rows):
    url = f"{postgresql}/postgres"
    try:
        assert answered(tmp_path, url, query) == rows
    finally:
        with sa.create_engine(with_driver(url)).begin() as connection:
            connection.execute(sa.text("drop table if exists reviews"))


@pytest.mark.parametrize("how", [{"table": "many"}, {"query": "select * from many"}], ids=["table", "query"])
def test_rows_of_a_database_are_fetched_some_thousands_at_a_time(tmp_path, how):
    url = f"sqlite:///{tmp_path / 'many.db'}"
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("create table many (text)"))
        connection.execute(sa.text("insert into many values (:t)"), [{"t": f"kettle {i}"} for i in range(12_000)])
    source = data({"kind": "sql", "url_env": "T", **how}).source
    assert sum(len(chunk) for chunk in sql_chunks(source, {"T": url}, ["text"], tmp_path)) == 12_000
    assert pq.ParquetFile(tmp_path / "fetched.parquet").num_row_groups == 3


def test_values_that_read_alike_have_other_digests(tmp_path):
    digests = set()
    values = (None, "None", 1, "1", b"1", "b'1'", "null", 1.0, "1.0")
    for i, value in enumerate(values):
        url = f"sqlite:///{tmp_path / f'{i}.db'}"
        with sa.create_engine(url).begin() as connection:
            connection.execute(sa.text("create table t (text, label)"))
            connection.execute(sa.text("insert into t values ('a kettle', :v)"), {"v": value})
        section = data({"kind": "sql", "url_env": "T", "table": "t"})
        digests.add(fingerprint(section, lambda p: tmp_path / p, tmp_path, {"T": url}))
    assert len(digests) == len(values)


@pytest.mark.parametrize(
    ("source", "environ", "words"),
    [
        pytest.param({"table": "reviews"}, {}, "SHOP_URL: is not set", id="no variable"),
        pytest.param({"table": "reviews"}, {"SHOP_URL": "pass:word"}, "not a usable SQLAlchemy URL", id="no URL"),
        pytest.param({"table": "nowhere"}, None, "the database has no table 'nowhere'", id="no table"),
        pytest.param({"query": "select secret from reviews"}, None, "the database refuses it", id="a broken query"),
    ],
)
def test_a_database_that_cannot_be_read_is_refused_without_its_own_words(tmp_path, database, source, environ, words):
    section = data({"kind": "sql", "url_env": "SHOP_URL", **source})
    with pytest.raises(InputRefused, match=words) as refusal:
        both(section, tmp_path, database if environ is None else environ)
    assert "pass:word" not in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_database_that_is_not_there_is_unavailable(tmp_path):
    section = data({"kind": "sql", "url_env": "SHOP_URL", "table": "reviews"})
    with pytest.raises(Unavailable, match="SHOP_URL"):
        both(section, tmp_path, {"SHOP_URL": "sqlite:////nowhere/at/all.db"})


@pytest.fixture
def archive(tmp_path) -> dict:
    """A source archive whose inner tar archive holds two files of rated texts."""
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        for name, content in {
            "in/a.txt": b"1\t-2\tcold kettle\r\n2\t2\twarm kettle\r\n",
            "in/b.txt": b"1\t0\ta kettle",
            "in/a-all.txt": b"2\t0.5\t[1, 3, 2]\r\n1\t0.5\t[-2, -2, 0, -4]",
            "in/b-all.txt": b"9\t0.5\t[1]",
            "in/twice.txt": b"1\t0\t[1]\n1\t0\t[2]",
            "in/short.txt": b"1\t0\t[1]\n2\t0",
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    outer = io.BytesIO()
    with tarfile.open(fileobj=outer, mode="w:gz") as tar:
        member = tarfile.TarInfo("kettle-1.0/texts.tar.gz")
        member.size = len(inner.getvalue())
        tar.addfile(member, io.BytesIO(inner.getvalue()))
    digest = hashlib.sha256(outer.getvalue()).hexdigest()
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / f"{digest[:16]}-kettle-1.0.tar.gz").write_bytes(outer.getvalue())
    pin = {"package": "kettle==1.0", "sha256": digest, "path": "kettle-1.0/texts.tar.gz", "source_archive": True}
    columns = ["number", "stars", "text"]
    files = {"north": "in/a.txt", "south": "in/b.txt"}
    return {"kind": "package", "archive": pin, "files": files, "file_column": "shop", "columns": columns}


def rated(source: dict) -> Data:
    rating = {"column": "stars", "cut_points": [-0.5, 0.5]}
    return data(source, label=None, rating=rating, labels=["bad", "so-so", "good"], groups=["shop"])


def test_files_of_an_archive_inside_an_archive_become_one_table(tmp_path, archive):
    table, digest = both(rated(archive), tmp_path)
    assert table["shop"].tolist() == ["north", "north", "south"]
    assert table["label"].tolist() == ["bad", "good", "so-so"]
    assert table["id"].tolist() == ["0", "1", "2"]
    assert digest == archive["archive"]["sha256"]


def test_a_file_that_the_archive_lacks_is_refused(tmp_path, archive):
    with pytest.raises(InputRefused, match="in/c.txt: the archive holds no such file"):
        both(rated(archive | {"files": {"west": "in/c.txt"}}), tmp_path)


COMPANION = {
    "files": {"north": "in/a-all.txt", "south": "in/b-all.txt"},
    "columns": ["number", "spread", "all"],
    "key": "number",
}


def test_columns_of_a_file_beside_another_are_brought_together_by_the_key_within_each_pair(tmp_path, archive):
    section = rated(archive | {"companion": COMPANION}).model_copy(update={"ratings_column": "all"})
    table, _ = both(section, tmp_path)

    assert table["text"].tolist() == ["cold kettle", "warm kettle", "a kettle"]
    assert table["label_shares"].tolist()[:2] == ['{"bad": 0.75, "so-so": 0.25}', '{"good": 1.0}']
    assert table["label_shares"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("in/twice.txt", "in/twice.txt: line 2, column 'number': holds a key that an earlier", id="twice"),
        pytest.param("in/short.txt", "in/short.txt: line 2: has 2 fields where the spec names 3", id="too short"),
        pytest.param("in/none.txt", "in/none.txt: the archive holds no such file", id="no such file"),
        pytest.param("../secret.txt", "the archive holds no such file", id="outside"),
    ],
)
def test_a_companion_that_cannot_be_used_is_refused_with_its_line(tmp_path, archive, name, said):
    companion = COMPANION | {"files": {"north": name, "south": "in/b-all.txt"}}
    section = rated(archive | {"companion": companion}).model_copy(update={"ratings_column": "all"})
    with pytest.raises(InputRefused, match=said):
        both(section, tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"files": {"north": "in/a-all.txt"}}, "must name the same files", id="a file without one"),
        pytest.param({"key": "row"}, "`companion.key` must be one of .* not 'row'", id="no such key"),
        pytest.param({"columns": ["number", "text"]}, "names 'text', which the files have", id="a column twice"),
    ],
)
def test_companions_that_do_not_fit_the_files_are_refused(archive, change, said):
    with pytest.raises(ValueError, match=said):
        rated(archive | {"companion": COMPANION | change})


def test_files_beside_each_other_in_the_archive_may_not_climb_out_of_it(tmp_path, archive):
    whole = archive | {"archive": archive["archive"] | {"path": ""}, "files": {"x": "../../../secret.txt"}}
    with pytest.raises(InputRefused, match="names a path outside the archive"):
        both(rated(whole), tmp_path)


def test_one_class_only_is_refused_with_the_source_named(tmp_path):
    with pytest.raises(DataRejected, match="r.csv: label: 1 of the 2 labels is in use"):
        both(data(csv(tmp_path, ROWS[:1])), tmp_path)
