from __future__ import annotations

import pytest

from sluicegate.errors import SpecRefused
from sluicegate.gates.roster import Roster
from sluicegate.manifest import digest_of_value
from sluicegate.spec import Reviewer

RITA = Reviewer(id="rita", stages=["internal", "public"])
IDA = Reviewer(id="ida", stages=["internal"])


def test_the_digest_is_that_of_the_reviewers_in_order_of_their_ids():
    by_hand = {"reviewers": [{"id": "ida", "stages": ["internal"]}, {"id": "rita", "stages": ["internal", "public"]}]}
    assert Roster([RITA, IDA]).digest == digest_of_value(by_hand)


def test_the_order_of_reviewers_and_of_their_stages_means_nothing():
    turned = Reviewer(id="rita", stages=["public", "internal"])
    assert Roster([IDA, turned]) == Roster([RITA, IDA])
    assert Roster([IDA, turned]).digest == Roster([RITA, IDA]).digest


@pytest.mark.parametrize(
    "reviewers",
    [
        pytest.param([RITA], id="one-fewer"),
        pytest.param([RITA, IDA, Reviewer(id="mal", stages=["public"])], id="one-more"),
        pytest.param([RITA, Reviewer(id="ida", stages=["internal", "public"])], id="one-stage-more"),
    ],
)
def test_another_roster_has_another_digest(reviewers):
    assert Roster(reviewers).digest != Roster([RITA, IDA]).digest


def test_a_reviewer_may_decide_the_named_stages_and_no_others():
    roster = Roster([RITA, IDA])
    assert roster.may_decide("ida", "internal")
    assert not roster.may_decide("ida", "public")
    assert not roster.may_decide("nobody", "internal")
    assert roster.eligible("internal") == ("ida", "rita")
    assert roster.eligible("public") == ("rita",)


def test_it_survives_the_way_through_json():
    roster = Roster([RITA, IDA])
    assert Roster.from_json(roster.to_json()) == roster


def test_what_is_no_roster_is_refused():
    with pytest.raises(SpecRefused):
        Roster.from_json({"reviewers": [{"id": "Rita!", "stages": []}]})
