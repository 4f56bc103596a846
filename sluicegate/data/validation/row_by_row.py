"""Whether a row condition can be told of each row alone, so that it leaves the same rows whatever the chunks are.

pandas evaluates a condition on the rows that are in memory. ``text.duplicated()`` or ``n > n.mean()`` would leave
other rows in each chunk than over the whole table; so would a column alone, which pandas takes for row labels.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

_TELLING = frozenset({"isnull", "isna", "notnull", "notna", "isin", "between"})
_STR_TELLING = frozenset({
    "contains", "endswith", "fullmatch", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "islower",
    "isnumeric", "isspace", "istitle", "isupper", "match", "startswith"
})  # fmt: skip
_STR_MAKING = frozenset({
    "capitalize", "casefold", "center", "count", "decode", "encode", "find", "findall", "get", "index", "join",
    "len", "ljust", "lower", "lstrip", "normalize", "pad", "removeprefix", "removesuffix", "repeat", "replace",
    "rfind", "rindex", "rjust", "rsplit", "rstrip", "slice", "slice_replace", "split", "strip", "swapcase", "title",
    "translate", "upper", "wrap", "zfill"
})  # fmt: skip
_EQUALS = (ast.Eq, ast.NotEq)
_MEMBER = (ast.In, ast.NotIn)
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_PIECES = re.compile(r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|`([^`\n]*)`|([&|])""")
"""A string; a column's name in backticks; or a sign that pandas reads as the word `and` or `or`."""


class NotByRow(Exception):
    """A row condition that cannot be told of each row alone, or that no row could meet; `str()` of it says why."""


def require_row_by_row(condition: str, columns: Sequence[str], numbers: Sequence[str]) -> None:
    """Passes if whether a row meets the condition depends on no other row.

    Args:
        condition: In the syntax of `pandas.DataFrame.query`.
        columns: Columns of the data.
        numbers: Columns of these that hold numbers; the others hold strings.

    Raises:
        NotByRow: It does, or may do so; or it compares a column with what none of its cells could equal.
    """
    try:
        text, names = _as_python(condition)
        _Check(names, columns, numbers).truth(_parsed(text))
    except RecursionError:
        raise NotByRow("is nested too deeply") from None


def _as_python(condition: str) -> tuple[str, dict[str, str]]:
    """The condition as Python reads it, and what its names for columns in backticks stand for."""
    names: dict[str, str] = {}

    def piece(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        if found[3]:
            return " and " if found[3] == "&" else " or "
        names[name := f"_column_{len(names)}_"] = found[2]
        return name

    return _PIECES.sub(piece, condition.strip()), names


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError) as error:  # ValueError: a null byte, or very many digits
        raise NotByRow(f"cannot be evaluated ({type(error).__name__})") from None


