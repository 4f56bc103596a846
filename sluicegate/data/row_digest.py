"""One digest for all rows of a table, in order; how the rows lie in the file does not matter.

Each row is the canonical JSON of an object, column → value, followed by a line feed; the digest is the SHA-256
over them all. So it changes with any value, with the order of the rows and with the names of the columns, and
not with the order of the columns, chunks, row groups or compression.

Source: RFC 8785, JSON Canonicalization Scheme.
"""

from __future__ import annotations

import hashlib
from json.encoder import encode_basestring
from pathlib import Path
from typing import TYPE_CHECKING

import rfc8785

from sluicegate.data.tables import chunks, columns_of
from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 10_000


def digest_of_rows(path: Path) -> str:
    """SHA-256 over the rows of a Parquet file, 64 hexadecimal characters.

    Args:
        path: The file; memory does not grow with its rows.

    Raises:
        InputRefused: A column holds values that JSON has no form for.
    """
    digest = hashlib.sha256()
    names = sorted(columns_of(path), key=lambda name: name.encode("utf-16-be"))
    keys = [encode_basestring(name) + ":" for name in names]
    for batch in chunks(path, columns=names, rows=_ROWS):
        parts = [_json(batch.column(name), name, path) for name in names]
        rows = ("{" + ",".join(map(str.__add__, keys, row)) + "}\n" for row in zip(*parts, strict=True))
        digest.update("".join(rows).encode())
    return digest.hexdigest()


def _json(column: pa.Array, name: str, path: Path) -> list[str]:
    """Each value in canonical JSON. Strings, as nearly all are, go through the encoder of the json module.

    Its escapes are those of RFC 8785: the seven short ones, and lower-case hexadecimal for other controls.
    """
    import pyarrow as pa

    values = column.to_pylist()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return ["null" if value is None else encode_basestring(value) for value in values]
    try:
        return [rfc8785.dumps(value).decode() for value in values]
    except rfc8785.CanonicalizationError:
        problem = f"holds values of type {column.type}, which have no canonical JSON"
        raise InputRefused(path, f"column {name!r}", problem) from None
