import json
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.scrubbing.canaries import Canary, Sample, is_hidden, planted
from sluicegate.data.scrubbing.canary_values import CARRIERS, VALUES, iban, luhn, resident_id
from sluicegate.data.scrubbing.pool import Setup
from sluicegate.data.scrubbing.stream import Rows, Stream
from tests.sluicegate.data.scrubbing.conftest import section_of

TEXTS = ["The kettle boils. It is loud!", "水壶很好。声音有点大。", "no end"]
EVERY = sorted(set(VALUES["en"]) | set(VALUES["zh"]))


def test_check_digits_are_those_of_published_examples():
    assert luhn("453201511283036") == "4532015112830366"
    assert luhn("7992739871") == "79927398713"  # Luhn's patent as Wikipedia shows it
    assert iban("GB", "WEST12345698765432") == "GB82WEST12345698765432"  # ISO 13616
    assert iban("DE", "370400440532013000") == "DE89370400440532013000"
    assert resident_id("11010519491231002") == "11010519491231002X"  # GB 11643-1999


def test_canaries_are_the_same_for_a_seed_and_others_for_another():
    one, again, other = (list(planted(TEXTS, EVERY, ["en"], 60, seed)) for seed in (1, 1, 2))
    assert one == again
    assert one != other


@given(st.lists(st.text("ab. 壶。\n", max_size=30), max_size=4), st.integers(0, 50))
def test_a_canary_is_a_text_of_the_user_with_one_sentence_more(texts, seed):
    for canary in planted(texts, EVERY, ["en"], 10, seed):
        value = canary.text[canary.start : canary.end]
        assert value.strip() == value != ""
        cuts = [(text[:cut], text[cut:]) for text in texts or [""] for cut in range(len(text) + 1)]
        assert any(canary.text.startswith(head) and canary.text.endswith(tail) for head, tail in cuts)


def test_every_type_is_planted_in_turn_in_the_language_of_the_text():
    counts = Counter(c.entity_type for c in planted(TEXTS[:1], EVERY, ["en", "zh"], 3 * len(VALUES["en"]), 0))
    assert counts == dict.fromkeys(VALUES["en"], 3)
    chinese = list(planted(TEXTS[1:2], ["PERSON", "CN_RESIDENT_ID"], ["en", "zh"], 2, 0))
    assert [c.entity_type for c in chinese] == ["CN_RESIDENT_ID", "PERSON"]
    assert all("水壶很好。" in c.text for c in chinese)


def test_types_of_which_nothing_can_be_made_up_are_not_planted():
    assert list(planted(TEXTS, ["CUSTOMER_ID"], ["en"], 5, 0)) == []


def test_every_value_has_a_sentence_to_carry_it():
    for language, values in VALUES.items():
        assert values.keys() == CARRIERS[language].keys()
        for entity, value in values.items():
            assert value(Random(0).randrange) != value(Random(1).randrange) or entity in ("TITLE", "NRP"), entity
            assert all(carrier.count("{}") == 1 for carrier in CARRIERS[language][entity])


@pytest.mark.parametrize(
    ("spans", "hidden"),
    [
        ([(3, 12, "PERSON", 1.0)], True),
        ([(0, 20, "PERSON", 1.0)], True),
        ([(3, 6, "PERSON", 1.0), (7, 12, "URL", 1.0)], True),  # the space between them says nothing
        ([(3, 11, "PERSON", 1.0)], False),
        ([(4, 12, "PERSON", 1.0)], False),
        ([], False),
    ],
)
def test_a_canary_is_found_if_no_letter_of_it_is_visible(spans, hidden):
    assert is_hidden(Canary("to Ada Quill, thanks", 3, 12, "PERSON"), spans) is hidden


@given(st.integers(0, 5), st.integers(0, 40))
def test_a_sample_holds_no_more_than_it_may_and_only_what_passed_by(size, count):
    sample = Sample(size, 0)
    for i in range(count):
        sample.see([str(i)])
    assert len(sample.texts) == min(size, count)
    assert set(sample.texts) <= {str(i) for i in range(count)}


def test_a_sample_is_spread_over_all_that_passed_by():
    sample = Sample(200, 0)
    sample.see(map(str, range(10_000)))
    assert 4_300 < sum(map(int, sample.texts)) / 200 < 5_700  # the mean is 5,000, its standard error 204


def test_the_report_tells_recall_by_type_and_no_canary_is_in_the_output_or_the_report(pipeline):
    masked = {entity: {"operator": "mask"} for entity in ("PERSON", "CREDIT_CARD")}
    section = section_of(default=None, canaries=40, entities=masked, languages=["en"])
    stream = Stream(Setup(section, str(pipeline)), "scrub")
    ((_, scrubbed),) = stream.through([Rows(None, {"text": [*TEXTS, None]})])
    report = stream.tally.report().to_json()
    assert scrubbed == {"text": [*TEXTS, None]}
    cards, people = (report["canaries"]["by_entity"][entity] for entity in ("CREDIT_CARD", "PERSON"))
    assert cards == {"planted": 20, "found": 20}
    assert people["planted"] == 20
    assert people["found"] < 20  # the pipeline knows two people, and rules find one who says "my name is"
    found = 20 + people["found"]
    assert report["canaries"] | {"by_entity": None} == {
        "planted": 40,
        "found": found,
        "recall": found / 40,
        "seed": 0,
        "by_entity": None,
    }
    values = [c.text[c.start : c.end] for c in planted(TEXTS, ["PERSON", "CREDIT_CARD"], ["en"], 40, 0)]
    assert not any(value in json.dumps([report, scrubbed], ensure_ascii=False) for value in values)


def test_kept_types_are_not_planted(pipeline):
    section = section_of(canaries=30, entities={"PERSON": {"operator": "keep"}}, languages=["en"])
    stream = Stream(Setup(section, str(pipeline)), "scrub")
    list(stream.through([Rows(None, {"text": TEXTS[:1]})]))
    assert "PERSON" not in stream.tally.report().canaries
    assert "EMAIL_ADDRESS" in stream.tally.report().canaries
