"""Given names that are nothing else, with the last names behind them."""

import pytest

from sluicegate.data.scrubbing.corpus import names, words
from sluicegate.data.scrubbing.corpus.reserved import RESERVED
from sluicegate.data.scrubbing.recognizers import given_names

(RECOGNIZER,) = given_names.recognizers()


def persons(text):
    return sorted(text[f.start : f.end] for f in RECOGNIZER.analyze(text, ["PERSON"]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I met Jennifer yesterday.", ["Jennifer"]),
        ("omg poor emily !", ["emily"]),
        ("EMILY SAID NO", ["EMILY"]),
        ("It was Jennifer Kowalczyk, not Emily Stone.", ["Emily Stone", "Jennifer Kowalczyk"]),
        ("Ask Jennifer J. Okonkwo's brother.", ["Jennifer J. Okonkwo"]),
        ("Emily van der Meulen and Emily de Groot", ["Emily de Groot", "Emily van der Meulen"]),
        ("Jennifer Will know.", ["Jennifer"]),
        ("Jennifer Asked Nobody", ["Jennifer"]),
        ("Then Oluchi called.", ["Oluchi"]),
        ("then oluchi called", []),  # small letters are enough only for names that are common in English
        ("Mark will grace the rose with hope in May.", []),
        ("Danish pastry from Austin and Florence", []),
        ("emily@example.org wrote to @jennifer, see jennifer.example.org and ./emily/notes", []),
        ("The weather is fine and the screen is bright.", []),
        ("", []),
    ],
)
def test_a_name_is_found_with_its_last_names(text, found):
    assert persons(text) == found


def test_the_list_holds_no_everyday_word_and_no_name_of_a_canary():
    listed = given_names._listed()
    assert len(listed["english"]) > 5000 < len(listed["other"])
    every = listed["english"] | listed["other"]
    assert not every & words.known()
    assert not every & RESERVED
    assert not every & {name.lower() for name in words.listed("names.ambiguous")}


def test_the_list_holds_nothing_but_names():
    known = {name.lower() for firsts, _ in names.cultures().values() for name in firsts}
    known |= {name.lower() for name in (*names._english()[0], *words.listed("names.plain_english"))}
    listed = given_names._listed()
    assert listed["english"] | listed["other"] <= known
