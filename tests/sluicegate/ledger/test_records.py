"""An excerpt of a ledger in a file: some entries in full, the others by their headers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.ledger.records import Excerpt, Records


@pytest.fixture
def excerpt(ledger):
    """Of the model reviews, in a ledger that has another one too."""
    for model in ("reviews", "secret-project", "reviews", "secret-project", "reviews"):
        ledger.append("decision", model, {"about": model})
    return Excerpt.of(ledger, "reviews")


def test_it_shows_what_concerns_the_model_and_nothing_else(excerpt, ledger):
    assert excerpt.faults == ()
    assert excerpt.entries() == ledger.entries("reviews")
    assert [entry.seq for entry in excerpt.chain] == [1, 2, 3, 4, 5, 6]
    assert "secret-project" not in json.dumps(excerpt.to_json())


def test_it_answers_as_the_ledger_does(excerpt, ledger):
    records: list[Records] = [excerpt, ledger]
    for model, kinds in (("reviews", ()), ("reviews", ("ledger_opened",)), ("reviews", ("decision",)), ("", ())):
        first, second = (each.entries(model, kinds) for each in records)
        assert first == second


def test_it_survives_the_way_through_a_file(excerpt):
    assert Excerpt.from_json(json.loads(json.dumps(excerpt.to_json()))) == excerpt


def test_an_entry_that_was_edited_is_found_and_nothing_is_read(excerpt):
    shown = (*excerpt.shown[:-1], replace(excerpt.shown[-1], body={"about": "another"}))
    edited = replace(excerpt, shown=shown)
    assert edited.faults[0].startswith("entry 6 was edited")
    with pytest.raises(TamperingDetected, match="entry 6 was edited"):
        edited.entries("reviews")


@pytest.mark.parametrize("gone", [0, 1])
def test_a_header_that_was_left_out_is_found(excerpt, gone):
    left = excerpt.headers[:gone] + excerpt.headers[gone + 1 :]
    assert replace(excerpt, headers=left).faults


def test_an_entry_about_the_model_cannot_be_left_out_by_showing_its_header_alone(excerpt):
    *shown, last = excerpt.shown
    hiding = Excerpt(tuple(shown), (*excerpt.headers, last.header))
    assert hiding.faults == ()
    problem = "entry 6 (decision) is about reviews, and only its header is shown"
    assert hiding.hidden("reviews") == (problem,)
    assert hiding.hidden("tweets") == ()
    with pytest.raises(TamperingDetected, match="only its header is shown"):
        hiding.entries("reviews")


def test_an_entry_about_all_models_cannot_be_left_out_by_showing_its_header_alone(excerpt, ledger):
    last = ledger.append("checkpoint_published", "", {})
    hiding = replace(excerpt, headers=(*excerpt.headers, last.header))
    assert hiding.faults == ("entry 7 (checkpoint_published) is about all models, and only its header is shown",)


@pytest.mark.parametrize("body", [{"n": float("nan")}, {"n": "\ud800"}, {"n": 2**70}])
def test_a_body_that_is_not_json_is_a_fault_and_no_crash(excerpt, body):
    assert "holds what is not JSON" in replace(excerpt, shown=(replace(excerpt.shown[0], body=body),)).faults[0]


def test_an_entry_cannot_be_hidden_behind_its_header_and_shown_otherwise(excerpt):
    hidden = excerpt.shown[-1]
    both = replace(excerpt, headers=(*excerpt.headers, hidden.header))
    assert any("out of order" in fault for fault in both.faults)


def written(**changed):
    entry = {"seq": 1, "prev": "p", "hash": "h", "time": "t", "kind": "k", "model": "", "body": {}}
    return {"entries": [entry | changed], "headers": []}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        pytest.param([], "is not an excerpt", id="a-list"),
        pytest.param({"entries": []}, "holds entries and headers", id="no-headers"),
        pytest.param({"entries": 3, "headers": []}, "is not an excerpt", id="a-number"),
        pytest.param(written(seq="first"), "0.seq", id="a-number-in-words"),
        pytest.param(written(body="text"), "0.body", id="a-body-of-text"),
        pytest.param(written(more=1), "0.more", id="a-field-too-many"),
        pytest.param(written(hash="\ud800"), "hex escape", id="no-text"),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_line_that_names_the_place(value, problem):
    with pytest.raises(InputRefused, match=problem) as refusal:
        Excerpt.from_json(value, "ledger.json")
    assert str(refusal.value).startswith("ledger.json")
    assert "\n" not in str(refusal.value)
