"""Companies and towns that are known by name and are nothing else."""

import pytest

from sluicegate.data.scrubbing.corpus import names, places, words
from sluicegate.data.scrubbing.plain_words import is_everyday
from sluicegate.data.scrubbing.recognizers import known_names

ORGANISATIONS, TOWNS = known_names.recognizers()


def found(recognizer, text):
    (entity,) = recognizer.supported_entities
    return sorted(text[f.start : f.end] for f in recognizer.analyze(text, [entity]))


@pytest.mark.parametrize(
    ("text", "organisations"),
    [
        ("I saw it on YouTube, then on netflix.", ["YouTube", "netflix"]),
        ("Bank of America and Wells Fargo, not Deutsche Bank's", ["Bank of America", "Deutsche Bank", "Wells Fargo"]),
        ("Our Favorite YouTube Videos", ["YouTube"]),
        ("an apple a day, a target, a gap", []),
        ("Apple fell from the tree.", []),
        ("mail me at john@google.com or see netflix.com and @twitter", []),
        ("NETFLIX AND CHILL", []),
        ("", []),
    ],
)
def test_an_organisation_is_found_by_its_whole_name(text, organisations):
    assert found(ORGANISATIONS, text) == organisations


@pytest.mark.parametrize(
    ("text", "towns"),
    [
        ("We flew to Gothenburg and Diyarbakır.", ["Diyarbakır", "Gothenburg"]),
        ("San Isidro's streets", ["San Isidro"]),
        ("we flew to gothenburg", []),  # the tagger's
        ("Lincoln and Jordan met Austin.", []),
    ],
)
def test_a_town_is_found_with_its_capital(text, towns):
    assert found(TOWNS, text) == towns


def test_the_lists_hold_what_the_texts_hold_and_no_word_and_no_person():
    listed = known_names._listed()
    assert listed["organisations"] <= set(words.listed("organisations.known"))
    assert listed["small"] <= {name.lower() for name in listed["organisations"]}
    assert listed["towns"] <= set(places._all_cities())
    single = {name for kind in listed.values() for name in kind if name.isalpha()}
    assert not [name for name in single if is_everyday(name)]
    persons = {name.lower() for firsts, _ in names.cultures().values() for name in firsts}
    assert not {name.lower() for name in single} & persons
