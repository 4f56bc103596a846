import json
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sluicegate.data.scrubbing.files.opening import chosen, opened, output
from sluicegate.data.scrubbing.files.scrubbing import find_in_file, restore_file, scrub_file
from sluicegate.data.scrubbing.pool import ScrubbingPool, Setup
from sluicegate.data.scrubbing.stream import LONGEST_TEXT
from sluicegate.errors import InputRefused, Unavailable
from tests.sluicegate.data.scrubbing.conftest import section_of

KEY = b"sixteen letters!"


@pytest.fixture
def setup(pool: ScrubbingPool) -> Setup:
    return pool.setup


@pytest.fixture
def scrubbed(tmp_path, setup, pool):
    """Scrubs a file of these bytes; returns the bytes that were written."""

    def scrubbed_(name: str, content: bytes, **options) -> bytes:
        (tmp_path / name).write_bytes(content)
        scrub_file(tmp_path / name, tmp_path / f"out-{name}", setup, pool=pool, **options)
        return (tmp_path / f"out-{name}").read_bytes()

    return scrubbed_


FILES = [
    pytest.param("a.csv", b"id,text\n1,Ada Quill\n2,kettle\n", b"id,text\n1,<PERSON>\n2,kettle\n", id="csv"),
    pytest.param(
        "b.csv", b"\xef\xbb\xbfid;text\r\n1;Ada Quill\r\n", b"\xef\xbb\xbfid;text\r\n1;<PERSON>\r\n", id="mark and ends"
    ),
    pytest.param(
        "c.csv",
        b'"id","text"\n"1","Ada Quill, ""x""\nand a line"\n',
        b'"id","text"\n"1","<PERSON>, ""x""\nand a line"\n',
        id="quotes and a line end inside",
    ),
    pytest.param(
        "k.csv",
        b'text,n\n"Ada Quill\rx","y\rz"\n"a\r\nb",2\n',
        b'text,n\n"<PERSON>\rx","y\rz"\n"a\r\nb",2\n',
        id="carriage returns in quotes",
    ),
    pytest.param(
        "l.csv",
        b'text,n\r\n"Ada Quill\rx",1\r\n"a\nb",2\r\n',
        b'text,n\r\n"<PERSON>\rx",1\r\n"a\nb",2\r\n',
        id="in both",
    ),
    pytest.param("d.csv", b"text,n\nAda Quill,1\n\nx,2\n", b"text,n\n<PERSON>,1\n\nx,2\n", id="an empty line"),
    pytest.param("e.tsv", b"id\ttext\n1\tAda, Ada Quill\n", b"id\ttext\n1\tAda, <PERSON>\n", id="tsv"),
    pytest.param(
        "f.jsonl",
        b'{"n": 1e5, "text": "Ada Quill \\u00e9" , "m":0.10}\n{"text":null}\n\n{"n":12345678901234567890}',
        b'{"n": 1e5, "text": "<PERSON> \\u00e9" , "m":0.10}\n{"text":null}\n\n{"n":12345678901234567890}',
        id="json",
    ),
    pytest.param(
        "g.jsonl",
        '{"text":"Ada Quill é","a":[1,{"b":2}]}\r\n'.encode(),
        '{"text":"<PERSON> é","a":[1,{"b":2}]}\r\n'.encode(),
        id="json without spaces",
    ),
    pytest.param("h.txt", b"Ada Quill\r\n\nx Boris Tarn", b"<PERSON>\r\n\nx <PERSON>", id="text"),
    pytest.param("i.txt", b"", b"", id="nothing"),
    pytest.param("j.csv", b"text\n", b"text\n", id="no rows"),
]


@pytest.mark.parametrize(("name", "content", "expected"), FILES)
def test_texts_are_scrubbed_and_all_else_stays(scrubbed, name, content, expected):
    assert scrubbed(name, content) == expected


def test_a_parquet_file_keeps_its_schema_its_metadata_and_its_compression(tmp_path, setup, pool):
    schema = pa.schema(
        [("n", pa.int64()), ("text", pa.dictionary(pa.int32(), pa.string())), ("l", pa.list_(pa.int8()))],
        metadata={"who": "me"},
    )
    rows = {"n": [1, 2, None], "text": ["Ada Quill", None, "x"], "l": [[1], None, []]}
    pq.write_table(pa.table(rows, schema=schema), tmp_path / "t.parquet", compression="gzip")
    scrub_file(tmp_path / "t.parquet", tmp_path / "s.parquet", setup, pool=pool)
    done = pq.read_table(tmp_path / "s.parquet")
    assert done.schema.equals(pq.read_schema(tmp_path / "t.parquet"), check_metadata=True)
    assert done.schema.metadata == schema.metadata
    assert done.to_pydict() == rows | {"text": ["<PERSON>", None, "x"]}
    assert pq.read_metadata(tmp_path / "s.parquet").row_group(0).column(0).compression == "GZIP"


