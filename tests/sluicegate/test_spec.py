from pathlib import Path

import pytest
import yaml

from sluicegate.errors import SpecRefused
from sluicegate.spec import Spec, load_spec, read_yaml
from tests.small_world import spec

DEMO = Path(__file__).resolve().parents[2] / "deployments" / "reviews-en.yaml"


def written(folder: Path, value: dict) -> Path:
    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump(value), encoding="utf-8")
    return path


def changed(dotted: str, new: object) -> dict:
    value = spec()
    *parents, last = dotted.split(".")
    node = value
    for key in parents:
        node = node[key]
    node[last] = new
    return value


def test_the_demo_s_spec_is_accepted() -> None:
    assert load_spec(DEMO).spec.model == "reviews-en"


@pytest.mark.parametrize(
    ("dotted", "new", "line"),
    [
        pytest.param("training.epoch", 3, "training.epoch: is not a key that is known here", id="unknown key"),
        pytest.param(
            "training.epochs", "many", "training.epochs: input should be a valid integer.*not 'many'", id="wrong type"
        ),
        pytest.param("training.epochs", 0, "training.epochs: input should be greater than 0, not 0", id="out of range"),
        pytest.param("data.labels", ["one"], "data.labels: .*at least 2", id="one label"),
        pytest.param("data.labels", ["one", ""], "data.labels: names a label that is empty", id="empty label"),
        pytest.param(
            "data.labels", ["one", " \t"], "data.labels: names a label that is empty or white", id="blank label"
        ),
        pytest.param("data.groups", ["label"], "group column 'label' has a reserved name", id="reserved name"),
        pytest.param("data.groups", ["Label"], "group column 'Label' has a reserved name", id="but for its case"),
        pytest.param("data.groups", ["predicted"], "group column 'predicted' has a reserved name", id="an answer's"),
        pytest.param("data.groups", ["probability[a]"], "'probability\\[a\\]' has a reserved", id="a probability's"),
        pytest.param("data.groups", ["reasons"], "group column 'reasons' has a reserved name", id="of rows set aside"),
        pytest.param("data.groups", ["File_Row_Number"], "group column 'File_Row_Number' has a", id="DuckDB's own"),
        pytest.param("data.groups", ["__row__"], "group column '__row__' has a reserved name", id="of rows in SQL"),
        pytest.param("data.groups", ["sluicegate: line"], "'sluicegate: line' has a reserved", id="of rows read"),
        pytest.param("data.groups", ["place", ""], "whose name is empty or white space alone", id="no name"),
        pytest.param("data.groups", ["place", "Place"], "or two that differ in case alone", id="case alone"),
        pytest.param("data.source.kind", "excel", "data.source: .*'excel'", id="unknown source"),
        pytest.param("reviewers", ["ann", "bo", "ann"], "`reviewers` names one id twice", id="asked twice"),
        pytest.param("reviewers", ["Ann Lee"], "reviewers.0: .*not 'Ann Lee'", id="no id"),
        pytest.param(
            "reviewers",
            [{"id": "ann", "stages": ["public"]}],
            "reviewers: holds ids; .* the roster",
            id="no roster here",
        ),
        pytest.param("stages", ["internal", "internal"], "`stages` names one stage twice", id="stage twice"),
        pytest.param("stages", ["candidate"], "`candidate` is not a stage", id="candidate as a stage"),
        pytest.param("model", "My Model", "model: .*not 'My Model'", id="name"),
        pytest.param(
            "cluster", "ray://head:10001", "cluster: .*not 'ray://head:10001'", id="cluster by another protocol"
        ),
        pytest.param("cluster", "head", "cluster: .*not 'head'", id="cluster without a port"),
        pytest.param("evidence.seed", -1, "evidence.seed: .* greater than or equal to 0, not -1", id="seed"),
        pytest.param("evidence.languages", ["en", "en"], "`languages` names 'en' twice", id="language twice"),
        pytest.param(
            "evidence.identity",
            {"attributes": ["age", "age"]},
            "`identity.attributes` names 'age' twice",
            id="attribute twice",
        ),
        pytest.param("split.test_share", 0.95, "must leave rows to train on", id="shares"),
    ],
)
def test_a_fault_is_one_line_with_file_field_and_value(tmp_path: Path, dotted: str, new: object, line: str) -> None:
    path = written(tmp_path, changed(dotted, new))
    with pytest.raises(SpecRefused, match=line) as refused:
        load_spec(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("scrubbing", "left"),
    [
        pytest.param({"default": {"operator": "keep"}}, "all types that are not named", id="keeps all"),
        pytest.param(
            {"default": None, "entities": {"PERSON": {"operator": "replace"}}},
            "all types that are not named",
            id="looks for one",
        ),
        pytest.param({"entities": {"PERSON": {"operator": "keep"}}}, "PERSON", id="keeps names"),
        pytest.param({"entities": {"LOCATION": {"operator": "keep"}}}, "", id="keeps places"),
        pytest.param({}, "", id="hides all"),
    ],
)
def test_words_are_shown_only_of_texts_that_name_nobody_on_purpose(tmp_path: Path, scrubbing: dict, left: str) -> None:
    path = written(tmp_path, {**spec(), "scrubbing": scrubbing, "evidence": {"show_words": True}})
    if not left:
        assert load_spec(path).spec.evidence.show_words
        return
    with pytest.raises(SpecRefused, match=rf"`evidence.show_words` shows texts, and `scrubbing` leaves {left} in them"):
        load_spec(path)


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        pytest.param({"explained": ["r1"]}, "`explained` names rows whose words `show_words: false`", id="not shown"),
        pytest.param({"show_words": True, "explained": ["r1", "r1"]}, "`explained` names 'r1' twice", id="twice"),
        pytest.param({"show_words": True, "explained": list("abcdefg")}, "at most 6 items", id="too many"),
    ],
)
def test_rows_to_be_explained_are_few_and_may_be_shown(tmp_path: Path, evidence: dict, said: str) -> None:
    with pytest.raises(SpecRefused, match=said):
        load_spec(written(tmp_path, {**spec(), "evidence": evidence}))


