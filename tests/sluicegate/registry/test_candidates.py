import json
from pathlib import Path

import pytest
from registry_fixtures import LOADER, House, write_candidate, write_dossier, write_training

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.manifest import Manifest
from sluicegate.registry import archive, tracking
from sluicegate.registry.candidates import Registered, register
from sluicegate.settings import Home


def _register(house: House, work: Path, **changes) -> Registered:
    if not work.exists():
        write_candidate(work / "candidate")
        write_dossier(work / "dossier")
        write_training(work / "training")
    policy = archive.keep_value({"stages": {"internal": []}}, house.home.policies)
    arguments = {
        "model": "reviews",
        "candidate": work / "candidate",
        "digest": Manifest.of_folder(work / "candidate").digest,
        "dossier": work / "dossier",
        "dossier_digest": Manifest.of_folder(work / "dossier").digest,
        "policy": policy,
        "policy_digest": policy.stem,
        "training": work / "training",
        "params": {"training": {"epochs": 2, "base_model": {"package": "tiny==1"}}},
        "key": "k" * 64,
    }
    return register(house.home, **(arguments | changes))


def _versions(house: House) -> list:
    return list(tracking.connect(house.home).search_model_versions("name = 'reviews-candidate'"))


def test_registering_twice_gives_one_version(house, tmp_path):
    first = _register(house, tmp_path / "work")
    again = _register(house, tmp_path / "work")

    assert first == again == Registered("reviews-candidate", 1, first.run_id)
    assert len(_versions(house)) == 1


def test_the_run_holds_settings_curve_summary_and_dossier(house, tmp_path):
    registered = _register(house, tmp_path / "work")

    client = tracking.connect(house.home)
    run = client.get_run(registered.run_id)
    assert run.data.params["training.base_model.package"] == "tiny==1"
    assert run.data.params["run.precision"] == "fp32"
    assert run.data.metrics["validation_macro_f1"] == 0.5
    assert [m.value for m in client.get_metric_history(registered.run_id, "loss")] == [1.1, 0.9]
    assert run.info.status == "FINISHED"
    dossier = Manifest.of_folder(tmp_path / "work" / "dossier").digest
    names = {f.path for f in client.list_artifacts(registered.run_id, f"dossiers/{dossier}")}
    assert f"dossiers/{dossier}/dossier.json" in names


def test_nothing_in_mlflow_names_the_user_or_a_path_outside_its_artifacts(house, tmp_path):
    registered = _register(house, tmp_path / "work")

    run = tracking.connect(house.home).get_run(registered.run_id)
    assert "mlflow.user" not in run.data.tags
    assert "mlflow.source.name" not in run.data.tags
    for descriptor in house.home.mlflow_artifacts.rglob("MLmodel"):
        assert str(tmp_path) not in descriptor.read_text("utf-8")


def test_no_pickle_is_written(house, tmp_path):
    _register(house, tmp_path / "work")

    names = {path.suffix for path in house.home.mlflow_artifacts.rglob("*") if path.is_file()}
    assert not names & {".pkl", ".pickle", ".pt", ".bin", ".joblib"}


def test_a_second_dossier_of_the_same_candidate_is_kept_beside_the_first(house, tmp_path):
    first = _register(house, tmp_path / "work")
    other = write_dossier(tmp_path / "other", note="measured again")

    again = _register(house, tmp_path / "work", dossier=tmp_path / "other", dossier_digest=other)

    assert again == first
    tags = tracking.connect(house.home).get_run(first.run_id).data.tags
    assert sum(tag.startswith("sluicegate.dossier.") for tag in tags) == 2


def test_a_reviewer_with_another_home_finds_candidate_dossier_and_policy_by_digest(house, tmp_path):
    _register(house, tmp_path / "work")
    policy = next(house.home.policies.iterdir())
    elsewhere = Home.at(tmp_path / "elsewhere", tracking_uri=house.home.tracking_uri)

    assert archive.policy(elsewhere, policy.stem).read_bytes() == policy.read_bytes()
    for fetch, name in ((archive.candidate, "candidate"), (archive.dossier, "dossier")):
        digest = Manifest.of_folder(tmp_path / "work" / name).digest
        assert Manifest.of_folder(fetch(elsewhere, digest)).digest == digest


