"""How widely a model may go under the licences of what it was made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.licences import (
    REACHES,
    load_table,
    narrowest,
    not_told,
    reach_number,
    standing,
    tells_licences_alone,
)
from sluicegate.errors import SpecRefused

TABLE = load_table()
names = st.sampled_from(sorted(set(TABLE) - {"proprietary"}))


@pytest.mark.parametrize(
    ("expression", "reach"),
    [
        ("MIT", "public"),
        ("mit", "public"),
        ("CC-BY-NC-4.0", "restricted"),
        ("CC-BY-ND-4.0", "internal"),
        ("proprietary", "internal"),
        ("MIT AND CC-BY-NC-4.0", "restricted"),
        ("MIT OR CC-BY-NC-4.0", "public"),
        ("(MIT OR Apache-2.0) AND CC-BY-ND-4.0", "internal"),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", "public"),
    ],
)
def test_what_an_expression_allows(expression: str, reach: str) -> None:
    assert standing(expression, TABLE).reach == reach


@pytest.mark.parametrize(
    "restriction",
    [
        "Commons-Clause",
        "AdditionRef-NonCommercial",
        "LicenseRef-NC",
        "MIT",
        pytest.param("LicenseRef-scancode-commons-clause", id="which the parser counts among the exceptions"),
    ],
)
def test_a_licence_with_what_is_no_spdx_exception_is_not_known(restriction: str) -> None:
    found = standing(f"Apache-2.0 WITH {restriction}", TABLE)
    assert (found.reach, found.why) == (None, f"Apache-2.0 WITH {restriction} is not in the table of licences")
    assert standing(f"MIT AND (Apache-2.0 WITH {restriction})", TABLE).reach is None


def test_an_own_table_may_know_a_licence_with_a_restriction(tmp_path: Path) -> None:
    own = tmp_path / "licences.yaml"
    own.write_text("licences: {MIT WITH Commons-Clause: {reach: restricted}}\n")
    assert standing("mit with commons-clause", load_table(own)).reach == "restricted"


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "no licence is stated"),
        ("unknown", "no licence is stated"),
        ("NOASSERTION", "no licence is stated"),
        ("House-Rules-1.0", "House-Rules-1.0 is not in the table of licences"),
        ("MIT AND House-Rules-1.0", "House-Rules-1.0 is not in the table of licences"),
        ("SSPL-1.0", "SSPL-1.0 is not in the table of licences"),
        ("MIT AND (", "is not an SPDX expression"),
        ("MIT OR ()", "is not an SPDX expression"),
        ("free to use", "free to use is not in the table of licences"),
    ],
)
def test_what_is_not_known_is_not_guessed_at(expression: str, why: str) -> None:
    found = standing(expression, TABLE)
    assert (found.reach, found.why) == (None, why)


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("", True),
        ("mit", True),
        ("SSPL-1.0 OR (Apache-2.0 WITH LLVM-exception)", True),
        ("Contract 17", True),
        ("Contract 17 AND MIT", True),
        ("Jane Doe", False),
        ("MIT AND Jane", False),
        ("MIT WITH Jane", False),
        ("LicenseRef-Jane", False),
        ("CC BY 4.0, photo by Jane Doe", False),
        ("()", False),
    ],
)
def test_only_names_that_spdx_or_the_table_knows_tell_licences_alone(tmp_path: Path, text: str, alone: bool) -> None:
    own = tmp_path / "licences.yaml"
    own.write_text("licences: {Contract 17: {reach: internal}}\n")
    assert tells_licences_alone(text, load_table(own)) is alone


def test_rows_that_state_something_else_leave_the_reach_unknown_and_their_texts_unsaid() -> None:
    found = narrowest([standing("MIT", TABLE), not_told(3, 2)])
    assert (found.expression, found.reach) == ("MIT AND others", None)
    assert found.why == "3 rows state what neither SPDX nor the table of licences knows (different texts: 2)"


def test_an_unknown_choice_is_not_taken_but_the_known_one_is() -> None:
    assert standing("House-Rules-1.0 OR CC-BY-NC-4.0", TABLE).reach == "restricted"


def test_duties_of_everything_are_gathered_once() -> None:
    found = narrowest([standing("CC-BY-4.0", TABLE), standing("MIT", TABLE), standing("CC-BY-4.0", TABLE)])
    assert found.duties == ("give attribution", "state changes", "keep the copyright notice")
    assert found.reach == "public"


def test_an_own_table_adds_and_replaces(tmp_path: Path) -> None:
    own = tmp_path / "licences.yaml"
    own.write_text(
        "licences:\n  House-Rules-1.0: {reach: restricted, duties: [ask Ann], why: contract 17}\n  MIT: {reach: none}\n"
    )
    table = load_table(own)
    found = standing("House-Rules-1.0", table)
    assert (found.reach, found.duties, found.why) == ("restricted", ("ask Ann",), "contract 17")
    assert standing("MIT", table).reach == "none"
    assert standing("Apache-2.0", table).reach == "public"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("licences: {X: {reach: everywhere}}", "licences.X.reach"),
        ("licences: {X: {}}", "licences.X.reach: is missing"),
        ("licenses: {}", "licenses"),
        ("- X", "must hold a mapping"),
    ],
)
def test_an_own_table_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path, text: str, line: str) -> None:
    own = tmp_path / "licences.yaml"
    own.write_text(text)
    with pytest.raises(SpecRefused) as refused:
        load_table(own)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


@given(names, names)
def test_and_is_never_wider_and_or_never_narrower_than_either(one: str, other: str) -> None:
    reaches = [reach_number(TABLE[name].reach) for name in (one, other)]
    both, either = (standing(f"{one} {word} {other}", TABLE).reach for word in ("AND", "OR"))
    assert both == REACHES[min(reaches)]
    assert either == REACHES[max(reaches)]


def test_every_narrow_entry_of_ours_says_why_and_every_name_is_spdxs() -> None:
    from license_expression import get_spdx_licensing

    known = get_spdx_licensing().known_symbols
    assert [name for name, terms in TABLE.items() if terms.reach != "public" and not terms.why] == []
    assert [name for name in TABLE if name not in known and name != "proprietary"] == []
