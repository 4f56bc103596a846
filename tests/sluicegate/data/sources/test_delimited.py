import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from sluicegate.data.sources.chunk import Bounds, Chunk
from sluicegate.data.sources.delimited import csv_chunks, plain_chunks
from sluicegate.errors import InputRefused, SpecRefused


def csv_file(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "reviews.csv").write_bytes(content)
    return tmp_path / "reviews.csv"


def frame_of(chunks: list[Chunk]) -> pd.DataFrame:
    """The rows of all chunks, those with faults left out."""
    frames = []
    for chunk in chunks:
        columns = {n: c.to_pylist() if isinstance(c, pa.Array) else c for n, c in chunk.columns.items()}
        frames.append(pd.DataFrame(columns, dtype=object).drop(index=list(chunk.faults)))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def faults_of(chunks: list[Chunk]) -> list[tuple[int, str, str]]:
    """Line, reason and the row as it stands of each fault."""
    return [(c.lines[i], fault.reason, c.row(i)) for c in chunks for i, fault in sorted(c.faults.items())]


def chunks_of(
    path: Path, delimiter: str = ",", encoding: str = "utf-8", wanted=("text", "label"), **more
) -> list[Chunk]:
    return list(csv_chunks(path, wanted, delimiter=delimiter, encoding=encoding, **more))


def read(path: Path, *arguments, **more) -> pd.DataFrame:
    return frame_of(chunks_of(path, *arguments, **more))


def test_quoted_fields_may_hold_delimiters_and_line_breaks(tmp_path):
    frame = read(csv_file(tmp_path, b'text,label\n"one, two\nthree",good\n'))
    assert frame.to_dict("records") == [{"text": "one, two\nthree", "label": "good"}]


def test_an_empty_field_is_missing_and_the_word_na_is_a_word(tmp_path):
    frame = read(csv_file(tmp_path, b"text,label\n,NA\nnull,\n"))
    assert frame["text"].tolist() == [None, "null"]
    assert frame["label"].tolist() == ["NA", None]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    assert list(read(csv_file(tmp_path, b"\xef\xbb\xbftext,label\na,b\n")).columns) == ["text", "label"]
    utf16 = csv_file(tmp_path, "text,label\na,é\n".encode("utf-16"))
    assert read(utf16, encoding="utf-16")["label"].tolist() == ["é"]


def test_blank_lines_hold_no_row(tmp_path):
    assert len(read(csv_file(tmp_path, b"text,label\r\n\r\na,b\r\n\r\n"))) == 1


def test_lines_may_end_in_any_way_and_are_counted_in_each(tmp_path):
    chunks = chunks_of(csv_file(tmp_path, b"text,label\r\na,1\rb,2\nc\r\n\r\nd,4"))
    assert frame_of(chunks)["text"].tolist() == ["a", "b", "d"]
    assert [list(chunk.lines) for chunk in chunks] == [[2, 3, 4, 6]]
    assert faults_of(chunks) == [(4, "has 1 fields where the header has 2", '["c"]')]


def test_rows_of_the_wrong_length_keep_their_line_and_what_they_hold(tmp_path):
    chunks = chunks_of(csv_file(tmp_path, b'text,label\n"a\nb",good\nmany,words,bad\nd\n'))
    assert frame_of(chunks)["text"].tolist() == ["a\nb"]
    assert [(line, row) for line, _, row in faults_of(chunks)] == [(4, '["many", "words", "bad"]'), (5, '["d"]')]


