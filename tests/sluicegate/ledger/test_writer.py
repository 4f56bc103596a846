"""A process that has no key writes through one that has, over a socket of this machine."""

from __future__ import annotations

import importlib
import json
import pkgutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import sluicegate.gates
from sluicegate.errors import DataRejected, InputRefused, ReleaseDenied, TamperingDetected, Unavailable
from sluicegate.ledger.chain import Entry
from sluicegate.ledger.checkpoint import Checkpoint, checkpoint_faults, take_checkpoint
from sluicegate.ledger.ledger import Ledger, open_ledger
from sluicegate.ledger.ledgerd import serve
from sluicegate.ledger.writer import MOST_BYTES, VERBS, writes
from sluicegate.settings import Home
from tests.sluicegate.ledger import socket_verbs as verbs

ROOT = Path(__file__).resolve().parents[3]
NOTE = "tests.sluicegate.ledger.socket_verbs.note"


@pytest.fixture
def place():
    """Where to listen; a socket's path is at most 107 bytes long."""
    with tempfile.TemporaryDirectory(prefix="sg-", dir="/tmp") as folder:
        yield Path(folder) / "ledgerd"


@contextmanager
def listening(home, place):
    """A process of its own, with the key, that serves; ended if it still runs."""
    command = [sys.executable, "-m", "tests.sluicegate.ledger.socket_verbs", str(home.root), str(place)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    if process.stdout.readline() != "ready\n":
        pytest.fail(process.communicate()[1])
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


@pytest.fixture
def ledgerd(home, place):
    with listening(home, place) as process:
        yield process


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    """One that serves for many tests: its home, as whoever has no key sees it."""
    home = Home.at(tmp_path_factory.mktemp("steady") / "home")
    with tempfile.TemporaryDirectory(prefix="sg-", dir="/tmp") as folder, listening(home, Path(folder) / "s"):
        yield replace(home, ledgerd=Path(folder) / "s")


@pytest.fixture
def worker(home, place, ledgerd):
    """The ledger as a process sees it that may only ask."""
    return open_ledger(replace(home, ledgerd=place))


def ask(place, line):
    """The answers to bytes as they are."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(place))
        try:
            connection.sendall(line)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may have refused before it had read all of it
        with connection.makefile("rb") as answers:
            return [json.loads(answer) for answer in answers.read().splitlines()]


def test_a_worker_without_the_key_cannot_write_but_can_through_the_socket(worker, home):
    with pytest.raises(Unavailable, match="ledgerd does, at"):
        worker.append("decision", "reviews", {})
    entry = verbs.note(worker, "reviews", {"reason": "Gut 👍", "n": [1, 2.5, None]}, key="k")
    assert isinstance(entry, Entry)
    assert worker.entries()[1:] == (entry,)
    assert worker.verify() == ()
    assert worker.key is None


def test_an_embedded_process_runs_the_same_function_itself(ledger):
    entry = verbs.note(ledger, "reviews", {"n": 1})
    assert ledger.entries()[1:] == (entry,)


def test_a_process_with_neither_key_nor_socket_is_told_so_in_one_line(ledger, database):
    ledger.begin()
    with pytest.raises(Unavailable, match="SLUICEGATE_LEDGERD.*`sluicegate init-ledger`"):
        verbs.note(Ledger(f"sqlite:///{database}"), "reviews", {})


def test_the_ledgers_key_is_made_before_it_listens(worker, home):
    assert [entry.kind for entry in worker.entries()] == ["ledger_opened"]
    assert home.service_key.exists()


def test_arguments_and_result_pass_with_their_types_and_defaults(worker, home, place, ledgerd):
    checkpoint = Checkpoint("ab" * 32, 3, "cd" * 32, "2026-11-22T10:00:00.000000Z", ("x", "y"), "s")
    asking = replace(home, ledgerd=place)
    assert verbs.describe(asking, checkpoint, ids=("a", "b")) == (
        checkpoint,
        f"{ledgerd.pid} {home.root} ('a', 'b') 3",
    )
    assert verbs.describe(asking, checkpoint=checkpoint, limit=4)[1].endswith("() 4")


@pytest.mark.parametrize(
    "error",
    [
        ReleaseDenied("gate 12: no"),
        Unavailable("locked"),
        InputRefused(Path("/a/file"), "field", "is wrong", "do this"),
        DataRejected("rows", "x", "is wrong"),
        TamperingDetected("the ledger", ("one", "two")),
    ],
)
def test_a_refusal_there_is_the_same_refusal_here(steady, error):
    arguments = [list(a) if isinstance(a, tuple) else str(a) for a in error.args]
    with pytest.raises(type(error)) as refusal:
        verbs.refuse(open_ledger(steady), type(error).__name__, arguments)
    assert type(refusal.value) is type(error)
    assert str(refusal.value) == str(error)
    assert refusal.value.exit_code == error.exit_code


def test_what_was_asked_twice_is_done_once(steady):
    ledger = open_ledger(steady)
    assert verbs.note(ledger, "twice", {}, key="k") == verbs.note(ledger, "twice", {}, key="k")
    assert len(ledger.entries("twice", ("decision",))) == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param(b'{"verb": "os.system", "arguments": {}}', "there is none of this name", id="unknown-verb"),
        pytest.param(
            b'{"verb": "tests.sluicegate.ledger.socket_verbs.not_marked", "arguments": {}}',
            "none of this",
            id="unmarked",
        ),
        pytest.param(b"not JSON", "one line of JSON", id="no-json"),
        pytest.param(b"\xff\x00\xff", "one line of JSON", id="no-text"),
        pytest.param(b"", "one line of JSON", id="nothing"),
        pytest.param(b"[]", "one line of JSON", id="a-list"),
        pytest.param(b"[" * 100_000, "one line of JSON", id="deep"),
        pytest.param(b'{"verb": 7, "arguments": {}}', "one line of JSON", id="a-number-for-a-verb"),
        pytest.param(b'{"verb": [], "arguments": {}}', "one line of JSON", id="a-list-for-a-verb"),
        pytest.param(b'{"verb": "x", "arguments": []}', "one line of JSON", id="a-list-of-arguments"),
        pytest.param(b'{"verb": "x", "arguments": {}, "as": "root"}', "one line of JSON", id="something-more"),
        pytest.param(b'{"verb": "%s", "arguments": {}}' % NOTE.encode(), "missing: 'body', 'model'", id="too-few"),
        pytest.param(
            b'{"verb": "%s", "arguments": {"model": "m", "body": {}, "clock": 1}}' % NOTE.encode(),
            "unknown or missing: 'clock'",
            id="too-many",
        ),
        pytest.param(
            b'{"verb": "%s", "arguments": {"ledger": "sqlite://", "model": "m", "body": {}}}' % NOTE.encode(),
            "unknown or missing: 'ledger'",
            id="another-ledger",
        ),
        pytest.param(
            b'{"verb": "%s", "arguments": {"model": 7, "body": {}}}' % NOTE.encode(), "string_type", id="another-type"
        ),
        pytest.param(b"x" * (MOST_BYTES + 10), f"larger than {MOST_BYTES} bytes", id="oversized"),
        pytest.param(b'{"a":"' + b"x" * MOST_BYTES + b'"}\n', f"larger than {MOST_BYTES} bytes", id="oversized-line"),
    ],
)
def test_a_request_that_cannot_be_taken_gets_one_line_and_the_next_one_is_served(steady, line, problem):
    ledger = open_ledger(steady)
    before = len(ledger.entries())
    (answer,) = ask(steady.ledgerd, line + b"\n")
    assert answer["refused"]["error"] == "InputRefused"
    said = str(InputRefused(*answer["refused"]["arguments"]))
    assert problem in said
    assert "\n" not in said
    assert len(said) < 400
    assert verbs.note(ledger, "reviews", {}).seq == before + 1


def test_a_request_that_is_too_large_is_not_even_sent(steady):
    with pytest.raises(InputRefused, match=f"at most {MOST_BYTES} are taken"):
        verbs.note(open_ledger(steady), "reviews", {"text": "x" * MOST_BYTES})


def test_a_client_that_goes_away_in_the_middle_disturbs_nobody(worker, place):
    for _ in range(5):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(place))
            connection.sendall(b'{"verb": "half of it')
    assert verbs.note(worker, "reviews", {}).seq == 2


def test_a_mistake_of_ours_is_one_line_without_what_anybody_wrote(worker, ledgerd):
    with pytest.raises(Unavailable, match="its own log says where"):
        verbs.fail(worker, "words that somebody wrote")
    assert verbs.note(worker, "reviews", {}).seq == 2
    ledgerd.terminate()
    _, log = ledgerd.communicate(timeout=60)
    assert "RuntimeError at socket_verbs.py:" in log
    assert "somebody wrote" not in log


def test_several_workers_at_once_lose_nothing(home, place, worker):
    def work(name):
        for number in range(15):
            verbs.note(open_ledger(replace(home, ledgerd=place)), "reviews", {"by": name, "n": number})

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worker.verify() == ()
    assert [entry.seq for entry in worker.entries()] == list(range(1, 62))


def test_only_owner_and_group_reach_the_socket(place, ledgerd):
    assert stat.S_IMODE(place.stat().st_mode) == 0o660


def test_told_to_end_it_finishes_what_it_is_busy_with_and_takes_the_socket_away(worker, place, ledgerd, tmp_path):
    found, begun = [], tmp_path / "begun"
    thread = threading.Thread(target=lambda: found.append(verbs.dawdle(worker, 1.5, str(begun))))
    thread.start()
    deadline = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    ledgerd.terminate()
    thread.join()
    assert ledgerd.wait(timeout=30) == 0
    assert [entry.model for entry in found] == ["slow"]
    assert not place.exists()


def test_nobody_listening_is_one_line_that_says_what_to_start(home, place):
    with pytest.raises(Unavailable, match="no ledgerd answers at .* start `sluicegate ledgerd`.*SLUICEGATE_LEDGERD"):
        verbs.note(open_ledger(replace(home, ledgerd=place)), "reviews", {})


def test_a_second_one_at_the_same_place_is_refused_and_the_first_goes_on(home, place, worker):
    with pytest.raises(Unavailable, match="another ledgerd listens"):
        serve(home, place)
    assert verbs.note(worker, "reviews", {}).seq == 2


def test_a_socket_that_a_killed_one_left_is_taken_over(home, place, ledgerd):
    ledgerd.kill()
    ledgerd.wait()
    assert place.is_socket()
    with listening(home, place):
        assert verbs.note(open_ledger(replace(home, ledgerd=place)), "reviews", {}).seq == 2


def test_a_file_that_is_no_socket_is_not_replaced(home, place):
    place.write_text("something of somebody's")
    with pytest.raises(InputRefused, match="is not a socket"):
        serve(home, place)
    assert place.read_text() == "something of somebody's"


def test_a_path_that_is_too_long_for_a_socket_is_refused(home, tmp_path):
    with pytest.raises(InputRefused, match="cannot be listened at"):
        serve(home, tmp_path / ("x" * 120))


def test_a_ledgerd_whose_key_is_unusable_does_not_begin(home, place):
    open_ledger(home).begin()
    home.service_key.chmod(0o644)
    with pytest.raises(InputRefused, match="mode 644"):
        serve(home, place)
    assert not place.exists()


def test_a_checkpoint_is_taken_through_the_socket(worker):
    verbs.note(worker, "reviews", {})
    checkpoint = take_checkpoint(worker)
    assert checkpoint.seq == 2
    assert checkpoint_faults(checkpoint, worker.entries()) == ()


def test_whatever_is_marked_in_the_library_can_pass_over_a_socket():
    for module in pkgutil.iter_modules(sluicegate.gates.__path__, "sluicegate.gates."):
        importlib.import_module(module.name)
    marked = [verb for verb in VERBS.values() if verb.name.startswith("ledger.")]
    assert {"ledger.checkpoint.take_checkpoint", "ledger.checkpoint.record_published"} <= {verb.name for verb in marked}
    for verb in marked:
        first, *_ = verb.signature.parameters
        assert verb.types[first] in (Ledger, Home), verb.name
        assert "return" in verb.adapters, verb.name


def test_a_function_without_names_for_its_arguments_cannot_be_marked():
    with pytest.raises(TypeError, match="is named"):

        @writes
        def anything(ledger: Ledger, *rest: str) -> None:
            pass


@pytest.mark.slow
def test_marking_keeps_the_types(tmp_path):
    source = """
from sluicegate.ledger.checkpoint import Checkpoint, take_checkpoint
from sluicegate.ledger.ledger import Ledger
ledger = Ledger("sqlite://")
reveal_type(take_checkpoint(ledger))
take_checkpoint("ledger")
take_checkpoint(ledger, 7)
"""
    (tmp_path / "typed.py").write_text(source)
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(tmp_path / "typed.py")]
    done = subprocess.run([*command, "--cache-dir", str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert 'Revealed type is "sluicegate.ledger.checkpoint.Checkpoint"' in done.stdout
    assert "[arg-type]" in done.stdout
    assert "[call-arg]" in done.stdout