def test_fields_with_carriage_returns_are_restored(tmp_path, encrypting):
    source, hidden, back = (tmp_path / f"{name}.csv" for name in "abc")
    source.write_bytes(b'text,n\n"Ada Quill\rkettle","y\rz"\n')
    scrub_file(source, hidden, encrypting.setup, columns=["text"], pool=encrypting)
    restore_file(hidden, back, KEY, columns=["text"])
    assert back.read_bytes() == source.read_bytes()


def test_categories_of_a_scrubbed_column_are_those_of_its_texts_in_no_order(tmp_path, setup, pool):
    sizes = pa.array(["low", "mid", "high", "Ada Quill", "never"])
    column = pa.DictionaryArray.from_arrays(pa.array([2, 0, 3], pa.int8()), sizes, ordered=True)
    pq.write_table(pa.table({"text": column, "size": column}), tmp_path / "t.parquet")
    scrub_file(tmp_path / "t.parquet", tmp_path / "s.parquet", setup, columns=["text"], pool=pool)
    done = pq.read_table(tmp_path / "s.parquet")
    text, size = (done.column(name).chunk(0) for name in ("text", "size"))
    assert text.to_pylist() == ["high", "low", "<PERSON>"]
    assert set(text.dictionary.to_pylist()) == {"high", "low", "<PERSON>"}
    assert not text.type.ordered
    assert text.type.index_type == pa.int8()
    assert size.equals(column)


def test_several_columns_are_scrubbed_and_counted_apart(tmp_path, setup, pool):
    (tmp_path / "t.csv").write_text("a,b,c\nAda Quill,x,Ada Quill\ny,Boris Tarn,z\n")
    report = scrub_file(tmp_path / "t.csv", tmp_path / "s.csv", setup, columns=["b", "a"], pool=pool)
    assert (tmp_path / "s.csv").read_text() == "a,b,c\n<PERSON>,x,Ada Quill\ny,<PERSON>,z\n"
    counts = report.to_json()["by_column"]
    assert {name: (c["texts"], c["changed_texts"], c["characters_found"]) for name, c in counts.items()} == {
        "a": (2, 1, 9),
        "b": (2, 1, 10),
    }


def test_spans_are_one_line_a_text_in_order_without_a_text(tmp_path, setup, pool):
    (tmp_path / "t.csv").write_text("a,b\n\U0001f600 Ada Quill,x\n\ny,Boris Tarn boris@tarn.org\n")
    find_in_file(tmp_path / "t.csv", tmp_path / "s.jsonl", setup, columns=["a", "b"], pool=pool)
    lines = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert lines == [
        {"spans": [{"start": 2, "end": 11, "entity_type": "PERSON", "score": 0.85}]},
        {"spans": []},
        {"spans": []},
        {
            "spans": [
                {"start": 0, "end": 10, "entity_type": "PERSON", "score": 0.85},
                {"start": 11, "end": 25, "entity_type": "EMAIL_ADDRESS", "score": lines[3]["spans"][1]["score"]},
            ]
        },
    ]


