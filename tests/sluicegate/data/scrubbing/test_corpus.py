"""Made-up labelled texts."""

import random
from collections import Counter
from itertools import islice

import pytest

from sluicegate.data.scrubbing import corpus, invented
from sluicegate.data.scrubbing.corpus import addresses, chinese, chinese_values, english, names, noise
from sluicegate.data.scrubbing.corpus.grammar import Grammar
from sluicegate.data.scrubbing.corpus.labelled import labelled
from sluicegate.errors import InputRefused

COUNT = 3000


@pytest.fixture(scope="module")
def made():
    return list(corpus.texts(COUNT, 7))


def test_the_same_seed_gives_the_same_texts_in_whatever_pieces_they_are_made(made):
    again = [*corpus.texts(10, 7), *corpus.texts(5, 7, start=10)]
    assert again == made[:15]
    assert next(iter(corpus.texts(1, 7, start=COUNT - 1))) == made[-1]


def test_another_seed_gives_other_texts(made):
    other = {text.text for text in corpus.texts(300, 8)}
    assert len(other & {text.text for text in made}) < 15


def test_spans_are_in_order_apart_and_cover_no_space_at_their_edges(made):
    for text in made:
        end = 0
        for span in text.spans:
            assert end <= span.start < span.end <= len(text.text)
            value = text.text[span.start : span.end]
            assert value == value.strip()
            end = span.end


def test_every_type_occurs_and_many_texts_hold_nothing_personal(made):
    counts = Counter(span.entity_type for text in made for span in text.spans)
    assert set(counts) == set(corpus.LABELS[1:])
    assert counts["PERSON"] > 0.9 * COUNT
    assert sum(not text.spans for text in made) > COUNT / 6


def test_texts_hardly_repeat(made):
    assert len({text.text for text in made}) > 0.93 * COUNT


def test_both_languages_occur_and_either_can_be_had_alone(made):
    shares = Counter(text.language for text in made)
    assert 0.15 < shares["zh"] / COUNT < 0.3
    assert {text.language for text in corpus.texts(50, 1, ("zh",))} == {"zh"}
    assert all(text.text.isascii() or text.language == "en" for text in corpus.texts(50, 1, ("en",)))


@pytest.mark.parametrize("languages", [(), ("fr",), ("en", "fr")])
def test_an_unknown_language_is_refused_and_named(languages):
    with pytest.raises(InputRefused, match="languages"):
        next(corpus.texts(1, 1, languages))


def test_a_row_is_what_json_can_hold(made):
    text = next(text for text in made if text.spans)
    row = text.row()
    assert set(row) == {"id", "text", "language", "spans"}
    assert row["spans"][0] == {
        "start": text.spans[0].start,
        "end": text.spans[0].end,
        "entity_type": text.spans[0].entity_type,
    }


def test_names_that_canaries_bear_are_never_used():
    reserved = {name.lower() for name in (*invented._WOMEN, *invented._MEN)}
    rng = random.Random(3)
    drawn = {part.lower() for _ in range(6000) for part in names.full(rng).replace("-", " ").split()}
    assert reserved
    assert not drawn & reserved


def test_names_of_many_cultures_are_in_latin_letters():
    assert len(names.cultures()) > 50
    assert names.romanised("Щербаков") == "Shcherbakov"
    assert names.romanised("Γιώργος") == "Giorgos"
    assert names.romanised("Müller") == "Müller"


def test_a_title_stays_outside_the_person():
    pieces = english.slots()["titled"](random.Random(1))
    text = labelled("x", "en", pieces)
    assert [span.entity_type for span in text.spans] == ["TITLE", "PERSON"]


def test_a_job_is_marked_where_somebody_has_it_and_not_where_nobody_does():
    grammar, rng = english.grammar(), random.Random(4)
    held = [labelled("x", "en", grammar.expand("jobs", rng)) for _ in range(200)]
    of_nobody = [labelled("x", "en", grammar.expand("jobs_of_nobody", rng)) for _ in range(200)]
    assert all("TITLE" in {span.entity_type for span in text.spans} for text in held)
    assert not any(text.spans for text in of_nobody)


def test_an_address_is_one_span_with_all_that_belongs_to_it():
    rng = random.Random(5)
    made = [addresses.address(rng) for _ in range(500)]
    assert sum(any(c.isdigit() for c in address) for address in made) > 480
    assert sum("\n" in address for address in made) > 30
    assert {"address", "line", "street"} <= set(english.slots())


def test_roughening_keeps_every_span_on_its_own_words():
    rng = random.Random(2)
    for _ in range(300):
        pieces = noise.roughened([("Ask ", ""), ("Maria Lopez", "PERSON"), (" about the garden.", "")], rng)
        text = labelled("x", "en", pieces)
        (span,) = text.spans
        assert text.text[span.start : span.end][:1].lower() == "m"


def test_a_chinese_name_has_a_surname_and_one_or_two_more_characters():
    rng = random.Random(4)
    assert {len(chinese_values.full(rng)) for _ in range(300)} == {2, 3, 4}


class TestGrammar:
    def test_choices_slots_rules_and_line_ends(self, tmp_path):
        path = tmp_path / "rules.txt"
        path.write_text("# a comment\n## top 1\n<{inner}|{inner}>\\n{slot}\n\n## inner 0\nb\n", encoding="utf-8")
        grammar = Grammar(path, {"slot": lambda rng: [("x", "PERSON")]})
        assert grammar.text(random.Random(0)) == [("b", ""), ("\n", ""), ("x", "PERSON")]
        assert grammar.registers == ("top",)

    def test_choices_nest_and_may_be_empty(self, tmp_path):
        path = tmp_path / "rules.txt"
        path.write_text("## top 1\na<|b<c|d>>e\n", encoding="utf-8")
        grammar, rng = Grammar(path, {}), random.Random(0)
        drawn = {"".join(text for text, _ in grammar.text(rng)) for _ in range(60)}
        assert drawn == {"ae", "abce", "abde"}

    @pytest.mark.parametrize(
        ("line", "problem"),
        [("<a|b", "line 2"), ("{unknown}", "unknown"), ("a { b", "line 2")],
        ids=["open choice", "unknown slot", "stray brace"],
    )
    def test_a_faulty_line_is_refused_and_named(self, tmp_path, line, problem):
        path = tmp_path / "rules.txt"
        path.write_text(f"## top 1\n{line}\n", encoding="utf-8")
        with pytest.raises(InputRefused, match=problem):
            Grammar(path, {})

    def test_the_shipped_grammars_have_many_registers(self):
        assert len(english.grammar().registers) > 12
        assert len(chinese.grammar().registers) > 5


def test_texts_are_made_as_they_are_asked_for():
    assert len(list(islice(corpus.texts(10**12, 1), 3))) == 3
