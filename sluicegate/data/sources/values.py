"""Values of a source as strings: texts, names (of labels, groups and ids), times."""

from __future__ import annotations

import datetime
import decimal
import math
import re
import unicodedata
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_NAMED_TYPES = (str, int, float, decimal.Decimal, datetime.date, datetime.time, uuid.UUID)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)
_INVISIBLE = ("Cc", "Cf", "Zl", "Zp")


class Unreadable(ValueError):
    """A value that cannot be used: the kind of fault, and a clause that says why without the value."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind, self.reason = kind, reason


class Opaque:
    """A value that has a type and can be used for nothing else."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name


def is_missing(value: Any) -> bool:
    """Whether there is no value: None, or not a number."""
    return (
        value is None
        or (isinstance(value, float) and math.isnan(value))
        or type(value).__name__ in ("NaTType", "NAType")
    )


def text(value: Any) -> str | None:
    """A text as it is.

    Raises:
        Unreadable: It is no text.
    """
    if is_missing(value):
        return None
    if not isinstance(value, str):
        raise Unreadable("text", f"is not text but a value of type {type_name(value)}")
    return value


def name(value: Any) -> str | None:
    """A label, group or id as a string: ``true``, ``3`` (also for 3.0), ``2024-05-01``.

    Raises:
        Unreadable: A value of a type that has no name, such as a list.
    """
    if is_missing(value):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) >= 10**100:  # Python itself refuses to print a very long one
        raise Unreadable("name", "is a number of more than 100 digits")
    if isinstance(value, _NAMED_TYPES):
        return str(value)
    raise Unreadable("name", f"holds values of type {type_name(value)}, which have no name")


def number(value: Any) -> float:
    """A rating as a number; not a number, or infinite, where it is none."""
    if isinstance(value, str) and not (value.isascii() and "_" not in value):  # float() takes both
        return math.nan
    try:
        return float(value) if isinstance(value, str | int | float | decimal.Decimal) else math.nan
    except ValueError:
        return math.nan
    except OverflowError:
        return math.inf


def identifier(value: Any) -> str | None:
    """An id: a name that reads as what it is.

    Raises:
        Unreadable: No name, or one with control or invisible characters.
    """
    found = name(value)
    if found is not None and not found.isprintable():
        hidden = next((c for c in found if unicodedata.category(c) in _INVISIBLE), "")
        if hidden:
            raise Unreadable("invisible", f"holds the invisible character U+{ord(hidden):04X}")
    return found


def time(value: Any) -> str | None:
    """A date as ``2024-05-01``, or a time as ``2024-05-01T10:00:00Z``; one without an offset is taken for UTC.

    Seconds keep six digits after the point; what is below a microsecond is cut off.

    Raises:
        Unreadable: Neither, or a date that there is not.

    Source: RFC 3339, Date and Time on the Internet: Timestamps.
    """
    if is_missing(value) or value == "":
        return None
    try:
        found = _parsed(value) if isinstance(value, str) else value
        if isinstance(found, datetime.datetime):
            utc = found.replace(tzinfo=datetime.UTC) if found.tzinfo is None else found.astimezone(datetime.UTC)
            whole = datetime.datetime.combine(utc.date(), utc.time())  # pandas' own times go to nanoseconds
            return f"{whole.isoformat()}Z"
        if isinstance(found, datetime.date):
            return found.isoformat()
    except (ValueError, OverflowError):  # the 30th of February; an offset that leads out of the years 1 to 9999
        pass
    raise Unreadable("time", "is neither a date (2024-05-01) nor a time (2024-05-01T10:00:00Z)")


def _parsed(value: str) -> datetime.date | None:
    if _DATE.fullmatch(value):
        return datetime.date.fromisoformat(value)
    return datetime.datetime.fromisoformat(value.upper()) if _TIME.fullmatch(value) else None


def type_name(value: Any) -> str:
    """The name of a value's type, for a refusal."""
    return value.type_name if isinstance(value, Opaque) else type(value).__name__


