import hashlib

import pyarrow as pa
import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from sluicegate.data.row_digest import digest_of_rows
from sluicegate.errors import InputRefused


def table(tmp_path, columns: dict, **how):
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet", **how)
    return tmp_path / "t.parquet"


def test_the_digest_is_the_sha256_of_canonical_json_lines(tmp_path):
    path = table(tmp_path, {"text": ['say "a"\n', None], "id": ["0", "1"]})
    lines = b'{"id":"0","text":"say \\"a\\"\\n"}\n{"id":"1","text":null}\n'
    assert digest_of_rows(path) == hashlib.sha256(lines).hexdigest()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.text(), st.none() | st.text(), st.none() | st.integers(-(2**53) + 1, 2**53 - 1)), max_size=8),
    st.text(min_size=1, max_size=3).filter(lambda name: name not in ("a", "b")),
)
def test_rows_are_written_as_the_standard_says(tmp_path, rows, name):
    arrays = [
        pa.array(column, kind)
        for column, kind in zip(list(zip(*rows, strict=True)) or [[], [], []], KINDS, strict=True)
    ]
    path = table(tmp_path, dict(zip(["b", name, "a"], arrays, strict=True)))
    lines = [rfc8785.dumps(dict(zip(["b", name, "a"], row, strict=True))) + b"\n" for row in rows]
    assert digest_of_rows(path) == hashlib.sha256(b"".join(lines)).hexdigest()


KINDS = (pa.large_string(), pa.string(), pa.int64())


def test_how_the_rows_lie_in_the_file_does_not_matter_and_everything_else_does(tmp_path):
    columns = {"id": [str(i) for i in range(25_000)], "text": ["é", "kettle"] * 12_500}
    digest = digest_of_rows(table(tmp_path, columns))
    assert digest_of_rows(table(tmp_path, columns, row_group_size=7001, compression="gzip")) == digest
    assert digest_of_rows(table(tmp_path, dict(reversed(columns.items())))) == digest
    changed = [
        {"key": columns["id"], "text": columns["text"]},
        {"id": columns["id"], "text": [*columns["text"][:-1], "Kettle"]},
        {"id": columns["id"], "text": columns["text"][::-1]},
        {name: values[:-1] for name, values in columns.items()},
    ]
    assert len({digest, *(digest_of_rows(table(tmp_path, c)) for c in changed)}) == 5


def test_values_that_json_has_no_form_for_are_refused_by_column(tmp_path):
    with pytest.raises(InputRefused, match="t.parquet: column 'x': holds values of type binary"):
        digest_of_rows(table(tmp_path, {"x": [b"\xff"]}))
