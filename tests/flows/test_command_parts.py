import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from flows.cli.console import _span, _speed
from flows.cli.roster import reviewer
from flows.cli.running import parse_overrides
from sluicegate.errors import SpecRefused


def test_overrides_are_read_as_yaml() -> None:
    given = ["training.epochs=1", "data.rows=null", "owner=ole", "split.test_share=0.2", "a.b=x=y"]
    wanted = {"training.epochs": 1, "data.rows": None, "owner": "ole", "split.test_share": 0.2, "a.b": "x=y"}
    assert parse_overrides(given) == wanted


@pytest.mark.parametrize("setting", ["training.epochs", "=1", "a=[1", "a={b: 1}"])
def test_what_is_no_single_setting_is_refused(setting: str) -> None:
    with pytest.raises(SpecRefused, match="--set"):
        parse_overrides([setting])


@pytest.mark.parametrize(
    ("done", "total", "seconds", "shown"),
    [
        pytest.param(50, 100, 10, "5.0 texts/s, 10 s left", id="half way"),
        pytest.param(1000, 100_000, 10, "100 texts/s, 16 min 30 s left", id="minutes"),
        pytest.param(100, 100, 10, "10 texts/s", id="done"),
        pytest.param(0, 100, 10, "", id="not begun"),
    ],
)
def test_rate_and_time_left_worked_by_hand(done: int, total: int, seconds: float, shown: str) -> None:
    assert _speed(done, total, "texts", seconds) == shown


def test_a_span_rounds_to_seconds() -> None:
    assert (_span(59.4), _span(61), _span(119.6)) == ("59 s", "1 min 1 s", "2 min 0 s")


def test_every_command_says_what_it_does() -> None:
    commands = [command.name or command.callback.__name__ for command in app.registered_commands]
    wanted = "init doctor schema run status inbox history brief approve reject waive submit code withdraw reopen"
    wanted += " rollback recall verify trace init-ledger up ledgerd watch alarms export clean backup restore"
    wanted += " suggest-suite scrub selftest"
    assert sorted(commands) == sorted(wanted.split())
    people = "key add list rotate revoke threshold codes service-key sign"
    assert [command.name for command in reviewer.registered_commands] == people.split()
    for command in [*commands, "reviewer"]:
        shown = CliRunner().invoke(app, [command, "--help"])
        assert shown.exit_code == 0
        assert len(shown.output.splitlines()) > 5, command
