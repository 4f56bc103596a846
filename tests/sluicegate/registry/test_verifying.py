"""Verifying an exported release from nothing but files and the root key: what holds, and every way to tamper."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sluicegate.audit.audit import Audit
from sluicegate.audit.receipts import receipt_for
from sluicegate.errors import InputRefused
from sluicegate.gates.gate import reopen
from sluicegate.gates.letters import Letter
from sluicegate.gates.state import Gate, later
from sluicegate.ledger.checkpoint import take_checkpoint
from sluicegate.ledger.ledger import utc_now
from sluicegate.ledger.records import Excerpt
from sluicegate.registry.export import export
from sluicegate.registry.verifying import Kept, verify_ledger, verify_release_folder
from sluicegate.signing.keys import PrivateKey
from tests import people
from tests.exported import CHECK, Gatehouse, edited, ledger_of, put_ledger, put_sums, thief_appends, written_anew

Exported = Callable[..., Path]


@pytest.fixture
def gatehouse(tmp_path: Path) -> Gatehouse:
    return Gatehouse(tmp_path)


@pytest.fixture
def exported(gatehouse: Gatehouse, tmp_path: Path) -> Exported:
    """The folder of an exported release; the one of `internal`, unless something else is asked for."""

    def exported_(name: str = "reviews/internal") -> Path:
        folder = tmp_path / f"out-{len(list(tmp_path.glob('out-*')))}"
        export(gatehouse.home, gatehouse.ledger, name, folder)
        return folder

    return exported_


@pytest.fixture
def gate(gatehouse: Gatehouse) -> Gate:
    return gatehouse.released()


@pytest.fixture
def folder(gate: Gate, exported: Exported) -> Path:
    return exported()


@pytest.fixture
def verified(gatehouse: Gatehouse) -> Callable[..., Audit]:
    def verified_(folder: Path, **more: Any) -> Audit:
        return verify_release_folder(folder, **({"trusted": [gatehouse.root_key]} | more))

    return verified_


Verified = Callable[..., Audit]


def said(audit: Audit) -> str:
    return "\n".join(audit.faults)


# --- what holds -------------------------------------------------------------------------------------------


def test_a_release_is_verified_from_its_folder_and_the_root_key_alone(folder: Path, verified: Verified) -> None:
    assert verified(folder).faults == ()


def test_it_says_who_approved_what_on_which_evidence_and_as_of_when(
    gatehouse: Gatehouse, gate: Gate, folder: Path, verified: Verified
) -> None:
    first, *rest = verified(folder).statements
    assert gate.candidate in first
    assert "internal of reviews" in first
    assert "good standing" in first
    [approval] = [line for line in rest if "approved" in line and "rita" in line]
    assert f"candidate {gate.candidate[:12]}" in approval
    assert "signed with their own key" in approval
    assert f"dossier {gate.dossier[:12]} under policy {gate.policy[:12]}" in approval
    assert "otto answers for what was built" in approval
    assert "“Holds on every group.”" in approval
    assert any(gatehouse.root_key.fingerprint in line for line in rest)
    head = gatehouse.ledger.entries()[-1]
    assert rest[-1].startswith(f"As of checkpoint {head.hash[:12]} (entry {head.seq}, ")


def test_checks_that_fail_without_blocking_or_are_near_their_limit_are_named(
    gatehouse: Gatehouse, exported: Exported, verified: Verified
) -> None:
    gatehouse.released(f1=0.61)
    found = verified(exported())
    assert found.faults == ()
    assert any(line.startswith("fail, does not block: ") and "0.800, limit ≥ 0.9" in line for line in found.statements)
    assert any(line.startswith("near its limit: ") and "0.610, limit ≥ 0.6" in line for line in found.statements)


def test_a_waiver_is_said_and_bears_the_approval(gatehouse: Gatehouse, exported: Exported, verified: Verified) -> None:
    gate = gatehouse.opened(f1=0.5)
    day = later(gate.opened, timedelta(days=30))[:10]
    gatehouse.decided(gate, gatehouse.rita.waives(gate, CHECK, expires=day))
    gatehouse.decided(gate, gatehouse.ravi.approves(gate))
    gatehouse.promoted(gate)
    found = verified(exported())
    assert found.faults == ()
    assert any(f"rita waived {CHECK}" in line and day in line for line in found.statements)
    assert any(line.startswith("waived, does not block: ") for line in found.statements)


def test_a_release_that_was_rolled_back_verifies_and_says_so(
    gatehouse: Gatehouse, gate: Gate, exported: Exported, verified: Verified
) -> None:
    second = gatehouse.released(seed=1)
    gatehouse.rolled_back(second, gate)
    found = verified(exported(second.candidate[:12]))
    assert found.faults == ()
    assert "rolled back" in found.statements[0]
    assert any(line.startswith("ada rolled internal of reviews back") for line in found.statements)
    assert verified(exported()).statements[0].endswith("good standing")


def test_other_models_in_the_ledger_do_not_matter(
    gatehouse: Gatehouse, gate: Gate, exported: Exported, verified: Verified
) -> None:
    gatehouse.released(seed=3, model="tweets")
    folder = exported()
    assert ledger_of(folder).headers
    assert verified(folder).faults == ()


def test_a_reviewer_whose_key_was_changed_between_two_decisions_signs_with_the_key_of_that_time(
    gatehouse: Gatehouse, exported: Exported, verified: Verified
) -> None:
    gate = gatehouse.opened("public")
    gatehouse.decided(gate, gatehouse.rita.approves(gate))
    people.add(gatehouse.ledger, replace(gatehouse.ravi, key=PrivateKey.generate()), gatehouse.ada)
    people.add(gatehouse.ledger, gatehouse.ravi, gatehouse.ada)
    gatehouse.decided(gate, gatehouse.ravi.approves(gate))
    gatehouse.promoted(gate)
    assert verified(exported("reviews/public")).faults == ()


def test_verifying_starts_neither_prefect_nor_mlflow_and_makes_no_home(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from sluicegate.registry.verifying import verify_release_folder as v;"
        f"print(v(Path({str(folder)!r}), trusted=()).faults); assert not sys.modules.keys() & {{'mlflow', 'prefect'}}"
    )
    environment = {"HOME": str(tmp_path / "nobody"), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert "untrusted root" in done.stdout, done.stderr
    assert done.returncode == 0
    assert not (tmp_path / "nobody").exists()


# --- the root ---------------------------------------------------------------------------------------------


def test_without_a_pinned_root_nothing_is_verified(folder: Path, verified: Verified) -> None:
    assert verified(folder, trusted=()).faults == ("untrusted root: pin it with --trust FILE or SLUICEGATE_TRUST",)


def test_a_root_that_another_key_signed_is_not_trusted(folder: Path, verified: Verified) -> None:
    stranger = PrivateKey.generate().public
    expected = f"untrusted root: the first roster is not signed by {stranger.fingerprint}"
    assert verified(folder, trusted=[stranger]).faults == (expected,)


# --- files ------------------------------------------------------------------------------------------------


def test_a_candidate_with_one_byte_changed_is_found(folder: Path, verified: Verified) -> None:
    path = folder / "candidate" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    put_sums(folder)
    assert "candidate/model.safetensors was changed" in verified(folder).faults


def test_a_candidate_whose_manifest_was_changed_with_it_is_found(folder: Path, verified: Verified) -> None:
    from sluicegate.manifest import Manifest

    (folder / "candidate" / "more.py").write_text("print()")
    listed = json.dumps(Manifest.of_folder(folder / "candidate").to_json())
    (folder / "candidate.manifest.json").write_text(listed)
    put_sums(folder)
    faults = said(verified(folder))
    assert "candidate/ gives" in faults
    assert "candidate.manifest.json gives" in faults


@pytest.mark.parametrize("name", ["candidate", "dossier"])
def test_a_folder_that_is_gone_is_missed(folder: Path, verified: Verified, name: str) -> None:
    shutil.rmtree(folder / name)
    put_sums(folder)
    assert f"{name}/ gives" in said(verified(folder))


def test_a_dossier_with_a_finding_changed_is_found(folder: Path, verified: Verified) -> None:
    path = folder / "dossier" / "dossier.json"
    path.write_text(path.read_text("utf-8").replace("0.7", "0.9"), "utf-8")
    put_sums(folder)
    assert "dossier/dossier.json was changed" in verified(folder).faults


@pytest.mark.parametrize("name", ["policy.json", "roster.json"])
def test_a_policy_or_roster_that_was_changed_is_found(folder: Path, verified: Verified, name: str) -> None:
    path = folder / name
    path.write_text(path.read_text("utf-8").replace("internal", "external"), "utf-8")
    put_sums(folder)
    assert f"{name} gives" in said(verified(folder))


def test_a_gate_that_was_changed_is_not_one_of_the_ledger(folder: Path, verified: Verified) -> None:
    path = folder / "gate.json"
    path.write_text(path.read_text("utf-8").replace("internal", "public"), "utf-8")
    put_sums(folder)
    assert "which ledger.json does not hold" in said(verified(folder))


def test_a_file_that_was_added_is_found(folder: Path, verified: Verified) -> None:
    (folder / "run-me.sh").write_text("true")
    put_sums(folder)
    assert verified(folder).faults == ("run-me.sh does not belong to an exported release",)


def test_a_link_is_refused(folder: Path, verified: Verified) -> None:
    (folder / "candidate" / "model.safetensors").unlink()
    (folder / "candidate" / "model.safetensors").symlink_to("/etc/hostname")
    assert "candidate/model.safetensors is a symbolic link" in verified(folder).faults


@pytest.mark.parametrize("name", ["policy.json", "checkpoint.json", "gate.json", "dossier/dossier.json"])
def test_nobody_is_kept_waiting_at_a_pipe(folder: Path, verified: Verified, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert f"{name} is neither a file nor a folder" in verified(folder).faults


@pytest.mark.parametrize("name", ["policy.json", "gate.json", "roster.json", "checkpoint.json", "allowed_signers"])
def test_a_file_that_is_missing_is_named(folder: Path, verified: Verified, name: str) -> None:
    (folder / name).unlink()
    put_sums(folder)
    assert f"{name} is missing" in verified(folder).faults


def test_a_readme_that_was_changed_is_found_by_the_check_sums(folder: Path, verified: Verified) -> None:
    (folder / "README.txt").write_text("pip install something-else")
    assert verified(folder).faults == ("README.txt is not what SHA256SUMS lists",)


@pytest.mark.parametrize("name", ["decisions/01.json", "decisions/01.json.sig", "allowed_signers"])
def test_files_for_ssh_keygen_that_say_other_than_the_ledger_are_found(
    folder: Path, verified: Verified, name: str
) -> None:
    (folder / name).write_text("something else")
    (folder / "decisions" / "02.json").write_text("{}")
    put_sums(folder)
    faults = verified(folder).faults
    assert f"{name} was changed: the ledger says otherwise" in faults
    assert "decisions/02.json is not in the ledger" in faults


def test_every_fault_is_collected_before_it_is_said(folder: Path, verified: Verified) -> None:
    (folder / "candidate" / "model.safetensors").write_bytes(b"other")
    (folder / "policy.json").write_text("{}")
    (folder / "checkpoint.json").write_text("{}")
    excerpt = ledger_of(folder)
    put_ledger(folder, edited(excerpt.shown, lambda e: e.kind == "decision", reason="Never said."))
    faults = said(verified(folder, trusted=()))
    for part in ("candidate/", "policy.json", "checkpoint.json", "was edited", "untrusted root", "does not hold"):
        assert part in faults


@pytest.mark.parametrize("text", ["", "[]", '{"entries": [{}], "headers": []}', "[" * 100_000, "\xff"])
def test_a_folder_without_a_ledger_that_can_be_read_is_refused_with_one_line(
    folder: Path, verified: Verified, text: str
) -> None:
    (folder / "ledger.json").write_text(text, "latin-1")
    with pytest.raises(InputRefused, match=r"ledger\.json"):
        verified(folder)


# --- the ledger in the folder -----------------------------------------------------------------------------


def test_an_entry_that_was_edited_is_found(folder: Path, verified: Verified) -> None:
    excerpt = ledger_of(folder)
    put_ledger(folder, edited(excerpt.shown, lambda e: e.kind == "promotion_committed", facts={"version": 2}))
    assert "was edited" in said(verified(folder))


def test_an_entry_that_was_removed_is_missed(folder: Path, verified: Verified) -> None:
    shown = ledger_of(folder).shown
    put_ledger(folder, (*shown[:2], *shown[3:]))
    assert "entry 3 is missing" in verified(folder).faults


def test_an_entry_that_was_put_in_is_found(gatehouse: Gatehouse, folder: Path, verified: Verified) -> None:
    shown = ledger_of(folder).shown
    forged = replace(shown[3], seq=4, kind="gate_reminded", body={"gate": "x"})
    later_on = tuple(replace(entry, seq=entry.seq + 1) for entry in shown[3:])
    put_ledger(folder, (*shown[:3], forged, *later_on))
    faults = said(verified(folder))
    assert "entry 4 was edited" in faults
    assert "entry 5 does not follow the entry before it" in faults


def test_entries_that_changed_places_are_found(folder: Path, verified: Verified) -> None:
    *first, a, b = ledger_of(folder).shown
    put_ledger(folder, (*first, replace(b, seq=a.seq), replace(a, seq=b.seq)))
    assert f"entry {a.seq} does not follow the entry before it: its predecessor was another" in verified(folder).faults


def test_a_tail_that_was_cut_off_is_found_against_a_checkpoint(
    gatehouse: Gatehouse, gate: Gate, exported: Exported, verified: Verified
) -> None:
    gatehouse.released(seed=1)
    folder = exported(gate.candidate[:12])
    shown = ledger_of(folder).shown
    put_ledger(folder, shown[:-4])
    faults = said(verified(folder))
    assert f"the ledger ends at entry {len(shown) - 4}" in faults
    assert "cut off" in faults


def test_a_folder_that_was_exported_before_the_recall_is_caught_by_a_newer_checkpoint(
    gatehouse: Gatehouse, gate: Gate, folder: Path, verified: Verified
) -> None:
    assert verified(folder).faults == ()
    gatehouse.recalled(gate)
    newer = take_checkpoint(gatehouse.ledger)
    faults = said(verified(folder, kept=Kept((newer,))))
    assert f"candidate {gate.candidate[:12]} was recalled, says the checkpoint of" in faults
    assert "export it again" in faults


def test_a_recalled_release_is_a_fault(gatehouse: Gatehouse, gate: Gate, folder: Path, verified: Verified) -> None:
    gatehouse.recalled(gate)
    whole = Excerpt.of(gatehouse.ledger, "reviews")
    put_ledger(folder, whole.shown, whole.headers)
    assert f"candidate {gate.candidate[:12]} was recalled" in verified(folder).faults


def test_a_recall_that_is_hidden_behind_its_header_is_found(
    gatehouse: Gatehouse, gate: Gate, folder: Path, verified: Verified
) -> None:
    gatehouse.recalled(gate)
    shown = gatehouse.ledger.entries()
    put_ledger(folder, shown[:-1], (shown[-1].header,))
    expected = f"entry {len(shown)} (release_recalled) is about reviews, and only its header is shown"
    assert verified(folder).faults == (expected,)


def test_a_roster_that_was_changed_by_editing_does_not_count(
    gatehouse: Gatehouse, folder: Path, verified: Verified
) -> None:
    eve = people.person("eve")
    shown = ledger_of(folder).shown
    roster = shown[1].body["roster"]
    members = sorted([*roster["members"], eve.member.model_dump(mode="json")], key=lambda member: member["id"])
    put_ledger(folder, edited(shown, lambda e: e.kind == "roster_changed", roster=roster | {"members": members}))
    faults = said(verified(folder))
    assert "entry 2 was edited" in faults
    assert "another roster was signed than the one that came with it" in faults


# --- decisions that were never taken ----------------------------------------------------------------------


def _body(gate: Gate, letter: Letter) -> dict[str, Any]:
    """A decision's entry as the service writes it for `gate`, whatever gate the letter is about."""
    proof = {"grade": "signed", "signature": letter.signatures[0].signature}
    more = {"gate": gate.id, "stage": gate.stage, "via": "file", "verdicts": {"pass": 1}}
    return {**letter.statement, **proof, **more}