def test_spans_of_many_rows_stay_in_order(tmp_path, pipeline):
    setup = Setup(section_of(processes=2), str(pipeline))
    (tmp_path / "t.txt").write_text("".join("x" * (i % 50) + " Ada Quill\n" for i in range(3000)))
    find_in_file(tmp_path / "t.txt", tmp_path / "s.jsonl", setup)
    starts = [json.loads(line)["spans"][0]["start"] for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert starts == [i % 50 + 1 for i in range(3000)]


@pytest.fixture(scope="module")
def encrypting(pipeline: Path) -> Iterator[ScrubbingPool]:
    setup = Setup(section_of(default={"operator": "encrypt"}), str(pipeline), key=KEY)
    with ScrubbingPool(setup, 1) as pool:
        yield pool


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "txt"])
def test_what_was_encrypted_is_restored(tmp_path, encrypting, ending):
    source, hidden, back = (tmp_path / f"{name}.{ending}" for name in ("a", "b", "c"))
    if ending == "parquet":
        pq.write_table(pa.table({"text": ["Ada Quill, é", None]}), source)
    else:
        content = {"jsonl": '{"text": "Ada Quill, é"}\n', "txt": "Ada Quill, é\n"}
        source.write_text(content.get(ending, 'text\n"Ada Quill, é"\n'), encoding="utf-8")
    scrub_file(source, hidden, encrypting.setup, pool=encrypting)
    assert b"Ada" not in hidden.read_bytes()
    restored = restore_file(hidden, back, KEY)
    assert (restored.opened, restored.closed) == (1, 0)
    rows = [[each.texts for each in opened(path).rows(["text"])] for path in (source, back)]
    assert rows[0] == rows[1]
    with pytest.raises(InputRefused, match="none of 1 encrypted finds opens with this key"):
        restore_file(hidden, tmp_path / f"d.{ending}", b"another secret !")
    assert not (tmp_path / f"d.{ending}").exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("a.csv", b"text,b\nx,y\nx\n", "a.csv: line 3: holds 1 fields, the header 2", id="ragged"),
        pytest.param("a.csv", b"", "a.csv: line 1: holds no header", id="empty"),
        pytest.param("a.csv", b"text,text\nx,y\n", "a.csv: line 1: names a column twice: text", id="twice"),
        pytest.param(
            "a.csv", b'text\n"x\ny\n', "a.csv: line 2: a quoted field of this row is not closed", id="open quote"
        ),
        pytest.param("a.csv", b'text\n"x"y\n', "a.csv: line 2: a quoted field of this row goes on", id="in the line"),
        pytest.param(
            "a.csv",
            b'text\na\n"x\ny\n"z',
            "a.csv: line 3: a quoted field of this row goes on after its closing quote, 2 lines later",
            id="lines later",
        ),
        pytest.param("a.csv", b"text\nx\rAda Quill\rz\n", "a.csv: line 2: holds a carriage return", id="lone returns"),
        pytest.param("a.csv", b"text\nok\n\xff\xfe\n", "a.csv: line 3: byte 1 is not UTF-8", id="not utf-8"),
        pytest.param("a.csv", "text\nx\n".encode("utf-16"), "a.csv: is UTF-16 or UTF-32 text", id="utf-16"),
        pytest.param("a.jsonl", b'{"text": "x"}\n{"text": 7}\n', "a.jsonl: line 2, column text: holds a nu", id="7"),
        pytest.param("a.jsonl", b'{"text": "x"}\n{"text": \n', "a.jsonl: line 2: is not JSON", id="half a line"),
        pytest.param("a.jsonl", b'[{"text": "x"}]\n', "a.jsonl: line 1: holds a list, not an object", id="a list"),
        pytest.param("a.jsonl", b'{"text": "x", "a": 1, "a": 2}\n', "line 1: names a key twice", id="a key twice"),
        pytest.param("a.jsonl", b'{"text": "x", "a": [{"b": 1, "b": 2}]}\n', "line 1: names a key twice", id="inside"),
        pytest.param("a.jsonl", b'{"text": "x"}\n' + b"[" * 100_000, "a.jsonl: line 2: is not JSON", id="deep"),
        pytest.param("a.parquet", b"PAR1 but no more", "a.parquet: is not a Parquet file, or not", id="cut off"),
        pytest.param("a.xlsx", b"", "a.xlsx: has an ending that says no format; known are .csv", id="another format"),
        pytest.param(
            "a.txt", b"x\n" + b"a" * (LONGEST_TEXT + 1), "a.txt: line 2: holds 1,000,001 characters", id="a long text"
        ),
        pytest.param(
            "a.csv",
            b"text\nx\n" + b"a" * 10_000_000 + b"\n",
            "a.csv: line 3, column text: holds 10,000,000 characters, more than 1,000,000",
            id="a cell of 10 MB",
        ),
    ],
)
def test_bad_input_is_refused_with_its_place_and_nothing_is_written(tmp_path, scrubbed, name, content, words):
    with pytest.raises(InputRefused) as refused:
        scrubbed(name, content)
    assert words in str(refused.value)
    assert "Quill" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_parquet_file_that_names_a_column_twice_is_refused(tmp_path, setup):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["x"])] * 3, names=["text", "a", "a"]), path)
    with pytest.raises(InputRefused, match="t.parquet: names a column twice: a"):
        scrub_file(path, tmp_path / "s.parquet", setup)
    assert not (tmp_path / "s.parquet").exists()


def test_text_that_only_later_lines_have_is_scrubbed(scrubbed):
    written = scrubbed("a.jsonl", b'{"id": "a"}\n{"id": "b", "text": "Ada Quill"}\n')
    assert written == b'{"id": "a"}\n{"id": "b", "text": "<PERSON>"}\n'


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_the_output_may_be_read_by_those_who_may_read_the_source(tmp_path, setup, mode):
    source, out = tmp_path / "a.txt", tmp_path / "b.txt"
    source.write_text("x\n")
    source.chmod(mode)
    scrub_file(source, out, setup)
    assert out.stat().st_mode & 0o777 == mode


