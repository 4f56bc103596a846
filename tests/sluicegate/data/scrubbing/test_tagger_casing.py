"""Words in capitals as the classifier reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.scrubbing.tagger.casing import eased


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PAID BY MRS EILEEN O'DOWD", "Paid By Mrs Eileen O'Dowd"),
        ("paid by EILEEN in the USA", "paid by Eileen in the USA"),
        ("HERNÁNDEZ, LUZ", "Hernández, Luz"),
        ("GB33BUKB2020 and A4BCDEF", "GB33BUKB2020 and A4BCDEF"),
        ("the USA, the UK and the EU", "the USA, the UK and the EU"),
        ("MacDONALD", "MacDONALD"),
        ("İSTANBUL", "İstanbul"),
        ("王建国 WANG JIANGUO", "王建国 Wang Jianguo"),
    ],
)
def test_runs_of_capitals_become_names(text, expected):
    assert eased(text) == expected


@given(st.text())
def test_no_character_is_added_or_lost_and_a_second_time_changes_nothing(text):
    once = eased(text)
    assert len(once) == len(text)
    assert eased(once) == once