def _swindled(gatehouse: Gatehouse, gate: Gate, letter: Letter) -> Excerpt:
    """A ledger in which a thief of the service's key has a decision that nobody took released."""
    entries = thief_appends(gatehouse, "decision", _body(gate, letter), model=gate.model)
    for kind in ("promotion_intended", "promotion_committed"):
        body = {"gate": gate.id, "facts": {}}
        entries = thief_appends(gatehouse, kind, body, model=gate.model, entries=entries)
    return Excerpt(entries)


@pytest.mark.parametrize("other", ["candidate", "stage", "model", "round"])
def test_a_decision_that_was_signed_for_another_gate_does_not_count(
    gatehouse: Gatehouse, gate: Gate, folder: Path, verified: Verified, other: str
) -> None:
    """Rita approved one gate; a thief of the service's key puts her signature under another question."""
    asked = gatehouse.opened("public", seed=7)
    letter = gatehouse.rita.approves(asked)
    gatehouse.decided(asked, letter)
    gatehouse.decided(asked, gatehouse.ravi.rejects(asked))
    targets: dict[str, Callable[[], Gate]] = {
        "candidate": lambda: gatehouse.opened("public", seed=8),
        "stage": lambda: gatehouse.opened("internal", seed=7),
        "model": lambda: gatehouse.opened("public", seed=7, model="tweets"),
        "round": lambda: reopen(gatehouse.ledger, asked.id),
    }
    target = targets[other]()
    swindle = _swindled(gatehouse, target, letter)
    put_ledger(folder, swindle.shown)
    faults = said(verified(folder))
    assert "the signature of rita does not hold: the signature is over something else" in faults
    assert verified(folder).outcome.gate(target.id).state == "open"  # type: ignore[union-attr]