class _Check:
    """Walks a condition.

    Args:
        names: Name in the condition → column, of those that stand in backticks.
        columns: Columns of the data.
        numbers: Columns that hold numbers.
    """

    def __init__(self, names: dict[str, str], columns: Sequence[str], numbers: Sequence[str]) -> None:
        self._names, self._columns, self._numbers = names, columns, numbers

    def truth(self, node: ast.expr) -> None:
        """Passes if the node says yes or no of each row."""
        if isinstance(node, ast.BoolOp):
            for part in node.values:
                self.truth(part)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
            self.truth(node.operand)
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, sign, right in zip(sides, node.ops, sides[1:], strict=False):
                self._compared(left, sign, right, node)
        elif not (isinstance(node, ast.Call) and self._is_called(node)):
            raise self._refusal(node)

    def _value(self, node: ast.expr) -> None:
        """Passes if the node has one value for each row, or for all."""
        if isinstance(node, ast.Constant):
            return
        if isinstance(node, ast.Name):
            self._column(node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            self._value(node.operand)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
            self._value(node.left)
            self._value(node.right)
        elif isinstance(node, ast.Call):
            self._is_called(node)
        else:
            self.truth(node)

    def _column(self, node: ast.Name) -> str:
        column = self._names.get(node.id, node.id)
        if column not in self._columns:
            raise NotByRow(f"names column {column[:60]!r}; the columns are {', '.join(map(repr, self._columns))}")
        return column

    def _compared(self, left: ast.expr, sign: ast.cmpop, right: ast.expr, whole: ast.expr) -> None:
        """Passes if two sides are compared row by row; a list has its place beside a column, as a set of values."""
        if isinstance(sign, _MEMBER) and _literals(right) is not None:
            self._value(left)
        elif isinstance(sign, _EQUALS) and isinstance(left, ast.Name) and _literals(right) is not None:
            self._column(left)
        elif isinstance(sign, _EQUALS) and isinstance(right, ast.Name) and _literals(left) is not None:
            self._column(right)
        elif isinstance(sign, (*_EQUALS, *_ORDER)):
            self._value(left)
            self._value(right)
        else:
            raise self._refusal(whole)
        if not isinstance(sign, _ORDER):
            self._could_equal(left, right)
            self._could_equal(right, left)

    def _could_equal(self, side: ast.expr, other: ast.expr) -> None:
        """Passes unless one side is a column and the other a value of another type, or a list that holds one."""
        if not isinstance(side, ast.Name) or (values := _literals(other)) is None:
            return
        column = self._column(side)
        is_number = column in self._numbers
        if values == [None]:
            raise NotByRow(f"compares column {column!r} with nothing, which no cell equals; say `.isnull()`")
        for value in (value for value in values if value is not None):
            if isinstance(value, bool) or not isinstance(value, (int, float) if is_number else str):
                held = "numbers, as `meta.numbers` says" if is_number else "strings"
                kind = type(value).__name__
                raise NotByRow(f"compares column {column!r}, which holds {held}, with {repr(value)[:60]} ({kind})")

    def _is_called(self, node: ast.Call) -> bool:
        """Whether a call says yes or no of each row.

        Raises:
            NotByRow: It is no call that has one value for each row.
        """
        method = node.func
        if not isinstance(method, ast.Attribute) or any(keyword.arg is None for keyword in node.keywords):
            raise self._refusal(node)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(method.value, ast.Attribute) and method.value.attr == "str":
            return self._is_called_of_str(node, method.attr, method.value.value, arguments)
        self._value(method.value)
        if method.attr == "between":
            for argument in arguments:
                self._value(argument)
        elif method.attr == "astype" and len(arguments) == len(node.args) == 1 and _literals(arguments[0]):
            return False  # with `errors` it would depend on the other rows whether a cell is changed
        elif method.attr not in _TELLING or any(_literals(argument) is None for argument in arguments):
            raise self._refusal(node)
        elif method.attr == "isin":
            for argument in arguments:
                self._could_equal(method.value, argument)
        return True

    def _is_called_of_str(self, node: ast.Call, name: str, of: ast.expr, arguments: Sequence[ast.expr]) -> bool:
        if name not in _STR_TELLING | _STR_MAKING or any(_literals(argument) is None for argument in arguments):
            raise self._refusal(node)
        if any(keyword.arg == "expand" for keyword in node.keywords):  # as many columns as the longest row needs
            raise self._refusal(node)
        self._value(of)
        return name in _STR_TELLING

    def _refusal(self, node: ast.expr) -> NotByRow:
        text = ast.unparse(node)
        for name, column in self._names.items():
            text = text.replace(name, f"`{column}`")
        return NotByRow(f"{text[:60]!r} does not say yes or no of each row alone")


def _literals(node: ast.expr) -> list[Any] | None:
    """The value that a node writes out, or those of a list or tuple; None of any other node."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError):
        return None
    values = list(value) if isinstance(value, list | tuple) else [value]
    return values if all(v is None or isinstance(v, str | int | float) for v in values) else None
