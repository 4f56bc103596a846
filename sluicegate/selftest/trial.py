"""The gate at which the self-test's candidates are tried.

It is a real one: a ledger, a roster, signed approvals, the policy, the promotion. Ledger and people are made for the
occasion and thrown away with it. The reviewers approve whatever they are shown.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from sluicegate import releasing
from sluicegate.errors import ReleaseDenied, TamperingDetected
from sluicegate.evidence.dossier import Dossier, load_dossier, write_dossier
from sluicegate.gates.decisions import decision_letter
from sluicegate.gates.gate import open_gate
from sluicegate.gates.roster import EMPTY, Member
from sluicegate.gates.roster_changes import KINDS, change_roster, propose, service_key_at_opening
from sluicegate.gates.state import Gate
from sluicegate.ledger.ledger import Ledger, open_ledger, utc_now
from sluicegate.policy import GateRule, Judgement, Policy, judge, load_policy
from sluicegate.policy.judging import Verdict
from sluicegate.registry import archive
from sluicegate.registry.live import verify_release
from sluicegate.registry.transfer import scratch
from sluicegate.selftest.bench import Bench, Exhibit, NotTried
from sluicegate.selftest.faults import LEFT_OUT, SWAPPED, TRAINED_OR_SCORED
from sluicegate.selftest.report import Report, Result
from sluicegate.settings import Home
from sluicegate.signing.keys import PrivateKey

_LOOKED_FOR = {fault.name: fault.looked_for for fault in TRAINED_OR_SCORED}
_SENTENCE = {fault.name: fault.planted for fault in TRAINED_OR_SCORED}
_ASIDE = ".aside"
_REASON = "The self-test approves whatever it is shown."


@dataclass(frozen=True)
class _Reviewer:
    id: str
    key: PrivateKey


def send(bench: Bench, good: Exhibit, bad: Sequence[Exhibit | NotTried], started: float) -> Report:
    """Sends all of them through the gate, the good one last, and on the way what needs no candidate of its own.

    Args:
        bench: Where they were made.
        good: The good one.
        bad: Those in which something was planted.
        started: When the self-test began, as `time.monotonic` says it.
    """
    trial = _Trial.begun(bench)
    made = [exhibit for exhibit in bad if isinstance(exhibit, Exhibit)]
    results = [trial.of_exhibit(each) if isinstance(each, Exhibit) else _not_tried(each) for each in bad]
    other = next(
        exhibit for exhibit in made if exhibit.candidate != good.candidate
    )  # an overfit one can always be made
    results += [trial.without_a_measurement(good), trial.with_other_weights(good, other), trial.of_the_good(good)]
    return Report(
        model=bench.build.spec.model,
        stage=bench.stage,
        policy=trial.policy.digest,
        results=tuple(results),
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True)
class _Trial:
    """A gate's surroundings: the ledger, the people, the policy."""

    bench: Bench
    home: Home
    policy: Policy
    ledger: Ledger
    reviewers: tuple[_Reviewer, ...]

    @classmethod
    def begun(cls, bench: Bench) -> _Trial:
        """A new ledger with as many reviewers as the stage's rule asks for, each with every role that it names."""
        # The archive is the bench's; ledger and registry are new each time, at places where none has been.
        place = Path(mkdtemp(prefix="trial-", dir=bench.build.home.root))
        _put_back(bench.build.home.candidates)
        home = replace(
            bench.build.home,
            ledger_url=f"sqlite:///{place / 'ledger.db'}",
            tracking_uri=f"sqlite:///{place / 'mlflow.db'}",
            ledgerd=None,
            checkpoints_to=None,
            trust=None,
        )
        policy = load_policy(bench.build.policy_path, bench.build.spec)
        archive.keep_value(policy.to_json(), home.policies)
        ledger = open_ledger(home)
        return cls(bench, home, policy, ledger, _founded(ledger, policy.rule(bench.stage), bench.stage))

    def of_exhibit(self, exhibit: Exhibit) -> Result:
        """One candidate at the gate."""
        looked_for = _LOOKED_FOR[exhibit.name]
        gate = self._gate(exhibit.candidate, exhibit.dossier)
        why = self._refused(lambda: self._approve(gate))
        return self._result(exhibit, gate, why, lambda v: v.verdict == "fail" and v.check.startswith(looked_for))

    def without_a_measurement(self, good: Exhibit) -> Result:
        """The good one's dossier without one measurement that blocks: as if a tool had not run, and nobody noticed."""
        whole = load_dossier(archive.dossier(self.home, good.dossier))
        check = _one_that_counts(judge(whole, self.policy, self.bench.stage, live=None))
        if not check:
            return _nothing_counts(good, self.bench.stage)
        with scratch(self.home) as folder:
            dossier = _without(whole, check, folder / "dossier")
            digest = archive.keep(dossier, self.home.dossiers).name
        gate = self._gate(good.candidate, digest)
        why = self._refused(lambda: self._approve(gate))
        exhibit = replace(good, name=LEFT_OUT.name, dossier=digest, said=f"{check} was taken out", seconds=0.0)
        return self._result(
            exhibit, gate, why, lambda verdict: (verdict.check, verdict.verdict) == (check, "not_evaluated")
        )

    def with_other_weights(self, good: Exhibit, other: Exhibit) -> Result:
        """The good one's dossier, and another's weights in its place: before the decision, and after the approval."""
        gate = self._gate(good.candidate, good.dossier)
        place, weights = self.home.candidates / good.candidate, self.home.candidates / other.candidate
        found = []
        with _instead(place, weights):
            found.append(("before the decision", self._refused(lambda: self._approve(gate))))
        if not self._refused(lambda: self._approve(gate)):
            with _instead(place, weights):
                found.append(("after the approval", self._refused(lambda: self._promote(gate))))
        noticed = [f"{when}: {_text(refusal)}" for when, refusal in found if isinstance(refusal, TamperingDetected)]
        passed = len(noticed) < len(found)  # once is enough to get in
        return Result(
            name=SWAPPED.name,
            planted=f"{SWAPPED.planted} (those of {other.name})",
            verdict="approved" if passed else "refused",
            why="" if passed else noticed[0],
            caught_by=(),
            others=(),
            tampering=() if passed else tuple(noticed),
            candidate=good.candidate,
            dossier=good.dossier,
            seconds=0.0,
        )

    def of_the_good(self, good: Exhibit) -> Result:
        """The good one: approved, promoted, and fetched again as its users would."""
        gate = self._gate(good.candidate, good.dossier)
        why = self._refused(lambda: self._approve(gate)) or self._refused(lambda: self._promote(gate))
        return self._result(good, gate, why, lambda verdict: False)

    def _gate(self, candidate: str, dossier: str) -> Gate:
        spec = self.bench.build.spec
        return open_gate(
            self.ledger,
            model=spec.model,
            stage=self.bench.stage,
            candidate=candidate,
            dossier=dossier,
            policy=self.policy.digest,
            rule=self.policy.rule(self.bench.stage),
            accountable="self-test",
            facts={"stages": spec.stages, "spec": self.bench.build.loaded.path.name},
        )

    def _approve(self, gate: Gate) -> None:
        for reviewer in self.reviewers:
            letter = decision_letter(gate, "approve", reviewer.id, _REASON, now=utc_now())
            releasing.put(self.home, letter.signed(reviewer.id, reviewer.key), via="command-line")

    def _promote(self, gate: Gate) -> None:
        verify_release(self.home, releasing.promote(self.home, gate.id))

    def _refused(self, attempt: Callable[[], None]) -> ReleaseDenied | TamperingDetected | None:
        try:
            attempt()
        except (ReleaseDenied, TamperingDetected) as refusal:
            return refusal
        return None

    def _result(
        self, exhibit: Exhibit, gate: Gate, why: Exception | None, looks_for_it: Callable[[Verdict], bool]
    ) -> Result:
        blockers = releasing.open_case(self.home, gate.id).judgement.blockers
        planted = _SENTENCE.get(exhibit.name, LEFT_OUT.planted if exhibit.name == LEFT_OUT.name else "")
        return Result(
            name=exhibit.name,
            planted=f"{planted}: {exhibit.said}" if planted else exhibit.said,
            verdict="refused" if why else "approved",
            why=_text(why),
            caught_by=tuple(verdict for verdict in blockers if looks_for_it(verdict)),
            others=tuple(verdict for verdict in blockers if not looks_for_it(verdict)),
            tampering=(),
            candidate=exhibit.candidate,
            dossier=exhibit.dossier,
            seconds=exhibit.seconds,
        )