def test_a_forged_approval_of_a_thief_of_the_services_key_is_named_and_does_not_count(
    gatehouse: Gatehouse, tmp_path: Path, gate: Gate, folder: Path, verified: Verified
) -> None:
    forged = gatehouse.opened(seed=9)
    thief = replace(gatehouse.rita, key=PrivateKey.generate())
    swindle = _swindled(gatehouse, forged, thief.approves(forged))
    put_ledger(folder, swindle.shown)
    found = verified(folder)
    number = len(swindle.shown) - 2
    assert f"entry {number} (decision) does not count: the signature of rita does not hold" in said(found)
    assert "the gate was open" in said(found)  # the promotion
    assert [release.gate for release in found.outcome.releases] == [gate.id]
    assert not any(f"approved candidate {forged.candidate[:12]}" in line for line in found.statements)


def test_a_ledger_that_was_written_anew_with_another_service_key_is_not_trusted(
    gatehouse: Gatehouse, folder: Path, verified: Verified
) -> None:
    """The thief replaces the service's key, and so the first entry: nobody signed a roster for that ledger."""
    key = PrivateKey.generate()
    opened, founding, *rest = ledger_of(folder).shown
    opened = replace(opened, body=opened.body | {"service_key": key.public.line})
    roster = founding.body["roster"] | {"service_key": key.public.line}
    founding = replace(founding, body=founding.body | {"roster": roster})
    put_ledger(folder, written_anew((opened, founding, *rest), key))
    faults = said(verified(folder))
    assert "it was signed for another ledger" in faults
    assert "another roster was signed than the one that came with it" in faults
    assert "the checkpoint is of another ledger" in faults
    assert "which ledger.json does not hold" in faults  # each gate's id changes with the entry that opened it


