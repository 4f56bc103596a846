import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.scrubbing.finds import Find, settled, without_kept

TYPES = ("PERSON", "ADDRESS", "PHONE_NUMBER")


def shown(text: str, *finds: tuple[str, str, float]) -> list[tuple[str, str]]:
    """Settled finds of words of the text, as words."""
    given_ = [Find(text.index(word), text.index(word) + len(word), kind, score) for word, kind, score in finds]
    return [(text[f.start : f.end], f.entity_type) for f in settled(text, given_)]


@pytest.mark.parametrize(
    ("text", "finds", "expected"),
    [
        pytest.param(
            "call +44 20 7946 0123 now",
            [("+44 20 7946 0123", "PHONE_NUMBER", 0.8), ("44 20 7946 0123", "NATIONAL_ID", 0.9)],
            [("+44 20 7946 0123", "PHONE_NUMBER")],
            id="the longer with the sign that it begins with",
        ),
        pytest.param(
            "call (212) 555-0187) now",
            [("212) 555-0187", "PHONE_NUMBER", 0.6)],
            [("(212) 555-0187", "PHONE_NUMBER")],
            id="a bracket and its other half",
        ),
        pytest.param(
            "in Tarn, 12 Mill Lane,\n Brine 9999, on foot",
            [
                ("Tarn", "LOCATION", 0.6),
                ("12 Mill Lane", "ADDRESS", 0.9),
                ("Brine", "LOCATION", 0.6),
                ("9999", "POSTCODE", 0.5),
            ],
            [("Tarn, 12 Mill Lane,\n Brine 9999", "ADDRESS")],
            id="an address with its place and postcode",
        ),
        pytest.param(
            "from Tarn, Brine 9999",
            [("Tarn", "LOCATION", 0.6), ("Brine", "LOCATION", 0.6), ("9999", "POSTCODE", 0.5)],
            [("Tarn", "LOCATION"), ("Brine", "LOCATION"), ("9999", "POSTCODE")],
            id="places without a street",
        ),
        pytest.param(
            "mail boris@tarn.org now",
            [("tarn.org", "URL", 0.9), ("boris@tarn.org", "EMAIL_ADDRESS", 0.5)],
            [("boris@tarn.org", "EMAIL_ADDRESS")],
            id="the longer",
        ),
        pytest.param(
            "4111 1111 1111 1111",
            [("4111 1111 1111 1111", "PHONE_NUMBER", 0.4), ("4111 1111 1111 1111", "CREDIT_CARD", 1.0)],
            [("4111 1111 1111 1111", "CREDIT_CARD")],
            id="the higher score",
        ),
        pytest.param(
            "on 4111 1111 1111 1111",
            [("on 4111 1111 1111 1111", "DATE_TIME", 0.8), ("4111 1111 1111 1111", "CREDIT_CARD", 1.0)],
            [("on", "DATE_TIME"), ("4111 1111 1111 1111", "CREDIT_CARD")],
            id="what is certain, and what is left of the other",
        ),
        pytest.param(
            "Ada Quill, 12 Fen Lane",
            [("Ada Quill, 12", "PERSON", 0.8), ("12 Fen Lane", "ADDRESS", 0.6)],
            [("Ada Quill, 12", "PERSON"), ("Fen Lane", "ADDRESS")],
            id="all that both cover",
        ),
        pytest.param("call Quillington", [("Quill", "PERSON", 0.8)], [("Quillington", "PERSON")], id="no half word"),
        pytest.param("no 12345678", [("345", "PHONE_NUMBER", 0.8)], [("12345678", "PHONE_NUMBER")], id="number"),
        pytest.param("我叫Ada吗", [("Ada", "PERSON", 0.8)], [("Ada", "PERSON")], id="a Chinese character is a word"),
        pytest.param("王小明说", [("王小明", "PERSON", 0.8)], [("王小明", "PERSON")], id="beside another"),
        pytest.param("  Ada  ", [("  Ada ", "PERSON", 0.8)], [("Ada", "PERSON")], id="no white space"),
        pytest.param("Ada\u00c9l", [("Ada", "PERSON", 0.8)], [("Ada\u00c9l", "PERSON")], id="accents"),
        pytest.param(
            "Ada Quill", [("Ada", "PERSON", 0.8), ("Quill", "PERSON", 0.8)], [("Ada Quill", "PERSON")], id="pieces"
        ),
        pytest.param(
            "Ada\nQuill",
            [("Ada", "PERSON", 0.8), ("Quill", "PERSON", 0.8)],
            [("Ada", "PERSON"), ("Quill", "PERSON")],
            id="not over a line end",
        ),
        pytest.param(
            "12345 67890",
            [("12345", "PASSPORT", 0.8), ("67890", "PASSPORT", 0.8)],
            [("12345", "PASSPORT"), ("67890", "PASSPORT")],
            id="two numbers stay two",
        ),
        pytest.param("...", [("..", "PERSON", 0.8)], [("..", "PERSON")], id="punctuation alone"),
    ],
)
def test_finds_are_settled(text, finds, expected):
    assert shown(text, *finds) == expected


@given(st.data())
def test_settled_finds_do_not_overlap_and_hide_every_letter_that_any_find_hid(data):
    text = data.draw(st.text("ab 1.王\n", max_size=40))
    position = st.integers(0, len(text))
    finds = data.draw(
        st.lists(st.builds(Find, position, position, st.sampled_from(TYPES), st.sampled_from([0.4, 1.0])), max_size=6)
    )
    done = settled(text, finds)
    assert all(a.end <= b.start for a, b in zip(done, done[1:], strict=False))
    assert all(0 <= f.start < f.end <= len(text) for f in done)
    hidden = {i for f in done for i in range(f.start, f.end)}
    wanted = {i for f in finds for i in range(f.start, f.end) if text[i].isalnum()}
    assert wanted <= hidden
    assert settled(text, done) == done


def test_finds_of_a_kept_type_go_with_what_lies_inside_them_and_is_less_sure():
    date, phone = Find(3, 13, "DATE_TIME", 0.8), Find(3, 13, "PHONE_NUMBER", 0.4)
    card, name = Find(3, 13, "CREDIT_CARD", 1.0), Find(10, 20, "PERSON", 0.5)
    kept = frozenset({"DATE_TIME"})
    assert without_kept([date, phone, card, name], kept) == [card, name]
    assert without_kept([phone, card], kept) == [phone, card]
