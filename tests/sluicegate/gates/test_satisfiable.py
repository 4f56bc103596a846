from __future__ import annotations

from typing import Any

import pytest

from sluicegate.errors import SpecRefused
from sluicegate.gates.roster import EMPTY, Member, Roster
from sluicegate.gates.satisfiable import unsatisfiable
from sluicegate.policy import Policy
from sluicegate.signing.keys import PrivateKey

STAGES = ("internal", "public")
LAWYER_AND_MANAGER = [{"roles": ["legal"]}, {"roles": ["manager"]}]


def policy(**gates: dict[str, Any]) -> Policy:
    """What it takes at each stage; the limits do not matter here."""
    return Policy.from_json({"stages": [{"stage": s, "limits": [], "gate": gates.get(s, {})} for s in STAGES]})


def roster(**members: str) -> Roster:
    """``ann="public legal"``: a stage makes her decide there, any other word is a role. `ada` changes the roster."""
    admin = Member(id="ada", roles=("administrator",), public_key=PrivateKey.generate().public.line)
    others = [
        Member(
            id=name,
            stages=tuple(w for w in words.split() if w in STAGES),
            roles=tuple(w for w in words.split() if w not in STAGES),
            public_key=PrivateKey.generate().public.line,
        )
        for name, words in sorted(members.items())
    ]
    return Roster(members=(admin, *others), administrators_needed=1)


BOTH = "internal public"


@pytest.mark.parametrize(
    ("gates", "known", "accountable", "asked"),
    [
        pytest.param({}, roster(ann=BOTH), "otto", [], id="one for all"),
        pytest.param({}, roster(ann="internal", bo="public"), "otto", [], id="one for each stage"),
        pytest.param({}, roster(ann=BOTH, bo=BOTH), "ann", [], id="the other one"),
        pytest.param(
            {s: {"accountable_may_approve": True} for s in STAGES},
            roster(ann=BOTH),
            "ann",
            [],
            id="the rule allows her",
        ),
        pytest.param({"public": {"approvals": 2}}, roster(ann=BOTH, bo=BOTH), "otto", [], id="a quorum"),
        pytest.param(
            {"public": {"approvals": LAWYER_AND_MANAGER}},
            roster(ann=f"{BOTH} legal manager", bo=f"{BOTH} manager"),
            "otto",
            [],
            id="two roles, two people",
        ),
        pytest.param({}, roster(ann=BOTH, bo=BOTH), "otto", ["bo"], id="whoever is asked"),
    ],
)
def test_a_policy_that_people_can_satisfy_has_no_faults(
    gates: dict[str, Any], known: Roster, accountable: str, asked: list[str]
) -> None:
    assert unsatisfiable(policy(**gates), STAGES, known, accountable, asked) == ()


@pytest.mark.parametrize(
    ("gates", "known", "accountable", "asked", "says"),
    [
        pytest.param({}, EMPTY, "otto", [], ["nobody is on the roster, so no gate could be passed"], id="no roster"),
        pytest.param(
            {},
            roster(ann="internal"),
            "otto",
            [],
            ["stage public: nobody on the roster may decide it"],
            id="no eligible reviewer",
        ),
        pytest.param(
            {},
            roster(ann=BOTH),
            "",
            [],
            ["nobody is named who answers for the build, so no gate could be passed"],
            id="nobody accountable",
        ),
        pytest.param(
            {},
            roster(ann=BOTH, bo="internal"),
            "ann",
            [],
            ["stage public: only ann may decide it, and ann answers for the build"],
            id="everyone excluded",
        ),
        pytest.param(
            {"public": {"approvals": 3}},
            roster(ann=BOTH, bo=BOTH),
            "otto",
            [],
            ["stage public: it needs 3 approvals, one from each person, and only ann, bo may approve"],
            id="quorum above the number of people",
        ),
        pytest.param(
            {"public": {"approvals": 2}},
            roster(ann=BOTH, bo=BOTH),
            "ann",
            [],
            [
                "stage public: it needs 2 approvals, one from each person, and only bo may approve; "
                "ann answers for the build and does not count"
            ],
            id="quorum without the accountable",
        ),
        pytest.param(
            {"public": {"approvals": [{"roles": ["legal"]}]}},
            roster(ann=BOTH, leo="internal legal"),
            "otto",
            [],
            ["stage public: it needs 1 approval from legal, which nobody could give"],
            id="role without people in the stage",
        ),
        pytest.param(
            {"public": {"approvals": [{"count": 2, "roles": ["legal", "manager"]}]}},
            roster(ann=BOTH, bo=f"{BOTH} legal"),
            "otto",
            [],
            ["stage public: it needs 2 approvals from legal or manager, which only bo could give"],
            id="role with too few people",
        ),
        pytest.param(
            {"public": {"approvals": LAWYER_AND_MANAGER}},
            roster(ann=f"{BOTH} legal manager", bo=BOTH),
            "otto",
            [],
            [
                "stage public: one person gives one approval, so with everybody's it would still need "
                "one more approval from legal or manager"
            ],
            id="one person in two roles",
        ),
        pytest.param(
            {},
            roster(ann=BOTH, bo="internal"),
            "otto",
            ["bo"],
            ["stage public: nobody who is asked may decide it"],
            id="nobody who is asked",
        ),
        pytest.param(
            {},
            roster(ann=BOTH),
            "otto",
            ["ann", "mallory"],
            ["mallory is asked to decide and is not on the roster"],
            id="asked and unknown",
        ),
        pytest.param(
            {"internal": {"approvals": 2}},
            roster(ann="internal"),
            "",
            ["ann", "zed"],
            [
                "zed is asked to decide and is not on the roster",
                "nobody is named who answers for the build, so no gate could be passed",
                "stage internal: it needs 2 approvals, one from each person, and only ann may approve",
                "stage public: nobody who is asked may decide it",
            ],
            id="all at once",
        ),
    ],
)
def test_a_gate_that_nobody_could_pass_is_named_with_the_reason(
    gates: dict[str, Any], known: Roster, accountable: str, asked: list[str], says: list[str]
) -> None:
    assert list(unsatisfiable(policy(**gates), STAGES, known, accountable, asked)) == says


def test_only_the_stages_of_the_spec_count() -> None:
    assert unsatisfiable(policy(), ["internal"], roster(ann="internal"), "otto", []) == ()
    with pytest.raises(SpecRefused, match="knows no stage 'beta'"):
        unsatisfiable(policy(), ["beta"], roster(ann="internal"), "otto", [])