def test_a_ledger_that_was_written_anew_with_a_root_of_its_own_is_not_trusted(
    gatehouse: Gatehouse, folder: Path, tmp_path: Path, verified: Verified
) -> None:
    """The thief founds a ledger of their own in which everything holds, and exports from that."""
    theirs = Gatehouse(tmp_path / "thief")
    theirs.released()
    export(theirs.home, theirs.ledger, "reviews/internal", tmp_path / "theirs")
    assert verified(tmp_path / "theirs", trusted=[theirs.root_key]).faults == ()
    expected = f"untrusted root: the first roster is not signed by {gatehouse.root_key.fingerprint}"
    assert verified(tmp_path / "theirs").faults == (expected,)


def test_a_ledger_that_was_written_anew_without_a_rejection_is_found_against_a_checkpoint(
    gatehouse: Gatehouse, folder: Path, verified: Verified
) -> None:
    """Every hash and signature holds in what the thief of the service's key leaves."""
    asked = gatehouse.opened(seed=2)
    gatehouse.decided(asked, gatehouse.ravi.rejects(asked))
    kept = take_checkpoint(gatehouse.ledger)
    gatehouse.ledger.append("checkpoint_published", "", {"seq": kept.seq, "head": kept.head, "to": "file"})
    left = tuple(e for e in gatehouse.ledger.entries() if e.body.get("decision") != "reject")
    put_ledger(folder, written_anew(left, gatehouse.service_key))
    assert verified(folder).faults == ()
    assert f"entry {kept.seq} is not the one that the checkpoint" in said(verified(folder, kept=Kept((kept,))))