def strings(
    values: pa.Array | Sequence[Any], convert: Callable[[Any], str | None], encoding: str = ""
) -> tuple[pa.Array, dict[int, Unreadable]]:
    """A column as Arrow strings.

    Args:
        values: The column.
        convert: `text`, `name`, `identifier` or `time`.
        encoding: Of the file that the values come from, if it has one, for a refusal.

    Returns:
        The strings, shape (N,), and position → what is wrong there; such a value is missing from the strings.
    """
    import pyarrow as pa

    faults: dict[int, Unreadable] = {}
    given = python_values(values)
    if isinstance(given, pa.Array):
        if convert in (text, name):
            return given, faults
        given = given.to_pylist()
    plain = convert in (text, name) and set(map(type, given)) <= {str, type(None)}
    found = list(given) if plain else [_or_fault(convert, value, i, faults) for i, value in enumerate(given)]
    try:
        return pa.array(found, pa.large_string()), faults
    except UnicodeEncodeError:
        found = [_or_fault(lambda v: _encodable(v, encoding), value, i, faults) for i, value in enumerate(found)]
        return pa.array(found, pa.large_string()), faults


def sound_strings(
    values: pa.Array | Sequence[Any], convert: Callable[[Any], str | None], encoding: str, longest: int
) -> tuple[pa.Array, dict[int, Unreadable]]:
    """A column as Arrow strings, with no NUL and no value of more than `longest` characters among the sound ones.

    Args and returns as of `strings`; a value that is too long, or holds a NUL, is still in the strings.
    """
    import pyarrow.compute as pc

    found, faults = strings(values, convert, encoding)
    if (pc.max(pc.binary_length(found)).as_py() or 0) > longest:
        lengths = pc.fill_null(pc.utf8_length(found), 0)
        for position in positions(pc.greater(lengths, longest)):
            reason = f"is {lengths[position].as_py():,} characters long where {longest:,} are allowed"
            faults.setdefault(position, Unreadable("length", reason))
    for position in positions(pc.match_substring(found, "\0")):
        faults.setdefault(position, Unreadable("nul", "holds a NUL character"))
    return found, faults


def positions(mask: pa.BooleanArray) -> list[int]:
    """Where a mask is true."""
    import pyarrow.compute as pc

    found: list[int] = np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False)).tolist()
    return found


def python_values(values: pa.Array | Sequence[Any]) -> pa.Array | Sequence[Any]:
    """An Arrow column of sound strings as large strings, any other column as Python objects."""
    import pyarrow as pa

    if not isinstance(values, pa.Array):
        return values
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type) or pa.types.is_string_view(values.type):
        try:
            values.validate(full=True)
            return values.cast(pa.large_string())
        except pa.ArrowInvalid:
            return [_as_python(value) for value in values]
    try:
        found: list[Any] = values.to_pylist()
        return found
    except (ValueError, OverflowError, ArithmeticError):  # a time that Python cannot hold
        return [_as_python(value) for value in values]


def _as_python(value: pa.Scalar) -> Any:
    try:
        return value.as_py()
    except UnicodeDecodeError:
        return value.as_buffer().to_pybytes().decode(errors="surrogateescape")
    except (ValueError, OverflowError, ArithmeticError):
        return Opaque(str(value.type))


def _or_fault(
    convert: Callable[[Any], str | None], value: Any, position: int, faults: dict[int, Unreadable]
) -> str | None:
    try:
        return convert(value)
    except Unreadable as unreadable:
        faults[position] = unreadable
        return None


def _encodable(value: str | None, encoding: str) -> str | None:
    """`value`, if it can be written anywhere: no undecoded byte (U+DC00 to U+DCFF), no half of a surrogate pair."""
    try:
        if value is not None:
            value.encode()
    except UnicodeEncodeError as error:
        if "\udc80" <= error.object[error.start] <= "\udcff":  # how Python keeps a byte that does not decode
            raise Unreadable("encoding", f"is not {encoding or 'utf-8'} text") from None
        raise Unreadable("encoding", "holds half of a surrogate pair, which is not text") from None
    return value
