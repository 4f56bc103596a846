"""Everyday words that a tagger took for a name."""

import pytest

from sluicegate.data.scrubbing.plain_words import is_plain


def doubted(marked, entity_type="PERSON", score=0.7):
    """Whether the find between the bars is an everyday word."""
    before, found, after = marked.split("|")
    return is_plain(before + found + after, len(before), len(before) + len(found), entity_type, score)


@pytest.mark.parametrize(
    "marked",
    [
        "I love this |song| so much",
        "a stray cat in |gasoline| and",
        "|Great| video!",
        "Fine. |Bars| could not keep them apart",
        'they yelled "|Wow|" at me',
        "THE |WEATHER| IS FINE",
        "my |wooden chair| is lost",
    ],
)
@pytest.mark.parametrize("entity_type", ["PERSON", "LOCATION", "ORGANIZATION"])
def test_an_everyday_word_written_as_one_is_doubted(marked, entity_type):
    assert doubted(marked, entity_type)


@pytest.mark.parametrize(
    "marked",
    [
        "ask |Baker| about it",  # a capital in the midst of a sentence
        "ask |kowalczyk| about it",  # no word
        "|Grace| said so",  # a name as well
        "i saw |chelsea| today",
        "on |twitter| all day",
        "|Wow Baker| said so",  # two words, one of them in the midst
        "路过|歌|",  # another script
        "room |12 b|",
    ],
)
def test_what_may_be_a_name_is_believed(marked):
    assert not doubted(marked)


def test_a_sure_find_and_a_find_of_another_type_are_believed():
    assert doubted("I love this |song|", score=0.98)
    assert not doubted("I love this |song|", score=0.99)
    assert not doubted("I love this |song|", "NRP")


def test_a_street_is_made_of_everyday_words():
    assert not doubted("we live on |mill lane| now", "ADDRESS")
    assert doubted("the sun will |rise| again", "ADDRESS")


def test_a_job_in_small_letters_is_a_common_noun_and_a_form_of_address_is_none():
    assert doubted("ask the |manager| of the shop", "TITLE")
    assert not doubted("ask the |Head of Sales| of the shop", "TITLE")
    assert not doubted("ask |mr| baker", "TITLE")