def test_a_stray_quote_inside_one_line_is_that_rows_fault(tmp_path):
    chunks = chunks_of(csv_file(tmp_path, b'text,label\n"a" b,good\nc,bad\n"d'))
    assert frame_of(chunks)["text"].tolist() == ["c"]
    assert [(line, row) for line, _, row in faults_of(chunks)] == [(2, '"a" b,good'), (4, '"d')]


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        pytest.param(b"", "line 3: a quoted field of the row that begins here is never closed", id="to the end"),
        pytest.param(
            b'g,bad\n"h, i",good\n', "begins here ends in the middle of text, in line 502", id="to the next quote"
        ),
        pytest.param(b"x" * 5000 + b"\n", "begins here is longer than 4,000 characters", id="beyond the limit"),
    ],
)
def test_a_stray_quote_that_swallows_rows_is_refused_with_the_line_where_it_began(tmp_path, rest, words):
    swallowed = b"".join(b"e%d,good\n" % i for i in range(497))
    path = csv_file(tmp_path, b'text,label\na,good\n"b,bad\n' + swallowed + rest)
    bounds = Bounds(line=4000) if b"xxx" in rest else Bounds()
    with pytest.raises(InputRefused, match=words) as refusal:
        chunks_of(path, bounds=bounds)
    assert "reviews.csv: line 3:" in str(refusal.value)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b'3,"He said "hi" to\nher, twice",pos\n', id="an odd quote"),
        pytest.param(b'3,"Tom "T" and "U"\nanother id,it was ""fine"",pos\n', id="its end has its quotes"),
        pytest.param(b'3,"He said "hi to\nher, twice",pos\n', id="too few fields"),
        pytest.param(b'3,"He said "hi, to\nher, twice",pos\n', id="as many fields, and an odd quote after it"),
        pytest.param(b'3,"He said "hi, to\n7,fine,neg\nher, twice",pos\n', id="an odd quote some rows after it"),
        pytest.param(b'3,"He said "hi",and\nher, twice",pos\n', id="as many fields with an odd quote"),
    ],
)
def test_the_rest_of_a_row_with_a_stray_quote_is_no_row(tmp_path, broken):
    path = csv_file(tmp_path, b"id,text,label\n1,good,pos\n2,bad,neg\n" + broken + b"4,x,neg\n")
    with pytest.raises(InputRefused, match="cannot be told.*put a double quote inside a field twice") as refusal:
        chunks_of(path)
    assert "reviews.csv: line 4:" in str(refusal.value)


def test_a_quote_that_is_written_twice_is_no_end_of_a_row_set_aside(tmp_path):
    path = csv_file(tmp_path, b'text,label\n"ket"tle,good\n"\n""",bad\n"""",bad\n""" a",good\n')
    chunks = chunks_of(path)
    assert frame_of(chunks)["text"].tolist() == ['\n"', '"', '" a']
    assert [line for line, _, _ in faults_of(chunks)] == [2]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param('3,"He said "hi" to her, twice",pos', id="the field ends before the delimiter"),
        pytest.param('3,"Tom, or "T" said it",pos', id="a delimiter before the quote"),
        pytest.param('"3"x,fine,pos', id="in another field"),
        pytest.param('3,"a, b" c,pos', id="behind the field"),
        pytest.param('3,"He said "hi"",pos', id="three at the end"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", "|", "^", "]"])
def test_a_row_whose_quotes_pair_up_on_its_line_is_set_aside_alone(tmp_path, row, delimiter):
    content = f'id,text,label\n{row}\n4,"x, ""y""",neg\n'.replace(",", delimiter)
    chunks = chunks_of(csv_file(tmp_path, content.encode()), delimiter=delimiter)
    assert frame_of(chunks)["text"].tolist() == [f'x{delimiter} "y"']
    assert [(line, held) for line, _, held in faults_of(chunks)] == [(2, row.replace(",", delimiter))]