def _text(refusal: Exception | None) -> str:
    return str(refusal) if refusal else ""


def _founded(ledger: Ledger, rule: GateRule, stage: str) -> tuple[_Reviewer, ...]:
    ledger.begin()
    roles = sorted({"administrator", *(role for part in rule.approvals for role in part.roles)})
    reviewers = tuple(_Reviewer(f"reviewer-{n}", PrivateKey.generate()) for n in range(1, rule.people + 1))
    members = [
        Member(id=one.id, roles=tuple(roles), stages=(stage,), public_key=one.key.public.line) for one in reviewers
    ]
    key = service_key_at_opening(ledger.entries("", KINDS))
    letter = propose(
        ledger, EMPTY.changed(members=members, administrators_needed=1, service_key=key), "found", members[0].id
    )
    for one in reviewers:
        letter = letter.signed(one.id, one.key)
    change_roster(ledger, letter)
    return reviewers


def _one_that_counts(judgement: Judgement) -> str:
    """A check that passes and would block: the first of performance, else the first; empty if there is none."""
    passing = [v.check for v in judgement.verdicts if v.verdict == "pass" and v.blocking]
    return next((check for check in passing if check.startswith("performance.")), next(iter(passing), ""))


def _not_tried(fault: NotTried) -> Result:
    return Result(
        name=fault.name,
        planted=_SENTENCE[fault.name],
        verdict="not tried",
        why=fault.why,
        caught_by=(),
        others=(),
        tampering=(),
        candidate="",
        dossier="",
        seconds=0.0,
    )


