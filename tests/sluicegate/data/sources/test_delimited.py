from pathlib import Path

import pytest

from sluicegate.data.sources.delimited import read_csv, read_plain
from sluicegate.errors import InputRefused, SpecRefused


def csv_file(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "reviews.csv").write_bytes(content)
    return tmp_path / "reviews.csv"


def read(path: Path, delimiter: str = ",", encoding: str = "utf-8"):
    return read_csv(path, delimiter=delimiter, encoding=encoding)


def test_quoted_fields_may_hold_delimiters_and_line_breaks(tmp_path):
    frame = read(csv_file(tmp_path, b'text,label\n"one, two\nthree",good\n'))
    assert frame.to_dict("records") == [{"text": "one, two\nthree", "label": "good"}]


def test_an_empty_field_is_missing_and_the_word_na_is_a_word(tmp_path):
    frame = read(csv_file(tmp_path, b"text,label\n,NA\nnull,\n"))
    assert frame["text"].tolist() == [None, "null"]
    assert frame["label"].tolist() == ["NA", None]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    assert list(read(csv_file(tmp_path, b"\xef\xbb\xbftext,label\na,b\n")).columns) == ["text", "label"]


def test_blank_lines_hold_no_row(tmp_path):
    assert len(read(csv_file(tmp_path, b"text,label\r\n\r\na,b\r\n\r\n"))) == 1


def test_a_byte_that_does_not_decode_is_refused_with_its_line_and_offset(tmp_path):
    with pytest.raises(InputRefused, match="reviews.csv: line 3, byte 19: is not utf-8 text"):
        read(csv_file(tmp_path, b"text,label\na,good\nb\xff,bad\n"))


def test_a_row_with_too_many_fields_is_refused_with_its_line_and_no_cell(tmp_path):
    with pytest.raises(InputRefused, match="line 3: the row that ends here has 3 fields where the header has 2") as e:
        read(csv_file(tmp_path, b"text,label\na,good\nsecret,words,bad\nd\n"))
    assert "2 such rows in all" in str(e.value)
    assert "secret" not in str(e.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "is empty", id="no bytes"),
        pytest.param(b" \n\n", "is empty", id="white space"),
        pytest.param(b"text,text\na,b\n", "column 'text' is there 2 times", id="a column twice"),
        pytest.param(b'text,label\n"a,b\n', "is not delimited text", id="an open quote"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, content, words):
    with pytest.raises(InputRefused, match=words):
        read(csv_file(tmp_path, content))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="nowhere.csv: there is no such file"):
        read(tmp_path / "nowhere.csv")


def test_an_unknown_encoding_is_a_fault_of_the_spec(tmp_path):
    with pytest.raises(SpecRefused, match="data.source.encoding: there is no encoding 'utf-9'"):
        read(csv_file(tmp_path, b"text,label\n"), encoding="utf-9")


def test_a_text_longer_than_the_csv_modules_own_limit_is_read(tmp_path):
    frame = read(csv_file(tmp_path, b"text,label\n" + b"a" * 200_000 + b",good\n"))
    assert len(frame["text"][0]) == 200_000


def plain(content: bytes, encoding: str = "utf-8"):
    return read_plain(content, ["n", "text"], delimiter="\t", encoding=encoding, where="pack/a.txt")


def test_quotes_have_no_meaning_in_plain_delimited_text():
    assert plain(b'1\t"a\r\n2\tb"\r\n')["text"].tolist() == ['"a', 'b"']


def test_only_line_feeds_end_a_line():
    assert plain("1\ta\x85b\u2028c\n".encode())["text"].tolist() == ["a\x85b\u2028c"]


def test_further_fields_are_dropped_and_shorter_lines_refused():
    assert plain(b"1\ta\tb\n").to_dict("records") == [{"n": "1", "text": "a"}]
    with pytest.raises(InputRefused, match="pack/a.txt: line 2: has 1 fields where the spec names 2"):
        plain(b"1\ta\nsecret\n")
