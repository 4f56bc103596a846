import json
import subprocess
import sys

import pytest
from registry_fixtures import write_training

from sluicegate.errors import Unavailable
from sluicegate.registry import tracking
from sluicegate.registry.tracking import TrainingRun, connect, exclusively, experiment, flat, page_of, shown
from sluicegate.settings import Home


def test_starting_a_run_with_the_same_key_gives_the_same_run(house):
    first = TrainingRun.start(house.home, "reviews", "k" * 64, {"epochs": 2})
    again = TrainingRun.start(house.home, "reviews", "k" * 64, {"epochs": 2})
    other = TrainingRun.start(house.home, "reviews", "l" * 64, {"epochs": 3})

    assert first.run_id == again.run_id != other.run_id


def test_a_step_that_was_logged_is_not_logged_again_by_a_resumed_run(house, tmp_path):
    first = TrainingRun.start(house.home, "reviews", "k" * 64, {})
    first.log(1, {"loss": 1.1})
    first.log(1, {"loss": 1.1})
    first.finish("KILLED")

    resumed = TrainingRun.start(house.home, "reviews", "k" * 64, {})
    resumed.log(1, {"loss": 1.1, "step": 1})
    resumed.catch_up(write_training(tmp_path / "training") / "curve.jsonl")
    resumed.finish()

    client = connect(house.home)
    points = client.get_metric_history(resumed.run_id, "loss")
    assert [(p.step, p.value) for p in points] == [(1, 1.1), (2, 0.9)]
    assert client.get_run(resumed.run_id).info.status == "FINISHED"
    assert "step" not in client.get_run(resumed.run_id).data.metrics


def test_what_is_not_a_finite_number_is_not_logged_as_a_figure(house):
    run = TrainingRun.start(house.home, "reviews", "k" * 64, {})
    run.log(1, {"loss": float("nan"), "note": "warm-up", "rate": 1})
    run.finish()

    assert connect(house.home).get_run(run.run_id).data.metrics == {"rate": 1.0}


def test_a_parameter_that_is_there_is_left_as_it_is(house):
    TrainingRun.start(house.home, "reviews", "k" * 64, {"epochs": 2})
    run = TrainingRun.start(house.home, "reviews", "k" * 64, {"epochs": 3, "seed": 0})

    assert connect(house.home).get_run(run.run_id).data.params == {"epochs": "2", "seed": "0"}


def test_nested_settings_become_dotted_parameters():
    found = flat({"training": {"epochs": 2, "base": {"package": "a==1"}}, "labels": ["ä", "b"], "none": None})

    assert found == {"training.epochs": "2", "training.base.package": "a==1", "labels": '["ä", "b"]', "none": "null"}


def test_a_parameter_of_6000_characters_is_whole_and_one_of_6001_is_cut_and_hashed():
    whole, cut = flat({"a": "x" * 6000})["a"], flat({"a": "x" * 6001})["a"]

    assert whole == "x" * 6000
    assert len(cut) <= 6000
    assert cut != flat({"a": "x" * 6002})["a"]
    assert "sha256:" in cut


def test_more_parameters_than_mlflow_takes_at_once_are_all_logged(house):
    run = TrainingRun.start(house.home, "reviews", "k" * 64, {f"p{n}": n for n in range(250)})

    assert len(connect(house.home).get_run(run.run_id).data.params) == 250


def test_an_embedded_experiment_keeps_its_artifacts_under_the_home(house):
    client = connect(house.home)
    made = client.get_experiment(experiment(client, house.home, "reviews-internal"))

    assert made.artifact_location == (house.home.mlflow_artifacts / "reviews-internal").as_uri()
    assert experiment(client, house.home, "reviews-internal") == made.experiment_id


def test_a_deleted_experiment_is_named_with_the_command_that_brings_it_back(house):
    client = connect(house.home)
    client.delete_experiment(experiment(client, house.home, "reviews-internal"))

    with pytest.raises(Unavailable, match="mlflow experiments restore"):
        experiment(client, house.home, "reviews-internal")


def test_a_lock_that_is_held_elsewhere_is_named(house):
    with (
        exclusively(house.home, "register-reviews"),
        pytest.raises(Unavailable, match="register-reviews"),
        exclusively(house.home, "register-reviews", timeout_s=0),
    ):
        pass


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path):
    (tmp_path / "home" / "mlflow").mkdir(parents=True)
    (tmp_path / "home" / "mlflow" / "mlflow.db").write_bytes(b"this is no database" * 100)

    with pytest.raises(Unavailable, match="MLflow at sqlite"):
        connect(Home.at(tmp_path / "home"))


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("http://ada:secret@host:5000/x", "http://host:5000/x"),
        ("http://host:5000", "http://host:5000"),
        ("sqlite:////home/db", "sqlite:////home/db"),
    ],
)
def test_a_password_in_an_address_is_not_shown(uri, expected):
    assert shown(uri) == expected


def test_removing_local_artifacts_leaves_everything_outside_the_home_alone(house, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    inside = house.home.mlflow_artifacts / "reviews-internal" / "models"
    inside.mkdir(parents=True)

    tracking.remove_local_artifacts(house.home, outside.as_uri())
    tracking.remove_local_artifacts(house.home, (house.home.mlflow_artifacts / ".." / ".." / ".." / "outside").as_uri())
    tracking.remove_local_artifacts(house.home, inside.as_uri())

    assert outside.is_dir()
    assert not inside.exists()


def test_two_processes_that_start_mlflow_at_once_both_succeed(tmp_path):
    code = (
        "import sys; from pathlib import Path; from sluicegate.settings import Home, silence_telemetry\n"
        "silence_telemetry(); from sluicegate.registry.tracking import connect\n"
        "print(len(connect(Home.at(Path(sys.argv[1]))).search_experiments()))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "home")], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [json.loads(p.communicate()[0]) for p in started] == [1, 1]


def test_a_first_start_that_was_killed_is_started_again(tmp_path):
    home = Home.at(tmp_path / "home")
    (home.root / "mlflow" / ".mlflow.db.partial").write_bytes(b"half of a database")

    assert len(connect(home).search_experiments()) == 1
    assert [p.name for p in (home.root / "mlflow").iterdir() if p.is_file()] == ["mlflow.db"]


def test_an_artifact_has_an_address_where_somebody_sees_it(tmp_path):
    def address(**known):
        return page_of(Home.at(tmp_path, **known), "r1", "dossiers/d1/index.html")

    page = "/#/experiments/0/runs/r1/artifacts/dossiers/d1/index.html"
    assert address() == ""  # a database: nobody sees it
    assert address(mlflow_ui="http://127.0.0.1:5000/") == f"http://127.0.0.1:5000{page}"
    assert address(tracking_uri="https://ann:secret@ml.example.org") == f"https://ml.example.org{page}"
    assert address(tracking_uri="https://inside", mlflow_ui="https://outside") == f"https://outside{page}"
