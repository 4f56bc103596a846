from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.evidence.edits import edited, moved
from sluicegate.evidence.robustness.perturbations import PERTURBATIONS, perturbing
from sluicegate.spec.spans import Span

TEXT = "Mr Ada Lovelace met Bo."
ADA = Span(3, 15, "PERSON")
BO = Span(20, 22, "PERSON")


def stands(text: str, edits: dict[int, str], *spans: Span) -> list[str | None]:
    new = edited(text, edits)
    return [None if span is None else new[span.start : span.end] for span in moved(spans, text, edits)]


def test_characters_are_replaced_left_out_and_added() -> None:
    assert edited("abc", {0: "A", 1: "", 2: "cc", 3: "!"}) == "Acc!"
    assert edited("", {0: "x"}) == "x"
    assert edited("abc", {}) == "abc"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param({}, ["Ada Lovelace", "Bo"], id="nothing"),
        pytest.param({2: "  ", 6: "  ", 15: "  "}, ["Ada  Lovelace", "Bo"], id="spaces beside and within"),
        pytest.param({3: "", 20: "O"}, ["da Lovelace", "Oo"], id="the first letter"),
        pytest.param(dict.fromkeys(range(7, 16), ""), ["Ada", "Bo"], id="the last word, and the space behind it"),
        pytest.param(dict.fromkeys(range(20, 22), ""), ["Ada Lovelace", None], id="all of it"),
        pytest.param({3: "Oli", 4: "v", 5: "ia", 22: ". \n"}, ["Olivia Lovelace", "Bo"], id="a longer name"),
    ],
)
def test_spans_stand_where_their_characters_went(edits: dict[int, str], expected: list[str | None]) -> None:
    assert stands(TEXT, edits, ADA, BO) == expected


def test_what_is_added_behind_the_end_belongs_to_no_span() -> None:
    assert stands("by Bo", {5: "  \n"}, Span(3, 5, "PERSON")) == ["Bo"]


@given(
    words=st.lists(st.text(alphabet="abÄ很<1", min_size=1, max_size=6), min_size=1, max_size=8),
    kind=st.sampled_from(sorted(PERTURBATIONS)),
    seed=st.integers(0, 99),
)
def test_spans_of_words_keep_their_order_and_hold_nothing_but_what_became_of_them(
    words: list[str], kind: str, seed: int
) -> None:
    text, spans = "", []
    for word in words:
        spans.append(Span(len(text), len(text) + len(word), "WORD"))
        text += word + " "
    edits = perturbing(kind, text, seed)
    new = edited(text, edits)
    found = moved(spans, text, edits)
    left = [span for span in found if span is not None]
    assert all(one.end <= other.start for one, other in zip(left, left[1:], strict=False))
    for old, span in zip(spans, found, strict=True):
        became = "".join(edits.get(at, text[at]) for at in range(old.start, old.end)).strip()
        assert became == ("" if span is None else new[span.start : span.end])
