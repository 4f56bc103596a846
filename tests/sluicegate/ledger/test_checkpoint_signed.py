"""What a checkpoint that was kept elsewhere shows of a ledger."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.checkpoint import (
    Checkpoint,
    checkpoint_faults,
    publish,
    read_checkpoint,
    recalled,
    record_published,
    take_checkpoint,
)
from sluicegate.ledger.ledger import Ledger
from sluicegate.ledger.records import Excerpt
from sluicegate.signing import sshsig
from sluicegate.signing.keys import PrivateKey, create_service_key, load_service_key


@pytest.fixture
def three(ledger):
    """A ledger of four entries."""
    for number in range(3):
        ledger.append("decision", "reviews", {"n": number})
    return ledger


def key_of(ledger):
    return load_service_key(ledger.key)


def signed(checkpoint, key):
    return replace(checkpoint, signature=sshsig.sign(checkpoint.statement, key, "sluicegate-checkpoint"))


def test_a_checkpoint_names_the_ledger_and_its_head_and_is_signed_by_the_service(three):
    checkpoint = take_checkpoint(three)
    first, *_, last = three.entries()
    assert (checkpoint.ledger, checkpoint.seq, checkpoint.head) == (first.hash, 4, last.hash)
    assert checkpoint.time >= last.time
    assert checkpoint_faults(checkpoint, three.entries(), key_of(three).public) == ()
    assert len(three.entries()) == 4  # taking one writes nothing


def test_a_checkpoint_of_an_empty_ledger_opens_it(ledger):
    assert take_checkpoint(ledger).seq == 1


def test_a_ledger_that_went_on_still_fits_by_its_headers_too(three):
    checkpoint = take_checkpoint(three)
    three.append("decision", "reviews", {})
    three.append("decision", "tweets", {})
    assert checkpoint_faults(checkpoint, three.entries()) == ()
    assert checkpoint_faults(checkpoint, Excerpt.of(three, "tweets").chain) == ()


def test_a_tail_that_was_cut_off_is_found(three):
    checkpoint = take_checkpoint(three)
    (fault,) = checkpoint_faults(checkpoint, three.entries()[:-1])
    assert "ends at entry 3" in fault
    assert "was cut off" in fault
    assert checkpoint.time in fault


def test_a_tail_that_was_written_anew_with_the_services_key_is_found(three):
    checkpoint = take_checkpoint(three)
    *kept, last = three.entries()
    anew = Entry.following(
        kept[-1],
        time=last.time,
        kind="decision",
        model="reviews",
        body={"n": 99},
        idempotency_key=None,
        sign=key_of(three).sign,
    )
    (fault,) = checkpoint_faults(checkpoint, [*kept, anew])
    assert "entry 4 is not the one" in fault


def test_a_whole_ledger_that_was_written_anew_is_found(three, tmp_path):
    checkpoint = take_checkpoint(three)
    another = Ledger(f"sqlite:///{tmp_path}/another.db", key=three.key)
    for entry in three.entries()[1:]:
        another.append(entry.kind, entry.model, entry.body)
    assert another.verify() == ()
    assert "another ledger" in checkpoint_faults(checkpoint, another.entries())[-1]


@pytest.mark.parametrize(
    "changed", [{"seq": 3}, {"head": "ab" * 32}, {"time": "2030"}, {"recalled": ("c",)}, {"ledger": "cd" * 32}]
)
def test_a_checkpoint_that_was_edited_is_not_the_services(three, changed):
    found = checkpoint_faults(replace(take_checkpoint(three), **changed), three.entries())
    assert found[0] == "the checkpoint is not the service's: the signature is over something else"


def test_a_checkpoint_that_somebody_else_signed_is_not_the_services(three):
    forged = signed(take_checkpoint(three), PrivateKey.generate())
    assert "another key" in checkpoint_faults(forged, three.entries())[0]


def test_a_checkpoint_signed_before_the_service_had_another_key_still_holds(three):
    before = take_checkpoint(three)
    public = create_service_key(three.key.with_name("service.key.next")).public
    three.append("roster_changed", "", {"roster": {"service_key": public.line}})
    after = take_checkpoint(three)
    assert checkpoint_faults(before, three.entries()) == ()
    assert checkpoint_faults(after, three.entries()) == ()
    assert checkpoint_faults(before, three.entries(), public) != ()


def test_the_candidates_that_were_recalled_are_in_the_next_checkpoint(three):
    three.append("release_recalled", "reviews", {"candidate": "c2"})
    three.append("release_recalled", "tweets", {"candidate": "c1"})
    checkpoint = take_checkpoint(three)
    assert checkpoint.recalled == recalled(three) == ("c1", "c2")
    assert checkpoint_faults(checkpoint, three.entries()) == ()
    silent = signed(replace(checkpoint, recalled=("c1",)), key_of(three))
    assert checkpoint_faults(silent, three.entries()) == ("the checkpoint leaves out the recall of c2",)


def test_openssh_checks_it(three, tmp_path):
    if not shutil.which("ssh-keygen"):
        pytest.skip("no ssh-keygen")
    checkpoint = take_checkpoint(three)
    (tmp_path / "allowed").write_text(f"service {key_of(three).public.line}\n")
    (tmp_path / "signature").write_text(checkpoint.signature)
    command = ["ssh-keygen", "-Y", "verify", "-n", "sluicegate-checkpoint", "-I", "service"]
    command += ["-f", str(tmp_path / "allowed"), "-s", str(tmp_path / "signature")]
    message = sshsig.message(checkpoint.statement)
    assert subprocess.run(command, input=message, capture_output=True).returncode == 0


def test_checkpoints_are_added_to_a_file_and_the_newest_is_read(three, tmp_path):
    path = tmp_path / "checkpoints.jsonl"
    first = take_checkpoint(three)
    publish(first, str(path))
    assert read_checkpoint(path) == first
    three.append("decision", "reviews", {})
    second = take_checkpoint(three)
    publish(second, str(path))
    publish(first, str(path))  # somebody who was late
    assert read_checkpoint(path) == second
    assert len(path.read_text().splitlines()) == 3


def test_a_checkpoint_is_posted_to_a_url_as_json(three):
    got = []

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.headers["Content-Type"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204 if self.path == "/keep" else 500)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Keeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        checkpoint = take_checkpoint(three)
        publish(checkpoint, f"{address}/keep")
        assert got[0][0] == "application/json"
        assert Checkpoint.from_json(json.loads(got[0][1])) == checkpoint
        with pytest.raises(Unavailable, match="SLUICEGATE_CHECKPOINTS.: answer 500"):
            publish(checkpoint, f"{address}/token-of-somebody")
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(Unavailable, match="was not taken") as refusal:
        publish(checkpoint, f"{address}/token-of-somebody")
    assert "token" not in str(refusal.value)


def test_a_file_that_cannot_be_written_is_one_line(three, tmp_path):
    with pytest.raises(Unavailable, match="No such file or directory"):
        publish(take_checkpoint(three), str(tmp_path / "nowhere" / "checkpoints"))


def test_giving_one_away_is_recorded_once_and_without_its_address(three):
    checkpoint = take_checkpoint(three)
    entry = record_published(three, checkpoint, "https://example.org/?token=secret")
    assert entry.body == {"seq": 4, "head": checkpoint.head, "to": "url"}
    assert record_published(three, checkpoint, "https://example.org/?token=secret") == entry


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "holds no checkpoint", id="empty"),
        pytest.param(b"\xff\xfe", "not a file of checkpoints", id="no-text"),
        pytest.param(b"checkpoint 4", "not a file of checkpoints", id="no-json"),
        pytest.param(b"[]\n", "is not a checkpoint", id="a-list"),
        pytest.param(b'{"ledger": "\\ud800"}\n', "is not a checkpoint", id="text-that-is-none"),
        pytest.param(b'{"ledger": "x"}\n', "is not a checkpoint", id="not-whole"),
    ],
)
def test_a_file_without_a_checkpoint_is_refused_in_one_line(tmp_path, content, problem):
    path = tmp_path / "checkpoint"
    path.write_bytes(content)
    with pytest.raises(InputRefused, match=problem) as refusal:
        read_checkpoint(path)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="cannot be read: No such file"):
        read_checkpoint(tmp_path / "checkpoint")
