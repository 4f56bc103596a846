import shutil
from pathlib import Path

import pytest
import yaml
from registry_fixtures import write_candidate

from sluicegate.errors import TamperingDetected
from sluicegate.registry import packaging
from sluicegate.registry.verification import verify_model


@pytest.fixture(scope="session")
def logged(tmp_path_factory):
    """What MLflow writes for a candidate, and the candidate's digest."""
    folder = tmp_path_factory.mktemp("logged")
    digest = write_candidate(folder / "made")
    packaging.save(folder / "model", folder / "made", run_id="0" * 32, model_id="m-" + "0" * 32)
    return folder / "model", digest


@pytest.fixture
def model(logged, tmp_path):
    shutil.copytree(logged[0], tmp_path / "model")
    return tmp_path / "model"


def _edit_descriptor(model: Path, change) -> None:
    value = yaml.safe_load((model / "MLmodel").read_text("utf-8"))
    change(value)
    (model / "MLmodel").write_text(yaml.safe_dump(value), "utf-8")


def _flavor(**changes):
    return lambda m: _edit_descriptor(m, lambda v: v["flavors"]["python_function"].update(changes))


def _top(**changes):
    return lambda m: _edit_descriptor(m, lambda v: v.update(changes))


def _append(name: str, text: str = "\n"):
    return lambda m: (m / name).write_text((m / name).read_text("utf-8") + text, "utf-8")


def _add(name: str):
    def change(m: Path) -> None:
        (m / name).parent.mkdir(exist_ok=True)
        (m / name).write_bytes(b"x")

    return change


def test_what_mlflow_writes_for_a_candidate_is_accepted(logged):
    verify_model(*logged)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(_append("artifacts/candidate/config.json"), "candidate's bytes", id="candidate file changed"),
        pytest.param(_add("artifacts/candidate/more.py"), "candidate's bytes", id="candidate file added"),
        pytest.param(
            lambda m: (m / "artifacts/candidate/tokenizer/vocab.txt").unlink(), "candidate's bytes", id="file removed"
        ),
        pytest.param(_append("loader.py", "import os\n"), "loader.py is not the candidate's", id="loader at the root"),
        pytest.param(_add("python_model.pkl"), "python_model.pkl was added", id="a pickle beside it"),
        pytest.param(_add("code/evil.py"), "code/evil.py was added", id="a code folder"),
        pytest.param(_add("artifacts/other/x.bin"), "artifacts/other/x.bin was added", id="another artifact"),
        pytest.param(lambda m: (m / "conda.yaml").unlink(), "conda.yaml is missing", id="a file is missing"),
        pytest.param(_flavor(loader_module="evil"), "loader_module was changed", id="another module loads it"),
        pytest.param(_flavor(model_code_path="artifacts/x.py"), "model_code_path was changed", id="another script"),
        pytest.param(_flavor(code="code"), "code was changed", id="code is put on the path"),
        pytest.param(_flavor(python_model="python_model.pkl"), "python_model was added", id="a pickle is named"),
        pytest.param(_flavor(streamable=0), "streamable was changed", id="0 for false"),
        pytest.param(_flavor(python_version="3.11; rm"), "python_version was changed", id="not a version"),
        pytest.param(
            _flavor(artifacts={"candidate": {"path": "artifacts/other", "uri": "artifacts/candidate"}}),
            "path was changed",
            id="another folder is loaded",
        ),
        pytest.param(_top(flavors={"sklearn": {"pickled_model": "m.pkl"}}), "sklearn was added", id="another flavor"),
        pytest.param(_top(resources={"databricks": []}), "resources was added", id="a key is added"),
        pytest.param(_top(model_id="m-1"), "model_id was changed", id="not a model id"),
        pytest.param(_top(signature=None), "does not describe", id="no signature"),
        pytest.param(
            _top(signature={"inputs": "[]", "outputs": None, "params": None}), "signature", id="another signature"
        ),
        pytest.param(lambda m: (m / "MLmodel").write_text("- 1", "utf-8"), "does not describe", id="not a mapping"),
        pytest.param(lambda m: (m / "MLmodel").write_text("a: [", "utf-8"), "does not describe", id="not YAML"),
        pytest.param(_append("requirements.txt", "\nevil==1\n"), "requirements.txt", id="a requirement is added"),
        pytest.param(_append("conda.yaml", "prefix: /x\n"), "prefix was added", id="the conda file"),
        pytest.param(
            lambda m: (m / "python_env.yaml").write_text(
                "python: 3.11.7\nbuild_dependencies: [evil]\ndependencies: [-r requirements.txt]\n", "utf-8"
            ),
            "build_dependencies was changed",
            id="the build requirements",
        ),
        pytest.param(
            lambda m: ((m / "loader.py").unlink(), (m / "loader.py").symlink_to("artifacts/candidate/loader.py")),
            "symbolic link",
            id="a link",
        ),
    ],
)
def test_a_model_that_is_not_the_candidate_and_nothing_besides_is_refused(model, logged, change, fault):
    change(model)

    with pytest.raises(TamperingDetected, match=fault):
        verify_model(model, logged[1])


def test_every_difference_is_named_at_once(model, logged):
    _append("loader.py")(model)
    _add("code/evil.py")(model)
    _flavor(loader_module="evil")(model)

    with pytest.raises(TamperingDetected) as refusal:
        verify_model(model, logged[1])
    assert len(refusal.value.faults) == 3


def test_another_candidate_is_not_this_one(logged):
    with pytest.raises(TamperingDetected, match="the candidate's bytes give"):
        verify_model(logged[0], "0" * 64)
