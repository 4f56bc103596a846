"""How widely something may be passed on under its licence: the data and the base model limit the release.

The table is ours, with SPDX names, and cautious: what it does not know is not evaluated, so a policy that
asks for it blocks. A user's own table adds to it or replaces entries. It is no legal advice: it keeps
somebody from overlooking a licence that plainly forbids what they are about to do.

Sources: the licences' own texts; SPDX License List (names); SPDX specification, annex D (expressions).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from typing import Any, Literal

from sluicegate.spec import parse, read_yaml
from sluicegate.spec.section import Section

Reach = Literal["none", "internal", "restricted", "public"]
REACHES: tuple[Reach, ...] = ("none", "internal", "restricted", "public")
"""From the narrowest: nobody; one's own organisation; named partners; everybody, for any purpose."""
NOT_STATED = ("", "NOASSERTION", "NONE", "unknown")


class Terms(Section):
    """What one licence allows for a model that was made with the thing."""

    reach: Reach
    """How widely the model may be passed on."""
    duties: list[str] = []
    """What has to be done along with it, in a few words each."""
    why: str = ""
    """What the reach follows from."""


class LicenceTable(Section):
    """SPDX name → what the licence allows."""

    licences: dict[str, Terms]


@dataclass(frozen=True)
class Standing:
    """What an expression of licences comes to."""

    expression: str
    """As it was stated."""
    reach: Reach | None
    """How widely a model may be passed on; None if that is not known."""
    duties: tuple[str, ...] = ()
    why: str = ""
    """Why it reaches no further, or why it is not known."""


def load_table(extension: Path | None = None) -> dict[str, Terms]:
    """The table that comes with Sluicegate and, over it, a user's own.

    Args:
        extension: A YAML file ``licences: {NAME: {reach, duties, why}}``.

    Raises:
        SpecRefused: The file cannot be read as such a table.
    """
    table = _read(Path(__file__).with_suffix(".yaml"))
    return table | _read(extension) if extension else table


def standing(expression: str, table: Mapping[str, Terms]) -> Standing:
    """What an SPDX expression allows: under ``AND`` the narrowest, under ``OR`` the widest that is known.

    A name that is neither in the table nor known to SPDX is not guessed at.
    """
    if expression.strip() in NOT_STATED:
        return Standing(expression, None, why="no licence is stated")
    if (terms := _entry(expression.strip(), table)) is not None:
        return _of(expression, terms)
    tree = parsed(expression)
    if tree is None:
        return Standing(expression, None, why="is not an SPDX expression")
    found = _walk(tree, table)
    return Standing(expression, found.reach, found.duties, found.why)


def tells_licences_alone(text: str, table: Mapping[str, Terms]) -> bool:
    """Whether `text` states nothing, or is made of names that SPDX or `table` knows.

    Anything else may be about people, as an attribution is, and is counted without being shown.
    """
    if text.strip() in NOT_STATED or _entry(text.strip(), table) is not None:
        return True
    tree = parsed(text)
    known = spdx().known_symbols
    return tree is not None and all(
        symbol.key in known or _entry(str(symbol.key), table) is not None for symbol in spdx().license_symbols(tree)
    )


def not_told(rows: int, values: int) -> Standing:
    """What `rows` rows come to that state `values` different texts which do not tell licences alone."""
    why = f"{rows:,} rows state what neither SPDX nor the table of licences knows (different texts: {values:,})"
    return Standing("others", None, why=why)


def narrowest(standings: Collection[Standing]) -> Standing:
    """What holds for things of several licences together, one at least; not known if one of them is not."""
    return reduce(_both, standings)


def reach_number(reach: Reach) -> int:
    """0 none, 1 internal, 2 restricted, 3 public."""
    return REACHES.index(reach)


@cache
def spdx() -> Any:
    """What reads SPDX expressions, with the names that SPDX knows."""
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def parsed(expression: str, *, of_known: bool = False) -> Any:
    """The tree of an SPDX expression, of whatever names or of those that SPDX knows; None where it is not one."""
    from license_expression import ExpressionError

    try:
        return spdx().parse(expression, validate=of_known)
    except (ExpressionError, IndexError):  # the second for brackets around nothing
        return None


def _read(path: Path) -> dict[str, Terms]:
    return parse(LicenceTable, read_yaml(path), path).licences


def _walk(tree: Any, table: Mapping[str, Terms]) -> Standing:
    name = type(tree).__name__
    if name in ("AND", "OR"):
        parts = [_walk(part, table) for part in tree.args]
        return reduce(_both if name == "AND" else _either, parts)
    text = str(tree)
    terms = _entry(text, table)
    if terms is None and name == "LicenseWithExceptionSymbol" and _only_allows(tree.exception_symbol):
        terms = _entry(str(tree.license_symbol), table)
    return _of(text, terms) if terms else Standing(text, None, why=f"{text} is not in the table of licences")


def _only_allows(symbol: Any) -> bool:
    """Whether what follows ``WITH`` is an exception on SPDX's list; what others wrote may restrict the licence."""
    return bool(symbol.is_exception) and not str(symbol.key).startswith("LicenseRef-")


def _entry(name: str, table: Mapping[str, Terms]) -> Terms | None:
    folded = {key.casefold(): terms for key, terms in table.items()}
    return folded.get(name.casefold())


def _of(expression: str, terms: Terms) -> Standing:
    return Standing(expression, terms.reach, tuple(terms.duties), terms.why)


def _both(one: Standing, other: Standing) -> Standing:
    expression = f"{one.expression} AND {other.expression}" if one.expression != other.expression else one.expression
    duties = tuple(dict.fromkeys(one.duties + other.duties))
    if one.reach is None or other.reach is None:
        return Standing(expression, None, duties, one.why if one.reach is None else other.why)
    least = min((one, other), key=lambda s: reach_number(s.reach or "none"))
    return Standing(expression, least.reach, duties, least.why)


def _either(one: Standing, other: Standing) -> Standing:
    """The choice is the user's, so it is the wider one; a choice that is not known is not taken."""
    known = [s for s in (one, other) if s.reach is not None]
    if not known:
        return one
    return max(known, key=lambda s: reach_number(s.reach or "none"))
