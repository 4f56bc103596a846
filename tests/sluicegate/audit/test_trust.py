"""The root of trust: a file of keys or a fingerprint, and the first roster that they signed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sluicegate.audit.trust import read_trust, root_faults
from sluicegate.errors import InputRefused
from sluicegate.ledger.ledger import Ledger
from sluicegate.signing.keys import PrivateKey
from tests import people
from tests.people import Person, person


def test_a_file_holds_keys_one_a_line_with_remarks(tmp_path: Path) -> None:
    keys = [PrivateKey.generate().public for _ in range(2)]
    text = f"# our administrators\n{keys[0].line} ada@example\n\n{keys[1].line}\n{keys[0].line}\n"
    (tmp_path / "root.pub").write_text(text)
    assert read_trust(str(tmp_path / "root.pub")) == tuple(keys)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen")
def test_what_ssh_keygen_writes_and_prints_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "pass phrase", "-f", path], check=True)
    [key] = read_trust(f"{path}.pub")
    printed = subprocess.run(["ssh-keygen", "-l", "-f", path], capture_output=True, text=True, check=True).stdout
    assert read_trust(printed.split()[1]) == (key.fingerprint,)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "holds no public key", id="empty"),
        pytest.param("# nobody\n", "holds no public key", id="remarks alone"),
        pytest.param("ssh-rsa AAAAB3NzaC1yc2E ada", "line 1", id="another kind"),
        pytest.param("-----BEGIN OPENSSH PRIVATE KEY-----", "line 1", id="a private key"),
        pytest.param("\xff\xfe", "not a file of public keys", id="no text"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_in_one_line(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "root").write_text(text, "latin-1")
    with pytest.raises(InputRefused, match=problem) as refused:
        read_trust(str(tmp_path / "root"))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("root", ["SHA256:short", "nowhere.pub", "."])
def test_what_is_neither_a_file_nor_a_fingerprint_is_refused(root: str) -> None:
    with pytest.raises(InputRefused):
        read_trust(root)


def test_every_pinned_key_must_have_signed_the_first_roster(ledger: Ledger) -> None:
    ada, ben = person("ada", "administrator"), person("ben", "administrator")
    people.found(ledger, ada, ben, needed=1)
    entries = ledger.entries()
    assert root_faults(entries, [ada.key.public]) == ()
    assert root_faults(entries, [ada.key.public, ben.key.public.fingerprint]) == ()
    late = person("eve", "administrator")
    people.add(ledger, late, ada)
    (fault,) = root_faults(ledger.entries(), [ada.key.public, late.key.public])
    assert fault == f"untrusted root: the first roster is not signed by {late.key.public.fingerprint}"


def test_a_fingerprint_of_somebody_on_the_first_roster_who_did_not_sign_it_is_not_enough(
    founded: Ledger, team: dict[str, Person]
) -> None:
    assert root_faults(founded.entries(), [team["ada"].key.public.fingerprint]) == ()
    assert root_faults(founded.entries(), [team["rita"].key.public.fingerprint]) != ()


def test_without_a_pin_or_without_a_roster_nothing_is_trusted(ledger: Ledger, team: dict[str, Person]) -> None:
    ledger.begin()
    assert root_faults(ledger.entries(), ()) == ("untrusted root: pin it with --trust FILE or SLUICEGATE_TRUST",)
    expected = ("untrusted root: the ledger has no roster",)
    assert root_faults(ledger.entries(), [team["ada"].key.public]) == expected


@pytest.mark.parametrize("body", [{}, {"signatures": 3}, {"signatures": [3, {"signature": 4}]}, {"roster": []}])
def test_a_root_that_cannot_be_read_is_not_trusted(founded: Ledger, team: dict[str, Person], body: object) -> None:
    broken = [replace(entry, body=body) for entry in founded.entries()]  # type: ignore[arg-type]
    for pin in (team["ada"].key.public, team["ada"].key.public.fingerprint):
        assert len(root_faults(broken, [pin])) == 1