def test_a_receipt_shows_that_a_decision_was_dropped(
    gatehouse: Gatehouse, gate: Gate, folder: Path, verified: Verified
) -> None:
    rejected = gatehouse.opened(seed=2)
    letter = gatehouse.ravi.rejects(rejected)
    gatehouse.decided(rejected, letter)
    receipt = receipt_for(gatehouse.ledger, letter)
    whole = Excerpt.of(gatehouse.ledger, "reviews")
    put_ledger(folder, whole.shown)
    assert verified(folder, kept=Kept.of([receipt])).faults == ()
    put_ledger(folder, whole.shown[:-1])
    faults = said(verified(folder, kept=Kept.of([receipt])))
    assert f"entry {receipt.entry.seq} is not the decision of ravi for which there is a receipt" in faults


# --- grounds ----------------------------------------------------------------------------------------------


def _approved_blindly(gatehouse: Gatehouse, gate: Gate, *letters: Letter) -> None:
    """The service takes approvals that it should refuse, since a check blocks."""
    for letter in letters:
        gatehouse.ledger.append("decision", gate.model, _body(gate, letter))
    gatehouse.promoted(gate)


def test_an_approval_over_checks_that_block_is_a_fault(
    gatehouse: Gatehouse, exported: Exported, verified: Verified
) -> None:
    gate = gatehouse.opened(f1=0.5)
    _approved_blindly(gatehouse, gate, gatehouse.rita.approves(gate))
    expected = f"rita approved gate {gate.id[:12]}, though checks blocked: {CHECK} (fail)"
    assert verified(exported()).faults == (expected,)


