import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from sluicegate.errors import InputRefused, Unavailable
from sluicegate.steps import Step, code_version, run_step


def write(content: str):
    def work(folder: Path, _key: str) -> None:
        (folder / "out.txt").write_text(content)

    return work


def never(folder: Path, _key: str) -> None:
    raise AssertionError("the finished step was done again")


def step(store: Path, work, **changes) -> Step:
    settings = {"inputs": {"a": "1"}, "section": {"x": 1}, "code": "v1"} | changes
    return run_step(store, "demo", **settings, work=work)


def test_finished_work_is_found(tmp_path: Path) -> None:
    done = step(tmp_path, write("x"))
    found = step(tmp_path, never)
    assert (done.reused, found.reused) == (False, True)
    assert (found.folder, found.output, found.key) == (done.folder, done.output, done.key)


@pytest.mark.parametrize("changes", [{"inputs": {"a": "2"}}, {"section": {"x": 2}}, {"code": "v2"}])
def test_another_input_setting_or_code_is_another_step(tmp_path: Path, changes: dict) -> None:
    assert step(tmp_path, write("x")).key != step(tmp_path, write("x"), **changes).key


def test_a_step_that_fails_leaves_nothing_that_counts(tmp_path: Path) -> None:
    def fail(folder: Path, _key: str) -> None:
        (folder / "out.txt").write_text("half")
        raise ValueError("on the way")

    with pytest.raises(ValueError, match="on the way"):
        step(tmp_path, fail)
    assert not [p for p in tmp_path.iterdir() if not p.name.startswith(".")]
    assert not step(tmp_path, write("whole")).reused


def test_a_damaged_output_is_done_again(tmp_path: Path) -> None:
    done = step(tmp_path, write("whole"))
    (done.folder / "out.txt").write_text("cut")
    again = step(tmp_path, write("whole"))
    assert not again.reused
    assert again.output == done.output


def _slow(store: str) -> None:
    def work(folder: Path, _key: str) -> None:
        (folder / "begun").touch()
        time.sleep(60)

    step(Path(store), work)


def _begin(store: Path) -> multiprocessing.Process:
    process = multiprocessing.get_context("fork").Process(target=_slow, args=(str(store),))
    process.start()
    deadline = time.monotonic() + 20
    while not list(store.glob(".demo-*.unfinished/begun")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_two_processes_never_do_the_same_step_at_once(tmp_path: Path) -> None:
    process = _begin(tmp_path)
    try:
        with pytest.raises(Unavailable, match="another process"):
            step(tmp_path, never)
    finally:
        process.kill()
        process.join()


def test_a_killed_step_finds_what_it_left_and_goes_on(tmp_path: Path) -> None:
    process = _begin(tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.join()

    def goes_on(folder: Path, _key: str) -> None:
        assert (folder / "begun").exists()
        (folder / "out.txt").write_text("x")

    assert not step(tmp_path, goes_on).reused


def test_a_home_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    def work(folder: Path, _key: str) -> None:
        (folder / "missing" / "out.txt").write_text("x")

    with pytest.raises(InputRefused, match="cannot be written: No such file"):
        step(tmp_path, work)


def test_the_code_version_changes_with_a_source_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "apackage"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "part.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = code_version("apackage")
    code_version.cache_clear()
    (package / "part.py").write_text("x = 2\n")
    assert code_version("apackage") != before