def test_a_cluster_and_a_vault_exclude_each_other(tmp_path: Path) -> None:
    both = spec() | {"cluster": "auto", "vault": {"recipient": "age1xyz"}}
    with pytest.raises(SpecRefused, match="`cluster` and `vault` exclude each other: Ray spills") as refused:
        load_spec(written(tmp_path, both))
    assert "\n" not in str(refused.value)
    assert load_spec(written(tmp_path, spec() | {"cluster": "10.0.0.5:6379"})).spec.cluster == "10.0.0.5:6379"


def test_nobody_need_be_named_in_a_spec(tmp_path: Path) -> None:
    value = {key: part for key, part in spec().items() if key not in ("owner", "reviewers")}
    found = load_spec(written(tmp_path, value)).spec
    assert (found.owner, found.reviewers) == (None, [])


def test_whom_a_spec_asks_is_part_of_its_digest(tmp_path: Path) -> None:
    asks = load_spec(written(tmp_path, spec() | {"reviewers": ["ann", "bo"]}))
    assert asks.spec.reviewers == ["ann", "bo"]
    assert asks.digest != load_spec(written(tmp_path, spec())).digest


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    value = changed("training.epochs", 0)
    value["owner"] = "Not An Id"
    with pytest.raises(SpecRefused, match="owner.*training.epochs"):
        load_spec(written(tmp_path, value))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b"a: [1", "line 1: is not YAML", id="broken YAML"),
        pytest.param(b"model: caf\xe9", "byte 10: is not UTF-8", id="encoding"),
        pytest.param(b"- a\n- b", "must hold a mapping", id="a list"),
        pytest.param(b"", "must hold a mapping", id="empty"),
        pytest.param(b"day: 2024-13-45", "is not YAML", id="a day that there is not"),
        pytest.param(b"a: 1\nb: 2\na: 3", "spec.yaml: line 3: the key 'a' stands in line 1 already", id="a key twice"),
        pytest.param(
            b"a:\n  - {b: 1, c: 2,\n     b: 1}", "line 3: the key 'b' stands in line 2", id="a key twice inside"
        ),
        pytest.param(b"1: a\n0x1: b", "line 2: the key '0x1' stands in line 1", id="a key twice, written otherwise"),
        pytest.param(b"a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a", "line 4: the key '<<' stands in line 3", id="two merges"),
    ],
)
def test_a_file_that_is_no_spec_is_refused(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(content)
    with pytest.raises(SpecRefused, match=line):
        load_spec(path)


def test_a_key_may_override_what_a_merge_brings_in(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text("z: {in: {a: &a {x: 1, y: 2}, b: &b {<<: *a, x: 3}}}\nc: {<<: *b, x: 4}\nd: {<<: [*b, *a], y: 5}\n")
    kept = read_yaml(path)
    assert (kept["z"]["in"]["b"], kept["c"], kept["d"]) == ({"x": 3, "y": 2}, {"x": 4, "y": 2}, {"x": 3, "y": 5})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecRefused, match="nowhere.yaml: there is no such file"):
        load_spec(tmp_path / "nowhere.yaml")


def test_overrides_change_the_spec_and_its_digest(tmp_path: Path) -> None:
    path = written(tmp_path, spec())
    plain, changed_spec = load_spec(path), load_spec(path, {"training.epochs": 9})
    assert changed_spec.spec.training.epochs == 9
    assert changed_spec.digest != plain.digest
    assert load_spec(path, {"training.epochs": plain.spec.training.epochs}).digest == plain.digest


def test_an_override_of_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecRefused, match="training.epoch: is not a key"):
        load_spec(written(tmp_path, spec()), {"training.epoch": 1})
    with pytest.raises(SpecRefused, match="owner: holds no keys"):
        load_spec(written(tmp_path, spec()), {"owner.name": 1})


def test_every_field_of_the_schema_says_what_it_means() -> None:
    schema = Spec.model_json_schema()
    silent = [
        f"{name}.{field}"
        for name, model in {"Spec": schema, **schema["$defs"]}.items()
        for field, value in model.get("properties", {}).items()
        if "description" not in value and field not in ("kind", "operator")
    ]
    assert silent == []