def test_a_waiver_that_had_expired_before_the_approval_does_not_bear_it(
    gatehouse: Gatehouse, exported: Exported, verified: Verified
) -> None:
    gate = gatehouse.opened(f1=0.5)
    letter = gatehouse.rita.waives(gate, CHECK, expires="2026-01-01")
    gatehouse.ledger.append("waiver", "reviews", _body(gate, letter))
    _approved_blindly(gatehouse, gate, gatehouse.ravi.approves(gate))
    assert "though checks blocked" in said(verified(exported()))


def test_a_waiver_that_came_after_the_approval_does_not_bear_it(
    gatehouse: Gatehouse, exported: Exported, verified: Verified
) -> None:
    gate = gatehouse.opened("public", f1=0.5)
    first, second = gatehouse.rita.approves(gate), gatehouse.ravi.approves(gate)
    waiver = gatehouse.ada.waives(gate, CHECK, expires=later(gate.opened, timedelta(days=9))[:10])
    for kind, letter in (("decision", first), ("waiver", waiver)):
        gatehouse.ledger.append(kind, "reviews", _body(gate, letter))  # type: ignore[arg-type]
    _approved_blindly(gatehouse, gate, second)
    faults = verified(exported("reviews/public")).faults
    assert faults == (f"rita approved gate {gate.id[:12]}, though checks blocked: {CHECK} (fail)",)