def _nothing_counts(good: Exhibit, stage: str) -> Result:
    return Result(
        name=LEFT_OUT.name,
        planted=f"{LEFT_OUT.planted}: any",
        verdict="approved",
        why=f"no limit of the stage {stage} blocks and is met, so no measurement would be missed",
        caught_by=(),
        others=(),
        tampering=(),
        candidate=good.candidate,
        dossier=good.dossier,
        seconds=0.0,
    )


def _without(dossier: Dossier, check: str, copy: Path) -> Path:
    assert dossier.folder is not None
    shutil.copytree(dossier.folder, copy)
    findings = tuple(finding for finding in dossier.findings if finding.check != check)
    write_dossier(dossier.model_copy(update={"findings": findings, "folder": None}), copy)
    return copy


def _put_back(candidates: Path) -> None:
    """Undoes what a self-test was killed in the middle of."""
    for aside in candidates.glob(f".*{_ASIDE}"):
        place = candidates / aside.name.removeprefix(".").removesuffix(_ASIDE)
        shutil.rmtree(place, ignore_errors=True)
        aside.rename(place)


@contextmanager
def _instead(place: Path, other: Path) -> Iterator[None]:
    """For the block, `place` holds what `other` holds."""
    aside = place.with_name(f".{place.name}{_ASIDE}")
    place.rename(aside)
    shutil.copytree(other, place)
    try:
        yield
    finally:
        shutil.rmtree(place, ignore_errors=True)  # whoever found it changed may have put it away
        aside.rename(place)