def test_a_page_that_is_not_as_it_was_written_is_refused(tmp_path, setup):
    path = tmp_path / "t.parquet"
    table = pa.table({"text": ["kettles"] * 50 + ["teapots"] * 50})
    pq.write_table(table, path, write_page_checksum=True, use_dictionary=False, compression="none")
    path.write_bytes(path.read_bytes().replace(b"teapots", b"teapods"))
    with pytest.raises(InputRefused, match="the file is damaged"):
        scrub_file(path, tmp_path / "s.parquet", setup)


def test_a_damaged_row_group_is_refused(tmp_path, setup):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"text": [f"{i} kettles" for i in range(5000)]}), path, compression="zstd")
    raw = bytearray(path.read_bytes())
    raw[100:2000] = bytes(1900)
    path.write_bytes(raw)
    with pytest.raises(InputRefused, match="the file is damaged"):
        scrub_file(path, tmp_path / "s.parquet", setup)


@pytest.mark.parametrize(
    ("content", "named", "expected"),
    [
        ("text,b\n", [], ["text"]),
        ("only\n", [], ["only"]),
        ("a,b\n", ["b", "a", "b"], ["b", "a"]),
        ("a,b\n", [], "--column: must name the column with the texts; there are a, b"),
        ("a,b\n", ["c"], "c: there is no such column; there are a, b"),
        ("a,ada@example.org\n", ["c"], "there are a, 1 that look like values"),
    ],
)
def test_the_column_is_named_or_clear(tmp_path, content, named, expected):
    path = tmp_path / "t.csv"
    path.write_text(content)
    if isinstance(expected, list):
        assert chosen(opened(path), path, named) == expected
    else:
        with pytest.raises(InputRefused, match=expected):
            chosen(opened(path), path, named)


def test_a_column_of_numbers_holds_no_text(tmp_path):
    pq.write_table(pa.table({"n": [1], "words": ["x"]}), tmp_path / "t.parquet")
    file = opened(tmp_path / "t.parquet")
    assert chosen(file, tmp_path, []) == ["words"]
    with pytest.raises(InputRefused, match="n: is a column that does not hold text"):
        chosen(file, tmp_path, ["n"])


def test_a_file_is_not_replaced_unless_told_and_then_even_itself(tmp_path, setup, pool):
    path, other = tmp_path / "t.txt", tmp_path / "o.txt"
    path.write_text("Ada Quill\n")
    other.write_text("mine\n")
    with pytest.raises(InputRefused, match="t.txt: is the file that is read"):
        scrub_file(path, path, setup)
    with pytest.raises(InputRefused, match="o.txt: is there already"):
        scrub_file(path, other, setup)
    assert (path.read_text(), other.read_text()) == ("Ada Quill\n", "mine\n")
    scrub_file(path, path, setup, force=True, pool=pool)
    assert path.read_text() == "<PERSON>\n"


@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path, setup, force):
    path, pipe, link, loop = (tmp_path / f"{name}.txt" for name in ("t", "pipe", "link", "loop"))
    path.write_text("Ada Quill\n")
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    loop.symlink_to(loop)
    for out in (pipe, link, loop):
        with pytest.raises(InputRefused, match=f"{out.name}: is no ordinary file"):
            scrub_file(path, out, setup, force=force)
    assert pipe.is_fifo()
    assert link.is_fifo()
    assert loop.is_symlink()


def test_a_link_stays_and_the_file_that_it_leads_to_is_written(tmp_path, setup, pool):
    path, link, there = tmp_path / "t.txt", tmp_path / "link.txt", tmp_path / "folder" / "there.txt"
    path.write_text("Ada Quill\n")
    there.parent.mkdir()
    link.symlink_to(there)
    scrub_file(path, link, setup, pool=pool)
    assert there.read_text() == "<PERSON>\n"
    there.write_text("mine\n")
    there.chmod(0o640)
    with pytest.raises(InputRefused, match=r"link.txt: is there already"):
        scrub_file(path, link, setup)
    scrub_file(path, link, setup, force=True, pool=pool)
    assert link.is_symlink()
    assert (there.read_text(), there.stat().st_mode & 0o777) == ("<PERSON>\n", 0o640)
    assert [each.name for each in there.parent.iterdir()] == ["there.txt"]


def test_output_of_another_format_is_refused(tmp_path, setup):
    (tmp_path / "t.csv").write_text("text\nx\n")
    with pytest.raises(InputRefused, match="is to be of the same format as"):
        scrub_file(tmp_path / "t.csv", tmp_path / "s.parquet", setup)


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (tmp_path / ".o.txt.partial").write_text("")
    result = output(tmp_path / "t.txt", tmp_path / "o.txt", force=False)
    with pytest.raises(Unavailable, match="the disk is full"), result, open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
    assert not (tmp_path / "o.txt").exists()
    assert not [path for path in tmp_path.iterdir() if str(os.getpid()) in path.name]