def test_a_gate_with_a_rule_that_is_not_its_policys_is_a_fault(
    gatehouse: Gatehouse, exported: Exported, verified: Verified
) -> None:
    gatehouse.released("public", rule=gatehouse.policy.rule("internal"))
    expected = ("the gate opened under another rule than its policy has for public",)
    assert verified(exported("reviews/public")).faults == expected


def test_a_dossier_of_another_candidate_is_a_fault(
    gatehouse: Gatehouse, exported: Exported, verified: Verified
) -> None:
    other = gatehouse.opened(seed=1)
    gatehouse.released(seed=0, dossier=other.dossier)
    assert f"the dossier was measured on candidate {other.candidate[:12]}" in said(verified(exported()))


def test_an_accountable_person_whom_only_the_service_names_is_a_fault(
    gatehouse: Gatehouse, exported: Exported, verified: Verified
) -> None:
    gatehouse.released(accountable="ravi")
    assert "ravi is said to answer for what was built" in said(verified(exported()))


# --- how old ----------------------------------------------------------------------------------------------


def test_an_old_checkpoint_is_a_fault_only_where_an_age_is_asked_for(folder: Path, verified: Verified) -> None:
    in_a_month = later(utc_now(), timedelta(days=30))
    assert verified(folder, now=in_a_month).faults == ()
    assert "days" in said(verified(folder, now=in_a_month, max_age=timedelta(days=7)))
    assert verified(folder, max_age=timedelta(days=7)).faults == ()


# --- ledgers ----------------------------------------------------------------------------------------------


def test_a_ledger_is_verified_by_url_by_file_and_by_excerpt(gatehouse: Gatehouse, gate: Gate, folder: Path) -> None:
    for where in (gatehouse.home.ledger_url, gatehouse.home.root / "ledger.db", folder / "ledger.json"):
        found = verify_ledger(where, trusted=[gatehouse.root_key])
        assert found.faults == ()
        assert any("rita approved" in line for line in found.statements)


def test_a_ledger_that_is_verified_is_not_written(gatehouse: Gatehouse, gate: Gate) -> None:
    path = gatehouse.home.root / "ledger.db"
    before = path.read_bytes()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    verify_ledger(path, trusted=[gatehouse.root_key])
    path.parent.chmod(0o755)
    assert path.read_bytes() == before


def test_a_database_that_was_edited_is_found(gatehouse: Gatehouse, gate: Gate) -> None:
    import sqlite3

    with sqlite3.connect(gatehouse.home.root / "ledger.db") as database:
        database.execute("DROP TRIGGER entries_no_update")
        database.execute("UPDATE entries SET body = replace(body, 'rita', 'ravi') WHERE kind = 'decision'")
    faults = said(verify_ledger(gatehouse.home.ledger_url, trusted=[gatehouse.root_key]))
    assert "was edited" in faults
    assert "the signature of ravi does not hold" in faults
    assert "entries_no_update is gone" in faults


def test_a_ledger_that_is_a_pipe_is_refused(folder: Path, verified: Verified) -> None:
    (folder / "ledger.json").unlink()
    os.mkfifo(folder / "ledger.json")
    with pytest.raises(InputRefused, match="no such file"):
        verified(folder)


@pytest.mark.parametrize("name", ["nothing.db", "nothing.json"])
def test_a_ledger_that_is_not_there_is_refused_and_not_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRefused, match="nothing"):
        verify_ledger(tmp_path / name, trusted=())
    assert list(tmp_path.iterdir()) == []