def test_a_line_that_never_ends_is_refused_without_reading_it_whole(tmp_path):
    path = csv_file(tmp_path, b"text,label\na,good\n" + b"b" * 10_000)
    with pytest.raises(InputRefused, match="line 3: is longer than 4,000 characters"):
        chunks_of(path, bounds=Bounds(line=4000))


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(rows=1), Bounds(rows=3), Bounds(characters=10)])
def test_the_size_of_a_chunk_changes_nothing_but_the_chunks(tmp_path, bounds):
    content = b"text,label\n" + b"".join(b"kettle %d,good\n%s" % (i, b"c\n" if i % 3 else b"\n") for i in range(20))
    chunks = chunks_of(csv_file(tmp_path, content), bounds=bounds)
    assert frame_of(chunks)["text"].tolist() == [f"kettle {i}" for i in range(20)]
    assert len(faults_of(chunks)) == 13
    assert all(len(chunk) <= bounds.rows for chunk in chunks)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "is empty", id="no bytes"),
        pytest.param(b"\n\r\n", "is empty", id="blank lines"),
        pytest.param(b"text,text\na,b\n", "names a column twice: text", id="a column twice"),
        pytest.param(b'"te"xt,label\n', "line 1: the header is not delimited text", id="a broken header"),
        pytest.param(b"te\xffxt,label\n", "line 1: the header is not utf-8 text", id="a header that does not decode"),
        pytest.param("text,label\n".encode("utf-16-le"), "holds a NUL character .*utf-16", id="UTF-16 unannounced"),
        pytest.param(
            b"text\xe2\x80\x8b,label\na,b\n",
            r"'text': is missing; the columns are 'text\\u200b'",
            id="an invisible character",
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, content, words):
    with pytest.raises(InputRefused, match=words):
        read(csv_file(tmp_path, content))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="nowhere.csv: there is no such file"):
        read(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("encoding", ["utf-9", "base64"])
def test_an_unknown_encoding_is_a_fault_of_the_spec(tmp_path, encoding):
    with pytest.raises(SpecRefused, match=f"data.source.encoding: there is no text encoding '{encoding}'"):
        read(csv_file(tmp_path, b"text,label\n"), encoding=encoding)


def test_an_encoding_that_cannot_be_read_in_pieces_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="data.source.encoding: cannot be read as undefined text"):
        read(csv_file(tmp_path, b"text,label\n"), encoding="undefined")


@pytest.mark.parametrize("delimiter", [";;", "", "\n", '"'])
def test_a_delimiter_that_can_part_nothing_is_a_fault_of_the_spec(tmp_path, delimiter):
    with pytest.raises(SpecRefused, match="data.source.delimiter: must be one character"):
        read(csv_file(tmp_path, b"text,label\n"), delimiter=delimiter)


def test_a_text_longer_than_the_csv_modules_own_limit_is_read(tmp_path):
    frame = read(csv_file(tmp_path, b"text,label\n" + b"a" * 200_000 + b",good\n"))
    assert len(frame["text"][0]) == 200_000


def plain(content: bytes, encoding: str = "utf-8", **more) -> list[Chunk]:
    how = {"delimiter": "\t", "encoding": encoding, "where": "pack/a.txt"}
    return list(plain_chunks(io.BytesIO(content), ["n", "text"], **how, **more))


def test_quotes_have_no_meaning_in_plain_delimited_text():
    assert frame_of(plain(b'1\t"a\r\n2\tb"\r\n'))["text"].tolist() == ['"a', 'b"']


def test_only_line_feeds_end_a_line():
    assert frame_of(plain("1\ta\x85b\u2028c\rd\n".encode()))["text"].tolist() == ["a\x85b\u2028c\rd"]


def test_further_fields_are_dropped_shorter_lines_are_faults_and_blank_ones_no_rows():
    chunks = plain(b"1\ta\tb\n\n \r\nshort\n2\tc", constant=("shop", "north"))
    assert frame_of(chunks).to_dict("records") == [
        {"n": "1", "text": "a", "shop": "north"},
        {"n": "2", "text": "c", "shop": "north"},
    ]
    assert faults_of(chunks) == [(4, "has 1 fields where the spec names 2", "short")]


def test_a_plain_line_that_is_too_long_is_a_fault_and_the_next_one_is_read():
    chunks = plain(b"1\ta\n2\t" + b"b" * 500 + b"\n3\tc\n", bounds=Bounds(line=100))
    assert frame_of(chunks)["n"].tolist() == ["1", "3"]
    assert [(line, reason) for line, reason, _ in faults_of(chunks)] == [(2, "is longer than 100 characters")]