def test_another_policy_for_the_same_candidate_is_kept_beside_the_first(house, tmp_path):
    first = _register(house, tmp_path / "work")
    other = archive.keep_value({"stages": {"internal": [], "public": []}}, house.home.policies)

    again = _register(house, tmp_path / "work", policy=other, policy_digest=other.stem)

    assert again == first
    tags = tracking.connect(house.home).get_run(first.run_id).data.tags
    assert sum(tag.startswith("sluicegate.policy.") for tag in tags) == 2


def test_a_policy_that_is_not_what_its_digest_says_is_refused(house, tmp_path):
    with pytest.raises(TamperingDetected, match="policy"):
        _register(house, tmp_path / "work", policy_digest="0" * 64)
    assert _versions(house) == []


def test_a_candidate_that_is_not_what_its_digest_says_is_refused(house, tmp_path):
    with pytest.raises(TamperingDetected):
        _register(house, tmp_path / "work", digest="0" * 64)
    assert _versions(house) == []


@pytest.mark.parametrize(
    ("loader", "message"),
    [
        pytest.param("import no_such_module\n", "cannot be loaded", id="it cannot be imported"),
        pytest.param(
            LOADER.replace('"label": [', '"verdict": ['), "gives the columns|cannot be loaded", id="other columns"
        ),
        pytest.param(
            LOADER.replace("found.argmax(1)]", "found.argmin(1)]"), "most probable", id="a label that is not its own"
        ),
    ],
)
def test_a_candidate_that_does_not_work_through_mlflow_is_not_registered(house, tmp_path, loader, message):
    work = tmp_path / "work"
    write_candidate(work / "candidate", loader=loader)
    write_dossier(work / "dossier")
    write_training(work / "training")

    with pytest.raises(InputRefused, match=message):
        _register(house, work)
    assert _versions(house) == []


def test_a_candidate_that_answers_otherwise_through_mlflow_is_not_registered(house, tmp_path):
    work = tmp_path / "work"
    write_candidate(work / "candidate", loader=LOADER.replace("list(model_input", "list('x' + model_input"))
    write_dossier(work / "dossier")
    write_training(work / "training")

    with pytest.raises(TamperingDetected, match="probabilities differ"):
        _register(house, work)
    assert _versions(house) == []


def test_what_a_killed_try_logged_is_taken_away(house, tmp_path):
    work = tmp_path / "work"
    digest = write_candidate(work / "candidate")
    write_dossier(work / "dossier")
    write_training(work / "training")
    client = tracking.connect(house.home)
    experiment = tracking.experiment(client, house.home, "reviews-candidate")
    left = client.create_logged_model(experiment, name="model", tags={tracking.CANDIDATE_TAG: digest})
    client.log_model_artifact(left.model_id, str(work / "candidate" / "model.safetensors"), "artifacts/candidate")

    _register(house, work)

    models = client.search_logged_models([experiment])
    assert left.model_id not in {m.model_id for m in models}
    assert len(models) == 1
    assert len(list(house.home.mlflow_artifacts.rglob("model.safetensors"))) == 2 - 1


def test_registering_leaves_the_candidate_folder_as_it_was(house, tmp_path):
    _register(house, tmp_path / "work")

    assert not list((tmp_path / "work").rglob("__pycache__"))
    assert not list((house.root / "tmp").iterdir())


def test_a_uv_project_in_the_working_directory_does_not_get_into_the_model(house, tmp_path, monkeypatch):
    project = tmp_path / "project"
    project.mkdir()
    (project / "uv.lock").write_text("version = 1\n")
    (project / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "1"\n')
    monkeypatch.chdir(project)

    _register(house, tmp_path / "work")

    assert not list(house.home.mlflow_artifacts.rglob("uv.lock"))
    assert sorted(p.name for p in project.iterdir()) == ["pyproject.toml", "uv.lock"]


def test_the_model_says_what_it_takes_and_gives(house, tmp_path):
    import mlflow
    import pandas as pd

    _register(house, tmp_path / "work")

    [descriptor] = house.home.mlflow_artifacts.rglob("MLmodel")
    model = mlflow.pyfunc.load_model(str(descriptor.parent))
    assert [c["name"] for c in json.loads(model.metadata.signature.outputs.to_json())] == [
        "label",
        "negative",
        "neutral",
        "positive",
    ]
    answer = model.predict(pd.DataFrame({"text": ["a text"]}))
    assert answer[["negative", "neutral", "positive"]].to_numpy().sum() == pytest.approx(1)
